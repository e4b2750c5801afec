"""Every kind of event the house writes: which are public, what they tell, and nothing beyond it.

A public event leaves with the members listed here only (`shown`), so that a payload that grows by a name or an address
tells nobody outside. `tests/domains/test_events.py` finds each kind emitted in SQL or Python and looks for it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

type Member = Mapping[str, Any]

ID: Final[Member] = {"type": "string", "format": "uuid"}
MAYBE_ID: Final[Member] = {"anyOf": [ID, {"type": "null"}]}
IDS: Final[Member] = {"type": "array", "items": ID}
COUNT: Final[Member] = {"type": "integer"}
AMOUNT: Final[Member] = {"type": "integer", "description": "minor units of `currency`"}
CURRENCY: Final[Member] = {"type": "string", "minLength": 3, "maxLength": 3}
CODE: Final[Member] = {"type": "string", "description": "a stable code or number, never free text"}
MAYBE_CODE: Final[Member] = {"anyOf": [CODE, {"type": "null"}]}
MOMENT: Final[Member] = {"type": "string", "format": "date-time"}
FLAG: Final[Member] = {"type": "boolean"}

TEST: Final = "webhooks.tested"
"""Written when somebody asks for a test event; told to the one endpoint it names."""


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind of event. `members` is what leaves the house; a kind that is not public never does."""

    kind: str
    words: str
    members: Mapping[str, Member] = field(default_factory=dict)
    is_public: bool = True

    @property
    def schema(self) -> dict[str, Any]:
        """JSON schema of `data`. Members may be added later, none is taken away or changes its meaning."""
        return {"type": "object", "properties": {name: dict(one) for name, one in self.members.items()}}


_ORDER_MONEY: Final[Mapping[str, Member]] = {"order_id": ID, "payment_id": ID, "amount": AMOUNT, "currency": CURRENCY}

EVENTS: Final = (
    EventKind("clients.client_created", "A client’s file was begun.", {"client_id": ID}),
    EventKind("clients.file_opened", "Somebody opened a protected file with a reason.", is_public=False),
    EventKind(
        "fulfilment.handed_over",
        "A line was given to its client: shelf, piece and order changed together.",
        {"order_id": ID, "order_line_id": ID, "piece_id": MAYBE_ID, "client_id": MAYBE_ID, "place_id": ID},
    ),
    EventKind("orders.basket_changed", "A basket was changed on one of its screens.", is_public=False),
    EventKind("orders.order_expired", "An order was not paid in time; its pieces are free again.", {"order_id": ID}),
    EventKind(
        "orders.order_placed",
        "An order was placed and its pieces are held.",
        {"order_id": ID, "number": CODE, "channel": CODE, "client_id": MAYBE_ID, "total_amount": AMOUNT,
         "currency": CURRENCY},
    ),
    EventKind("payments.payment_captured", "An order was paid.", _ORDER_MONEY),
    EventKind("payments.payment_failed", "A payment was declined.", _ORDER_MONEY),
    EventKind(
        "payments.refund_due", "Money came for an order that had ended, and is owed back to the client.", _ORDER_MONEY
    ),
    EventKind("payments.refund_failed", "The provider did not give the money back.",
              {**_ORDER_MONEY, "refund_id": ID}),
    EventKind("payments.refunded", "Money was given back.", {**_ORDER_MONEY, "refund_id": ID}),
    EventKind(
        "stock.level_changed",
        "What one place has of one reference changed.",
        {"reference_id": ID, "place_id": ID, "on_hand": COUNT, "held": COUNT},
    ),
    EventKind(TEST, "Somebody asked for a test event.", {"endpoint_id": ID}),
)  # fmt: skip
BY_KIND: Final = {one.kind: one for one in EVENTS}
PUBLIC: Final = tuple(sorted(one.kind for one in EVENTS if one.is_public))
SUBSCRIBABLE: Final = tuple(kind for kind in PUBLIC if kind != TEST)
"""What an endpoint can be told of; a test event comes whatever it asked for."""


def shown(kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a payload that may leave the house."""
    return {name: payload[name] for name in BY_KIND[kind].members if name in payload}


def cloud_event(
    *, event_id: Any, kind: str, subject: str, maison_id: Any, occurred_at: str, seq: int, payload: Mapping[str, Any]
) -> dict[str, Any]:
    """An event as CloudEvents 1.0 writes it (structured JSON), the same in a webhook and in the stream."""
    return {
        "specversion": "1.0",
        "id": str(event_id),
        "source": f"/maisons/{maison_id}",
        "type": kind,
        "subject": subject,
        "time": occurred_at,
        "sequence": f"{seq:020d}",
        "datacontenttype": "application/json",
        "data": shown(kind, payload),
    }
