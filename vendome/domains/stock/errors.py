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
