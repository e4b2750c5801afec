"""Stripe as `payments.ports` wants it: capture, charge again, hosted page, reader, refund."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from vendome.connectors.stripe.gateway import NAME, Account, Gateway, Refused
from vendome.domains.payments.errors import ProviderUnavailable, ReaderBusy
from vendome.domains.payments.types import CaptureOutcome, HostedPage, PaymentView, RefundOutcome, RefundView
from vendome.kit import clock

SENTENCES = {
    "insufficient_funds": "The bank says that this card has not enough funds.",
    "expired_card": "This card has expired.",
    "incorrect_cvc": "The card's security code does not fit.",
    "authentication_required": "Her bank asks her to confirm this payment herself.",
}
USUAL_SENTENCE = "The bank declined this card."
PAGE_LASTS = timedelta(minutes=31), timedelta(hours=23, minutes=55)
"""Stripe keeps a page open for thirty minutes at least and a day at most."""


class Stripe:
    """Implements PaymentPort, AgainPort, PagePort and ReaderPort."""

    name = NAME

    def __init__(self, account: Account) -> None:
        self.gateway = Gateway(account)

    # -- a card the program was given a token for -------------------------------------------------------------

    def capture(self, payment: PaymentView, *, instrument: str) -> CaptureOutcome:
        """One intent for each payment, whatever card is tried on it: two cards cannot both pay."""
        try:
            customer = self._customer(payment) if payment.keeps_method else ""
            intent = self._intent(payment, customer=customer)
            more = {"return_url": payment.return_url} if payment.return_url else {"error_on_requires_action": True}
            digest = hashlib.sha256(instrument.encode()).hexdigest()[:16]
            confirmed = self.gateway.ask(
                lambda client, options: client.v1.payment_intents.confirm(
                    intent["id"], {"payment_method": instrument, **more}, options
                ),
                key=f"confirm-{payment.id}-{digest}",
            )
        except Refused as error:
            if error.code == "payment_intent_unexpected_state":  # an earlier call has paid it, its answer was lost
                return self._outcome(self._retrieve(intent["id"]), payment)
            return _declined(error)
        return self._outcome(confirmed, payment)

    def charge_again(self, payment: PaymentView, *, method: str) -> CaptureOutcome:
        """Take a rate from the card she left for this plan; she is not there to confirm anything."""
        customer, _colon, card = method.partition(":")
        try:
            return self._outcome(
                self.gateway.ask(
                    lambda client, options: client.v1.payment_intents.create(
                        {
                            **_money(payment),
                            "customer": customer,
                            "payment_method": card,
                            "payment_method_types": ["card"],
                            "off_session": True,
                            "confirm": True,
                        },
                        options,
                    ),
                    key=f"again-{payment.id}",
                ),
                payment,
            )
        except Refused as error:
            return _declined(error)

    def cancel(self, reference: str) -> bool:
        """Give an intent up that nobody waits for; False when it has been paid already."""
        try:
            self.gateway.ask(
                lambda client, options: client.v1.payment_intents.cancel(reference, {}, options),
                key=f"cancel-{reference}",
            )
        except Refused:
            return False
        return True

    # -- Stripe's own page --------------------------------------------------------------------------------------

    def open_page(self, payment: PaymentView, *, title: str, return_url: str, until: datetime) -> HostedPage:
        """A Checkout Session for exactly this amount; Stripe lets it be paid once."""
        now = clock.now()
        ends = min(max(until, now + PAGE_LASTS[0]), now + PAGE_LASTS[1])
        price = {"currency": payment.currency.lower(), "unit_amount": payment.amount, "product_data": {"name": title}}
        asked: dict[str, Any] = {
            "mode": "payment",
            "line_items": [{"price_data": price, "quantity": 1}],
            "success_url": return_url,
            "cancel_url": return_url,
            "client_reference_id": str(payment.id),
            "metadata": _names(payment),
            "payment_intent_data": {"metadata": _names(payment)},
        }
        if payment.keeps_method:
            asked["customer_creation"] = "always"
            asked["payment_intent_data"]["setup_future_usage"] = "off_session"
        asked["expires_at"] = int(ends.timestamp())
        digest = hashlib.sha256(return_url.encode()).hexdigest()[:16]
        try:
            page = self.gateway.ask(
                lambda client, options: client.v1.checkout.sessions.create(asked, options),
                key=f"page-{payment.id}-{digest}-{asked['expires_at']}",
            )
        except Refused as error:
            raise ProviderUnavailable(provider=NAME) from error
        return HostedPage(url=page["url"], reference=page["id"])

    def close_page(self, reference: str) -> bool:
        try:
            self.gateway.ask(
                lambda client, options: client.v1.checkout.sessions.expire(reference, {}, options),
                key=f"close-{reference}",
            )
        except Refused:
            return bool(self._session(reference)["status"] == "expired")
        return True

    def look_up(self, payment: PaymentView, *, reference: str) -> CaptureOutcome | None:
        session = self._session(reference)
        if session["status"] != "complete" or session["payment_status"] != "paid":
            return None
        intent = self._retrieve(session["payment_intent"])
        return self._outcome(intent, payment)

    # -- a reader on the counter ----------------------------------------------------------------------------------

    def show_on_reader(self, payment: PaymentView, *, reader: str) -> None:
        intent = self._intent(payment, kind="card_present")
        try:
            self.gateway.ask(
                lambda client, options: client.v1.terminal.readers.process_payment_intent(
                    reader, {"payment_intent": intent["id"]}, options
                )
            )
        except Refused as error:
            raise ReaderBusy(reader=reader) from error

    # -- money back -------------------------------------------------------------------------------------------------

    def refund(self, refund: RefundView) -> RefundOutcome:
        """A refund that the bank has not decided on yet waits for its webhook."""
        try:
            answer = self.gateway.ask(
                lambda client, options: client.v1.refunds.create(
                    {
                        "payment_intent": refund.payment_reference,
                        "amount": refund.amount,
                        "metadata": {"refund_id": str(refund.id), "payment_id": str(refund.payment_id)},
                    },
                    options,
                ),
                key=f"refund-{refund.id}",
            )
        except Refused as error:
            return RefundOutcome(is_refunded=False, failure_sentence=error.code or USUAL_SENTENCE)
        if answer["status"] in ("pending", "requires_action"):
            raise ProviderUnavailable(provider=NAME)
        return RefundOutcome(is_refunded=answer["status"] == "succeeded", provider_reference=answer["id"])

    # -- parts ------------------------------------------------------------------------------------------------------

    def _customer(self, payment: PaymentView) -> str:
        """Stripe keeps a card for a customer of its own; we tell it the order and nothing of her."""
        found = self.gateway.ask(
            lambda client, options: client.v1.customers.create(
                {"metadata": {"order_id": str(payment.order_id)}}, options
            ),
            key=f"customer-{payment.id}",
        )
        return str(found["id"])

    def _intent(self, payment: PaymentView, *, customer: str = "", kind: str = "card") -> dict[str, Any]:
        asked: dict[str, Any] = {**_money(payment), "payment_method_types": [kind]}
        if customer:
            asked |= {"customer": customer, "setup_future_usage": "off_session"}
        try:
            return self.gateway.ask(
                lambda client, options: client.v1.payment_intents.create(asked, options), key=f"{kind}-{payment.id}"
            )
        except Refused as error:
            raise ProviderUnavailable(provider=NAME) from error

    def _retrieve(self, reference: str) -> dict[str, Any]:
        try:
            return self.gateway.ask(lambda client, options: client.v1.payment_intents.retrieve(reference, {}, options))
        except Refused as error:
            raise ProviderUnavailable(provider=NAME) from error

    def _session(self, reference: str) -> dict[str, Any]:
        try:
            return self.gateway.ask(
                lambda client, options: client.v1.checkout.sessions.retrieve(reference, {}, options)
            )
        except Refused as error:
            raise ProviderUnavailable(provider=NAME) from error

    def _outcome(self, intent: Mapping[str, Any], payment: PaymentView) -> CaptureOutcome:
        return read_intent(intent, keeps_method=payment.keeps_method)


def read_intent(intent: Mapping[str, Any], *, keeps_method: bool) -> CaptureOutcome:
    """What an intent says, in the port's words: taken, waiting for her, or declined."""
    customer, card = intent.get("customer"), intent.get("payment_method")
    if intent["status"] == "succeeded":
        return CaptureOutcome(
            is_captured=True,
            provider_reference=intent["id"],
            amount=intent["amount_received"],
            currency=str(intent["currency"]).upper(),
            method=f"{customer}:{card}" if keeps_method and customer and card else "",
        )
    action = (intent.get("next_action") or {}).get("redirect_to_url") or {}
    if intent["status"] in ("requires_action", "processing"):
        return CaptureOutcome(is_captured=False, provider_reference=intent["id"], action_url=action.get("url") or "")
    return CaptureOutcome(is_captured=False, provider_reference=intent["id"], decline_sentence=USUAL_SENTENCE)


def _declined(error: Refused) -> CaptureOutcome:
    word = error.decline_code or error.code
    return CaptureOutcome(is_captured=False, decline_sentence=SENTENCES.get(word, USUAL_SENTENCE))


def _names(payment: PaymentView) -> dict[str, str]:
    return {"payment_id": str(payment.id), "order_id": str(payment.order_id)}


def _money(payment: PaymentView) -> dict[str, Any]:
    return {"amount": payment.amount, "currency": payment.currency.lower(), "metadata": _names(payment)}
