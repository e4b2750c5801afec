"""Expected failures of the clients domain."""

from vendome.kit.errors import DomainError, Kind


class FileProtected(DomainError):
    """The file is guarded, and this actor has not opened it with a reason."""

    code = "clients.file_protected"
    kind = Kind.FORBIDDEN
    sentence = "This client's file is protected. Open it with a reason if you are serving her now; she will be told."


class NameMissing(DomainError):
    """A client needs at least one name and one way to reach her, or a source key."""

    code = "clients.name_missing"
    kind = Kind.INVALID
    sentence = "A client needs a name, or an e-mail, phone or code to know her by."


class ReasonTooShort(DomainError):
    """Opening a protected file needs a reason that says something."""

    code = "clients.reason_too_short"
    kind = Kind.INVALID
    sentence = "Say in a few words why you open this file; the privacy officer reads it."


class IdentifierTaken(DomainError):
    """Another client has proven that this e-mail or phone is hers."""

    code = "clients.identifier_taken"
    kind = Kind.CONFLICT
    sentence = "Another client has already confirmed this address; it can only be confirmed by one person."


class ClientKnown(DomainError):
    """A file was to be begun for somebody new, and somebody is known by this e-mail or telephone already."""

    code = "clients.client_known"
    kind = Kind.CONFLICT
    sentence = (
        "Somebody is known by this e-mail or telephone already. Open that file, or say that this is another person."
    )


class TooManyFiles(DomainError):
    """A member of staff has read more clients' files today than serving them needs; nothing more is shown."""

    code = "clients.too_many_files"
    kind = Kind.FORBIDDEN
    sentence = (
        "You have opened more clients’ files today than anybody serves in a day, so the others stay closed "
        "until tomorrow. The privacy officer has been told; ask her if you need one now."
    )
