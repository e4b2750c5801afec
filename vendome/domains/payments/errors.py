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
