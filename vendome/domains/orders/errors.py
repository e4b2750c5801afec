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


class RestNotPaid(DomainError):
    """A deposit was paid and the rest was not; `missing_amount` says how much in minor units."""

    code = "orders.rest_not_paid"
    kind = Kind.CONFLICT
    sentence = "A deposit has been paid and the rest has not; take the rest on the order’s page, then hand it over."


class PromiseChanged(DomainError):
    """Nobody can keep the day that was promised; details name the day that can be kept."""

    code = "orders.promise_changed"
    kind = Kind.CONFLICT
    sentence = "It can no longer be there by that day. Look at the new day before you confirm."


class ExceptionEnded(DomainError):
    """Somebody has ended this exception before."""

    code = "orders.exception_ended"
    kind = Kind.CONFLICT
    sentence = "A colleague has settled this already, or it has passed by itself; look at the list again."


class ExceptionNeedsLine(DomainError):
    """Another source or a refund of a line was asked for what is about a whole order or a parcel."""

    code = "orders.exception_needs_line"
    kind = Kind.INVALID
    sentence = "This is about the whole order: speak with the client, then say what was agreed."


class TooManySetAside(DomainError):
    """A client has as many pieces set aside for herself as she may ask for online."""

    code = "stock.too_many_set_aside"
    kind = Kind.CONFLICT
    sentence = "Three pieces are set aside for you already. Let one go, or speak to us and we keep this one for you."
