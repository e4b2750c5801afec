"""Pay by link: an advisor sends an address, her client pays on it, once, until it runs out; the boutique sees it
live."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing

from vendome.domains.payments import ports
from vendome.domains.payments.errors import LinkGone, ProviderUnavailable, WrongAmount
from vendome.domains.payments.types import LinkState, LinkView, PaymentState
from vendome.flows import checkout, paying
from vendome.kit import idempotency, outbox, sql
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import BadInput, NotFound

LONGEST = timedelta(days=14)
USUAL = timedelta(hours=48)
LETTER, LETTER_SALT = "letter.", "vendome.pay_link"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeLink:
    """A link just made. `token` belongs in its address; it is shown now and kept as a hash, so empty on a repeat."""

    id: uuid.UUID
    token: str
    payment_id: uuid.UUID
    amount: int
    currency: str
    expires_at: datetime


def create(
    *,
    key: str,
    order_id: uuid.UUID,
    amount: int | None = None,
    lasts: timedelta = USUAL,
    actor: Actor,
    at: datetime,
) -> MadeLink:
    """A link for what waits to be paid by card, else for what is missing (or `amount` of it); an older one ends.

    The pieces of an unpaid order are kept as long as the link lasts. The same key gives the same link without its
    token.
    Raises NothingToPay, GivenUp, BadInput, NotFound, Forbidden.
    """
    paying.require_sell(actor=actor, order_id=order_id)
    return _create(key, order_id, amount, lasts, actor.in_maison, actor, at, is_own=False)


def create_for_client(
    *, order_id: uuid.UUID, maison_id: uuid.UUID, lasts: timedelta, actor: Actor, at: datetime
) -> MadeLink:
    """The link of a client's own checkout: how her order finds the provider's page. The caller has shown that it is
    hers.

    However often she opens it, her pieces are kept for an hour after she ordered and no longer, and what an exchange
    keeps for her not longer at all: only staff prolong that. Raises GivenUp when that time is over.
    """
    is_own = actor.kind in (ActorKind.CLIENT, ActorKind.ANONYMOUS)
    return _create(secrets.token_hex(16), order_id, None, lasts, maison_id, actor, at, is_own=is_own)


def _create(
    key: str,
    order_id: uuid.UUID,
    amount: int | None,
    lasts: timedelta,
    maison_id: uuid.UUID,
    actor: Actor,
    at: datetime,
    *,
    is_own: bool,
) -> MadeLink:
    if not timedelta(minutes=10) <= lasts <= LONGEST:
        raise BadInput("A link lasts from ten minutes to fourteen days.")
    scope = f"{actor.label}:payments.link"
    if not sql.value("SELECT true FROM kit_idempotencykey WHERE scope = %s AND key = %s", [scope, key]):
        # The page of an older link ends before a newer one is made, so that nobody pays twice.
        paying.end_pages(order_id=order_id, actor=actor, at=at)
    token = secrets.token_urlsafe(16)
    body = {"order": order_id, "amount": amount, "lasts": lasts.total_seconds()}
    answer = sql.document(
        "SELECT flows_open_link(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            scope,
            idempotency.check_key(key),
            idempotency.request_hash(body),
            order_id,
            amount,
            ports.card_provider(),
            _hash(token),
            at + lasts,
            is_own,
            maison_id,
            actor.label,
            at,
        ],
    )
    outbox.wake()
    return MadeLink(
        id=uuid.UUID(answer["link"]),
        token=token if answer["hash"] == _hash(token).hex() else "",
        payment_id=uuid.UUID(answer["payment"]),
        amount=answer["amount"],
        currency=answer["currency"],
        expires_at=datetime.fromisoformat(answer["expires_at"]),
    )


def get_link(*, token: str, at: datetime) -> LinkView:
    """What a link asks for, whoever holds it. Raises NotFound for no link at all."""
    row = sql.row(
        "SELECT l.id, p.id, o.id, o.number, p.provider, p.amount, p.currency, l.state, p.state, "
        "l.expires_at, l.opened_at "
        "FROM payments_paylink l JOIN payments_payment p ON p.id = l.payment_id "
        "JOIN orders_order o ON o.id = p.order_id "
        "WHERE l.token_hash = %s OR l.id = %s",
        [_hash(token), _written_in_letter(token)],
    )
    if row is None:
        raise NotFound()
    state = LinkState(row[7])
    return LinkView(
        id=row[0],
        payment_id=row[1],
        order_id=row[2],
        order_number=row[3],
        provider=row[4],
        amount=row[5],
        currency=row[6],
        state=LinkState.CLOSED if state is LinkState.OPEN and row[9] <= at else state,
        payment_state=PaymentState(row[8]),
        expires_at=row[9],
        opened_at=row[10],
    )


def get_letter_token(*, link_id: uuid.UUID) -> str:
    """The token for the letter that carries a link: signed when it is written, for the one shown first is not kept."""
    return f"{LETTER}{signing.dumps(link_id.hex, salt=LETTER_SALT)}"


def _written_in_letter(token: str) -> uuid.UUID | None:
    """The link that a genuine token of a letter names."""
    if not token.startswith(LETTER):
        return None
    try:
        return uuid.UUID(signing.loads(token.removeprefix(LETTER), salt=LETTER_SALT))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None


def note_opened(*, link: LinkView, actor: Actor, at: datetime) -> None:
    """She looks at it: the boutique sees that, the first time. Safe to repeat."""
    if link.opened_at is None and link.state is LinkState.OPEN:
        sql.value("SELECT flows_note_link_opened(%s, %s, %s)", [link.id, actor.label, at])
        outbox.wake()


def pay(*, token: str, instrument: str, actor: Actor, at: datetime) -> LinkView:
    """Pay with a provider that has no page of its own. A decline leaves the link open. Raises LinkGone, Declined,
    NotFound."""
    link = _usable(token, at)
    paying.charge(payment_id=link.payment_id, instrument=instrument, actor=actor, at=at)
    return get_link(token=token, at=at)


def start(*, token: str, title: str, return_url: str, actor: Actor, at: datetime) -> str:
    """The address of the provider's page for this link. Safe to repeat: the page stays the same while the link lasts.

    Raises LinkGone, ProviderUnavailable, NotFound.
    """
    link = _usable(token, at)
    port = ports.get_port(link.provider)
    if not isinstance(port, ports.PagePort):
        raise ProviderUnavailable(provider=link.provider)
    known = sql.value("SELECT page_url FROM payments_paylink WHERE id = %s", [link.id])
    if known:
        return str(known)
    view = paying.get_waiting(payment_id=link.payment_id)
    page = port.open_page(view, title=title, return_url=return_url, until=link.expires_at)
    kept = sql.value(
        "UPDATE payments_paylink SET page_url = %s, page_reference = %s "
        "WHERE id = %s AND state = 'OPEN' AND page_reference = '' "
        "RETURNING id",
        [page.url, page.reference, link.id],
    )
    if kept is not None:
        return page.url
    port.close_page(page.reference)  # withdrawn, or opened by another click, meanwhile: one page for one payment
    known = sql.value("SELECT page_url FROM payments_paylink WHERE id = %s AND state = 'OPEN'", [link.id])
    if not known:
        raise LinkGone()
    return str(known)


def come_back(*, token: str, actor: Actor, at: datetime) -> LinkView:
    """She is back from the provider's page: ask what became of it, and settle through the one way there is.

    Safe to repeat; the webhook may have been quicker. A provider that does not answer leaves it to the webhook.
    """
    link = get_link(token=token, at=at)
    if link.payment_state is not PaymentState.REQUESTED:
        return link
    reference = sql.value("SELECT page_reference FROM payments_paylink WHERE id = %s", [link.id])
    port = ports.get_port(link.provider)
    if not reference or not isinstance(port, ports.PagePort):
        return link
    try:
        outcome = port.look_up(paying.get_waiting(payment_id=link.payment_id), reference=reference)
        if outcome is not None and outcome.is_captured:
            checkout.settle(payment_id=link.payment_id, outcome=outcome, actor=actor, at=at)
    except (ProviderUnavailable, WrongAmount, NotFound):
        pass  # the webhook says it again, and a wrong amount has been told to headquarters there
    return get_link(token=token, at=at)


def _usable(token: str, at: datetime) -> LinkView:
    link = get_link(token=token, at=at)
    if link.state is not LinkState.OPEN or link.payment_state is not PaymentState.REQUESTED:
        raise LinkGone()
    return link


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
