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
_COUNT: Final[Mapping[str, Member]] = {"count_id": ID, "place_id": ID}
_TRANSFER: Final[Mapping[str, Member]] = {
    "transfer_id": ID,
    "number": CODE,
    "state": CODE,
    "from_place_id": ID,
    "to_place_id": ID,
    "order_line_id": MAYBE_ID,
    "hold_id": MAYBE_ID,
}
_MOVED: Final[Mapping[str, Member]] = {
    "place_id": ID,
    "reference_id": ID,
    "piece_id": MAYBE_ID,
    "quantity": COUNT,
    "hold_id": MAYBE_ID,
    "to_place_id": MAYBE_ID,
    "client_id": MAYBE_ID,
}
_PARCEL: Final[Mapping[str, Member]] = {
    "parcel_id": ID,
    "order_id": ID,
    "state": CODE,
    "place_id": ID,
    "client_id": MAYBE_ID,
}
_LINE: Final[Mapping[str, Member]] = {"order_id": ID, "order_line_id": ID}
_RETURN: Final[Mapping[str, Member]] = {"return_id": ID, "number": CODE, "order_id": MAYBE_ID, "place_id": MAYBE_ID}

# The services around an order: counting, transfers, parcels, returns, exceptions, scarce pieces, ways to pay.
SERVICES: Final = (
    EventKind("clients.reading_limit_reached", "Somebody read more files than a day’s work needs.", is_public=False),
    *(EventKind(f"fulfilment.parcel_{step}", words, _PARCEL) for step, words in {
        "packed": "A parcel was packed.", "opened": "A parcel was opened again.", "split": "A parcel was split.",
        "booked": "A carrier took a parcel on.", "dispatched": "A parcel left.", "delivered": "A parcel was delivered.",
        "failed": "A parcel could not be delivered.", "returned": "A parcel came back.", "lost": "A parcel was lost.",
        "moved": "A parcel changed its state.", "scanned": "A carrier told where a parcel is.",
        "cancelled": "A parcel is not sent.",
    }.items()),
    EventKind("orders.exception_raised", "Something about an order needs a person.",
              {"exception_id": ID, "kind": CODE, "order_id": ID, "order_line_id": MAYBE_ID, "place_id": MAYBE_ID}),
    EventKind("orders.exception_resolved", "A person decided about it.",
              {"exception_id": ID, "order_id": ID, "resolution": CODE}),
    EventKind("orders.exchange_awaits_payment", "An exchange costs more, and its difference is to be paid online.",
              {"order_id": ID, "number": CODE, "bought_on": ID, "client_id": MAYBE_ID, "amount": AMOUNT,
               "currency": CURRENCY, "pay_by": MOMENT}),
    EventKind("orders.line_cancelled", "A line of an order was cancelled.",
              {**_LINE, "amount": AMOUNT, "currency": CURRENCY, "client_id": MAYBE_ID}),
    EventKind("orders.line_moved_on", "A line of an order changed its state.",
              {**_LINE, "state": CODE, "place_id": MAYBE_ID, "client_id": MAYBE_ID}),
    EventKind("orders.line_needs_transfer", "A line is held at one place and wanted at another.",
              {**_LINE, "hold_id": ID, "from_place_id": ID, "to_place_id": ID, "promised_date": MAYBE_CODE}),
    EventKind("orders.line_sourced_anew", "A line comes from another place than before.",
              {**_LINE, "from_place_id": ID, "to_place_id": ID, "promised_date": MAYBE_CODE}),
    EventKind("orders.order_changed", "An order was changed after it was placed.",
              {"order_id": ID, "change_id": ID, "kind": CODE, "document_id": MAYBE_ID}),
    *(EventKind(f"orders.selection_{step}", words, {"selection_id": ID, "client_id": ID, "state": CODE})
      for step, words in {
        "changed": "An advisor changed a selection.", "seen": "A client looked at a selection.",
        "sent": "An advisor sent a selection to a client.", "taken": "A client took a selection into her bag.",
        "withdrawn": "An advisor took a selection back.",
    }.items()),
    EventKind("orders.return_announced", "A client will bring or send something back.", {**_RETURN, "route": CODE}),
    EventKind("orders.return_inspected", "What came back was examined.",
              {"return_id": ID, "arrival_id": ID, "condition": CODE, "fate": CODE, "document_id": MAYBE_ID}),
    EventKind("orders.return_received", "Something came back.", {**_RETURN, "document_id": MAYBE_ID}),
    EventKind("orders.return_withdrawn", "A return that was announced will not come.", {"return_id": ID}),
    EventKind("payments.disputed", "A client disputes a payment with her bank.",
              {**_ORDER_MONEY, "state": CODE, "answer_by": MAYBE_CODE}),
    EventKind("payments.event_refused", "A provider’s message was not what it should be.", is_public=False),
    EventKind("payments.gift_card_issued", "A gift card was issued.",
              {"card_id": ID, "amount": AMOUNT, "currency": CURRENCY, "order_id": MAYBE_ID}),
    EventKind("payments.instalment_failed", "An instalment could not be taken.",
              {"order_id": ID, "instalment_id": ID, "amount": AMOUNT, "currency": CURRENCY, "attempts": COUNT,
               "is_given_up": FLAG}),
    EventKind("payments.link_made", "A link to pay by was made.", _ORDER_MONEY),
    EventKind("payments.link_opened", "A link to pay by was opened.", {"order_id": ID}),
    EventKind("stock.allocation_changed", "A scarce piece’s line moved on.", {"allocation_id": ID, "state": CODE}),
    EventKind("stock.count_cancelled", "A count was given up.", _COUNT),
    EventKind("stock.count_closed", "A count is finished.", _COUNT),
    EventKind("stock.count_opened", "A count has begun.", {**_COUNT, "kind": CODE}),
    EventKind("stock.count_read", "Tags were read during a count.", is_public=False),
    EventKind("stock.entry_changed", "A client’s place in a line changed.",
              {"allocation_id": ID, "entry_id": ID, "client_id": MAYBE_ID, "state": CODE, "hold_id": MAYBE_ID}),
    EventKind("stock.finding_answered", "A difference found in a count was explained.",
              {**_COUNT, "finding_id": ID, "kind": CODE, "answer": CODE, "piece_id": MAYBE_ID,
               "reference_id": MAYBE_ID}),
    EventKind("stock.promise_broken", "A piece that was promised cannot be given.",
              {"hold_id": ID, "kind": CODE, "order_id": MAYBE_ID, "order_line_id": MAYBE_ID, "client_id": MAYBE_ID,
               "reference_id": ID, "piece_id": MAYBE_ID, "place_id": ID, "quantity": COUNT, "why": CODE}),
    EventKind("stock.replenishment_accepted", "A proposal to restock a place was accepted.", is_public=False),
    EventKind("stock.reserved", "A piece was reserved.",
              {"hold_id": ID, "reference_id": ID, "place_id": ID, "client_id": MAYBE_ID}),
    *(EventKind(f"stock.{what}", words, _MOVED) for what, words in {
        "consigned": "Pieces went to a partner on consignment.", "corrected": "A quantity was corrected.",
        "found": "A piece was found.", "loan_returned": "A loan came back.", "loaned": "A piece was lent.",
        "lost": "A piece is missing.", "quarantined": "A piece was set apart.",
        "restocked": "A piece can be sold again.", "written_off": "A piece was written off.",
    }.items()),
    *(EventKind(f"stock.transfer_{step}", words, _TRANSFER) for step, words in {
        "approved": "A transfer was approved.", "cancelled": "A transfer was cancelled.",
        "declined": "A transfer was declined.", "discrepancy": "Not all of a transfer arrived.",
        "dispatched": "A transfer left.", "picked": "A transfer was picked.", "received": "A transfer arrived.",
        "refused": "A transfer was refused.", "requested": "A place asked another for pieces.",
    }.items()),
)  # fmt: skip
EVERY: Final = (*EVENTS, *SERVICES)
BY_KIND: Final = {one.kind: one for one in EVERY}
PUBLIC: Final = tuple(sorted(one.kind for one in EVERY if one.is_public))
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
