"""Expected failures of opening a demo house."""

from __future__ import annotations

from vendome.kit.errors import DomainError, Kind


class HouseStands(DomainError):
    """The database already has a house; a demo house is only ever opened in an empty one."""

    code = "demo_house.house_stands"
    kind = Kind.CONFLICT
    sentence = (
        "A house already stands in this database, and its ledger and audit log are never deleted. To start afresh, "
        "give Vendôme another state folder (VENDOME_HOME=…) or another DATABASE_URL, or stop Vendôme and move aside "
        "the folder that `vendome doctor` names."
    )


class NoContent(DomainError):
    """The files that describe Maison Vermeil are not beside the software."""

    code = "demo_house.no_content"
    kind = Kind.NOT_FOUND
    sentence = "The folder demo/house with the content of Maison Vermeil is missing; run this from a full checkout."
