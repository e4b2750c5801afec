"""Expected failures of the orders domain."""

from vendome.kit.errors import DomainError, Kind


class EmptyBasket(DomainError):
    """An order needs at least one line."""

    code = "orders.empty_basket"
    kind = Kind.CONFLICT
    sentence = "There is nothing in the bag yet."


class BasketOrdered(DomainError):
    """The basket became an order before."""

    code = "orders.basket_ordered"
    kind = Kind.CONFLICT
    sentence = "This bag has already become an order; you will find it in your account."


class ModeNotOffered(DomainError):
    """The place does not offer this way to receive a piece."""

    code = "orders.mode_not_offered"
    kind = Kind.CONFLICT
    sentence = "This place does not offer that way to receive a piece; choose another place or another way."


class BadQuantity(DomainError):
    """A quantity below one, or more than one of a serialised piece on a line."""

    code = "orders.bad_quantity"
    kind = Kind.INVALID
    sentence = "A quantity is a whole number from 1 to 20."


class LineNotReady(DomainError):
    """The line is not in a state in which it can be handed over."""

    code = "orders.line_not_ready"
    kind = Kind.CONFLICT
    sentence = "This line has already been handed over, sent or cancelled; look at the order again."


class NotPaid(DomainError):
    """The order is not paid."""

    code = "orders.not_paid"
    kind = Kind.CONFLICT
    sentence = "This order is not paid yet; take the payment before handing it over."


class GivenUp(DomainError):
    """The order was not paid in time or its payment was declined, so it has ended; nothing is charged for it."""

    code = "orders.given_up"
    kind = Kind.CONFLICT
    sentence = (
        "This order ended before it was paid, and nothing was taken. Your bag is as you left it; please order again."
    )


class UnknownChannel(DomainError):
    """An order names a channel that the house does not have."""

    code = "orders.unknown_channel"
    kind = Kind.INVALID
    sentence = "The house has no channel of this name."


class TotalChanged(DomainError):
    """A price or a tax changed between what the buyer was shown and now; `details` has the true total."""

    code = "orders.total_changed"
    kind = Kind.CONFLICT
    sentence = "A price has changed since this total was shown. Look at the new total, then confirm again."
