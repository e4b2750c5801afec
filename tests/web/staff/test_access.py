"""Who may come in: each surface asks every actor, and a refused page does nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from tests.factories.small_house import SmallHouse
from vendome.kit.actors import Actor

type Visit = Callable[[Actor | None], Browser]

SALON = ("/salon/", "/salon/clients/", "/salon/clients/new/", "/salon/sell/", "/salon/collections/")
BUREAU = ("/bureau/", "/bureau/books/", "/bureau/stock/", "/bureau/orders/", "/bureau/staff/")


@pytest.mark.parametrize("path", [*SALON, *BUREAU, "/bureau/audit/"])
def test_nobody_is_asked_to_sign_in(visit: Visit, house: SmallHouse, path: str) -> None:
    response = visit(None).get(path)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("path", [*SALON, *BUREAU, "/bureau/audit/"])
def test_a_client_finds_no_such_page(visit: Visit, house: SmallHouse, path: str) -> None:
    assert visit(house.as_client(house.traditional)).get(path).status_code == 404


@pytest.mark.parametrize("path", SALON)
def test_an_advisor_uses_the_salon(paris: Browser, path: str) -> None:
    assert paris.get(path).status_code == 200


@pytest.mark.parametrize("path", BUREAU)
def test_an_advisor_is_not_shown_the_bureau(paris: Browser, path: str) -> None:
    assert paris.get(path).status_code == 403


@pytest.mark.parametrize("path", [*SALON, *BUREAU])
def test_a_manager_uses_both(visit: Visit, house: SmallHouse, path: str) -> None:
    assert visit(house.manager_paris).get(path).status_code == 200


@pytest.mark.parametrize(("path", "status"), [("/bureau/", 200), ("/bureau/stock/", 200), ("/bureau/orders/", 200),
                                              ("/bureau/staff/", 200), ("/bureau/audit/", 403), ("/salon/", 403),
                                              ("/salon/sell/", 403), ("/salon/clients/", 200)])  # fmt: skip
def test_the_director_sees_the_house_and_sells_nothing(visit: Visit, house: SmallHouse, path: str, status: int) -> None:
    assert visit(house.director).get(path).status_code == status


@pytest.mark.parametrize(("path", "status"), [("/bureau/", 200), ("/bureau/audit/", 200), ("/bureau/stock/", 403),
                                              ("/bureau/orders/", 403), ("/bureau/staff/", 403)])  # fmt: skip
def test_the_privacy_officer_reads_the_audit_log_alone(visit: Visit, house: SmallHouse, path: str, status: int) -> None:
    assert visit(house.privacy_officer).get(path).status_code == status


def test_pages_are_kept_by_no_cache(paris: Browser) -> None:
    assert paris.get("/salon/").headers["Cache-Control"] == "private, no-store"
