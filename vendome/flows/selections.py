"""An advisor's selection becomes the client's basket: chosen, some of it kept for her, sent, taken up."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.clients import queries as clients
from vendome.domains.house import queries as house
from vendome.domains.house.types import MarketView
from vendome.domains.orders.queries import selections as queries
from vendome.domains.orders.services import baskets
from vendome.domains.orders.services import selections as services
from vendome.domains.orders.types import SelectionItemView, SelectionState, SelectionView
from vendome.domains.people import permissions
from vendome.domains.stock.errors import HoldGone
from vendome.domains.stock.services import shelf as stock
from vendome.domains.stock.types import HoldKind
from vendome.flows.kept import KeptPiece
from vendome.kit import sql
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import Forbidden, NotFound

KEPT_FOR = timedelta(hours=48)
LONGEST_KEPT = timedelta(days=7)
LONGEST_NOTE = 500


def find_draft(*, market_id: uuid.UUID, client_id: uuid.UUID, actor: Actor) -> SelectionView | None:
    """What the actor is choosing for her now. Raises NotFound, Forbidden."""
    _check(actor, client_id)
    return queries.find_draft(client_id=client_id, advisor_id=_advisor(actor, None), market_id=market_id)


def list_of_client(*, client_id: uuid.UUID, actor: Actor) -> tuple[SelectionView, ...]:
    """Every selection made for her. Raises NotFound, Forbidden."""
    _check(actor, client_id)
    return queries.list_of_client(client_id=client_id)


@transaction.atomic
def choose(
    *,
    market: MarketView,
    client_id: uuid.UUID,
    reference_id: uuid.UUID,
    note: str = "",
    keep_at: uuid.UUID | None = None,
    keep_for: timedelta = KEPT_FOR,
    advisor_id: uuid.UUID | None = None,
    actor: Actor,
    at: datetime,
) -> SelectionView:
    """Put a reference into the selection in the making; with `keep_at` one piece there is really held for her.

    Safe to repeat. A program names the advisor for whom it does so.

    Raises OutOfStock (and then nothing changes), NotFound, Forbidden.
    """
    _check(actor, client_id)
    advisor_id = _advisor(actor, advisor_id)
    label = catalogue.label_references(ids=[reference_id]).get(reference_id)
    if label is None or not sql.value(
        "SELECT true FROM catalogue_reference WHERE id = %s AND maison_id = %s", [reference_id, market.maison_id]
    ):
        raise NotFound()
    selection_id = services.open_selection(
        maison_id=market.maison_id,
        market_id=market.id,
        client_id=client_id,
        advisor_id=advisor_id,
        actor=actor,
        at=at,
    )
    draft = queries.get_selection(maison_id=market.maison_id, selection_id=selection_id)
    known = next((item for item in draft.items if item.reference_id == reference_id), None)
    kept = kept_pieces(
        hold_ids=[known.hold_id] if known and known.hold_id else [], client_id=client_id, at=at, actor=actor
    )
    hold_id = None
    if keep_at is not None and not kept:
        house.get_place(maison_id=market.maison_id, place_id=keep_at)
        hold_id = stock.hold_reference(
            kind=HoldKind.SELECTION,
            place_id=keep_at,
            reference_id=reference_id,
            client_id=client_id,
            advisor_id=advisor_id,
            reason="chosen for her",
            expires_at=at + min(keep_for, LONGEST_KEPT),
            actor=actor,
            at=at,
        )
    services.put_item(
        selection_id=selection_id,
        reference_id=reference_id,
        note=note.strip()[:LONGEST_NOTE],
        place_id=keep_at if hold_id else None,
        hold_id=hold_id,
        actor=actor,
        at=at,
    )
    return queries.get_selection(maison_id=market.maison_id, selection_id=selection_id)


@transaction.atomic
def leave_out(*, selection_id: uuid.UUID, item_id: uuid.UUID, actor: Actor, at: datetime) -> SelectionView:
    """Take a reference out again; what was kept is free. Raises SelectionSent, NotFound, Forbidden."""
    draft = _mine(actor, selection_id)
    services.take_item_out(selection_id=selection_id, item_id=item_id, actor=actor, at=at)
    _set_free([one for one in draft.items if one.id == item_id], draft.client_id, actor, at)
    return queries.get_selection(maison_id=actor.in_maison, selection_id=selection_id)


def send(*, selection_id: uuid.UUID, note: str, actor: Actor, at: datetime) -> SelectionView:
    """Show it to her, on every device she has open. Raises SelectionSent, EmptySelection, NotFound, Forbidden."""
    _mine(actor, selection_id)
    services.send(selection_id=selection_id, note=note.strip()[:LONGEST_NOTE], actor=actor, at=at)
    return queries.get_selection(maison_id=actor.in_maison, selection_id=selection_id)


@transaction.atomic
def withdraw(*, selection_id: uuid.UUID, actor: Actor, at: datetime) -> SelectionView:
    """Take it back before she has taken it up; what was kept is free. Raises SelectionSent, NotFound, Forbidden."""
    found = _mine(actor, selection_id)
    services.withdraw(selection_id=selection_id, actor=actor, at=at)
    _set_free(found.items, found.client_id, actor, at)
    return queries.get_selection(maison_id=actor.in_maison, selection_id=selection_id)


def list_for_client(
    *, market_id: uuid.UUID, client_id: uuid.UUID, actor: Actor, at: datetime
) -> tuple[SelectionView, ...]:
    """What was sent to her; she sees her own only. Raises NotFound."""
    _herself(actor, client_id)
    return queries.list_open_for_client(client_id=client_id, market_id=market_id, at=at)


def mark_seen(*, selections: Iterable[SelectionView], client_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """She has them before her eyes; her advisor is told once. Raises NotFound."""
    _herself(actor, client_id)
    unseen = [one.id for one in selections if one.seen_at is None and one.client_id == client_id]
    if unseen:
        services.mark_seen(selection_ids=unseen, actor=actor, at=at)


@transaction.atomic
def take_up(
    *,
    market: MarketView,
    selection_id: uuid.UUID,
    item_id: uuid.UUID | None = None,
    client_id: uuid.UUID,
    actor: Actor,
    at: datetime,
) -> int:
    """One tap: all of it, or one piece, into her bag, by herself or by who serves her. Safe to repeat.

    Returns how many pieces are new in it. Raises SelectionOver, NotFound, Forbidden.
    """
    if actor.kind in (ActorKind.STAFF, ActorKind.APP):
        _check(actor, client_id)
    else:
        _herself(actor, client_id)
    found = queries.get_selection(maison_id=market.maison_id, selection_id=selection_id)
    if found.client_id != client_id or found.market_id != market.id or found.state is SelectionState.DRAFT:
        raise NotFound()
    basket_id = baskets.open_basket(maison_id=market.maison_id, market_id=market.id, client_id=client_id, at=at)
    places = [item.place_id for item in found.items if item.place_id]
    rows = sql.rows(
        "SELECT id FROM house_place WHERE id = ANY (%s) AND offers_collection AND sells_online AND is_visible", [places]
    )
    return services.take_up(
        selection_id=selection_id,
        item_id=item_id,
        basket_id=basket_id,
        collected_at=frozenset(row[0] for row in rows),
        actor=actor,
        at=at,
    )


def kept_pieces(
    *, hold_ids: Iterable[uuid.UUID], client_id: uuid.UUID | None, actor: Actor, at: datetime
) -> dict[uuid.UUID, KeptPiece]:
    """Which of these holds still keep a piece for her."""
    wanted = list(hold_ids)
    if not wanted or client_id is None:
        return {}
    rows = sql.rows(
        "SELECT h.id, h.reference_id, h.place_id, p.ships, h.expires_at "
        "FROM stock_hold h JOIN house_place p ON p.id = h.place_id "
        "WHERE h.id = ANY (%s) AND h.state = 'ACTIVE' AND h.kind = 'SELECTION' AND h.client_id = %s AND h.quantity = 1 "
        "AND (h.expires_at IS NULL OR h.expires_at > %s)",
        [wanted, client_id, at],
    )
    return {
        row[0]: KeptPiece(hold_id=row[0], reference_id=row[1], place_id=row[2], place_ships=row[3], expires_at=row[4])
        for row in rows
    }


def _check(actor: Actor, client_id: uuid.UUID) -> None:
    actor.require(permissions.ORDERS_SELL)
    clients.check_client(actor=actor, client_id=client_id)


def _advisor(actor: Actor, named: uuid.UUID | None) -> uuid.UUID:
    """A selection is a person's, and goes to the client under her name. Raises Forbidden, NotFound."""
    if actor.is_staff and actor.id is not None and named in (None, actor.id):
        return actor.id
    if actor.kind is not ActorKind.APP or named is None:
        raise Forbidden("A selection is made under an advisor's own name; a program says whose.")
    if not sql.value("SELECT true FROM people_staff WHERE id = %s AND maison_id = %s", [named, actor.in_maison]):
        raise NotFound()
    return named


def _mine(actor: Actor, selection_id: uuid.UUID) -> SelectionView:
    """Her own selections only. Raises NotFound, Forbidden."""
    actor.require(permissions.ORDERS_SELL)
    found = queries.get_selection(maison_id=actor.in_maison, selection_id=selection_id)
    if found.advisor_id != _advisor(actor, None if actor.is_staff else found.advisor_id):
        raise NotFound()
    return found


def _herself(actor: Actor, client_id: uuid.UUID) -> None:
    if actor.client_id != client_id:
        raise NotFound()


def _set_free(items: Iterable[SelectionItemView], client_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    holds = [item.hold_id for item in items if item.hold_id]
    for kept in kept_pieces(hold_ids=holds, client_id=client_id, actor=actor, at=at).values():
        try:
            stock.release_hold(
                hold_id=kept.hold_id, place_id=kept.place_id, reason="no longer chosen for her", actor=actor, at=at
            )
        except HoldGone:  # it ran out, or she has just ordered it
            continue
