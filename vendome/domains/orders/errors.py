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


class TooManyUnpaid(DomainError):
    """A client has as many unpaid web orders as the house keeps at once, or an address without an account as many that
    wait for a bank transfer; `most` says how many."""

    code = "orders.too_many_unpaid"
    kind = Kind.CONFLICT
    sentence = (
        "Several of your orders wait for their payment already. Please pay one of them first, or speak to us: "
        "we will gladly keep this piece for you."
    )


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


class SetAsideLately(DomainError):
    """A person kept this reference until lately without paying, set aside or in an order; first it stands free for
    others."""

    code = "stock.set_aside_lately"
    kind = Kind.CONFLICT
    sentence = (
        "It was set aside for you until lately, so others may see it first. Buy it now, or ask us to keep it for you."
    )


class OrderedLately(DomainError):
    """A person kept this reference in orders that she did not pay; first it stands free for others."""

    code = "stock.ordered_lately"
    kind = Kind.CONFLICT
    sentence = (
        "You ordered this lately and it was not paid, so others may see it first. "
        "Speak to us and we keep it for you, or order it again in two days."
    )


class AlreadyReturned(DomainError):
    """More of a line was to come back than was sold and is still out."""

    code = "orders.already_returned"
    kind = Kind.CONFLICT
    sentence = "This has already come back, or was never handed over. Look at the receipt again."


class ReturnAnnounced(DomainError):
    """A return of this line is open already."""

    code = "orders.return_announced"
    kind = Kind.CONFLICT
    sentence = "A return of this piece is already open. Continue with that one, or withdraw it first."


class ReturnClosed(DomainError):
    """The return is closed or withdrawn, or something has arrived already."""

    code = "orders.return_closed"
    kind = Kind.CONFLICT
    sentence = "This return has moved on since you looked. Look at it again."


class NotReturnable(DomainError):
    """The policy does not give money back for this; its details name the rule."""

    code = "orders.not_returnable"
    kind = Kind.CONFLICT
    sentence = "Our returns policy does not cover this. A manager may make an exception, with a reason."


class AlreadyInspected(DomainError):
    """Somebody has decided on this arrival before."""

    code = "orders.already_inspected"
    kind = Kind.CONFLICT
    sentence = "Somebody has already decided on this piece. Look at it again."


class BalanceToPay(DomainError):
    """An exchange costs more than what came back, and nothing was tendered for the difference."""

    code = "orders.balance_to_pay"
    kind = Kind.CONFLICT
    sentence = "The new piece costs more than what came back; take the difference and confirm again."


class ExchangeWaits(DomainError):
    """The piece is part of an exchange whose difference the client has not paid yet."""

    code = "orders.exchange_waits"
    kind = Kind.CONFLICT
    sentence = (
        "She is still to pay the difference of her exchange. Decide on this piece once she has, or when it has ended."
    )


class DeductionNotAllowed(DomainError):
    """The rule that decides allows no deduction for loss of value, or not this much."""

    code = "orders.deduction_not_allowed"
    kind = Kind.CONFLICT
    sentence = "The rule that decides here allows no such deduction. Give the whole value back."


class LawNotWeakened(DomainError):
    """A rule of the law was to be changed, or a rule of the house to stand in its place."""

    code = "orders.law_not_weakened"
    kind = Kind.CONFLICT
    sentence = "The law of a market is a minimum that the house cannot change, end or reorder. Add a rule of the house."


class PolicyMoved(DomainError):
    """Somebody has changed the policy since it was read."""

    code = "orders.policy_moved"
    kind = Kind.CONFLICT
    sentence = "Somebody has changed the policy since you read it. Look at it again, then change it."


class ChangeOpen(DomainError):
    """Another change of the order waits to be confirmed."""

    code = "orders.change_open"
    kind = Kind.CONFLICT
    sentence = "Another change of this order is waiting. Confirm or withdraw that one first."


class ChangeClosed(DomainError):
    """The proposal was confirmed or withdrawn before."""

    code = "orders.change_closed"
    kind = Kind.CONFLICT
    sentence = "This proposal was confirmed or withdrawn before."


class PreviewOutdated(DomainError):
    """Price, stock or order changed since the preview was read; nothing was changed."""

    code = "orders.preview_outdated"
    kind = Kind.CONFLICT
    sentence = "Something has changed since you read this. Look at the new preview and confirm again."


class NotChangeable(DomainError):
    """The line has left, or the order is not one that can be changed like this."""

    code = "orders.not_changeable"
    kind = Kind.CONFLICT
    sentence = (
        "This can no longer be changed: it has left, or was given, cancelled or is not paid. A return is possible."
    )


class OtherCountry(DomainError):
    """A new address lies in another country, where other prices and taxes count."""

    code = "orders.other_country"
    kind = Kind.CONFLICT
    sentence = "Another country has other prices and taxes. Cancel this order, and order again for that country."


class SelectionSent(DomainError):
    """The selection was sent, taken or withdrawn; what an advisor changes is the one in the making."""

    code = "orders.selection_sent"
    kind = Kind.CONFLICT
    sentence = "This selection has left your hands already; begin another one for her."


class SelectionOver(DomainError):
    """The selection was withdrawn or its time is over."""

    code = "orders.selection_over"
    kind = Kind.CONFLICT
    sentence = "This selection is no longer open. Your advisor will gladly make another."


class EmptySelection(DomainError):
    """A selection is sent with at least one piece."""

    code = "orders.empty_selection"
    kind = Kind.CONFLICT
    sentence = "Choose at least one piece before you send the selection."


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
