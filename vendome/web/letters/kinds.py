"""The kinds of letters as staff say them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from vendome.domains.letters.types import LetterKind

KINDS = {
    LetterKind.ORDER: gettext_lazy("Order confirmed"),
    LetterKind.TRANSFER: gettext_lazy("Waits for a transfer"),
    LetterKind.PAY_LINK: gettext_lazy("A link to pay by"),
    LetterKind.READY: gettext_lazy("Ready to collect"),
    LetterKind.SENT: gettext_lazy("On its way"),
    LetterKind.DELIVERED: gettext_lazy("Parcel delivered"),
    LetterKind.HANDED_OVER: gettext_lazy("Handed over to her"),
    LetterKind.CANCELLED: gettext_lazy("A piece less"),
    LetterKind.CHANGED: gettext_lazy("Order changed"),
    LetterKind.LATER: gettext_lazy("A later day"),
    LetterKind.RETURN: gettext_lazy("Return announced"),
    LetterKind.REFUND: gettext_lazy("Refund"),
    LetterKind.EXCHANGE_DUE: gettext_lazy("Exchange to be paid"),
    LetterKind.SET_ASIDE: gettext_lazy("A piece set aside"),
    LetterKind.OFFER: gettext_lazy("Her turn has come"),
}


def said(kind: LetterKind) -> str:
    return str(KINDS[kind])
