"""What the house asks of a payment provider."""

from __future__ import annotations

from typing import Protocol

from vendome.domains.payments.errors import ProviderUnavailable
from vendome.domains.payments.types import CaptureOutcome, PaymentView, RefundOutcome, RefundView


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


_bound: dict[str, PaymentPort] = {}


def bind(port: PaymentPort) -> None:
    """Wire a provider; `vendome.config` does this once at start."""
    _bound[port.name] = port


def get_port(name: str) -> PaymentPort:
    """The provider of this name. Raises ProviderUnavailable when none is wired."""
    if name not in _bound:
        raise ProviderUnavailable(provider=name)
    return _bound[name]
