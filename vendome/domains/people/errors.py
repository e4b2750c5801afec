"""Expected failures of the people domain."""

from vendome.kit.errors import DomainError, Kind


class UnknownRole(DomainError):
    """A role that is not written in the permissions of the house."""

    code = "people.unknown_role"
    kind = Kind.INVALID
    sentence = "This is not a role of the house."


class TokenNameMissing(DomainError):
    """A token says what it is for."""

    code = "people.token_name_missing"
    kind = Kind.INVALID
    sentence = "Name the program that will use this token, so that it can be told from the others."
