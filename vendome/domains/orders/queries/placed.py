"""Reads of the orders domain."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from vendome.domains.orders.models import Basket, Order, OrderLine
from vendome.domains.orders.types import (
    BasketLineView,
    BasketView,
    Direction,
    LineState,
    Mode,
    OpenWork,
    OrderLineView,
    OrderRow,
    OrderState,
    OrderView,
    RelatedOrder,
    Relation,
    SourcedLine,
    TakenBack,
)
from vendome.domains.people import permissions
from vendome.kit.actors import EVERYWHERE, Actor
from vendome.kit.errors import NotFound

OPEN = tuple(state.value for state in LineState if state.is_open)


def find_open_basket(
    *, market_id: uuid.UUID, basket_id: uuid.UUID | None = None, client_id: uuid.UUID | None = None
) -> BasketView | None:
    """The open basket of a client, else the one a guest's cookie names; None when there is none."""
    rows = Basket.objects.filter(market_id=market_id, state="OPEN", merged_into=None)
    found = rows.filter(client_id=client_id).first() if client_id else None
    if found is None and basket_id is not None:
        found = rows.filter(id=basket_id).filter(Q(client_id__isnull=True) | Q(client_id=client_id)).first()
    return _basket(found) if found else None


def get_basket(*, basket_id: uuid.UUID, client_id: uuid.UUID | None) -> BasketView:
    """A guest's basket or the client's own, open or already ordered. Raises NotFound."""
    found = Basket.objects.filter(Q(client_id__isnull=True) | Q(client_id=client_id), id=basket_id).first()
    if found is None:
        raise NotFound()
    return _basket(found)


def list_orders_of_client(*, client_id: uuid.UUID, limit: int = 50) -> tuple[OrderView, ...]:
    """A client's own orders, newest first; the caller has shown that she is this client."""
    rows = Order.objects.filter(client_id=client_id).order_by("-placed_at", "-id")
    return tuple(_view(row) for row in rows.prefetch_related("lines__piece")[:limit])


def get_order_of_client(*, client_id: uuid.UUID, number: str) -> OrderView:
    """Raises NotFound when it is not hers."""
    row = Order.objects.filter(client_id=client_id, number=number).prefetch_related("lines__piece").first()
    if row is None:
        raise NotFound()
    return _view(row)


def get_guest_order(*, order_id: uuid.UUID) -> OrderView:
    """An order placed without an account; the caller has shown that she placed it. Raises NotFound."""
    row = Order.objects.filter(client_id__isnull=True, id=order_id).prefetch_related("lines__piece").first()
    if row is None:
        raise NotFound()
    return _view(row)


def get_order_to_pay(*, order_id: uuid.UUID) -> OrderView:
    """An order as whoever pays it sees it: its lines and amounts, and nothing of whose it is. The caller holds its
    link."""
    row = Order.objects.filter(id=order_id).prefetch_related("lines__piece").first()
    if row is None:
        raise NotFound()
    return replace(_view(row), client_id=None, delivery_address=(), contact_name="", advisor_id=None)


def get_order_to_write_about(*, order_id: uuid.UUID) -> OrderView:
    """An order as the letter to its own client tells it; the caller writes to nobody else. Raises NotFound."""
    row = Order.objects.filter(id=order_id).prefetch_related("lines__piece").first()
    if row is None:
        raise NotFound()
    return _view(row)


def get_order(*, actor: Actor, order_id: uuid.UUID) -> OrderView:
    """Raises NotFound, also for an order of places the actor may not see.

    Of a protected client's order it keeps back the name and where she lives, but for who may read protected files.
    """
    rows = _visible(actor).filter(id=order_id).annotate(is_guarded=F("client__is_protected"))
    row = rows.prefetch_related("lines__piece").first()
    if row is None:
        raise NotFound()
    found = _view(row)
    if row.is_guarded and not actor.may(permissions.CLIENTS_READ_PROTECTED):
        return replace(found, delivery_address=(), contact_name="")
    return found


def list_related(*, actor: Actor, order_id: uuid.UUID) -> tuple[RelatedOrder, ...]:
    """The orders whose pieces this one took back, and those that took its pieces back; of those the actor may see."""
    return _related(order_id, _visible(actor))


def list_related_of_client(*, order: OrderView) -> tuple[RelatedOrder, ...]:
    """The same for whose order it is: hers only. What she gave away comes back on an order that is not hers."""
    return _related(order.id, Order.objects.filter(_hers(order)))


def list_taken_back_of_client(*, orders: Sequence[OrderView]) -> dict[uuid.UUID, list[TakenBack]]:
    """By order, what later orders of the same client took back of it, the first first; nothing of what waits or was
    withdrawn. The caller has shown that they are hers. One statement.
    """
    if not orders:
        return {}
    gives = OrderLine.objects.filter(order_id=OuterRef("order_id"), direction="OUT")
    rows = (
        OrderLine.objects.filter(
            direction="IN", state__in=("CANCELLED", "RETURNED"), returned_line__order_id__in=[one.id for one in orders]
        )
        .filter(order_id__in=Order.objects.filter(_hers(orders[0])).values("id"))
        .annotate(gives=Exists(gives))
        .order_by("order__placed_at", "order_id", "position")
        .values_list("returned_line__order_id", "returned_line_id", "order__number", "gives", "amount", "tax_amount")
    )
    found: dict[uuid.UUID, list[TakenBack]] = {}
    for order_id, line_id, number, is_exchange, amount, tax in rows:
        one = TakenBack(line_id=line_id, number=number, is_exchange=is_exchange, amount=amount, tax_amount=tax)
        found.setdefault(order_id, []).append(one)
    return found


def _hers(order: OrderView) -> Q:
    return Q(client_id=order.client_id) if order.client_id else Q(client_id__isnull=True)


def list_orders(
    *,
    actor: Actor,
    search: str = "",
    state: str = "",
    channel: str = "",
    place_id: uuid.UUID | None = None,
    since: datetime | None = None,
    after: tuple[datetime, uuid.UUID] | None = None,
    page: int = 1,
    size: int = 50,
) -> tuple[OrderRow, ...]:
    """Orders of the places the actor may see, newest first. One row more than `size` says there is a next page.

    `after` is the moment and id of the last row of the page before: deep pages cost no more than the first.
    """
    rows = _visible(actor)
    if search:
        typed = search.strip()
        rows = rows.filter(
            number__in={typed, typed.upper()}
        )  # as it was written: found by its index, not by reading all
    if state:
        rows = rows.filter(state=state)
    if channel:
        rows = rows.filter(channel=channel)
    if place_id is not None:
        rows = rows.filter(Q(place_id=place_id) | Q(id__in=_with_lines_at(frozenset({place_id}))))
    if since is not None:
        rows = rows.filter(placed_at__gte=since)
    if after is not None:
        moment, last = after
        rows = rows.filter(Q(placed_at__lt=moment) | Q(placed_at=moment, id__lt=last))
    start = (max(page, 1) - 1) * size
    return _rows(rows.order_by("-placed_at", "-id")[start : start + size + 1])


def list_recent_of_clients(
    *, actor: Actor, client_ids: Collection[uuid.UUID], since: datetime, limit: int = 8
) -> tuple[OrderRow, ...]:
    """The newest orders of these clients through every channel; the caller looks after them and reads their files."""
    actor.require(permissions.CLIENTS_READ)
    rows = Order.objects.filter(maison_id=actor.in_maison, client_id__in=client_ids, placed_at__gte=since)
    paid = rows.filter(state__in=["CONFIRMED", "COMPLETED"], total_amount__gte=0)
    return _rows(paid.order_by("-placed_at", "-id")[:limit])


def _related(order_id: uuid.UUID, visible: QuerySet[Order]) -> tuple[RelatedOrder, ...]:
    back = OrderLine.objects.filter(direction="IN", returned_line__isnull=False).exclude(state="WITHDRAWN")
    before = back.filter(order_id=order_id).values("returned_line__order_id")
    after = back.filter(returned_line__order_id=order_id).values("order_id")
    gives = OrderLine.objects.filter(order_id=OuterRef("id"), direction="OUT")
    rows = visible.filter(Q(id__in=before) | Q(id__in=after)).annotate(
        is_before=Exists(back.filter(order_id=order_id, returned_line__order_id=OuterRef("id"))), gives=Exists(gives)
    )
    return tuple(
        RelatedOrder(
            id=row.id,
            number=row.number,
            relation=Relation.CAME_FROM
            if row.is_before
            else Relation.EXCHANGED_IN
            if row.gives
            else Relation.GIVEN_BACK_IN,
        )
        for row in rows.order_by("placed_at", "id")
    )


def _rows(orders: QuerySet[Order]) -> tuple[OrderRow, ...]:
    # Counted for the rows shown only: joining and grouping would read every order to show fifty.
    lines = OrderLine.objects.filter(order_id=OuterRef("id")).order_by().values("order_id")
    per_order = lines.annotate(n=Count("id")).values("n")
    return tuple(
        OrderRow(
            id=row.id,
            number=row.number,
            client_id=row.client_id,
            channel=row.channel,
            place_id=row.place_id,
            advisor_id=row.advisor_id,
            state=OrderState(row.state),
            currency=row.currency,
            total_amount=row.total_amount,
            placed_at=row.placed_at,
            line_count=row.n or 0,
        )
        for row in orders.annotate(n=Subquery(per_order))
    )


def count_by_channel(*, actor: Actor, since: datetime) -> dict[str, int]:
    """How many orders each channel took since then, of those the actor may see; unpaid and cancelled do not count."""
    rows = _visible(actor).filter(placed_at__gte=since, state__in=["CONFIRMED", "COMPLETED"], total_amount__gte=0)
    return dict(rows.order_by().values_list("channel").annotate(n=Count("id")))


def open_work(*, actor: Actor, collected_before: datetime) -> OpenWork:
    """What waits: orders not paid yet, and paid collections placed before then that nobody has fetched."""
    rows = _visible(actor)
    late = rows.filter(state="CONFIRMED", placed_at__lt=collected_before)
    waiting = OrderLine.objects.filter(state__in=OPEN, mode="COLLECT", order__in=late)
    return OpenWork(unpaid=rows.filter(state="AWAITING_PAYMENT").count(), long_waiting=waiting.count())


def _basket(row: Basket) -> BasketView:
    return BasketView(
        id=row.id,
        market_id=row.market_id,
        client_id=row.client_id,
        advisor_id=row.advisor_id,
        lines=tuple(
            BasketLineView(
                id=line.id,
                reference_id=line.reference_id,
                quantity=line.quantity,
                mode=Mode(line.mode),
                place_id=line.place_id,
                hold_id=line.hold_id,
                selection_id=line.selection_id,
            )
            for line in row.lines.order_by("added_at", "id")
        ),
    )


def _visible(actor: Actor) -> QuerySet[Order]:
    places = actor.places_for(permissions.ORDERS_VIEW)
    rows = Order.objects.filter(maison_id=actor.in_maison)
    if places is not EVERYWHERE:
        rows = rows.filter(Q(place_id__in=places) | Q(id__in=_with_lines_at(places)))
    return rows


def _with_lines_at(places: frozenset[uuid.UUID]) -> QuerySet[OrderLine, uuid.UUID]:
    waiting = OrderLine.objects.filter(place_id__in=places, state__in=OPEN)
    return waiting.values_list("order_id", flat=True)


def _view(row: Order) -> OrderView:
    return OrderView(
        id=row.id,
        number=row.number,
        market_id=row.market_id,
        client_id=row.client_id,
        channel=row.channel,
        place_id=row.place_id,
        advisor_id=row.advisor_id,
        state=OrderState(row.state),
        currency=row.currency,
        total_amount=row.total_amount,
        tax_amount=row.tax_amount,
        placed_at=row.placed_at,
        delivery_address=tuple(row.delivery_address),
        contact_name=str(row.contact.get("name", "")),
        sourcing=tuple(
            SourcedLine(line_id=uuid.UUID(one["line"]), place_id=uuid.UUID(one["place"]), reason=one["reason"])
            for one in row.sourcing or ()
            if {"line", "place", "reason"} <= one.keys()
        ),
        lines=tuple(
            OrderLineView(
                id=line.id,
                position=line.position,
                direction=Direction(line.direction),
                reference_id=line.reference_id,
                piece_id=line.piece_id,
                serial=line.piece.serial if line.piece else "",
                quantity=line.quantity,
                unit_amount=line.unit_amount,
                amount=line.amount,
                mode=Mode(line.mode),
                state=LineState(line.state),
                place_id=line.place_id,
                promised_date=line.promised_date,
                returned_quantity=line.returned_quantity,
                credited_quantity=line.credited_quantity,
            )
            for line in sorted(row.lines.all(), key=lambda line: line.position)
        ),
    )
