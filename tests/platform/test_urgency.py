"""Each address has its urgency, written by somebody: none is forgotten, and no rule outlives its address."""

from __future__ import annotations

import re

import pytest

from vendome.config.policies import endpoints
from vendome.config.urgency import RULES, Urgency, pattern, rule_at, urgency_of

METHODS = ("GET", "POST")


def addresses() -> list[tuple[str, str]]:
    """Method and an address in it, for each endpoint of the URL map; files and streams are beside it."""
    found = [("GET", "/static/vendome/css/base.css")]
    for endpoint in endpoints():
        methods, _, route = endpoint.route.rpartition(" ")
        plain = re.sub(r"\(\?P<\w+>.*?\)+(?=/|\$|-)", "x", route.replace("^", "")).rstrip("$")
        plain = re.sub(r"<(?:\w+:)?\w+>", "x", plain)
        found += [(method, f"/{plain}") for method in (methods.split("|") if methods else METHODS)]
    return found


def of(urgency: Urgency) -> set[str]:
    return {f"{method} {path}" for method, path in addresses() if urgency_of(method, path) is urgency}


def test_each_address_has_a_rule():
    assert [f"{method} {path}" for method, path in addresses() if not rule_at(method, path)] == []


def test_each_rule_has_an_address_that_it_decides():
    used = {rule_at(method, path) for method, path in addresses()}

    assert [RULES[number - 1] for number in range(1, len(RULES) + 1) if number not in used] == []


def test_what_tills_and_payments_need_is_what_may_use_the_places_kept_for_them():
    """Written out, because each of these may take the place of everything else: a new one is a decision."""
    assert of(Urgency.TILL) == {
        "POST /api/v1/orders", "POST /api/v1/hand-overs", "GET /api/v1/orders/x/payments",
        "POST /api/v1/orders/x/payments", "POST /api/v1/orders/x/links", "POST /api/v1/payments/x/reader",
        "POST /api/v1/gift-cards", "POST /api/v1/gift-cards/look-up", "POST /api/v1/refunds/x/by-hand",
        "POST /pay/x/", "POST /x/pay/x/", "POST /x/order/x/pay/",
        *(f"{method} {path}" for method in METHODS for path in (
            "/salon/sell/", "/salon/orders/x/payments/", "/salon/orders/x/payments/link/",
            "/salon/orders/x/payments/x/withdraw/", "/salon/gift-card/", "/salon/receipt/x/", "/salon/hand-over/x/",
            "/salon/hand-over/x/done/", "/connect/stripe/webhook", "/health/ready")),
    }  # fmt: skip


def test_only_what_asks_the_database_nothing_passes_the_gate():
    assert of(Urgency.AT_ONCE) == {"GET /health/live", "POST /health/live", "GET /static/vendome/css/base.css"}


@pytest.mark.parametrize(
    ("method", "path", "urgency"),
    [
        ("GET", "/fr-fr/checkout/", Urgency.CHECKOUT),
        ("POST", "/gb-en/checkout/", Urgency.CHECKOUT),
        ("POST", "/gb-en/bag/add/", Urgency.CHECKOUT),
        ("GET", "/sign-in/", Urgency.CHECKOUT),
        ("GET", "/pay/x/", Urgency.CHECKOUT),
        ("GET", "/fr-fr/order/x/pay/", Urgency.CHECKOUT),
        ("GET", "/api/v1/orders", Urgency.STAFF),
        ("GET", "/salon/clients/1/", Urgency.STAFF),
        ("GET", "/bureau/accuracy/", Urgency.BROWSE),
        ("GET", "/gb-en/piece/aurore/", Urgency.BROWSE),
        ("GET", "/", Urgency.BROWSE),
        ("PROPFIND", "/wp-admin\nx", Urgency.BROWSE),
    ],
)
def test_some_that_people_know(method, path, urgency):
    assert urgency_of(method, path) is urgency


def test_a_star_is_one_part_and_two_are_all_that_follows():
    assert re.fullmatch(pattern("/a/*/b"), "GET /a/1/b")
    assert not re.fullmatch(pattern("/a/*/b"), "GET /a/1/2/b")
    assert re.fullmatch(pattern("POST /a/**"), "POST /a")
    assert re.fullmatch(pattern("POST /a/**"), "POST /a/1/2")
    assert not re.fullmatch(pattern("POST /a/**"), "GET /a/1")
