"""The allocation desk, the committee's table, and an advisor who speaks for her client."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client as Browser

from tests.factories.scarcity import an_allocation, clients_of
from tests.factories.small_house import NOW, SmallHouse, _staff
from tests.web.staff.pages import asks_for, text
from vendome.domains.clients.models import Client, FileReading
from vendome.domains.house.models import Maison, Place
from vendome.domains.people import permissions
from vendome.domains.stock.queries import scarcity
from vendome.domains.stock.services import scarcity as services
from vendome.domains.stock.types_of_scarcity import AllocationPolicy, AllocationState
from vendome.kit.actors import EVERYWHERE, Actor

pytestmark = pytest.mark.django_db
type Visit = Callable[[Actor | None], Browser]

DRAFT = {
    "title": "Méridien, numbered", "code": "numbered", "sku": "MERIDIEN", "pieces": "2", "policy": "BALLOT",
    "opens_at": "2026-11-20T16:00", "closes_at": "2026-11-27T16:00", "per_person": "1", "hold_minutes": "30",
}  # fmt: skip


@pytest.fixture
def director(house: SmallHouse, visit: Visit) -> Browser:
    return visit(house.director)


def test_from_draft_to_draw(house: SmallHouse, director: Browser) -> None:
    house.stocked(house.paris, watch=2)
    made = director.post("/bureau/allocations/new/", DRAFT | {"place": str(house.paris)})
    assert (made.status_code, made.url) == (303, "/bureau/allocations/numbered/")
    page = director.get("/bureau/allocations/numbered/")
    assert "Draft" in text(page)
    assert page.context["page"].step.label == "Publish"

    director.post("/bureau/allocations/numbered/publish/")
    view = scarcity.get_allocation(actor=house.director, code="numbered")
    for one in clients_of(house, 3):
        services.enter(allocation_id=view.id, client_id=one, actor=house.as_client(one), at=NOW + timedelta(minutes=30))
    director.post("/bureau/allocations/numbered/freeze/")
    director.post("/bureau/allocations/numbered/draw/")

    page = director.get("/bureau/allocations/numbered/")
    assert [figure for figure, _ in page.context["page"].stats] == [3, 1, 2, 0, 0]
    assert "Order decided, offers sent" in text(page)
    part = director.get("/bureau/allocations/numbered/", headers=asks_for("standing")).content.decode()
    assert "<html" not in part
    rows = list(csv.reader(io.StringIO(director.get("/bureau/allocations/numbered/?format=csv").content.decode())))
    assert [row[3] for row in rows[1:]].count("OFFERED") == 2
    assert "numbered" in director.get("/bureau/allocations/").content.decode()
    assert director.get("/bureau/allocations/?format=csv").headers["Content-Type"].startswith("text/csv")


def test_what_does_not_fit_comes_back_with_everything_typed(house: SmallHouse, director: Browser) -> None:
    answer = director.post(
        "/bureau/allocations/new/", DRAFT | {"place": str(house.paris), "closes_at": "2026-11-19T16:00"}
    )
    assert answer.status_code == 422
    assert "It closes before it opens." in text(answer)
    assert "Méridien, numbered" in answer.content.decode()
    unknown = director.post("/bureau/allocations/new/", DRAFT | {"place": str(house.paris), "sku": "NOTHING"})
    assert unknown.status_code == 422
    first = director.post("/bureau/allocations/new/", DRAFT | {"place": str(house.paris)})
    again = director.post("/bureau/allocations/new/", DRAFT | {"place": str(house.paris)})
    assert (first.status_code, again.status_code) == (303, 409)


def test_a_step_that_cannot_be_taken_says_why_and_changes_nothing(house: SmallHouse, director: Browser) -> None:
    an_allocation(house, pieces=2, code="drop", is_published=False)

    answer = director.post("/bureau/allocations/drop/publish/", follow=True)

    assert "Bring them there first, then try again." in text(answer)
    assert scarcity.get_allocation(actor=house.director, code="drop").state is AllocationState.DRAFT
    assert director.post("/bureau/allocations/drop/burn/").status_code == 404
    assert director.post("/bureau/allocations/drop/end/", {"reason": ""}).status_code == 422


def test_more_pieces_join_it_and_a_second_click_adds_none(house: SmallHouse, director: Browser) -> None:
    house.stocked(house.paris, watch=3)
    an_allocation(house, pieces=1, code="list")
    key = director.get("/bureau/allocations/list/").context["page"].add_key

    for _ in range(2):
        director.post("/bureau/allocations/list/add/", {"pieces": "1", "key": key})

    assert scarcity.get_allocation(actor=house.director, code="list").pieces == 2


def test_invitations_by_list_and_unknown_lines_are_named(house: SmallHouse, director: Browser) -> None:
    house.stocked(house.paris, watch=1)
    an_allocation(house, pieces=1, code="drop")

    bad = director.post("/bureau/allocations/drop/invite/", {"who": "nobody@example.com"})
    director.post("/bureau/allocations/drop/invite/", {"who": f"eleonore@example.com\n{house.emerging}"})

    assert bad.status_code == 422
    assert "nobody@example.com" in text(bad)
    assert scarcity.get_allocation(actor=house.director, code="drop").invited == 2


def test_the_committee_reads_cases_side_by_side_and_protected_clients_stay_masked(
    house: SmallHouse, director: Browser, visit: Callable[[Actor | None], Browser]
) -> None:
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(
        house, pieces=1, code="few", policy=AllocationPolicy.NOMINATIONS, closes_at=NOW + timedelta(days=1)
    )
    for client, case in ((house.emerging, "Her first watch."), (house.protected, "She asked twice.")):
        services.nominate(allocation_id=allocation, client_id=client, case=case, actor=house.advisor_paris, at=NOW)

    Client.objects.filter(id__in=[house.emerging, house.protected]).update(standing="High jewellery")

    page = director.get("/bureau/allocations/few/committee/")
    assert "Her first watch." in text(page)
    assert [one.standing for one in page.context["page"].cases] == ["High jewellery", ""]
    assert "Protected client" in text(page)
    assert "Starling" not in text(page)
    maison, home = Maison.objects.get(id=house.maison.id), Place.objects.get(id=house.paris)
    retail = visit(_staff(maison, home, "retail", "retail_director"))
    blind = retail.get("/bureau/allocations/few/committee/")
    assert "Nomination 1" in text(blind)
    assert "client since 2026, 0 pieces in her wardrobe" in text(blind)
    assert [one.facts for one in blind.context["page"].cases][1] == ""  # of a protected client nothing
    assert "Lin" not in text(blind)
    case = page.context["page"].cases[0]
    silent = director.post(
        "/bureau/allocations/few/committee/", {"entry": str(case.id), "decision": "choose", "reason": " "}
    )
    assert silent.status_code == 422
    director.post(
        "/bureau/allocations/few/committee/", {"entry": str(case.id), "decision": "choose", "reason": "Never had one"}
    )
    after = director.get("/bureau/allocations/few/committee/").context["page"]
    assert (after.chosen, after.cases[0].reason) == (1, "Never had one")


def test_who_may_open_no_file_is_told_no_standing(house: SmallHouse) -> None:
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(
        house, pieces=1, code="few", policy=AllocationPolicy.NOMINATIONS, closes_at=NOW + timedelta(days=1)
    )
    Client.objects.update(standing="High jewellery")
    for client in (house.emerging, house.protected):
        services.nominate(allocation_id=allocation, client_id=client, case="c", actor=house.advisor_paris, at=NOW)

    def told(actor: Actor) -> list[str]:
        return [one.standing for one in scarcity.list_entries(actor=actor, allocation_id=allocation)]

    blind = replace(house.director, permissions={permissions.STOCK_VIEW: EVERYWHERE})
    assert told(house.director) == ["High jewellery", ""]
    assert told(blind) == ["", ""]


def test_who_may_not_decide_sees_no_buttons_and_is_refused(house: SmallHouse, visit: Visit, paris: Browser) -> None:
    house.stocked(house.paris, watch=1)
    an_allocation(house, pieces=1, code="drop")
    manager = visit(house.manager_paris)

    page = manager.get("/bureau/allocations/drop/").context["page"]

    assert (page.step, page.end_form, page.invite_form) == (None, None, None)
    assert manager.post("/bureau/allocations/drop/end/", {"reason": "x"}).status_code == 403
    assert paris.get("/bureau/allocations/").status_code == 403


def test_an_advisor_nominates_or_enters_from_the_piece_and_sees_the_place(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, watch=2)
    an_allocation(house, pieces=1, code="list")
    an_allocation(house, pieces=1, code="few", policy=AllocationPolicy.NOMINATIONS, closes_at=NOW + timedelta(days=1))
    address = f"/salon/collections/meridien/?client={house.emerging}"
    assert "Méridien 38, numbered" in text(paris.get(address))

    entered = paris.post("/salon/allocations/list/", {"client": str(house.emerging)})
    nominated = paris.post("/salon/allocations/few/", {"client": str(house.emerging), "case": "Her first watch."})
    silent = paris.post("/salon/allocations/few/", {"client": str(house.traditional), "case": ""}, follow=True)

    assert entered.status_code == nominated.status_code == 303
    assert "Say why this client should have one" in text(silent)
    lines = paris.get(address).context["page"].allocations
    assert {one.code: one.state for one in lines} == {"list": "Offered", "few": "Waits"}


def test_a_stranger_finds_nothing(other_house: SmallHouse, house: SmallHouse, visit: Visit) -> None:
    house.stocked(house.paris, watch=1)
    an_allocation(house, pieces=1, code="drop")

    assert visit(other_house.director).get("/bureau/allocations/drop/").status_code == 404


def test_where_a_protected_client_stands_is_not_shown_beside_the_piece(house: SmallHouse, tokyo: Browser) -> None:
    house.stocked(house.paris, watch=1)
    allocation = an_allocation(house, pieces=1)
    for client in (house.protected, house.traditional):
        services.enter(allocation_id=allocation, client_id=client, actor=house.as_client(client), at=NOW)

    hidden = tokyo.get(f"/salon/collections/meridien/?client={house.protected}").context["page"].allocations
    shown = tokyo.get(f"/salon/collections/meridien/?client={house.traditional}").context["page"].allocations

    assert [(one.state, one.place, one.until_at) for one in hidden] == [("", "", None)]
    assert [one.state for one in shown] == ["Waits"]
    assert FileReading.objects.filter(client_id=house.traditional).count() == 1
    assert not FileReading.objects.filter(client_id=house.protected).exists()
