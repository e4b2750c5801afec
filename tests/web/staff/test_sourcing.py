"""Preparing, refusing, finding, selling from afar; the queue, the rules and the promises of headquarters."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from tests.factories.orders import buy_online, pay
from tests.factories.small_house import NOW, SmallHouse, _staff
from tests.web.staff.pages import asks_for, hidden, text
from vendome.domains.fulfilment.models import OrderException, RoutingRule
from vendome.domains.house.models import Maison, PartnerAgreement, Place
from vendome.domains.orders.models import Order, OrderLine
from vendome.domains.orders.types import Mode
from vendome.domains.stock.models import Hold, Level
from vendome.kit import clock
from vendome.kit.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def controller(house: SmallHouse, visit: Any) -> Browser:
    maison = Maison.objects.get(id=house.maison.id)
    home = Place.objects.get(id=house.warehouse)
    return visit(_staff(maison, home, "thierry", "stock_controller"))


@pytest.fixture
def service(house: SmallHouse, visit: Any) -> Browser:
    maison = Maison.objects.get(id=house.maison.id)
    home = Place.objects.get(id=house.paris)
    return visit(_staff(maison, home, "ines", "client_service"))


def key() -> str:
    return str(uuid.uuid4())


# -- the salon ------------------------------------------------------------------------------------------------


def test_what_is_to_be_done_is_on_one_page_and_ticked_there(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=2)
    line = pay(house, buy_online(house, house.traditional, house.ring)).lines[0]
    pay(house, buy_online(house, house.emerging, house.ring, mode=Mode.DELIVER))

    page = paris.get(reverse("salon:prepare"))
    assert "To make ready" in text(page)
    assert "To send today" in text(page)
    assert "promised for Monday 23 November" in text(page)
    body = {"key": hidden(page, "key"), "step": "READY"}
    assert paris.post(reverse("salon:step", args=[line.id]), body).status_code == 303
    assert paris.post(reverse("salon:step", args=[line.id]), body).status_code == 303
    assert OrderLine.objects.get(id=line.id).state == "READY"
    again = paris.post(reverse("salon:step", args=[line.id]), {"key": key(), "step": "READY"})
    assert (again.status_code, "already been handed over" in text(again)) == (409, True)
    part = paris.get(reverse("salon:prepare"), headers=asks_for("piles"))
    assert "<html" not in part.content.decode()


def test_another_boutique_sees_none_of_it(house: SmallHouse, tokyo: Browser) -> None:
    house.stocked(house.paris, ring=1)
    line = pay(house, buy_online(house, house.traditional, house.ring)).lines[0]

    assert "Nothing waits to be prepared" in text(tokyo.get(reverse("salon:prepare")))
    assert tokyo.post(reverse("salon:step", args=[line.id]), {"key": key(), "step": "READY"}).status_code == 404
    assert tokyo.get(reverse("salon:refuse", args=[line.id])).status_code == 404


def test_a_refusal_keeps_what_was_typed_and_goes_to_a_person(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    line = pay(house, buy_online(house, house.traditional, house.ring)).lines[0]
    url = reverse("salon:refuse", args=[line.id])

    assert "Nothing is sent from elsewhere behind her back" in text(paris.get(url))
    wrong = paris.post(url, {"key": key(), "note": "looked everywhere"})
    assert (wrong.status_code, "looked everywhere" in text(wrong)) == (422, True)
    assert not OrderException.objects.exists()
    done = paris.post(url, {"key": key(), "reason": "NOT_FOUND", "note": "looked everywhere"}, follow=True)
    assert "refused, client service decides" in text(done)
    assert OrderException.objects.get().reason == "NOT_FOUND"
    today = text(paris.get(reverse("salon:today")))
    assert "refused, client service decides" in today
    assert "Hand over" not in today


def test_the_finder_says_how_near_how_sure_and_by_when_and_holds_it(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.london, ring=2)
    Place.objects.filter(id=house.paris).update(latitude=48.868, longitude=2.329)
    Place.objects.filter(id=house.london).update(latitude=51.512, longitude=-0.144)
    url = reverse("salon:find", args=[house.ring])

    page = text(paris.get(url, {"client": house.traditional}))
    assert re.search(r"\b34\d km", page)
    assert "never counted, 2 movements since" in page
    assert "Sent to us, collected here" in page
    body = {"client": house.traditional, "place": house.london, "key": key()}
    assert "Set aside for Éléonore de Brissac until Sunday 22 November" in text(paris.post(url, body, follow=True))
    assert Hold.objects.get().place_id == house.london
    without = paris.post(url, {"place": house.london, "key": key()})
    assert (without.status_code, Hold.objects.count()) == (422, 1)
    assert paris.get(reverse("salon:find", args=[uuid.uuid4()])).status_code == 404
    part = paris.get(url, {"near": "london"}, headers=asks_for("spots"))
    assert "<html" not in part.content.decode()


def test_the_finder_offers_nothing_that_is_promised_here(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    url = reverse("salon:find", args=[house.ring])
    assert "1 free" in text(paris.get(url))
    assert "What stands here is promised" not in text(paris.get(url))

    pay(house, buy_online(house, house.traditional, house.ring))

    assert "It stands here" not in text(paris.get(url))
    assert "What stands here is promised" in text(paris.get(url))


def test_the_till_sells_what_another_place_holds(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.london, ring=2)
    url = reverse("salon:order_from_afar", args=[house.ring])
    page = paris.get(url, {"client": house.traditional})
    assert "Collected here, from Tuesday 1 December" in text(page)
    common = {"client": house.traditional, "key": hidden(page, "key"), "tender": "CASH"}

    missing = paris.post(url, common | {"way": "DELIVER"})
    assert (missing.status_code, Order.objects.count()) == (422, 0)
    slip = paris.post(url, common | {"way": "COLLECT", "tender": "TERMINAL"})
    assert (slip.status_code, "Write the reference printed on the slip" in text(slip)) == (422, True)
    early = paris.post(url, common | {"way": "COLLECT", "day-COLLECT": "2026-11-24"})
    assert early.status_code == 409
    done = paris.post(url, common | {"way": "COLLECT", "day-COLLECT": hidden(page, "day-COLLECT"), "key": key()})
    assert done.status_code == 303
    assert "Kept for you in Paris, from Tuesday 1 December 2026" in text(paris.get(done.headers["Location"]))
    line = OrderLine.objects.get()
    assert (line.place_id, line.state, str(line.promised_date)) == (house.paris, "HELD", "2026-12-01")
    assert Hold.objects.get(id=line.hold_id).place_id == house.london
    sent = common | {"way": "DELIVER", "key": key(), "address": "Éléonore de Brissac\n1 rue X\n75001 Paris"}
    posted = paris.post(url, sent)
    assert posted.status_code == 303
    assert "Sent to you, there by" in text(paris.get(posted.headers["Location"]))
    assert Order.objects.get(delivery_address__len=3).state == "CONFIRMED"


def test_from_afar_her_known_address_is_offered_of_an_open_file_only(
    house: SmallHouse, paris: Browser, visit: Any
) -> None:
    house.stocked(house.london, ring=4)
    url = reverse("salon:order_from_afar", args=[house.ring])
    sent = {"tender": "CASH", "way": "DELIVER", "address": "Éléonore de Brissac\n1 rue X\n75001 Paris\nFR"}
    for client in (house.traditional, house.protected):
        assert "1 rue X" not in paris.get(url, {"client": client}).content.decode()
        assert paris.post(url, sent | {"client": client, "key": key()}).status_code == 303

    page = paris.get(url, {"client": house.traditional})
    assert "1 rue X\n75001 Paris\nFrance</textarea>" in page.content.decode()
    assert "Ask her whether it holds" in text(page)
    assert AuditEntry.objects.filter(actor=house.advisor_paris.label, action="clients.read").exists()
    stranger = visit(_staff(Maison.objects.get(), Place.objects.get(id=house.paris), "stranger", "advisor"))
    assert "1 rue X" in stranger.get(url, {"client": house.traditional}).content.decode()
    assert stranger.get(f"/salon/clients/{house.protected}/").status_code == 403
    shut = stranger.get(url, {"client": house.protected})
    assert (shut.status_code, "1 rue X" in shut.content.decode()) == (200, False)
    assert "1 rue X" not in paris.get(url).content.decode()


def test_from_afar_a_link_on_her_phone_is_made_by_confirming(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.london, ring=1)
    url = reverse("salon:order_from_afar", args=[house.ring])
    page = paris.get(url, {"client": house.traditional})
    sale = {"client": house.traditional, "key": hidden(page, "key"), "tender": "LINK", "way": "COLLECT"}

    shown = paris.post(url, sale)

    assert (shown.status_code, "/pay/" in shown.content.decode()) == (200, True)
    assert "The link for her" in text(shown)
    assert Order.objects.get().state == "AWAITING_PAYMENT"
    assert Hold.objects.get().expires_at == NOW + timedelta(days=2)
    assert paris.post(url, sale).status_code == 303


# -- the bureau ---------------------------------------------------------------------------------------------------


def refused(house: SmallHouse) -> OrderException:
    from tests.flows.test_line_steps import refuse

    house.stocked(house.paris, ring=1)
    made = refuse(pay(house, buy_online(house, house.traditional, house.ring)).lines[0].id, house.advisor_paris)
    return OrderException.objects.get(id=made)


def test_the_queue_shows_age_value_and_whom_to_call(house: SmallHouse, service: Browser, paris: Browser) -> None:
    refused(house)
    with clock.frozen(NOW + timedelta(days=2)):
        page = text(service.get(reverse("bureau:exceptions")))
    for word in ("Refused by the boutique", "2 days", "8,200", "+33612345678", "Éléonore de Brissac"):
        assert word in page
    assert "exceptions wait for a person" in text(service.get(reverse("bureau:home")))
    export = service.get(reverse("bureau:exceptions"), {"format": "csv"})
    assert "REFUSED" in export.content.decode()
    assert "+336" not in export.content.decode()
    assert "Nothing waits" in text(service.get(reverse("bureau:exceptions"), {"kind": "PARCEL_LATE"}))
    assert paris.get(reverse("bureau:exceptions")).status_code == 403


def test_a_line_that_is_late_and_refused_is_worth_its_value_once(house: SmallHouse, service: Browser) -> None:
    made = refused(house)
    OrderException.objects.create(
        maison_id=made.maison_id, kind="NOT_READY", order_id=made.order_id, order_line_id=made.order_line_id,
        place_id=made.place_id, amount=made.amount, currency=made.currency, raised_at=NOW, raised_by="SYSTEM",
    )  # fmt: skip

    page = service.get(reverse("bureau:exceptions"))

    assert "2 waiting" in text(page)
    assert "€ 8,200 their value" in " ".join(text(page).split())


def test_the_houses_own_currency_leads_then_the_largest_sums(house: SmallHouse, service: Browser) -> None:
    made = refused(house)
    for kind, currency, amount in (
        ("UNPAID", "AED", 100),
        ("NOT_READY", "CHF", 4_000_000),
        ("PARCEL_LATE", "GBP", 900_000),
    ):
        OrderException.objects.create(
            maison_id=house.maison.id, kind=kind, order_id=made.order_id, raised_at=NOW, amount=amount,
            currency=currency, raised_by="SYSTEM",
        )  # fmt: skip

    page = service.get(reverse("bureau:exceptions")).content.decode()

    tiles = page[page.index('class="stats glance"') : page.index("<table")]
    assert tiles.index("8,200") < tiles.index("40,000") < tiles.index("9,000")
    assert "AED" not in tiles


def test_an_exceptions_hours_are_those_of_the_place(house: SmallHouse, service: Browser) -> None:
    made = refused(house)
    url = reverse("bureau:exception", args=[made.id])
    service.post(url, {"act": "take", "until": "2026-11-21T09:00", "note": ""})

    page = text(service.get(url))

    assert "20 November 2026, 16:00" in page
    assert "21 November, 09:00" in page


def test_a_refusal_is_settled_from_its_page(house: SmallHouse, service: Browser) -> None:
    exception = refused(house)
    house.stocked(house.london, ring=1)
    url = reverse("bureau:exception", args=[exception.id])
    page = service.get(url)
    assert "London" in text(page)
    assert "with her by Tuesday 1 December" in text(page)

    later = {"act": "take", "until": "2026-11-21T09:00", "note": "calls back"}
    assert service.post(url, later).status_code == 303
    assert "calls back" in text(service.get(url))
    assert service.post(url, {"act": "settle", "resolution": "SPOKEN_TO"}).status_code == 422
    done = service.post(url, {"act": "anew", "place": house.london, "key": hidden(page, "key")})
    assert done.status_code == 303
    assert Hold.objects.get(id=OrderLine.objects.get().hold_id).place_id == house.london
    assert "It comes from elsewhere" in text(service.get(url))
    assert service.post(url, {"act": "refund", "key": key()}).status_code == 409


def test_rules_are_moved_and_the_preview_says_why(house: SmallHouse, controller: Browser, visit: Any) -> None:
    house.stocked(house.paris, ring=3)
    house.stocked(house.warehouse, ring=1)
    url = reverse("bureau:routing")
    question = {"q": "aurore", "market": "FR"}

    page = text(controller.get(url, question))
    assert page.index("Depot") < page.index("Behind it")
    assert "the first has: A warehouse before a boutique" in page
    assert controller.post(url, {"act": "remove", "kind": "WAREHOUSE_FIRST"}).status_code == 303
    assert controller.post(url, {"act": "add", "kind": "DISTANCE"}).status_code == 303
    assert controller.post(url, {"act": "up", "kind": "DISTANCE"}).status_code == 303
    assert controller.post(url, {"act": "step", "kind": "DISTANCE", "step": "80"}).status_code == 303
    assert list(RoutingRule.objects.order_by("position").values_list("kind", "step")) == [
        ("OWN_FIRST", 1), ("SAME_MARKET", 1), ("TOGETHER", 1), ("DISTANCE", 80), ("MARGIN", 1),
    ]  # fmt: skip
    page = text(controller.get(url, question))
    assert page.index("Paris") < page.index("Behind it")
    assert controller.post(url, {"act": "step", "kind": "DISTANCE", "step": "0"}).status_code == 422
    assert controller.post(url, {"act": "reset"}).status_code == 303
    assert not RoutingRule.objects.exists()
    manager = visit(house.manager_paris)
    assert "Add a rule" not in text(manager.get(url))
    assert manager.post(url, {"act": "reset"}).status_code == 403


def test_promises_of_a_place_are_kept_and_wrong_ones_explained(
    house: SmallHouse, controller: Browser, visit: Any
) -> None:
    url = reverse("bureau:promises", args=["paris"])
    calendar = {"act": "calendar", "cut_off": "12:30", "preparation_days": "1", "closed_dates": "2026-12-25"}
    assert controller.post(url, calendar).status_code == 303
    paris = Place.objects.get(id=house.paris)
    assert (f"{paris.cut_off:%H:%M}", paris.preparation_days, len(paris.closed_dates)) == ("12:30", 1, 1)
    wrong = controller.post(url, calendar | {"closed_dates": "Christmas"})
    assert (wrong.status_code, "“Christmas” is no day" in text(wrong)) == (422, True)

    safety = {"act": "safety", "sku": "aurore-solitaire", "quantity": "1", "reason": "the window"}
    assert controller.post(url, safety).status_code == 303
    assert Level.objects.get(place_id=house.paris, reference_id=house.ring).safety == 1
    assert "Aurore Solitaire" in text(controller.get(url))
    assert controller.post(url, safety | {"sku": "nothing"}).status_code == 409

    door = reverse("bureau:promises", args=["door"])
    agreed = {"act": "agreement", "modes": ["DELIVER"], "since": "2026-11-20", "paper": "2026/17"}
    assert "None: nothing that stands here" in text(controller.get(door))
    assert controller.post(door, agreed | {"paper": ""}).status_code == 409
    assert controller.post(door, agreed).status_code == 303
    assert PartnerAgreement.objects.get().modes == ["DELIVER"]
    assert controller.post(door, agreed | {"modes": []}).status_code == 303
    assert not PartnerAgreement.objects.exists()
    assert controller.post(url, agreed).status_code == 404  # our own place has no partner
    assert visit(house.manager_paris).post(url, safety).status_code == 403
