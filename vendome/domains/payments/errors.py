"""Expected failures of the payments domain."""

from vendome.kit.errors import DomainError, Kind


class Declined(DomainError):
    """The provider refused the payment; nothing was taken and what was held is free again."""

    code = "payments.declined"
    kind = Kind.CONFLICT
    sentence = "The payment was declined, and nothing was taken. Try another card, or ask client service to help."


class ProviderUnavailable(DomainError):
    """The provider did not answer in time; the order waits for its payment."""

    code = "payments.provider_unavailable"
    kind = Kind.UNAVAILABLE
    sentence = "The payment provider is not answering. Your pieces are kept for you; please try again in a moment."


class WrongAmount(DomainError):
    """A provider reported another amount or currency than was asked; nothing changes."""

    code = "payments.wrong_amount"
    kind = Kind.CONFLICT
    sentence = "The amount paid is not the amount of the order; nothing was changed and headquarters was told."


class ReferenceUsed(DomainError):
    """The reference of a terminal or provider has settled another payment before."""

    code = "payments.reference_used"
    kind = Kind.CONFLICT
    sentence = "This terminal reference belongs to another sale; read it again from the slip of this one."


class RefundTooLarge(DomainError):
    """More was to be given back than this tender brought in, refunds before it counted."""

    code = "payments.refund_too_large"
    kind = Kind.CONFLICT
    sentence = (
        "That is more than this payment brought in, or than is left of it after earlier refunds. Nothing was refunded."
    )


class TenderShort(DomainError):
    """The tender does not cover the total of the order."""

    code = "payments.tender_short"
    kind = Kind.CONFLICT
    sentence = "The amount tendered does not match the total to pay."


class DepositOutOfRange(DomainError):
    """A deposit below the market's least part, or above the total."""

    code = "payments.deposit_out_of_range"
    kind = Kind.CONFLICT
    sentence = "That deposit is below the least part this market asks for, or above the total; choose another amount."


class NothingToPay(DomainError):
    """More was to be asked for than is open; what waits to be paid already counts."""

    code = "payments.nothing_to_pay"
    kind = Kind.CONFLICT
    sentence = "That is more than is left to pay on this order, counting what has been asked for already."


class NotOffered(DomainError):
    """The market does not offer this way to pay."""

    code = "payments.not_offered"
    kind = Kind.CONFLICT
    sentence = "This way to pay is not offered in this market; choose another one."


class OfferMoved(DomainError):
    """Somebody has changed the market's offer since it was read."""

    code = "payments.offer_moved"
    kind = Kind.CONFLICT
    sentence = "Somebody has changed what this market offers since you read it. Look at it again, then change it."


class InstalmentsNotOffered(DomainError):
    """The total is below what this market pays by instalments."""

    code = "payments.instalments_not_offered"
    kind = Kind.CONFLICT
    sentence = "This order is too small to be paid by instalments; choose another way to pay."


class GiftCardUnknown(DomainError):
    """No card has this code, or its check symbol does not fit."""

    code = "payments.gift_card_unknown"
    kind = Kind.CONFLICT
    sentence = "We do not know this gift card code. Compare it with the card, symbol by symbol."


class GiftCardShort(DomainError):
    """The card does not hold the amount, or may not be used: blocked, expired, or of another currency."""

    code = "payments.gift_card_short"
    kind = Kind.CONFLICT
    sentence = (
        "This gift card cannot pay that amount here; look at its balance and currency, and pay the rest otherwise."
    )


class TooManyCodes(DomainError):
    """Too many wrong gift card codes from one visitor."""

    code = "payments.too_many_codes"
    kind = Kind.UNAVAILABLE
    sentence = (
        "Too many codes were tried. Please wait twenty minutes, or ask client service with the card in your hand."
    )


class LinkGone(DomainError):
    """A pay link that was paid, withdrawn, replaced or has run out."""

    code = "payments.link_gone"
    kind = Kind.CONFLICT
    sentence = "This link has been used or has run out. Ask your advisor for a new one; nothing was taken."


class StatementUnreadable(DomainError):
    """A statement that is neither CAMT.053 nor a CSV with the columns we know."""

    code = "payments.statement_unreadable"
    kind = Kind.INVALID
    sentence = (
        "This file cannot be read as a statement; export it as CAMT.053, or as CSV with the columns id, date, amount, "
        "currency and text."
    )


class StatementKnown(DomainError):
    """The same file was taken in before."""

    code = "payments.statement_known"
    kind = Kind.CONFLICT
    sentence = "This file has been taken in before; nothing was booked again."


class AlreadyMatched(DomainError):
    """The line or the payment was matched meanwhile."""

    code = "payments.already_matched"
    kind = Kind.CONFLICT
    sentence = "This line or this payment has been matched meanwhile; look at the page again."


class ActionNeeded(DomainError):
    """Her bank wants her to confirm; `action_url` is where. The order waits, and a webhook settles it."""

    code = "payments.action_needed"
    kind = Kind.CONFLICT
    sentence = "Your bank asks you to confirm this payment. Follow its page; your pieces are kept meanwhile."


class ReaderBusy(DomainError):
    """The card reader is busy with another payment, switched off, or not one of the house's."""

    code = "payments.reader_busy"
    kind = Kind.CONFLICT
    sentence = "This card reader is busy or switched off. Look at its screen, then try again or take another one."
