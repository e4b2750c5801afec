"""Gift cards and credit notes: sold or given, looked at, blocked, given a new code.

They are spent as a tender of an order, in the order's own transaction.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError

from vendome.domains.house.types import MarketView
from vendome.domains.payments import codes
from vendome.domains.payments.errors import GiftCardUnknown, ReferenceUsed, TooManyCodes
from vendome.domains.payments.types import CardKind, CardState, GiftCardView, Tender
from vendome.domains.people import permissions
from vendome.flows import tendering
from vendome.flows.types import TenderGiven
from vendome.kit import idempotency, outbox, sql
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, DomainError, NotFound
from vendome.kit.ids import new_id

MOST_MISSES = 10
"""Wrong codes in twenty minutes after which a visitor waits."""
MOST_AMOUNT = 100_000_00
ERRORS: dict[str, type[DomainError]] = {error.code: error for error in (GiftCardUnknown, TooManyCodes)}


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCard:
    """A card just made. `code` is shown now and never again; empty when the request was repeated."""

    id: uuid.UUID
    code: str
    order_id: uuid.UUID | None
    amount: int
    currency: str


def sell(
    *,
    key: str,
    market: MarketView,
    amount: int,
    tender: TenderGiven,
    client_id: uuid.UUID | None,
    place_id: uuid.UUID,
    actor: Actor,
    at: datetime,
) -> MadeCard:
    """Sell a card at the counter: its order, tender, card and the house's debt in one call. No tax: it falls due
    when spent.

    The same key gives the same card, without its code. Raises BadInput, ReferenceUsed, NotFound, Forbidden.
    """
    actor.require(permissions.ORDERS_SELL, place_id=place_id)
    if not tender.is_settled:
        raise BadInput("A gift card is handed over when it is paid.")
    more = {"tender": tendering.read_tender(tender=tender), "client": client_id, "place": place_id, "market": market.id}
    return _make(key=key, amount=amount, currency=market.currency, expires=None, more=more, actor=actor, at=at)


def give(
    *, key: str, amount: int, currency: str, reason: str, expires: date | None = None, actor: Actor, at: datetime
) -> MadeCard:
    """Give a card as a gesture; headquarters sees what gestures cost. Raises BadInput, Forbidden."""
    actor.require(permissions.PAYMENTS_REFUND)
    if not reason.strip():
        raise BadInput("Say what the card is given for.")
    more = {"reason": reason.strip()}
    return _make(key=key, amount=amount, currency=currency, expires=expires, more=more, actor=actor, at=at)


def _make(
    *, key: str, amount: int, currency: str, expires: date | None, more: dict[str, Any], actor: Actor, at: datetime
) -> MadeCard:
    if not 1 <= amount <= MOST_AMOUNT:
        raise BadInput("A gift card holds an amount above zero and within what the house sells.")
    code = codes.new_code()
    symbols = codes.read(code)
    assert symbols is not None
    body = {"amount": amount, "currency": currency, "expires": expires, **more}
    asked = {
        **body,
        "id": new_id(),
        "maison": actor.in_maison,
        "hash": codes.hashed(symbols).hex(),
        "ending": symbols[-5:-1],
        "actor": actor.label,
        "at": at,
        "scope": f"{actor.label}:gift_cards.make",
        "key": idempotency.check_key(key),
        "request": idempotency.request_hash(body).hex(),
    }
    try:
        answer = sql.document("SELECT flows_make_gift_card(%s::jsonb)", [json.dumps(asked, default=str)])
    except IntegrityError as error:
        if "provider_reference_settles_once" in str(error):
            raise ReferenceUsed() from error
        raise
    outbox.wake()
    is_ours = answer["card"] == str(asked["id"])
    return MadeCard(
        id=uuid.UUID(answer["card"]),
        code=code if is_ours else "",
        order_id=uuid.UUID(answer["order"]) if answer["order"] else None,
        amount=amount,
        currency=currency,
    )


def find_card(*, code: str, scope: str, maison_id: uuid.UUID, at: datetime) -> GiftCardView:
    """The card a code opens, for whoever holds it. `scope` names the visitor whose misses are counted.

    Raises GiftCardUnknown, or TooManyCodes after ten misses in twenty minutes, for a right code too. A code whose
    check symbol does not fit is a slip of the hand and is not counted: it cannot be a guess that hits.
    """
    symbols = codes.read(code)
    if symbols is None:
        raise GiftCardUnknown()
    found = sql.document(
        "SELECT payments_find_gift_card(%s, %s, %s, %s, %s)", [maison_id, codes.hashed(symbols), scope, MOST_MISSES, at]
    )
    if refused := found.get("refused"):
        raise ERRORS[refused]()
    return GiftCardView(
        id=uuid.UUID(found["id"]),
        kind=CardKind(found["kind"]),
        ending=found["ending"],
        currency=found["currency"],
        balance=found["balance"],
        face_amount=found["face_amount"],
        state=CardState(found["state"]),
        issued_at=datetime.fromisoformat(found["issued_at"]),
        expires_date=date.fromisoformat(found["expires_date"]) if found["expires_date"] else None,
        code_hash=codes.hashed(symbols).hex(),
    )


def read_as_tender(*, card: GiftCardView, amount: int | None = None) -> TenderGiven:
    """What a card or credit note gives towards an order; without an amount, all that is missing."""
    return TenderGiven(
        tender=Tender(card.kind.value), provider="house", card_id=card.id, card_code=card.code_hash, amount=amount
    )


@dataclass(frozen=True, slots=True)
class FreshNote:
    """The code of a credit note that may be needed, and what the database is told of it."""

    id: uuid.UUID
    code: str
    asked: dict[str, str]

    @classmethod
    def make(cls) -> FreshNote:
        """Before it is known whether one is given; only then is its code shown."""
        code, identifier = codes.new_code(), new_id()
        symbols = codes.read(code)
        assert symbols is not None
        return cls(
            identifier,
            code,
            {"id": str(identifier), "hash": codes.hashed(symbols).hex(), "ending": symbols[-5:-1]},
        )


def replace_code(*, key: str, card_id: uuid.UUID, actor: Actor, at: datetime) -> MadeCard:
    """Give a card or credit note a new code, because the old one was lost or never seen; what it holds stays.

    The old code opens nothing from now on. The same key makes one new code, shown once; `amount` is the balance.
    By whoever may refund at the place that gave it. What no place gave (a gesture, the note of a return that came to no
    boutique) is the whole house's: by who gave it, or who may refund in all of it. Raises NotFound, Forbidden.
    """
    found = sql.row(
        "SELECT o.place_id, g.issued_by FROM payments_giftcard g LEFT JOIN orders_order o ON o.id = g.order_id "
        "WHERE g.id = %s AND g.maison_id = %s",
        [card_id, actor.in_maison],
    )
    if found is None:
        raise NotFound()
    place_id, issued_by = found
    if place_id is None and issued_by != actor.label:
        actor.require_everywhere(permissions.PAYMENTS_REFUND)
    actor.require(permissions.PAYMENTS_REFUND, place_id=place_id)
    fresh = FreshNote.make()
    body = {"card": card_id}
    asked = {
        **body,
        "maison": actor.in_maison,
        "made": fresh.id,
        "hash": fresh.asked["hash"],
        "ending": fresh.asked["ending"],
        "actor": actor.label,
        "at": at,
        "scope": f"{actor.label}:gift_cards.replace_code",
        "key": idempotency.check_key(key),
        "request": idempotency.request_hash(body).hex(),
    }
    answer = sql.document("SELECT flows_replace_card_code(%s::jsonb)", [json.dumps(asked, default=str)])
    return MadeCard(
        id=card_id,
        code=fresh.code if answer["made"] == str(fresh.id) else "",
        order_id=uuid.UUID(answer["order"]) if answer["order"] else None,
        amount=answer["amount"],
        currency=answer["currency"],
    )


def block(*, card_id: uuid.UUID, is_blocked: bool, reason: str, actor: Actor, at: datetime) -> None:
    """Stop a lost card, or let it be used again; its balance stays. Safe to repeat. Raises NotFound, Forbidden,
    BadInput."""
    actor.require(permissions.PAYMENTS_REFUND)
    if not reason.strip():
        raise BadInput("Say why.")
    state = CardState.BLOCKED if is_blocked else CardState.ACTIVE
    if not sql.value(
        "SELECT flows_block_gift_card(%s, %s, %s, %s, %s, %s)",
        [card_id, actor.in_maison, state.value, reason.strip(), actor.label, at],
    ):
        raise NotFound()
