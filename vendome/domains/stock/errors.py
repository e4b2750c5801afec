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


# -- counts ------------------------------------------------------------------------------------------------------


class EpcUnreadable(DomainError):
    """A tag, link or element string that GS1 does not know."""

    code = "stock.epc_unreadable"
    kind = Kind.INVALID
    sentence = "This tag cannot be read; read it again."


class ReadListUnreadable(DomainError):
    """A line of a read list is no tag and no serial number; nothing was taken from the list."""

    code = "stock.read_list_unreadable"
    kind = Kind.INVALID
    sentence = "A line of this list cannot be read, so nothing was taken from it. Mend or remove the line."


class ReadListTooLong(DomainError):
    """A read list has more lines than are taken at once."""

    code = "stock.read_list_too_long"
    kind = Kind.INVALID
    sentence = "This list is longer than 100,000 lines. Cut it in two and send both parts."


class PieceUnknown(DomainError):
    """A person named a piece that the house does not have."""

    code = "stock.piece_unknown"
    kind = Kind.INVALID
    sentence = "The house has no piece of this number. Look at its label again."


class CountOpen(DomainError):
    """A count of this place is open already."""

    code = "stock.count_open"
    kind = Kind.CONFLICT
    sentence = "This place is being counted already. Continue that count, or close it first."


class CountClosed(DomainError):
    """The count was closed or cancelled before."""

    code = "stock.count_closed"
    kind = Kind.CONFLICT
    sentence = "This count has been closed meanwhile. Look at its result, or start another."


class CountEmpty(DomainError):
    """A count was to be closed before anything was read."""

    code = "stock.count_empty"
    kind = Kind.CONFLICT
    sentence = "Nothing has been read yet: closing now would call every piece missing."


class NothingToUndo(DomainError):
    """No batch of reads is left to take back."""

    code = "stock.nothing_to_undo"
    kind = Kind.CONFLICT
    sentence = "There is nothing left to take back."


class ScopeMissing(DomainError):
    """A cycle count names no family and no reference."""

    code = "stock.scope_missing"
    kind = Kind.INVALID
    sentence = "Choose what is counted: one family at least."


class OutsideCount(DomainError):
    """A quantity was given for something this count does not look at, or which is counted piece by piece."""

    code = "stock.outside_count"
    kind = Kind.CONFLICT
    sentence = "This count does not take a quantity of that: pieces with serial numbers are read one by one."


class FindingResolved(DomainError):
    """Somebody has answered this finding before."""

    code = "stock.finding_resolved"
    kind = Kind.CONFLICT
    sentence = "A colleague has answered this already; look at it again."


class ResolutionUnfit(DomainError):
    """The answer does not fit what was found."""

    code = "stock.resolution_unfit"
    kind = Kind.INVALID
    sentence = "This answer does not fit what was found; choose another."


class PieceMovedOn(DomainError):
    """The piece of a finding has moved since the count."""

    code = "stock.piece_moved_on"
    kind = Kind.CONFLICT
    sentence = "This piece has moved since the count; the ledger says where it is now."


class PiecePromised(DomainError):
    """The piece is held for somebody, so it is neither lost nor moved before that promise is."""

    code = "stock.piece_promised"
    kind = Kind.CONFLICT
    sentence = "This piece is promised. Move or end that promise first, then answer this."


class CorrectionBelowHolds(DomainError):
    """A correction would leave less than is promised. `holds` says to whom."""

    code = "stock.correction_below_holds"
    kind = Kind.CONFLICT
    sentence = "More is promised than would be left. Move or end those promises first."


# -- replenishment -----------------------------------------------------------------------------------------------


class ProposalDecided(DomainError):
    """A proposal was accepted, dismissed or withdrawn before."""

    code = "stock.proposal_decided"
    kind = Kind.CONFLICT
    sentence = "This proposal has been decided meanwhile; look at the list again."


class SourceShort(DomainError):
    """The place that would give has fewer free pieces than are asked for."""

    code = "stock.source_short"
    kind = Kind.CONFLICT
    sentence = "The place that would send them has fewer free now. Ask for less, or work the proposals out again."


class RuleTaken(DomainError):
    """There is a rule for just this place and scope already."""

    code = "stock.rule_taken"
    kind = Kind.CONFLICT
    sentence = "There is a rule for exactly this already; change that one."


class RuleUnfit(DomainError):
    """A replenishment rule that asks for nothing or contradicts itself."""

    code = "stock.rule_unfit"
    kind = Kind.INVALID
    sentence = "A rule needs a minimum on display or weeks of cover, and a maximum no smaller than the minimum."
