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


class ReadMeanwhile(DomainError):
    """The reads that shall be taken back are no longer the last ones: a colleague read in between."""

    code = "stock.read_meanwhile"
    kind = Kind.CONFLICT
    sentence = "Somebody has read since, so nothing was taken back. Look at the last reads again, then decide."


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
