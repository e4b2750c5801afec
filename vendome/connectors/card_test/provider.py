"""The test card behind the payment port."""

from __future__ import annotations

import time

from vendome.domains.payments.errors import ProviderUnavailable
from vendome.domains.payments.types import CaptureOutcome, PaymentView, RefundOutcome, RefundView

LONGEST_WAIT = 5000
GOOD, DECLINED, SILENT = "card_good", "card_declined", "card_silent"
EXPIRING = "card_expiring"  # pays today, and is declined when it is charged again


class TestCard:
    """Implements `payments.ports.PaymentPort`."""

    name = "card_test"
    __test__ = False  # a product class, whatever pytest thinks of its name

    def capture(self, payment: PaymentView, *, instrument: str) -> CaptureOutcome:
        """Answers at once, or after the milliseconds the card says (`card_good@1200`); always the same reference."""
        instrument, _, wait = instrument.partition("@")
        if wait.isdecimal():
            time.sleep(min(int(wait), LONGEST_WAIT) / 1000)
        if instrument == SILENT:
            raise ProviderUnavailable(provider=self.name)
        if instrument not in (GOOD, EXPIRING):
            return CaptureOutcome(is_captured=False, decline_sentence="The bank declined this card.")
        return CaptureOutcome(
            is_captured=True,
            provider_reference=f"test_{payment.id.hex}",
            amount=payment.amount,
            currency=payment.currency,
            method=instrument if payment.keeps_method else "",
        )

    def charge_again(self, payment: PaymentView, *, method: str) -> CaptureOutcome:
        """A rate of a plan, without her."""
        return self.capture(payment, instrument=DECLINED if method == EXPIRING else method)

    def refund(self, refund: RefundView) -> RefundOutcome:
        """Answers at once; the same refund always gets the same reference."""
        return RefundOutcome(is_refunded=True, provider_reference=f"test_refund_{refund.id.hex}")
