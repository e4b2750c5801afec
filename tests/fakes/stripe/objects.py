# ruff: noqa: E501  # tables of cases and SQL read better on one line
"""What the stand-in keeps and how it behaves: Stripe's objects with the members and states our adapter relies on."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

Thing = dict[str, Any]
DECLINES = {
    "pm_card_chargeDeclined": "generic_decline",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_chargeDeclinedExpiredCard": "expired_card",
}
CONFIRMS = "pm_card_authenticationRequired"  # 3-D Secure: she has to confirm
FAILS_LATER = "pm_card_chargeCustomerFail"  # may be kept, and is declined when it is charged again
KNOWN_CARDS = {"pm_card_visa", "pm_card_mastercard", CONFIRMS, FAILS_LATER, *DECLINES}


class Wrong(Exception):
    """An error as Stripe answers it."""

    def __init__(self, status: int, kind: str, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": message, **more}}


def invalid(code: str, message: str, status: int = 400) -> Wrong:
    return Wrong(status, "invalid_request_error", code, message)


@dataclass
class Account:
    """One account's objects, and the events they caused."""

    is_live: bool = False
    base: str = ""
    things: dict[str, Thing] = field(default_factory=dict)
    events: list[Thing] = field(default_factory=list)
    captured: dict[str, int] = field(default_factory=dict)  # by intent: how often money moved
    _count: Any = field(default_factory=lambda: itertools.count(1))

    # -- parts -------------------------------------------------------------------------------------------------

    def new(self, prefix: str, kind: str, **members: Any) -> Thing:
        made = {
            "id": f"{prefix}_{next(self._count):08d}",
            "object": kind,
            "created": int(time.time()),
            "livemode": self.is_live,
            **members,
        }
        self.things[made["id"]] = made
        return made

    def get(self, name: str, kind: str) -> Thing:
        found = self.things.get(name)
        if found is None or found["object"] != kind:
            raise invalid("resource_missing", f"No such {kind}: '{name}'", 404)
        return found

    def tell(self, kind: str, thing: Thing) -> Thing:
        import copy

        event = self.new(
            "evt", "event", type=kind, data={"object": copy.deepcopy(thing)}, api_version="2026-10-28.endive"
        )
        self.events.append(event)
        return event

    # -- customers and intents -----------------------------------------------------------------------------------

    def create_customer(self, asked: Thing) -> Thing:
        return self.new("cus", "customer", metadata=asked.get("metadata", {}))

    def create_intent(self, asked: Thing) -> Thing:
        amount = _number(asked, "amount")
        if amount < 1:
            raise invalid("parameter_invalid_integer", "Invalid positive integer")
        intent = self.new(
            "pi", "payment_intent", amount=amount, amount_received=0, currency=_text(asked, "currency"), status="requires_payment_method",
            metadata=asked.get("metadata", {}), customer=asked.get("customer"), payment_method=asked.get("payment_method"),
            payment_method_types=list(asked.get("payment_method_types", ["card"])), next_action=None, last_payment_error=None,
            setup_future_usage=asked.get("setup_future_usage"),
        )  # fmt: skip
        if asked.get("confirm") == "true":
            return self.confirm_intent(intent["id"], asked)
        return intent

    def confirm_intent(self, name: str, asked: Thing) -> Thing:
        intent = self.get(name, "payment_intent")
        if intent["status"] not in ("requires_payment_method", "requires_confirmation", "requires_action"):
            raise invalid("payment_intent_unexpected_state", f"This PaymentIntent's status is {intent['status']}.")
        card = asked.get("payment_method") or intent["payment_method"]
        if card not in KNOWN_CARDS and card not in self.things:
            raise invalid("resource_missing", f"No such PaymentMethod: '{card}'")
        behaves = self.things[card]["behaves"] if card in self.things else card
        is_off = asked.get("off_session") == "true"
        if behaves in DECLINES or (behaves == FAILS_LATER and is_off):
            self._declined(intent, DECLINES.get(behaves, "generic_decline"))
        if behaves == CONFIRMS:
            if is_off or asked.get("error_on_requires_action") == "true":
                self._declined(intent, "authentication_required")
            where = {"url": f"{self.base}/3ds/{intent['id']}", "return_url": asked.get("return_url")}
            intent.update(
                status="requires_action",
                payment_method=card,
                next_action={"type": "redirect_to_url", "redirect_to_url": where},
            )
            return intent
        return self.take(intent, card)

    def take(self, intent: Thing, card: str) -> Thing:
        if intent["setup_future_usage"] and card in KNOWN_CARDS:
            card = self.new("pm", "payment_method", behaves=card)["id"]
        intent.update(status="succeeded", amount_received=intent["amount"], payment_method=card, next_action=None)
        self.captured[intent["id"]] = self.captured.get(intent["id"], 0) + 1
        self.tell("payment_intent.succeeded", intent)
        return intent

    def _declined(self, intent: Thing, decline: str) -> None:
        intent.update(status="requires_payment_method", last_payment_error={"decline_code": decline})
        self.tell("payment_intent.payment_failed", intent)
        code = decline if decline in ("expired_card", "authentication_required") else "card_declined"
        raise Wrong(402, "card_error", code, "Your card was declined.", decline_code=decline)

    def cancel_intent(self, name: str, asked: Thing) -> Thing:
        intent = self.get(name, "payment_intent")
        if intent["status"] == "succeeded":
            raise invalid("payment_intent_unexpected_state", "You cannot cancel a PaymentIntent that has succeeded.")
        intent["status"] = "canceled"
        self.tell("payment_intent.canceled", intent)
        return intent

    # -- hosted pages --------------------------------------------------------------------------------------------

    def create_session(self, asked: Thing) -> Thing:
        now = time.time()
        ends = _number(asked, "expires_at")
        if not now + 1800 - 60 <= ends <= now + 86_400:
            raise invalid("parameter_invalid", "`expires_at` must be between 30 minutes and 24 hours from now.")
        line = asked["line_items"][0]
        amount = int(line["price_data"]["unit_amount"]) * int(line["quantity"])
        session = self.new(
            "cs", "checkout.session", mode="payment", status="open", payment_status="unpaid", amount_total=amount,
            currency=line["price_data"]["currency"], metadata=asked.get("metadata", {}), expires_at=ends, payment_intent=None,
            client_reference_id=asked.get("client_reference_id"), success_url=asked["success_url"], more=asked.get("payment_intent_data", {}),
            customer_creation=asked.get("customer_creation"), title=line["price_data"]["product_data"]["name"],
        )  # fmt: skip
        session["url"] = f"{self.base}/c/pay/{session['id']}"
        return session

    def pay_on_page(self, name: str, card: str = "pm_card_visa") -> Thing:
        """A client on the hosted page; a page can be paid once."""
        session = self.get(name, "checkout.session")
        if session["status"] != "open":
            raise invalid("session_closed", "This page has been used or has expired.")
        customer = self.create_customer({})["id"] if session["customer_creation"] else None
        intent = self.create_intent(
            {
                "amount": str(session["amount_total"]),
                "currency": session["currency"],
                **session["more"],
                "customer": customer,
            }
        )
        self.confirm_intent(intent["id"], {"payment_method": card})
        session.update(status="complete", payment_status="paid", payment_intent=intent["id"])
        self.tell("checkout.session.completed", session)
        return session

    def expire_session(self, name: str, asked: Thing) -> Thing:
        session = self.get(name, "checkout.session")
        if session["status"] != "open":
            raise invalid("session_closed", "Only open sessions can be expired.")
        session["status"] = "expired"
        self.tell("checkout.session.expired", session)
        return session

    # -- readers ---------------------------------------------------------------------------------------------------

    def add_reader(self, name: str, *, is_online: bool = True) -> Thing:
        reader = self.new(
            "tmr", "terminal.reader", label=name, status="online" if is_online else "offline", action=None
        )
        self.things[name] = reader
        reader["id"] = name
        return reader

    def show_on_reader(self, name: str, asked: Thing) -> Thing:
        reader = self.get(name, "terminal.reader")
        if reader["status"] == "offline":
            raise invalid("terminal_reader_offline", "Reader is currently offline.")
        if reader["action"] and reader["action"]["status"] == "in_progress":
            raise invalid("terminal_reader_busy", "Reader is currently in use.")
        intent = self.get(_text(asked, "payment_intent"), "payment_intent")
        if intent["payment_method_types"] != ["card_present"]:
            raise invalid("payment_intent_invalid_parameter", "The intent is not for a reader.")
        reader["action"] = {
            "status": "in_progress",
            "type": "process_payment_intent",
            "process_payment_intent": {"payment_intent": intent["id"]},
        }
        return reader

    def present_card(self, name: str) -> Thing:
        """She holds her card to the reader."""
        reader = self.get(name, "terminal.reader")
        reader["action"]["status"] = "succeeded"
        return self.take(
            self.get(reader["action"]["process_payment_intent"]["payment_intent"], "payment_intent"), "pm_card_visa"
        )

    # -- money back ----------------------------------------------------------------------------------------------------

    def create_refund(self, asked: Thing) -> Thing:
        intent = self.get(_text(asked, "payment_intent"), "payment_intent")
        amount = _number(asked, "amount")
        given = sum(
            one["amount"] for one in self.things.values()
            if one["object"] == "refund" and one["payment_intent"] == intent["id"] and one["status"] != "failed"
        )  # fmt: skip
        if given + amount > intent["amount_received"]:
            raise invalid(
                "charge_already_refunded" if given else "amount_too_large", "Refund is greater than what is left."
            )
        refund = self.new(
            "re", "refund", amount=amount, currency=intent["currency"], payment_intent=intent["id"], metadata=asked.get("metadata", {}),
            status="pending" if intent["metadata"].get("slow") else "succeeded",
        )  # fmt: skip
        self.tell("refund.created", refund)
        if refund["status"] == "succeeded":
            self.tell("refund.updated", refund)
        return refund

    def open_dispute(self, intent_name: str, reason: str = "fraudulent") -> Thing:
        intent = self.get(intent_name, "payment_intent")
        dispute = self.new(
            "dp", "dispute", amount=intent["amount"], currency=intent["currency"], payment_intent=intent["id"], reason=reason,
            status="needs_response", evidence_details={"due_by": int(time.time()) + 7 * 86_400}, metadata={},
        )  # fmt: skip
        self.tell("charge.dispute.created", dispute)
        return dispute

    def close_dispute(self, name: str, *, is_won: bool) -> Thing:
        dispute = self.get(name, "dispute")
        dispute["status"] = "won" if is_won else "lost"
        self.tell("charge.dispute.closed", dispute)
        return dispute


def _text(asked: Thing, name: str) -> str:
    if not asked.get(name):
        raise invalid("parameter_missing", f"Missing required param: {name}.")
    return str(asked[name])


def _number(asked: Thing, name: str) -> int:
    text = _text(asked, name)
    if not text.lstrip("-").isdigit():
        raise invalid("parameter_invalid_integer", f"Invalid integer: {text}")
    return int(text)
