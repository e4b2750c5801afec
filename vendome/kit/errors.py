"""Expected failures: a stable code, a kind, a sentence for people (docs/reference/errors.md)."""

from __future__ import annotations

import enum
from typing import Any, ClassVar


class Kind(enum.Enum):
    """What a caller can do about it; edges map it to a status, a form error or a retry."""

    INVALID = "INVALID"  # mend the input
    FORBIDDEN = "FORBIDDEN"  # ask somebody who may
    NOT_FOUND = "NOT_FOUND"  # not there, or not yours
    CONFLICT = "CONFLICT"  # the world changed: look again
    UNAVAILABLE = "UNAVAILABLE"  # try again in a moment


class DomainError(Exception):
    """Base of every expected failure. Subclasses set `code`, `kind` and `sentence`."""

    code: ClassVar[str] = "error"
    kind: ClassVar[Kind] = Kind.INVALID
    sentence: ClassVar[str] = "That could not be done."
    catalogue: ClassVar[dict[str, type[DomainError]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        known = DomainError.catalogue.setdefault(cls.code, cls)
        if known is not cls and known.__qualname__ != cls.__qualname__:
            raise TypeError(f"error code {cls.code} is used by {known.__qualname__} and {cls.__qualname__}")

    def __init__(self, message: str | None = None, **details: Any) -> None:
        self.message = message or self.sentence
        self._details = details
        super().__init__(self.message)

    def details(self) -> dict[str, Any]:
        """Plain values a program can act on; never personal data."""
        return dict(self._details)


class Forbidden(DomainError):
    """The actor lacks the permission, or has it for other places."""

    code = "access.forbidden"
    kind = Kind.FORBIDDEN
    sentence = "Your role does not allow this here. Ask your manager if you need it."


class NotFound(DomainError):
    """Nothing there, or nothing this actor may know of; both read the same."""

    code = "access.not_found"
    kind = Kind.NOT_FOUND
    sentence = "We could not find that."


class Busy(DomainError):
    """Somebody else is changing the same rows."""

    code = "access.busy"
    kind = Kind.UNAVAILABLE
    sentence = "Somebody is changing this at the same moment. Please try again."


class Overrun(DomainError):
    """More is asked than the house can answer, and this is less urgent than the rest; nothing was changed."""

    code = "access.overrun"
    kind = Kind.UNAVAILABLE
    sentence = "Many have come at once. Nothing was changed; please try again in a moment."


class BodyChanged(DomainError):
    """An idempotency key came back with another request."""

    code = "idempotency.body_changed"
    kind = Kind.INVALID
    sentence = "This Idempotency-Key was used for a different request. Use a new key for a new request."


class BadInput(DomainError):
    """A value has the wrong shape."""

    code = "input.invalid"
    kind = Kind.INVALID
    sentence = "Something in this request is not as expected."
