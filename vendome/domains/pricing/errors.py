"""Expected failures of pricing."""

from vendome.kit.errors import DomainError, Kind


class NoPrice(DomainError):
    """The reference has no price in this market today."""

    code = "pricing.no_price"
    kind = Kind.CONFLICT
    sentence = "This piece has no price in this market today; client service will gladly quote one."
