"""Expected failures of fulfilment."""

from vendome.kit.errors import DomainError, Kind


class ParcelMoved(DomainError):
    """The parcel is no longer in the state this step begins with."""

    code = "fulfilment.parcel_moved"
    kind = Kind.CONFLICT
    sentence = "Somebody has taken this parcel a step further meanwhile; look at it again."


class GoesByParcel(DomainError):
    """A line that is delivered is given from its parcel, against proof of delivery."""

    code = "fulfilment.goes_by_parcel"
    kind = Kind.CONFLICT
    sentence = "This piece goes to her by parcel; hand it over from the parcel's page, where the proof is kept."


class SerialMissing(DomainError):
    """What was scanned is not what the parcel is to hold."""

    code = "fulfilment.serial_missing"
    kind = Kind.CONFLICT
    sentence = "The pieces scanned are not those of this parcel; check each serial number against the list."


class AboveLimit(DomainError):
    """The parcel is worth more than the service insures."""

    code = "fulfilment.above_limit"
    kind = Kind.CONFLICT
    sentence = "This service does not insure that much; split the parcel, or choose the white-glove service."


class ServiceUnfit(DomainError):
    """The service does not go there, or needs a slot that was not chosen."""

    code = "fulfilment.service_unfit"
    kind = Kind.CONFLICT
    sentence = "This service cannot carry this parcel; choose another, or a time for the white-glove delivery."


class SlotTaken(DomainError):
    """Every concierge is engaged at that time."""

    code = "fulfilment.slot_taken"
    kind = Kind.CONFLICT
    sentence = "That time has just been taken; choose another with the client."


class SealUsed(DomainError):
    """A seal number closes one parcel, once."""

    code = "fulfilment.seal_used"
    kind = Kind.CONFLICT
    sentence = "A parcel carries this seal number already; take a fresh seal and write its number."


class NoTransitPlace(DomainError):
    """The maison has no place that stands for being on the way."""

    code = "fulfilment.no_transit_place"
    kind = Kind.CONFLICT
    sentence = "This house has no transit place yet; headquarters adds one before anything can be sent."


class ProofMissing(DomainError):
    """The service asks for a signature or for an identity document to be seen."""

    code = "fulfilment.proof_missing"
    kind = Kind.INVALID
    sentence = "This delivery needs her signature, and the kind of identity document you saw; add what is missing."


class ReasonNeeded(DomainError):
    """A parcel is not written off, refused or taken back without a word of why."""

    code = "fulfilment.reason_needed"
    kind = Kind.INVALID
    sentence = "Say what happened, in a few words; the person who looks at it next will need them."


class NothingToSend(DomainError):
    """The lines named are not in this parcel, or none would be left in it."""

    code = "fulfilment.nothing_to_send"
    kind = Kind.CONFLICT
    sentence = "Choose some of the pieces in this parcel, and leave at least one in it."


class CarrierUnavailable(DomainError):
    """The carrier did not answer in time, or what it answered could not be read."""

    code = "fulfilment.carrier_unavailable"
    kind = Kind.UNAVAILABLE
    sentence = "The carrier is not answering. The parcel keeps its place in the queue, and we go on trying."


class CarrierRefused(DomainError):
    """The carrier answered that it will not carry this as asked."""

    code = "fulfilment.carrier_refused"
    kind = Kind.CONFLICT
    sentence = "The carrier will not take this parcel as it is described; correct it or choose another service."


class ForgedMessage(DomainError):
    """A message in a carrier's name is not signed by that carrier."""

    code = "fulfilment.forged_message"
    kind = Kind.FORBIDDEN
    sentence = "This message is not signed by the carrier; nothing was changed."
