"""How urgent each address is, for the moment in which more is asked than can be answered (ADR 0028). All of it is here.

The first rule that fits decides. `*` stands for one part of an address, `**` for all that follows; a rule without a
method is for every method. `tests/platform/test_urgency.py` reads the URL map: no address without a rule, no rule
without an address.
"""

from __future__ import annotations

import enum
import re
from typing import Final


class Urgency(enum.IntEnum):
    """From what must never wait to what can be asked again. AT_ONCE asks the database nothing and passes the gate."""

    TILL = 0
    CHECKOUT = 1
    STAFF = 2
    BROWSE = 3
    AT_ONCE = 4


QUEUED: Final = (Urgency.TILL, Urgency.CHECKOUT, Urgency.STAFF, Urgency.BROWSE)

RULES: Final[tuple[tuple[Urgency, str], ...]] = (
    # Till and payment: somebody stands at the counter, or her money is on its way.
    (Urgency.TILL, "POST /api/v1/orders"),
    (Urgency.STAFF, "/api/v1/clients/*/card"),  # asked so often that it is looked up early
    (Urgency.STAFF, "/api/v1/references/*/availability"),
    (Urgency.TILL, "POST /api/v1/hand-overs"),
    (Urgency.TILL, "/api/v1/orders/*/payments"),
    (Urgency.TILL, "/api/v1/orders/*/links"),
    (Urgency.TILL, "/api/v1/payments/*/reader"),
    (Urgency.STAFF, "/api/v1/gift-cards/*/code"),
    (Urgency.TILL, "/api/v1/gift-cards/**"),
    (Urgency.TILL, "/api/v1/refunds/*/by-hand"),
    (Urgency.TILL, "/connect/stripe/webhook"),
    (Urgency.TILL, "/salon/sell/"),
    (Urgency.TILL, "/salon/orders/*/payments/**"),
    (Urgency.TILL, "/salon/gift-card/"),
    (Urgency.TILL, "/salon/receipt/*/"),
    (Urgency.TILL, "/salon/hand-over/**"),
    (Urgency.TILL, "POST /pay/*/"),
    (Urgency.TILL, "POST /*/pay/*/"),
    (Urgency.TILL, "POST /*/order/*/pay/"),
    (Urgency.TILL, "/health/ready"),  # who takes a busy house out of the balancer closes it
    (Urgency.AT_ONCE, "/health/live"),
    # Checkout and appointment: she has decided, or has come in to do so.
    (Urgency.CHECKOUT, "/pay/*/"),
    (Urgency.CHECKOUT, "/*/pay/*/"),
    (Urgency.CHECKOUT, "/*/checkout/"),
    (Urgency.CHECKOUT, "/*/bag/**"),
    (Urgency.CHECKOUT, "/*/selection/*/take/"),
    (Urgency.CHECKOUT, "/*/order/**"),
    (Urgency.CHECKOUT, "POST /*/launch/*/enter/"),
    (Urgency.CHECKOUT, "/*/launch/*/checkout/"),
    (Urgency.CHECKOUT, "/api/v1/clients/*/basket/**"),
    (Urgency.CHECKOUT, "/api/v1/clients/*/selections/*/take"),
    (Urgency.CHECKOUT, "/api/v1/reservations/**"),
    (Urgency.CHECKOUT, "/api/v1/availability"),
    (Urgency.CHECKOUT, "/api/v1/allocations/*/entries/**"),
    (Urgency.CHECKOUT, "/sign-in/**"),
    (Urgency.CHECKOUT, "/account/security/authenticate/"),
    (Urgency.CHECKOUT, "/account/security/webauthn/login/"),
    (Urgency.CHECKOUT, "/welcome/"),
    # Browse and reports: can be asked again in a minute.
    (Urgency.BROWSE, "/bureau/accuracy/"),
    (Urgency.BROWSE, "/bureau/audit/"),
    (Urgency.BROWSE, "/bureau/books/"),
    (Urgency.BROWSE, "/bureau/money/balance/"),
    (Urgency.BROWSE, "/bureau/world.svg"),
    (Urgency.BROWSE, "GET /api/v1/stock/accuracy"),
    (Urgency.BROWSE, "GET /api/v1/stock/books"),
    (Urgency.BROWSE, "GET /api/v1/balances"),
    (Urgency.BROWSE, "GET /api/v1/events"),
    (Urgency.BROWSE, "GET /api/v1/event-kinds"),
    (Urgency.BROWSE, "GET /api/v1/collections"),
    (Urgency.BROWSE, "GET /api/v1/models/**"),
    (Urgency.BROWSE, "GET /api/v1/references"),
    (Urgency.BROWSE, "GET /api/v1/references/*/supply"),
    (Urgency.BROWSE, "GET /api/v1/markets"),
    (Urgency.BROWSE, "GET /api/v1/places"),
    (Urgency.BROWSE, "GET /api/v1/openapi.json"),
    (Urgency.BROWSE, "GET /api/v1/docs"),
    (Urgency.BROWSE, "GET /api/v1/"),
    (Urgency.BROWSE, "GET /api/"),
    # Staff tools: everything else that staff and their programs do.
    (Urgency.STAFF, "/salon/**"),
    (Urgency.STAFF, "/bureau/**"),
    (Urgency.STAFF, "/api/v1/**"),
    # What the pages are made of comes from memory and disk: a page that was let in must not stand there without it.
    (Urgency.AT_ONCE, "/static/**"),
    (Urgency.BROWSE, "/gallery/**"),
    (Urgency.BROWSE, "/sign-out/"),
    (Urgency.BROWSE, "/sign-up/**"),
    (Urgency.BROWSE, "/password/**"),
    (Urgency.BROWSE, "/account/**"),
    (Urgency.BROWSE, "/robots.txt"),
    (Urgency.BROWSE, "/sitemap.xml"),
    (Urgency.BROWSE, "/"),
    (Urgency.BROWSE, "/*/**"),
)


def pattern(rule: str) -> str:
    """A rule as a regular expression over `METHOD /address`."""
    method, _, path = rule.rpartition(" ")
    written = re.escape(path).replace(r"/\*\*", "(?:/.*)?").replace(r"\*", "[^/]+")
    return f"{method or '[A-Z]+'} {written}"


_ANY_RULE: Final = re.compile("|".join(f"({pattern(rule)})" for _, rule in RULES), re.DOTALL)
_FOUND: Final = (Urgency.BROWSE, *(urgency for urgency, _ in RULES))


def rule_at(method: str, path: str) -> int:
    """The number of the rule that fits, from 1; 0 for none."""
    found = _ANY_RULE.fullmatch(f"{method} {path}")
    return found.lastindex or 0 if found else 0


def urgency_of(method: str, path: str) -> Urgency:
    """How urgent a request is. What no rule knows is no address of ours, and can wait."""
    return _FOUND[rule_at(method, path)]
