"""Expected failures of the webhooks domain."""

from vendome.kit.errors import DomainError, Kind


class UnsafeAddress(DomainError):
    """The address of an endpoint is not one the house may call: not https, or inside its own network."""

    code = "webhooks.unsafe_address"
    kind = Kind.INVALID
    sentence = "Write the whole public address, such as https://erp.example.com/vendome."


class UnknownEvent(DomainError):
    """An endpoint asks for a kind of event that does not exist or is not public."""

    code = "webhooks.unknown_event"
    kind = Kind.INVALID
    sentence = "There is no public event of this name; the list of events names them all."


class AddressTaken(DomainError):
    """The house tells this address already."""

    code = "webhooks.address_taken"
    kind = Kind.CONFLICT
    sentence = "This address is registered already; change that endpoint instead of adding another."


class NotDead(DomainError):
    """Only a delivery that was given up can be sent again."""

    code = "webhooks.not_dead"
    kind = Kind.CONFLICT
    sentence = "This delivery was not given up, so there is nothing to send again."


class CursorTooOld(DomainError):
    """Events after this cursor are no longer kept: what was missed must be read from the API itself."""

    code = "events.cursor_too_old"
    kind = Kind.CONFLICT
    sentence = "Events after this cursor are no longer kept. Read the present state, then go on with `after=latest`."
