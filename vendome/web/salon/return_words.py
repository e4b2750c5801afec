"""How returns are spoken of among staff; the bureau says the same."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendome.web.components.parts import Tone

CONDITIONS = {
    "AS_SOLD": gettext_lazy("As sold"),
    "WORN": gettext_lazy("Worn"),
    "DAMAGED": gettext_lazy("Damaged"),
    "NOT_OURS": gettext_lazy("Not the piece we sold"),
}
OUTCOMES = {
    "RIGHT": gettext_lazy("Her right by law"),
    "REFUND": gettext_lazy("Refund"),
    "STORE_CREDIT": gettext_lazy("Credit or exchange"),
    "EXCHANGE_ONLY": gettext_lazy("Exchange only"),
    "ASK_MANAGER": gettext_lazy("The manager decides"),
    "REFUSE": gettext_lazy("Not taken back"),
    "NO_RIGHT": gettext_lazy("No right by law"),
}
OUTCOME_TONES: dict[str, Tone] = {
    "RIGHT": "good", "REFUND": "good", "STORE_CREDIT": "gold", "EXCHANGE_ONLY": "gold", "ASK_MANAGER": "care",
    "REFUSE": "wrong", "NO_RIGHT": "open",
}  # fmt: skip
RETURN_STATES = {
    "ANNOUNCED": gettext_lazy("Announced"),
    "OPEN": gettext_lazy("Arriving"),
    "CLOSED": gettext_lazy("Settled"),
    "WITHDRAWN": gettext_lazy("Withdrawn"),
}
RETURN_TONES: dict[str, Tone] = {"ANNOUNCED": "open", "OPEN": "care", "CLOSED": "good", "WITHDRAWN": "open"}
REASONS = {
    "NOT_SAID": gettext_lazy("Not said"),
    "CHANGED_MIND": gettext_lazy("Changed her mind"),
    "SIZE": gettext_lazy("The size"),
    "DEFECT": gettext_lazy("A defect"),
    "WRONG_PIECE": gettext_lazy("Another piece than ordered"),
    "GIFT": gettext_lazy("A gift"),
}
FATES = {
    "WAITING": gettext_lazy("Still in quarantine"),
    "RESTOCKED": gettext_lazy("Back on sale"),
    "WRITTEN_OFF": gettext_lazy("Written off"),
    "GIVEN_BACK": gettext_lazy("Given back to her"),
}
TENDERS = {
    "CASH": gettext_lazy("Cash"),
    "CARD": gettext_lazy("Card, online"),
    "TERMINAL": gettext_lazy("Card, on the terminal"),
    "CREDIT_NOTE": gettext_lazy("Credit note"),
    "CREDIT": gettext_lazy("Set off against what was not paid"),
    "IMPORTED": gettext_lazy("As paid in an earlier system"),
}
REFUND_STATES = {
    "REQUESTED": gettext_lazy("On its way"),
    "CAPTURED": gettext_lazy("Paid"),
    "REFUNDED": gettext_lazy("Given back"),
    "FAILED": gettext_lazy("Could not be given back"),
}
REFUND_TONES: dict[str, Tone] = {"REQUESTED": "care", "CAPTURED": "good", "REFUNDED": "good", "FAILED": "wrong"}
BY_HAND = frozenset({"CASH", "TERMINAL", "IMPORTED"})


def balance(amount: int, said: str) -> str:
    """The balance of an exchange or return as a sentence; `said` is the amount without its sign."""
    if amount > 0:
        return _("She pays %(amount)s") % {"amount": said}
    if amount < 0:
        return _("She is given back %(amount)s") % {"amount": said}
    return _("Nothing is to pay")


def balance_on_paper(amount: int, said: str) -> str:
    """The same on the paper she takes with her."""
    if amount > 0:
        return _("Paid by you: %(amount)s") % {"amount": said}
    if amount < 0:
        return _("Given back to you: %(amount)s") % {"amount": said}
    return _("Nothing was to pay")
