"""Who acts: a client, a member of staff, a program, the system, or nobody known."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from vendome.kit.errors import Forbidden, NotFound

EVERYWHERE = None  # a permission without a list of places holds in the whole maison


class ActorKind(enum.Enum):
    ANONYMOUS = "ANONYMOUS"
    CLIENT = "CLIENT"
    STAFF = "STAFF"
    APP = "APP"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One actor with her permissions, each for everywhere (`None`) or for a set of places."""

    kind: ActorKind
    id: uuid.UUID | None = None
    maison_id: uuid.UUID | None = None
    name: str = ""
    client_id: uuid.UUID | None = None
    home_place_id: uuid.UUID | None = None
    session_epoch: int = 0
    ended_sessions: frozenset[str] = frozenset()
    permissions: Mapping[str, frozenset[uuid.UUID] | None] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Stable and free of personal data: `STAFF:0192…`."""
        return f"{self.kind.value}:{self.id}" if self.id else self.kind.value

    @property
    def in_maison(self) -> uuid.UUID:
        """The maison the actor belongs to. Raises NotFound for one who belongs to none."""
        if self.maison_id is None:
            raise NotFound()
        return self.maison_id

    @property
    def is_staff(self) -> bool:
        return self.kind is ActorKind.STAFF

    @property
    def is_known(self) -> bool:
        return self.kind is not ActorKind.ANONYMOUS

    def may(self, permission: str, *, place_id: uuid.UUID | None = None) -> bool:
        """Whether the permission is held: anywhere (no place given) or at that place."""
        if self.kind is ActorKind.SYSTEM:
            return True
        if permission not in self.permissions:
            return False
        places = self.permissions[permission]
        return places is EVERYWHERE or place_id is None or place_id in places

    def require(self, permission: str, *, place_id: uuid.UUID | None = None) -> None:
        """Raises Forbidden unless `may`."""
        if not self.may(permission, place_id=place_id):
            raise Forbidden(permission=permission)

    def may_everywhere(self, permission: str) -> bool:
        """Whether the permission is held in the whole maison, as what is no one place's asks for."""
        return self.may(permission) and self.places_for(permission) is EVERYWHERE

    def require_everywhere(self, permission: str) -> None:
        """Raises Forbidden unless `may_everywhere`."""
        if not self.may_everywhere(permission):
            raise Forbidden(permission=permission)

    def places_for(self, permission: str) -> frozenset[uuid.UUID] | None:
        """The places a permission holds for; `None` means everywhere. Raises Forbidden when not held."""
        self.require(permission)
        return EVERYWHERE if self.kind is ActorKind.SYSTEM else self.permissions[permission]

    @classmethod
    def anonymous(cls) -> Actor:
        return cls(kind=ActorKind.ANONYMOUS)

    @classmethod
    def system(cls, maison_id: uuid.UUID | None = None) -> Actor:
        return cls(kind=ActorKind.SYSTEM, maison_id=maison_id, name="Vendôme")
