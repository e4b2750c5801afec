"""Expected failures of the stock domain."""

from vendome.kit.errors import DomainError, Kind


class OutOfStock(DomainError):
    """Fewer pieces are free at the place than were asked for; nothing was held."""

    code = "stock.out_of_stock"
    kind = Kind.CONFLICT
    sentence = "This piece has just found its owner. We can look for another in our other boutiques."


class HoldGone(DomainError):
    """The hold was released, expired or used before."""

    code = "stock.hold_gone"
    kind = Kind.CONFLICT
    sentence = "This piece is no longer held for this client; check whether it is still free and hold it again."


class HoldTravels(DomainError):
    """What the hold keeps is on its way or in a client's hands; it ends where it arrives."""

    code = "stock.hold_travels"
    kind = Kind.CONFLICT
    sentence = "This piece is on its way; receive it first, then decide."


class AlreadyThere(DomainError):
    """A piece was to be moved to the place where it stands."""

    code = "stock.already_there"
    kind = Kind.CONFLICT
    sentence = "It stands at this place already; look at it again."


class PieceElsewhere(DomainError):
    """A piece was brought in that stands on one of our shelves, or is not this reference."""

    code = "stock.piece_elsewhere"
    kind = Kind.CONFLICT
    sentence = (
        "Our books say that this piece stands in one of our places. Check its serial number, then count that place."
    )


class LedgerDisagrees(DomainError):
    """The level says a piece is free, but no such piece stands there."""

    code = "stock.ledger_disagrees"
    kind = Kind.CONFLICT
    sentence = "The count of this piece does not match what stands on the shelf; please count it before selling."


class ReasonMissing(DomainError):
    """A correction came without a reason."""

    code = "stock.reason_missing"
    kind = Kind.INVALID
    sentence = "Say why the quantity changes: a correction without a reason cannot be explained later."


class SerialsNeeded(DomainError):
    """Serialised pieces are received and corrected by serial number, one for each piece."""

    code = "stock.serials_needed"
    kind = Kind.INVALID
    sentence = "These pieces carry serial numbers: give one for each piece."


class SerialTaken(DomainError):
    """A serial number or EPC is already known."""

    code = "stock.serial_taken"
    kind = Kind.CONFLICT
    sentence = "One of these serial numbers is already in the ledger; a piece exists once."


class QuotaReached(DomainError):
    """A person would have more of a limited model than its rule allows, over every channel and record of hers."""

    code = "stock.quota_reached"
    kind = Kind.CONFLICT
    sentence = "This piece is limited to each client, and the limit is reached. A return gives room again."


class QuotaNeedsClient(DomainError):
    """A limited piece was ordered for nobody known."""

    code = "stock.quota_needs_client"
    kind = Kind.CONFLICT
    sentence = "This piece is limited to each client: sign in, or say for whom it is, before it is ordered."


class EntriesNotOpen(DomainError):
    """Entries are not taken yet."""

    code = "stock.entries_not_open"
    kind = Kind.CONFLICT
    sentence = "The doors are not open yet. Come back at the time written on this page."


class EntriesClosed(DomainError):
    """The list of entries is frozen."""

    code = "stock.entries_closed"
    kind = Kind.CONFLICT
    sentence = "The list is closed: nobody can be added to it any more."


class AllocationOver(DomainError):
    """Every piece has found its owner, or the house ended the allocation."""

    code = "stock.allocation_over"
    kind = Kind.CONFLICT
    sentence = "Every piece has found its owner."


class ByInvitation(DomainError):
    """Only invited clients may enter."""

    code = "stock.by_invitation"
    kind = Kind.CONFLICT
    sentence = "These pieces are shown by invitation. Your advisor can tell you more."


class ByNomination(DomainError):
    """Advisors make the case; nobody enters by herself."""

    code = "stock.by_nomination"
    kind = Kind.CONFLICT
    sentence = "Advisors speak for their clients here: tell yours that you would like one."


class AllocationState(DomainError):
    """A step came out of its turn: published twice, drawn before the list was closed."""

    code = "stock.allocation_state"
    kind = Kind.CONFLICT
    sentence = "This allocation is at another step by now; look at it again."


class OfferOrdered(DomainError):
    """The piece she was offered is in an order that is being paid."""

    code = "stock.offer_ordered"
    kind = Kind.CONFLICT
    sentence = "This piece is in an order that is being paid; it can be given back when that has ended."


class AllocationCodeTaken(DomainError):
    """Another allocation of the maison has this code."""

    code = "stock.allocation_code_taken"
    kind = Kind.CONFLICT
    sentence = "Another allocation has this address already; choose another."


class NotLimited(DomainError):
    """What was said of an allocation does not hold together."""

    code = "stock.allocation_unclear"
    kind = Kind.INVALID
    sentence = (
        "These dates or figures do not fit together: it must open before it closes, and keep an offer for a while."
    )
