"""What the house asks of a carrier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from vendome.domains.fulfilment.errors import CarrierUnavailable
from vendome.domains.fulfilment.types import Booked, BookingRequest, TrackingReport


class CarrierPort(Protocol):
    """One carrier, or a broker of carriers. Calls happen outside any transaction and are safe to repeat."""

    name: str

    def book(self, request: BookingRequest) -> Booked:
        """A label and a tracking number. The same `request.key` never makes a second label.

        Raises CarrierUnavailable when no answer could be had, CarrierRefused when the answer is no.
        """
        ...

    def cancel(self, reference: str) -> None:
        """Give a label back that will not be used. Raises CarrierUnavailable, CarrierRefused."""
        ...

    def track(self, tracking_number: str, *, reference: str = "") -> TrackingReport:
        """All scans so far. Raises CarrierUnavailable."""
        ...

    def read_message(self, headers: Mapping[str, str], body: bytes) -> TrackingReport | None:
        """A message the carrier sent us, its signature checked first; None when it is about something else.

        Raises ForgedMessage.
        """
        ...


_bound: dict[str, CarrierPort] = {}


def bind(port: CarrierPort) -> None:
    """Wire a carrier; `vendome.config` does this once at start."""
    _bound[port.name] = port


def get_port(name: str) -> CarrierPort:
    """The carrier of this name. Raises CarrierUnavailable when none is wired."""
    if name not in _bound:
        raise CarrierUnavailable(carrier=name)
    return _bound[name]


def is_bound(name: str) -> bool:
    return name in _bound
