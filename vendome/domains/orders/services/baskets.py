"""Commands on baskets. An order is placed by `flows.checkout`, because it spans domains."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from vendome.domains.orders.errors import BadQuantity, BasketOrdered, ModeNotOffered
from vendome.domains.orders.models import Basket, BasketLine
from vendome.domains.orders.types import Mode
from vendome.kit import outbox
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound

MOST_OF_ONE = 20


@transaction.atomic
def open_basket(
    *,
    maison_id: uuid.UUID,
    market_id: uuid.UUID,
    client_id: uuid.UUID | None,
    advisor_id: uuid.UUID | None = None,
    at: datetime,
) -> uuid.UUID:
    """The client's open basket in this market, or a new one; a guest gets a new one. Safe to repeat for a client."""
    if client_id is not None:
        found, _ = Basket.objects.get_or_create(
            client_id=client_id,
            market_id=market_id,
            state="OPEN",
            defaults={"maison_id": maison_id, "advisor_id": advisor_id, "created_at": at, "updated_at": at},
        )
        return found.id
    made = Basket.objects.create(
        maison_id=maison_id, market_id=market_id, advisor_id=advisor_id, created_at=at, updated_at=at
    )
    return made.id


@transaction.atomic
def put_line(
    *,
    basket_id: uuid.UUID,
    reference_id: uuid.UUID,
    is_serialised: bool,
    mode: Mode,
    place_id: uuid.UUID | None,
    quantity: int = 1,
    actor: Actor,
    at: datetime,
) -> uuid.UUID:
    """Put a reference into a basket, or set the quantity of the line that has it. Safe to repeat.

    Raises NotFound, BasketOrdered, BadQuantity, ModeNotOffered (collection needs a place).
    """
    basket = _locked(basket_id)
    _check_line(mode, place_id, quantity, is_serialised=is_serialised)
    line, _ = BasketLine.objects.update_or_create(
        **_same_line(basket.id, reference_id, mode.value, place_id),
        defaults={"quantity": quantity},
        create_defaults={"quantity": quantity, "added_at": at},
    )
    _touched(basket, actor, at)
    return line.id


@transaction.atomic
def change_line(
    *,
    basket_id: uuid.UUID,
    line_id: uuid.UUID,
    is_serialised: bool,
    mode: Mode,
    place_id: uuid.UUID | None,
    quantity: int = 1,
    actor: Actor,
    at: datetime,
) -> None:
    """Another way to receive a line, or another quantity of it. Safe to repeat.

    Joins a line that already is like that. Raises NotFound, BasketOrdered, BadQuantity, ModeNotOffered.
    """
    basket = _locked(basket_id)
    line = BasketLine.objects.filter(basket_id=basket.id, id=line_id).first()
    if line is None:
        raise NotFound()
    _check_line(mode, place_id, quantity, is_serialised=is_serialised)
    twin = BasketLine.objects.filter(**_same_line(basket.id, line.reference_id, mode.value, place_id)).exclude(
        id=line.id
    )
    if joined := twin.first():
        line.delete()
        _join(joined, line, quantity)
    else:
        line.mode, line.place_id, line.quantity = mode.value, place_id, quantity
        line.save(update_fields=["mode", "place_id", "quantity"])
    _touched(basket, actor, at)


@transaction.atomic
def take_line_out(*, basket_id: uuid.UUID, line_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Remove a line; a line that is gone already is not an error. Raises NotFound, BasketOrdered."""
    basket = _locked(basket_id)
    BasketLine.objects.filter(basket_id=basket.id, id=line_id).delete()
    _touched(basket, actor, at)


@transaction.atomic
def give_basket_to_client(*, basket_id: uuid.UUID, client_id: uuid.UUID, actor: Actor, at: datetime) -> uuid.UUID:
    """A guest signs in: her guest basket becomes, or joins, her own. Returns the basket that counts. Safe to repeat.

    What another device of hers still puts into the guest basket arrives in her own, for the one points to the other.
    Raises NotFound, also for a basket that has become somebody else's meanwhile; BasketOrdered.
    """
    guest = _locked(basket_id)
    if guest.client_id not in (None, client_id):
        raise NotFound()
    rows = Basket.objects.select_for_update(no_key=True)
    own = rows.filter(client_id=client_id, market_id=guest.market_id, state="OPEN").first()
    if own is None or own.id == guest.id:
        guest.client_id = client_id
        guest.updated_at = at
        guest.save(update_fields=["client_id", "updated_at"])
        return guest.id
    for line in guest.lines.order_by("added_at", "id"):
        found, is_new = BasketLine.objects.get_or_create(
            **_same_line(own.id, line.reference_id, line.mode, line.place_id),
            defaults={"quantity": line.quantity, "added_at": line.added_at},
        )
        if not is_new:
            _join(found, line, line.quantity)
    guest.lines.all().delete()
    guest.merged_into_id = own.id
    guest.save(update_fields=["merged_into_id"])
    _touched(own, actor, at)
    return own.id


def _join(kept: BasketLine, gone: BasketLine, quantity: int) -> None:
    """Two lines become one: the larger quantity, and the piece that is kept for her."""
    kept.quantity = max(kept.quantity, quantity)
    kept.hold_id = kept.hold_id or gone.hold_id
    kept.selection_id = kept.selection_id or gone.selection_id
    kept.save(update_fields=["quantity", "hold_id", "selection_id"])


def lock(*, basket_id: uuid.UUID, actor: Actor) -> Basket:
    """For another topic of this domain, within its transaction: the open basket, which nobody else changes now."""
    return _locked(basket_id)


def tell(*, basket: Basket, actor: Actor, at: datetime) -> None:
    """For another topic of this domain: every open page of this basket hears that it changed."""
    _touched(basket, actor, at)


def _check_line(mode: Mode, place_id: uuid.UUID | None, quantity: int, *, is_serialised: bool) -> None:
    if not 1 <= quantity <= MOST_OF_ONE or (is_serialised and quantity != 1):
        raise BadQuantity()
    if (mode is Mode.DELIVER) != (place_id is None):
        raise ModeNotOffered()


def _same_line(basket_id: uuid.UUID, reference_id: uuid.UUID, mode: str, place_id: uuid.UUID | None) -> dict[str, Any]:
    """What makes two lines of a basket the same line (`basket_line_once`)."""
    return {"basket_id": basket_id, "reference_id": reference_id, "mode": mode, "place_id": place_id}


def _locked(basket_id: uuid.UUID) -> Basket:
    """The basket, or the one it was merged into meanwhile."""
    found = Basket.objects.select_for_update(no_key=True).filter(id=basket_id).first()
    if found is None:
        raise NotFound()
    if found.merged_into_id is not None:
        return _locked(found.merged_into_id)
    if found.state != "OPEN":
        raise BasketOrdered()
    return found


def _touched(basket: Basket, actor: Actor, at: datetime) -> None:
    basket.updated_at = at
    basket.save(update_fields=["updated_at"])
    outbox.record(
        {"basket_id": basket.id},
        kind="orders.basket_changed",
        subject=f"basket:{basket.id}",
        actor=actor,
        at=at,
        topics=[f"basket:{basket.id}", *([f"own:{basket.client_id}"] if basket.client_id else [])],
        live={"basket": str(basket.id)},
    )
