"""EasyPost's protocol against a stand-in on loopback: well, slow, down, talking nonsense; and its signed messages."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.factories.parcels import fresh, offer_services, pack, packer, to_send
from tests.factories.small_house import NOW, SmallHouse
from tests.fakes import easypost as fakes
from tests.fakes.easypost import FakeEasyPost
from vendome.connectors.easypost.carrier import EasyPost, signature_of
from vendome.domains.fulfilment import ports
from vendome.domains.fulfilment.errors import CarrierRefused, CarrierUnavailable, ForgedMessage
from vendome.domains.fulfilment.models import HandOver, TrackingEvent
from vendome.domains.fulfilment.types import Booking, BookingRequest, ParcelState, ParcelView, Tracked
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import parcels, shipping
from vendome.kit.errors import NotFound

SECRET = "s3crét"  # their key is compared in its compatibility form
EXPRESS = "DHLExpress/ExpressWorldwide"


@pytest.fixture
def easypost() -> Iterator[FakeEasyPost]:
    with fakes.running() as fake:
        yield fake


@pytest.fixture
def carrier(easypost: FakeEasyPost) -> EasyPost:
    port = EasyPost(api_key=easypost.key, webhook_secret=SECRET, address=easypost.address, deadline=1.5)
    ports.bind(port)
    return port


def request(**more: Any) -> BookingRequest:
    values: dict[str, Any] = {
        "key": "booking-1", "carrier": "easypost", "service_code": EXPRESS, "order_number": "VER-26-1",
        "sender": {"name": "Depot", "country": "FR"}, "recipient": {"name": "E.", "country": "FR"}, "currency": "EUR",
        "value": 820_000, "grams": 1200, "needs_signature": True, "checks_identity": True, **more,
    }  # fmt: skip
    return BookingRequest(**values)


def test_a_label_is_bought_in_its_words(easypost: FakeEasyPost, carrier: EasyPost) -> None:
    booked = carrier.book(request())

    (made,) = easypost.shipments.values()
    assert (made["reference"], made["options"]["delivery_confirmation"]) == ("booking-1", "ADULT_SIGNATURE")
    assert made["insurance"] is None  # euros are under the house's own cover
    assert (booked.reference, booked.tracking_number, booked.label) == (
        made["id"],
        made["tracking_code"],
        b"%PDF-1.4 label",
    )
    assert [method for method, _ in easypost.requests] == ["GET", "POST", "POST"]


def test_dollars_are_insured_with_it(easypost: FakeEasyPost, carrier: EasyPost) -> None:
    carrier.book(request(currency="USD", value=123_450))

    assert next(iter(easypost.shipments.values()))["insurance"] == "1234.50"


def test_the_same_key_never_buys_twice(easypost: FakeEasyPost, carrier: EasyPost) -> None:
    assert carrier.book(request()) == carrier.book(request())

    assert len(easypost.shipments) == 1


@pytest.mark.parametrize("lost", [1, 2], ids=["making", "buying"])
def test_an_answer_that_was_lost_is_found_again(easypost: FakeEasyPost, carrier: EasyPost, lost: int) -> None:
    easypost.moods = [fakes.well] * lost + [fakes.answers_into_the_void]
    with pytest.raises(CarrierUnavailable):
        carrier.book(request())

    booked = carrier.book(request())

    assert len(easypost.shipments) == 1
    assert booked.tracking_number == next(iter(easypost.shipments.values()))["tracking_code"]


def test_control_without_looking_first_a_lost_answer_buys_a_second_label(
    easypost: FakeEasyPost, carrier: EasyPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier, "_find", lambda key: None)
    easypost.moods = [fakes.well, fakes.answers_into_the_void]
    with pytest.raises(CarrierUnavailable):
        carrier.book(request())

    carrier.book(request())

    assert len(easypost.shipments) == 2


@pytest.mark.parametrize("mood", [fakes.garbage, fakes.other_shape, fakes.hangs_up], ids=lambda mood: mood.__name__)
def test_nonsense_is_no_answer(easypost: FakeEasyPost, carrier: EasyPost, mood: Any) -> None:
    easypost.moods = [fakes.well, mood]

    with pytest.raises(CarrierUnavailable):
        carrier.book(request())


@pytest.mark.parametrize("mood", [fakes.slow(4), fakes.drips], ids=["slow", "drips"])
def test_nobody_waits_longer_than_the_deadline(easypost: FakeEasyPost, carrier: EasyPost, mood: Any) -> None:
    easypost.moods = [mood] * 3
    began = time.monotonic()

    with pytest.raises(CarrierUnavailable):
        carrier.track("JD1", reference="shp_1")

    assert time.monotonic() - began < 2.5


def test_a_question_is_asked_again_a_purchase_is_not(easypost: FakeEasyPost, carrier: EasyPost) -> None:
    carrier.book(request())
    easypost.requests.clear()
    easypost.moods = [fakes.broken]
    assert carrier.track("JD000000000001").events == ()
    assert len(easypost.requests) == 2

    easypost.requests.clear()
    easypost.moods = [fakes.well, fakes.broken]
    with pytest.raises(CarrierUnavailable):
        carrier.book(request(key="booking-2"))
    assert [method for method, _ in easypost.requests] == ["GET", "POST"]


def test_after_five_failures_it_is_left_to_rest_and_then_tried_once(easypost: FakeEasyPost, carrier: EasyPost) -> None:
    outside = carrier.outside
    outside.tries = 1
    easypost.moods = [fakes.broken] * 5
    for _ in range(5):
        with pytest.raises(CarrierUnavailable):
            carrier.track("JD1")
    easypost.requests.clear()

    with pytest.raises(CarrierUnavailable):
        carrier.track("JD1")
    assert easypost.requests == []

    later = time.monotonic() + 60
    outside.clock = lambda: later
    carrier.track("JD1")
    assert len(easypost.requests) == 1
    assert outside.breaker.opened_at is None


def test_retries_stay_within_their_budget(easypost: FakeEasyPost, carrier: EasyPost) -> None:
    outside = carrier.outside
    outside.sleep, outside.breaker.failures_to_open, outside.budget.left = lambda seconds: None, 10_000, 2.0
    easypost.moods = [fakes.broken] * 100

    for _ in range(20):
        with pytest.raises(CarrierUnavailable):
            carrier.track("JD1")

    assert 22 <= len(easypost.requests) <= 24  # two saved retries, and a tenth of the calls


def test_what_it_will_not_carry_is_told_at_once(easypost: FakeEasyPost, carrier: EasyPost) -> None:
    with pytest.raises(CarrierRefused):
        carrier.book(request(service_code="DHLExpress/Teleport"))


def test_a_wrong_key_is_ours_to_mend(easypost: FakeEasyPost) -> None:
    with pytest.raises(CarrierUnavailable):
        EasyPost(api_key="other", webhook_secret=SECRET, address=easypost.address).book(request())


# -- with a parcel ---------------------------------------------------------------------------------------------


def booked(house: SmallHouse, carrier: EasyPost) -> ParcelView:
    house.stocked(house.warehouse, ring=1)
    services = offer_services(house, "easypost")
    from vendome.domains.fulfilment.models import CarrierService

    CarrierService.objects.filter(id=services["STANDARD"]).update(code=EXPRESS)
    _, parcel = to_send(house)
    pack(house, parcel, services["STANDARD"])
    shipping.book_due(actor=house.system, at=NOW)
    return fresh(house, parcel)


def hear(carrier: EasyPost, event: dict[str, Any], house: SmallHouse, signature: str = "") -> bool:
    body = json.dumps(event).encode()
    headers = {"X-Hmac-Signature": signature or signature_of(SECRET, body)}
    return shipping.hear(carrier="easypost", headers=headers, body=body, actor=house.system, at=NOW)


@pytest.mark.django_db
class TestWithAParcel:
    def test_down_it_waits_and_is_asked_again_later(
        self, house: SmallHouse, easypost: FakeEasyPost, carrier: EasyPost
    ) -> None:
        easypost.moods = [fakes.broken] * 3
        parcel = booked(house, carrier)
        assert parcel.booking is Booking.REQUESTED
        assert parcel.booking_problem
        assert shipping.book_due(actor=house.system, at=NOW + timedelta(seconds=5)) == 0

        assert shipping.book_due(actor=house.system, at=NOW + timedelta(minutes=5)) == 1

        assert fresh(house, parcel).booking is Booking.BOOKED
        assert len(easypost.shipments) == 1

    def test_refused_a_person_chooses_again(self, house: SmallHouse, easypost: FakeEasyPost, carrier: EasyPost) -> None:
        house.stocked(house.warehouse, ring=1)
        services = offer_services(house, "easypost")
        _, parcel = to_send(house)
        pack(house, parcel, services["STANDARD"])  # a service EasyPost has never heard of

        shipping.book_due(actor=house.system, at=NOW)

        assert fresh(house, parcel).booking is Booking.FAILED
        parcels.unpack(parcel_id=parcel.id, reason="another carrier", actor=packer(house), at=NOW)
        pack(
            house,
            parcel,
            services["WHITE_GLOVE"],
            slot=parcels.list_slots(actor=house.system, parcel=parcel, at=NOW)[0][1],
        )

    def test_opened_again_its_label_is_given_back(
        self, house: SmallHouse, easypost: FakeEasyPost, carrier: EasyPost
    ) -> None:
        parcel = booked(house, carrier)

        parcels.unpack(parcel_id=parcel.id, reason="wrong box", actor=packer(house), at=NOW)

        assert next(iter(easypost.shipments.values()))["refund_status"] == "submitted"

    def test_from_the_drivers_scan_to_her_signature(
        self, house: SmallHouse, easypost: FakeEasyPost, carrier: EasyPost
    ) -> None:
        parcel = booked(house, carrier)
        scan = easypost.scan

        hear(carrier, scan(parcel.tracking_number, "in_transit", "Picked up", "2026-11-20T16:00:00Z"), house)
        assert fresh(house, parcel).state is ParcelState.DISPATCHED
        hear(carrier, scan(parcel.tracking_number, "out_for_delivery", "With courier", "2026-11-21T08:00:00Z"), house)
        assert fresh(house, parcel).state is ParcelState.OUT_FOR_DELIVERY
        last = scan(parcel.tracking_number, "delivered", "Delivered", "2026-11-21T09:00:00Z", signed_by="DE BRISSAC")
        hear(carrier, last, house)

        now = fresh(house, parcel)
        assert (now.state, now.received_by) == (ParcelState.DELIVERED, "DE BRISSAC")
        assert [event.kind for event in now.events] == [Tracked.IN_TRANSIT, Tracked.OUT_FOR_DELIVERY, Tracked.DELIVERED]
        assert HandOver.objects.get().proof == "CARRIER"
        assert stock.list_disagreements() == ()

    def test_told_twice_or_asked_for_each_scan_counts_once(
        self, house: SmallHouse, easypost: FakeEasyPost, carrier: EasyPost
    ) -> None:
        parcel = booked(house, carrier)
        event = easypost.scan(parcel.tracking_number, "in_transit", "Picked up", "2026-11-20T16:00:00Z")

        for _ in range(3):
            assert hear(carrier, event, house)
        assert shipping.track_due(actor=house.system, at=NOW + timedelta(hours=1)) == 0

        assert TrackingEvent.objects.count() == 1
        easypost.scan(parcel.tracking_number, "delivered", "Delivered", "2026-11-21T09:00:00Z")
        assert shipping.track_due(actor=house.system, at=NOW + timedelta(hours=2)) == 1
        hear(carrier, event, house)
        assert fresh(house, parcel).state is ParcelState.DELIVERED
        assert HandOver.objects.count() == 1

    def test_late_news_turns_nothing_back(self, house: SmallHouse, easypost: FakeEasyPost, carrier: EasyPost) -> None:
        parcel = booked(house, carrier)
        hear(carrier, easypost.scan(parcel.tracking_number, "delivered", "Delivered", "2026-11-21T09:00:00Z"), house)

        hear(
            carrier,
            easypost.scan(parcel.tracking_number, "out_for_delivery", "With courier", "2026-11-21T08:00:00Z"),
            house,
        )
        hear(
            carrier,
            easypost.scan(parcel.tracking_number, "return_to_sender", "Returned", "2026-11-22T08:00:00Z"),
            house,
        )

        assert fresh(house, parcel).state is ParcelState.DELIVERED
        assert HandOver.objects.count() == 1

    def test_a_forged_message_changes_nothing(
        self, house: SmallHouse, easypost: FakeEasyPost, carrier: EasyPost
    ) -> None:
        parcel = booked(house, carrier)
        event = easypost.scan(parcel.tracking_number, "delivered", "Delivered", "2026-11-21T09:00:00Z")
        good = signature_of(SECRET, json.dumps(event).encode())

        for signature in ("hmac-sha256-hex=00", good.removeprefix("hmac-sha256-hex="), signature_of("guessed", b"x")):
            with pytest.raises(ForgedMessage):
                hear(carrier, event, house, signature)
        with pytest.raises(ForgedMessage):  # signed, but not for this body
            hear(carrier, event | {"id": "evt_2"}, house, good)
        with pytest.raises(ForgedMessage):
            shipping.hear(carrier="easypost", headers={}, body=b"{}", actor=house.system, at=NOW)
        with pytest.raises(NotFound):
            shipping.hear(carrier="nobody", headers={}, body=b"{}", actor=house.system, at=NOW)

        assert fresh(house, parcel).state is ParcelState.PACKED
        assert not TrackingEvent.objects.exists()

    def test_numbers_that_are_not_ours_are_let_pass(
        self, house: SmallHouse, easypost: FakeEasyPost, carrier: EasyPost
    ) -> None:
        parcel = booked(house, carrier)
        event = easypost.scan(parcel.tracking_number, "delivered", "Delivered", "2026-11-21T09:00:00Z")
        event["result"]["tracking_code"] = "somebody-elses"

        assert hear(carrier, event, house) is False
        assert hear(carrier, {"description": "batch.updated", "result": {}}, house) is False

    def test_refused_at_the_door_is_heard(self, house: SmallHouse, easypost: FakeEasyPost, carrier: EasyPost) -> None:
        parcel = booked(house, carrier)
        hear(carrier, easypost.scan(parcel.tracking_number, "in_transit", "Picked up", "2026-11-20T16:00:00Z"), house)

        hear(
            carrier,
            easypost.scan(parcel.tracking_number, "failure", "Recipient refused", "2026-11-21T09:00:00Z"),
            house,
        )

        now = fresh(house, parcel)
        assert (now.state, now.problem) == (ParcelState.REFUSED, "Recipient refused")
