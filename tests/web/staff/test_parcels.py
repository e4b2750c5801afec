"""The packing table, the parcel's page and the concierge's telephone."""

from __future__ import annotations

import base64
import uuid

import pytest

from tests.factories.parcels import SIGNED, fresh, offer_services, pack, sent, to_send
from tests.factories.small_house import NOW, SmallHouse
from tests.web.staff.pages import hidden, text
from vendome.domains.fulfilment.models import HandOver, Parcel, ParcelDocument
from vendome.domains.fulfilment.types import ParcelState, Slot
from vendome.domains.people.models import RoleGrant
from vendome.flows import parcels, shipping

pytestmark = pytest.mark.django_db
SLOT = Slot(starts_at=NOW.replace(day=24, hour=9), ends_at=NOW.replace(day=24, hour=11))
DRAWN = "data:image/png;base64," + base64.b64encode(SIGNED).decode()


@pytest.fixture
def table(house: SmallHouse, visit):
    """The manager in Paris, who also sends from the warehouse."""
    RoleGrant.objects.create(staff_id=house.manager_paris.id, role="stock_controller", during=("2020-01-01", None))
    return visit(house.manager_paris)


@pytest.fixture
def parcel(house: SmallHouse):
    house.stocked(house.warehouse, ring=1)
    offer_services(house)
    return to_send(house)[1]


def test_the_table_shows_what_waits_and_where(house, table, parcel, tokyo):
    page = table.get("/salon/parcels/")

    assert parcel.order_number in text(page)
    assert "Éléonore de Brissac, FR" in text(page)
    assert "€ 8,200" in text(page).replace("\xa0", " ")
    assert parcel.order_number not in text(tokyo.get("/salon/parcels/"))
    assert tokyo.get(f"/salon/parcels/{parcel.id}/").status_code == 404
    rows = table.get("/salon/parcels/", {"format": "csv"}).content.decode()
    assert "820000" in rows
    assert parcel.order_number in text(table.get("/salon/parcels/pick/", {"place": house.warehouse}))


def test_a_carrier_that_comes_too_late_says_so(house, table, parcel):
    url = f"/salon/parcels/{parcel.id}/"
    assert "after the day she was promised" not in text(table.get(url))

    Parcel.objects.update(promised_date=NOW.date())

    late = table.get(url)
    assert "as she chose, but after the day she was promised" in text(late)
    assert "as every other would. Write to her." in text(late)
    assert [one.is_late for one in late.context["page"].offers if one.is_fit] == [True, True, True]


def test_the_one_that_is_there_in_time_is_proposed_and_kept_as_the_reason(house, table, parcel):
    url = f"/salon/parcels/{parcel.id}/"
    by_day = sorted(table.get(url).context["page"].offers, key=lambda one: one.arrives)
    Parcel.objects.update(promised_date=by_day[0].arrives)

    page = table.get(url)

    first = page.context["page"].offers[0]
    assert (first.is_chosen, first.is_late, first.arrives) == (True, False, by_day[0].arrives)
    assert "for what she chose would come too late" in text(page)
    assert "after the day she was promised, as" not in text(page)
    given = {"key": hidden(page, "key"), "serials": parcel.lines[0].serial, "seal": "VM-1", "service": str(first.id)}
    assert table.post(url, given).status_code == 303
    assert Parcel.objects.get().why == "IN_TIME"


def test_scan_seal_choose_and_send(house, table, parcel):
    url = f"/salon/parcels/{parcel.id}/"
    page = table.get(url)
    assert "as she chose" in text(page)
    service = page.context["page"].offers[0].id
    given = {"key": hidden(page, "key"), "serials": parcel.lines[0].serial, "seal": "VM-1", "service": str(service)}

    wrong = table.post(url, given | {"serials": "S999"})
    assert (wrong.status_code, "check each serial number" in text(wrong), "S999" in wrong.content.decode()) == (
        409,
        True,
        True,
    )
    assert table.post(url, given | {"seal": ""}).status_code == 422
    assert table.post(url, given).status_code == 303

    assert "label on its way" in text(table.get(url))
    shipping.book_due(actor=house.system, at=NOW)
    page = table.get(url)
    label = table.get(page.context["page"].label_url)
    assert label.headers["Content-Type"].startswith("text/plain")
    assert "NOT FOR CARRIAGE" in label.content.decode()
    slip = text(table.get(f"{url}slip/"))
    assert "VM-1" in slip
    assert "8,200" not in slip
    assert table.post(f"{url}dispatch/").status_code == 303
    assert fresh(house, parcel).state is ParcelState.DISPATCHED
    assert table.post(f"{url}dispatch/").status_code == 409


def test_too_much_for_one_is_split(house, table):
    house.stocked(house.warehouse, ring=1, watch=1)
    offer_services(house, limits={"EUR": 1_250_000})
    _, parcel = to_send(house, house.ring, house.watch)
    url = f"/salon/parcels/{parcel.id}/"
    assert "Split the parcel" in text(table.get(url))

    answer = table.post(f"{url}split/", {"line": [str(parcel.lines[0].line_id)]})

    assert answer.status_code == 303
    assert "as she chose" in text(table.get(url))
    assert table.post(f"{url}split/", {"line": [str(parcel.lines[1].line_id)]}).status_code == 409


def test_back_lost_and_again(house, table):
    house.stocked(house.warehouse, ring=2)
    _, parcel = sent(house)
    url = f"/salon/parcels/{parcel.id}/"

    assert table.post(f"{url}lose/", {"reason": ""}).status_code == 422
    assert table.post(f"{url}lose/", {"reason": "the van burnt"}).status_code == 303
    page = text(table.get(url))
    assert "the van burnt" in page
    assert "Send her another" in page
    assert table.post(f"{url}replace/").status_code == 303
    assert table.post(f"{url}nonsense/").status_code == 404


def test_at_the_door_the_proof_is_kept(house, table):
    house.stocked(house.warehouse, ring=1)
    _, parcel = sent(house, "WHITE_GLOVE", slot=SLOT)
    url = f"/salon/deliveries/{parcel.id}/"
    assert "Éléonore de Brissac" in text(table.get("/salon/deliveries/"))
    assert "10:00 to 12:00" in text(table.get(url))

    unseen = table.post(url, {"received_by": "E.", "signature": DRAWN})
    assert (unseen.status_code, hidden(unseen, "signature")) == (422, DRAWN)  # signature.js draws it again
    nothing = text(table.post(url, {"received_by": "E.", "signature": ""}))
    assert "Say which document you saw." in nothing
    assert "Have her sign here." in nothing
    unsigned = table.post(url, {"received_by": "E.", "identity": "PASSPORT", "signature": ""})
    assert (unsigned.status_code, "Have her sign here." in text(unsigned)) == (422, True)
    assert (
        table.post(url, {"received_by": "E.", "identity": "PASSPORT", "signature": "data:text/html,x"}).status_code
        == 409
    )
    assert not HandOver.objects.exists()

    for _ in range(2):
        done = table.post(url, {"received_by": "E. de Brissac", "identity": "PASSPORT", "signature": DRAWN})
        assert done.status_code == 303

    assert HandOver.objects.count() == 1
    assert bytes(ParcelDocument.objects.get(kind="SIGNATURE").content) == SIGNED
    page = table.get(f"/salon/parcels/{parcel.id}/")
    assert table.get(page.context["page"].signature_url).headers["Content-Type"] == "image/png"
    assert "identity seen" in text(page)


def test_she_does_not_take_it(house, table):
    house.stocked(house.warehouse, ring=1)
    _, parcel = sent(house, "WHITE_GLOVE", slot=SLOT)
    set_out = table.post(f"/salon/parcels/{parcel.id}/round/")
    assert set_out.headers["Location"] == f"/salon/deliveries/{parcel.id}/"

    assert table.post(f"/salon/parcels/{parcel.id}/refuse/", {"reason": "not at home"}).status_code == 303

    assert fresh(house, parcel).state is ParcelState.REFUSED
    assert "not at home" in text(table.get("/salon/parcels/", {"tab": "trouble"}))


def in_tab(table, name):
    return len(table.get("/salon/parcels/", {"tab": name}).context["page"].rows)


def test_what_came_back_is_in_trouble_until_somebody_has_looked_at_it(house, table):
    house.stocked(house.warehouse, ring=1)
    _, parcel = sent(house)
    table.post(f"/salon/parcels/{parcel.id}/take-back/", {"reason": "address unknown"})
    assert (in_tab(table, "trouble"), in_tab(table, "done")) == (1, 0)

    table.post(f"/salon/parcels/{parcel.id}/send-again/")

    assert (in_tab(table, "trouble"), in_tab(table, "done"), in_tab(table, "pack")) == (0, 1, 1)


def test_what_was_lost_is_in_trouble_until_she_gets_another(house, table):
    house.stocked(house.warehouse, ring=1)
    _, parcel = sent(house)
    table.post(f"/salon/parcels/{parcel.id}/lose/", {"reason": "the van burnt"})
    assert (in_tab(table, "trouble"), in_tab(table, "done")) == (1, 0)

    house.stocked(house.warehouse, ring=1)
    table.post(f"/salon/parcels/{parcel.id}/replace/")

    assert (in_tab(table, "trouble"), in_tab(table, "done"), in_tab(table, "pack")) == (0, 1, 1)


def test_documents_of_other_parcels_are_not_found(house, table, parcel):
    pack(house, parcel, next(iter(offer(house))))
    shipping.book_due(actor=house.system, at=NOW)
    house.stocked(house.warehouse, ring=1)
    _, other = to_send(house)

    label = fresh(house, parcel).label_id
    assert table.get(f"/salon/parcels/{other.id}/documents/{label}/").status_code == 404
    assert table.get(f"/salon/parcels/{parcel.id}/documents/{uuid.uuid4()}/").status_code == 404


def offer(house):
    from vendome.domains.fulfilment.queries import parcels as queries

    return [one.id for one in queries.list_services(maison_id=house.maison.id)]


def test_who_may_not_send_sees_no_table(house, visit, parcel):
    browser = visit(house.director)

    assert browser.get("/salon/parcels/").status_code == 403
    assert browser.post(f"/salon/parcels/{parcel.id}/dispatch/").status_code == 403
    assert parcels.get_choice(actor=house.system, parcel=parcel, at=NOW).chosen is not None
