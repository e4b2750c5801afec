"""How an order and its lines are spoken of to the client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from vendome.domains.orders.types import LineState, Mode, OrderLineView, OrderState, OrderView
from vendome.web.components.parts import Tone

if TYPE_CHECKING:
    from vendome.web.boutique.shop import Shop


def state(of: OrderState) -> tuple[str, Tone]:
    """The order's state in a word, with its tone."""
    match of:
        case OrderState.AWAITING_PAYMENT:
            return _("Waiting for payment"), "care"
        case OrderState.CONFIRMED:
            return _("Confirmed"), "good"
        case OrderState.COMPLETED:
            return _("Complete"), "good"
        case OrderState.CANCELLED:
            return _("Cancelled"), "open"


def line_state(line: OrderLineView) -> tuple[str, Tone]:
    """A line's state in a few words."""
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


def headline(order: OrderView, shop: Shop) -> tuple[str, str]:
    """What the client wants to know first, and the sentence under it."""
    match order.state:
        case OrderState.AWAITING_PAYMENT:
            return (
                _("Your pieces are kept for you"),
                _("The payment has not reached us yet, and nothing was taken. Please try it again below."),
            )
        case OrderState.CANCELLED if any(line.credited_quantity for line in order.lines):
            return _("This order was changed"), _(
                "Nothing of it is on its way; what you paid goes back the way it came."
            )
        case OrderState.CANCELLED:
            return (
                _("This order was not completed"),
                _("Nothing was taken, and the pieces are free again. They may still be there for you."),
            )
        case OrderState.COMPLETED:
            return _("It is with you"), _("Everything in this order has reached you. We look after it from here on.")
        case OrderState.CONFIRMED:
            return _("Thank you"), _next(order, shop)


def _next(order: OrderView, shop: Shop) -> str:
    open_lines = [line for line in order.lines if line.state.is_open]
    collected = {line.place_id for line in open_lines if line.mode is Mode.COLLECT}
    names = [place.name for place in shop.boutiques if place.id in collected]
    if not names:
        return _("We are wrapping your order. You will find it at your door, against a signature.")
    if any(line.mode is Mode.DELIVER for line in open_lines):
        return _("One part is set aside for you in %(boutique)s; we are wrapping the other to send it.") % {
            "boutique": _(" and ").join(names)
        }
    return _("Your piece is set aside for you in %(boutique)s. Come when it suits you; we are expecting you.") % {
        "boutique": _(" and ").join(names)
    }
