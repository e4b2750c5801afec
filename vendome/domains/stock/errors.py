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


class TransferMoved(DomainError):
    """The transfer is past this step, or has not reached it yet."""

    code = "stock.transfer_moved"
    kind = Kind.CONFLICT
    sentence = "This transfer is no longer where you saw it; look at it again before going on."


class NothingLeft(DomainError):
    """Every line of a transfer was left out when it was agreed to."""

    code = "stock.nothing_left"
    kind = Kind.INVALID
    sentence = "Nothing would be sent: leave at least one line, or refuse the transfer."


class AlreadyTravels(DomainError):
    """A hold is on an open transfer to another place."""

    code = "stock.already_travels"
    kind = Kind.CONFLICT
    sentence = "This piece is already being sent elsewhere; cancel that transfer first."


class NotPicked(DomainError):
    """A piece of the transfer was not among those that were picked."""

    code = "stock.not_picked"
    kind = Kind.CONFLICT
    sentence = "Not every piece of this transfer is on the table yet; scan those that are missing."


class PieceUnknown(DomainError):
    """No piece of the house has this serial number or EPC."""

    code = "stock.piece_unknown"
    kind = Kind.INVALID
    sentence = "We know no piece of this number. Check it once more; a new piece is received as a delivery."


class PartnerOwned(DomainError):
    """The piece belongs to a partner, who alone decides where it goes."""

    code = "stock.partner_owned"
    kind = Kind.CONFLICT
    sentence = "This piece belongs to the partner; the wholesale team has to ask for it."


class Promised(DomainError):
    """The piece is promised to a client, and that promise has to end first."""

    code = "stock.promised"
    kind = Kind.CONFLICT
    sentence = "This piece is promised to a client. Release it, or change her order, before you take it away."


class NotQuarantined(DomainError):
    """Only what waits in quarantine, and was not returned by a client, goes back to the shelf this way."""

    code = "stock.not_quarantined"
    kind = Kind.CONFLICT
    sentence = "This does not wait in quarantine here any more, or it came back from a client and is examined there."


class NoteMissing(DomainError):
    """A discrepancy came without a word about it."""

    code = "stock.note_missing"
    kind = Kind.INVALID
    sentence = "Say in a few words what is missing, damaged or too much; the other place will read it."


class NotPossibleThere(DomainError):
    """The kind of place does not allow this movement."""

    code = "stock.not_possible_there"
    kind = Kind.INVALID
    sentence = "This cannot be done between these two places; choose others."
