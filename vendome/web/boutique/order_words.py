"""How an order and its lines are spoken of to the client."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.orders.types import (
    Direction,
    LineState,
    Mode,
    OrderLineView,
    OrderState,
    OrderView,
    RelatedOrder,
    Relation,
    TakenBack,
)
from vendome.flows.kept import KeptPiece
from vendome.web.boutique import keeping
from vendome.web.boutique.wording import spoken_day
from vendome.web.components.parts import Tone

if TYPE_CHECKING:
    from vendome.web.boutique.shop import Shop


def state(order: OrderView, taken: Collection[TakenBack] = ()) -> tuple[str, Tone]:
    """The order's state in a word, with its tone."""
    match order.state:
        case OrderState.CANCELLED if any(one.is_exchange for one in taken):
            return _("Exchanged"), "open"
        case OrderState.AWAITING_PAYMENT:
            return _("Waiting for payment"), "care"
        case OrderState.CONFIRMED:
            return _("Confirmed"), "good"
        case OrderState.COMPLETED:
            return _("Complete"), "good"
        case OrderState.CANCELLED:
            return _("Cancelled"), "open"


def line_state(line: OrderLineView, exchanged_in: str = "") -> tuple[str, Tone]:
    """A line's state in a few words; `exchanged_in` is the order that gives another piece for it."""
    if exchanged_in and line.state in (LineState.CANCELLED, LineState.RETURNED):
        return related(Relation.EXCHANGED_IN, exchanged_in), "open"
    if line.direction is Direction.IN and line.state is LineState.HELD:
        return _("Comes back once the difference is paid"), "open"
    if line.direction is Direction.IN and line.state is LineState.CANCELLED:
        return _("Stayed with us"), "open"
    match line.state:
        case LineState.HELD | LineState.READY if line.mode is Mode.DELIVER:
            return _("Being wrapped"), "good"
        case LineState.HELD:
            return _("Set aside for you"), "good"
        case LineState.ON_THE_WAY:
            return _("On its way to your boutique"), "open"
        case LineState.ARRIVED:
            return _("Arrived in your boutique"), "good"
        case LineState.READY:
            return _("Ready for you"), "gold"
        case LineState.HANDED_OVER:
            return _("With you"), "gold"
        case LineState.DISPATCHED:
            return _("Sent to you"), "gold"
        case LineState.RETURNED:
            return _("Returned"), "open"
        case LineState.CANCELLED:
            return _("Cancelled"), "open"
        case LineState.WITHDRAWN:
            return _("Stays with you"), "open"


def related(relation: Relation, number: str) -> str:
    """How another order of hers belongs to this one."""
    match relation:
        case Relation.CAME_FROM:
            return _("For pieces of order %(number)s") % {"number": number}
        case Relation.EXCHANGED_IN:
            return _("Exchanged with order %(number)s") % {"number": number}
        case Relation.GIVEN_BACK_IN:
            return _("Given back with order %(number)s") % {"number": number}


def paid_for_it(related: Collection[RelatedOrder]) -> str:
    """What became of the money of an order of which nothing is given any more."""
    if any(one.relation is Relation.EXCHANGED_IN for one in related):
        return _("What you paid counts for the piece you chose instead.")
    return _("What you paid goes back the way it came.")


def set_aside_again(
    order: OrderView, kept: Collection[KeptPiece], labels: Mapping[UUID, ReferenceLabel], shop: Shop
) -> str:
    """What of an order that was never paid is set aside for her again, each until when; empty when all is free."""
    left, said = list(kept), []
    lines = [line for line in order.lines if line.direction is Direction.OUT]
    for line in lines:
        own = next((x for x in left if (x.reference_id, x.quantity) == (line.reference_id, line.quantity)), None)
        if own is None:
            continue
        left.remove(own)
        told = {"piece": labels[line.reference_id].model_name, "until": _until(own, shop)}
        if told["until"]:
            said.append(_("%(piece)s is set aside for you again, until %(until)s.") % told)
        else:
            said.append(_("%(piece)s is set aside for you again.") % told)
    if said and len(said) < len(lines):
        said.append(_("What else was in this order is free again."))
    return " ".join(said)


def _until(kept: KeptPiece, shop: Shop) -> str:
    """By the clock of the boutique; nothing is promised of what has no end, or stands where she does not come."""
    place = next((one for one in shop.boutiques if one.id == kept.place_id), None)
    return keeping.until(kept.expires_at, place) if place and kept.expires_at else ""


def headline(order: OrderView, shop: Shop, standing: Collection[UUID], *, again: str = "") -> tuple[str, str]:
    """What the client wants to know first, and the sentence under it; `again` is what is set aside for her again."""
    match order.state:
        case OrderState.AWAITING_PAYMENT:
            return (
                _("Your pieces are kept for you"),
                _("The payment has not reached us yet, and nothing was taken. Please try it again below."),
            )
        case OrderState.CANCELLED if any(line.credited_quantity for line in order.lines):
            return _("This order was changed"), _("Nothing of it is on its way.")
        case OrderState.CANCELLED if again:
            return _("This order was not completed"), f"{_('Nothing was taken.')} {again}"
        case OrderState.CANCELLED:
            return (
                _("This order was not completed"),
                _("Nothing was taken, and the pieces are free again. They may still be there for you."),
            )
        case OrderState.COMPLETED:
            return _("It is with you"), _("Everything in this order has reached you. We look after it from here on.")
        case OrderState.CONFIRMED:
            return _("Thank you"), _next(order, shop, standing)


def _next(order: OrderView, shop: Shop, standing: Collection[UUID]) -> str:
    open_lines = [line for line in order.lines if line.state.is_open]
    collected = {line.place_id for line in open_lines if line.mode is Mode.COLLECT}
    names = [place.name for place in shop.boutiques if place.id in collected]
    days = [day for line in open_lines if (day := ready_from(line, shop, standing))]
    if not names:
        return _("We are wrapping your order. You will find it at your door, against a signature.")
    if any(line.mode is Mode.DELIVER for line in open_lines):
        if days:
            return _(
                "One part will be ready for you in %(boutique)s from %(day)s; we are wrapping the other to send it."
            ) % {"boutique": _(" and ").join(names), "day": spoken_day(max(days))}
        return _("One part is set aside for you in %(boutique)s; we are wrapping the other to send it.") % {
            "boutique": _(" and ").join(names)
        }
    if days:
        return _("Your order will be ready for you in %(boutique)s from %(day)s.") % {
            "boutique": _(" and ").join(names),
            "day": spoken_day(max(days)),
        }
    if not all(_is_ready(line, shop, standing) for line in open_lines):
        return _("Your order is not yet ready in %(boutique)s. We are seeing to it; this page says when it is.") % {
            "boutique": _(" and ").join(names)
        }
    return _("Your piece is set aside for you in %(boutique)s. Come when it suits you; we are expecting you.") % {
        "boutique": _(" and ").join(names)
    }


def ready_from(line: OrderLineView, shop: Shop, standing: Collection[UUID]) -> date | None:
    """The promised day of a line to collect that is not ready yet; None when it is, or when that day has passed."""
    if line.mode is not Mode.COLLECT or not line.state.is_open or _is_ready(line, shop, standing):
        return None
    day = line.promised_date
    return day if day and day >= _today(line, shop) else None


def way(line: OrderLineView, shop: Shop, standing: Collection[UUID], *, is_paid: bool) -> str:
    """How a line that is still to come reaches her, and from when; no day before it is paid."""
    if line.direction is not Direction.OUT or not line.state.is_open:
        return ""
    day = line.promised_date
    if line.mode is Mode.DELIVER:
        ahead = day if is_paid and day and day >= shop.today else None
        return (
            _("Delivered to you, promised for %(day)s") % {"day": spoken_day(ahead)} if ahead else _("Delivered to you")
        )
    place = next((one for one in shop.boutiques if one.id == line.place_id), None)
    if line.mode is not Mode.COLLECT or place is None:
        return ""
    if is_paid and (ready := ready_from(line, shop, standing)):
        return _("To collect in %(place)s, from %(day)s") % {"place": place.name, "day": spoken_day(ready)}
    return _("Collect in %(boutique)s") % {"boutique": place.name}


def _is_ready(line: OrderLineView, shop: Shop, standing: Collection[UUID]) -> bool:
    """Made ready, or it stands where it is collected and its day has come."""
    if line.state is LineState.READY:
        return True
    return line.id in standing and (line.promised_date is None or line.promised_date <= _today(line, shop))


def _today(line: OrderLineView, shop: Shop) -> date:
    """The day at the boutique where it is collected."""
    place = next((one for one in shop.boutiques if one.id == line.place_id), None)
    return shop.at.astimezone(ZoneInfo(place.timezone)).date() if place else shop.today
