# ruff: noqa: E501  # SQL reads better on one line here
"""The rows of a parcel are the judge, whoever writes them."""

from __future__ import annotations

import uuid

import pytest

from tests.domains.test_constraints import refused_by
from tests.factories.parcels import offer_services, pack, sent, to_send
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.fulfilment.models import ParcelDocument
from vendome.flows import shipping

pytestmark = pytest.mark.django_db


def test_a_parcel_is_insured_within_its_limit_sealed_and_known(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    _, parcel = sent(house)
    where, key = "WHERE id = %s", [parcel.id]

    refused_by(
        "parcel_within_what_is_insured", f"UPDATE fulfilment_parcel SET insured_amount = insured_limit + 1 {where}", key
    )
    refused_by("packed_parcel_is_sealed", f"UPDATE fulfilment_parcel SET seal = '' {where}", key)
    refused_by("parcel_state_known", f"UPDATE fulfilment_parcel SET state = 'AWAY' {where}", key)
    refused_by("parcel_booking_known", f"UPDATE fulfilment_parcel SET booking = 'MAYBE' {where}", key)
    refused_by("delivered_parcel_says_when", f"UPDATE fulfilment_parcel SET state = 'DELIVERED' {where}", key)
    refused_by(
        "slot_has_an_end",
        f"UPDATE fulfilment_parcel SET slot_start = now(), slot_end = now() - interval '1 hour' {where}",
        key,
    )


def test_numbers_seals_and_seats_are_given_once(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=2)
    _, one = sent(house)
    _, two = to_send(house)
    pack(house, two, one.service_id)  # type: ignore[arg-type]
    shipping.book_due(actor=house.system, at=NOW)
    both = [one.id, two.id]

    refused_by("seal_used_once", "UPDATE fulfilment_parcel SET seal = 'S' WHERE id = ANY (%s)", [both])
    refused_by("tracking_number_once", "UPDATE fulfilment_parcel SET tracking_number = 'T' WHERE id = ANY (%s)", [both])
    refused_by(
        "slot_seat_taken_once",
        "UPDATE fulfilment_parcel SET slot_start = '2026-12-01', slot_end = '2026-12-02', slot_seat = 1 WHERE id = ANY (%s)",
        [both],
    )
    refused_by(
        "parcel_number_once",
        "INSERT INTO fulfilment_parcel (id, order_id, origin_id, state, address, promised_date) SELECT gen_random_uuid(), order_id, origin_id, 'PREPARING', address, promised_date FROM fulfilment_parcel WHERE id = %s",
        [one.id],
    )
    refused_by(
        "line_travels_in_one_parcel",
        "INSERT INTO fulfilment_parcelline (id, parcel_id, order_line_id) SELECT gen_random_uuid(), %s, order_line_id FROM fulfilment_parcelline WHERE parcel_id = %s",
        [two.id, one.id],
    )


def test_scans_and_proofs_are_never_changed(house: SmallHouse) -> None:
    house.stocked(house.warehouse, ring=1)
    _, parcel = sent(house)
    scan = "INSERT INTO fulfilment_trackingevent (id, parcel_id, carrier, event_id, kind, at, heard_at) VALUES (gen_random_uuid(), %s, 'c', 'e1', %s, now(), now())"
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(scan, [parcel.id, "PICKED_UP"])

    refused_by("tracking_event_once", scan, [parcel.id, "PICKED_UP"])
    refused_by("tracking_kind_known", scan.replace("e1", "e2"), [parcel.id, "LOITERING"])
    refused_by("fulfilment_trackingevent_append_only", "UPDATE fulfilment_trackingevent SET message = 'x'")
    refused_by("fulfilment_trackingevent_append_only", "DELETE FROM fulfilment_trackingevent")
    refused_by("fulfilment_parceldocument_append_only", "UPDATE fulfilment_parceldocument SET content = ''")
    sign = "INSERT INTO fulfilment_parceldocument (id, parcel_id, kind, media_type, sha256, content, actor, at) VALUES (gen_random_uuid(), %s, %s, '', '', '', '', now())"
    with connection.cursor() as cursor:
        cursor.execute(sign, [parcel.id, "SIGNATURE"])
    refused_by("one_signature_for_each_parcel", sign, [parcel.id, "SIGNATURE"])
    refused_by("parcel_document_kind_known", sign, [parcel.id, "POEM"])
    assert ParcelDocument.objects.filter(parcel_id=parcel.id).count() == 2


def test_what_carriers_offer_is_sane(house: SmallHouse) -> None:
    made = offer_services(house)

    refused_by("carrier_service_once", "UPDATE fulfilment_carrierservice SET carrier = 'x', code = 'y'")
    refused_by(
        "service_mode_known", "UPDATE fulfilment_carrierservice SET mode = 'PIGEON' WHERE id = %s", [made["STANDARD"]]
    )
    refused_by("white_glove_has_somebody_to_send", "UPDATE fulfilment_carrierservice SET slot_seats = 0")
    refused_by("footprint_names_its_source", "UPDATE fulfilment_carrierservice SET footprint_source = ''")
    assert uuid.UUID(str(made["EXPRESS"]))
