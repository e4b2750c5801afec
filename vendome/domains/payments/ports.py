"""What the house asks of a payment provider."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

from vendome.domains.payments.errors import ProviderUnavailable
from vendome.domains.payments.types import CaptureOutcome, HostedPage, PaymentView, RefundOutcome, RefundView


class PaymentPort(Protocol):
    """One provider. Calls carry the payment's id as idempotency key and happen outside any transaction."""

    name: str

    def capture(self, payment: PaymentView, *, instrument: str) -> CaptureOutcome:
        """Take the money. `instrument` is the provider's token for the client's card, never a card number.

        Safe to repeat with the same payment. Raises ProviderUnavailable when no answer came in time.
        """
        ...

    def refund(self, refund: RefundView) -> RefundOutcome:
        """Give money back against what was captured; the refund's id is the idempotency key.

        Safe to repeat with the same refund. Raises ProviderUnavailable when no answer came in time.
        """
        ...


@runtime_checkable
class AgainPort(Protocol):
    """A provider that keeps a card and charges it again without her (`CaptureOutcome.method`)."""

    def charge_again(self, payment: PaymentView, *, method: str) -> CaptureOutcome:
        """Take a rate. Safe to repeat with the same payment. Raises ProviderUnavailable."""
        ...


@runtime_checkable
class PagePort(Protocol):
    """A provider with a page of its own for the card; our pages load nothing of theirs and see no card number."""

    def open_page(self, payment: PaymentView, *, title: str, return_url: str, until: datetime) -> HostedPage:
        """A page that takes exactly this payment, once. Safe to repeat with the same arguments. Raises
        ProviderUnavailable."""
        ...

    def close_page(self, reference: str) -> bool:
        """Make sure that nobody can pay on that page any more; False when she has paid already."""
        ...

    def look_up(self, payment: PaymentView, *, reference: str) -> CaptureOutcome | None:
        """What became of the page's payment; None while nothing is decided."""
        ...


@runtime_checkable
class ReaderPort(Protocol):
    """A provider whose card readers stand on the house's counters."""

    def show_on_reader(self, payment: PaymentView, *, reader: str) -> None:
        """Ask the reader for the card; a webhook tells the rest. Raises ProviderUnavailable, ReaderBusy."""
        ...


_bound: dict[str, PaymentPort] = {}


def bind(port: PaymentPort) -> None:
    """Wire a provider; `vendome.config` does this once at start."""
    _bound[port.name] = port


def get_port(name: str) -> PaymentPort:
    """The provider of this name. Raises ProviderUnavailable when none is wired."""
    if name not in _bound:
        raise ProviderUnavailable(provider=name)
    return _bound[name]


def card_provider() -> str:
    """The provider that takes cards in this house: the first that was wired, a real one before the test card."""
    return next(iter(_bound), "")
