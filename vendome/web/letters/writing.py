"""Writes one letter: its words by kind, set once as plain text and once as HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from vendome.domains.letters.types import LetterKind
from vendome.flows.letter_facts import Case
from vendome.web.letters import about_keeping, about_money, about_orders, about_receiving, about_returns, telling
from vendome.web.letters.content import Content

WRITERS: Final[Mapping[LetterKind, Callable[[Case], Content]]] = {
    LetterKind.ORDER: about_orders.placed,
    LetterKind.TRANSFER: about_orders.awaits_transfer,
    LetterKind.PAY_LINK: about_money.pay_link,
    LetterKind.READY: about_receiving.ready,
    LetterKind.SENT: about_receiving.sent,
    LetterKind.DELIVERED: about_receiving.delivered,
    LetterKind.HANDED_OVER: about_receiving.handed_over,
    LetterKind.CANCELLED: about_orders.cancelled,
    LetterKind.CHANGED: about_orders.changed,
    LetterKind.LATER: about_orders.later,
    LetterKind.RETURN: about_returns.announced,
    LetterKind.REFUND: about_money.refund,
    LetterKind.EXCHANGE_DUE: about_money.exchange_due,
    LetterKind.SET_ASIDE: about_keeping.set_aside,
    LetterKind.OFFER: about_keeping.offered,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter ready to leave."""

    subject: str
    text: str
    html: str
    language: str


def write(case: Case) -> Written:
    """The letter in the reader's language."""
    language = telling.language_of(case)
    with translation.override(language):
        content = WRITERS[case.kind](case)
        values = {
            "letter": content,
            "language": language,
            "house": case.maison.name,
            "name": case.recipient.name,
            "answer_to": settings.DEFAULT_FROM_EMAIL,
        }
        return Written(
            subject=content.subject,
            text=render_to_string("letters/letter.txt", values).strip() + "\n",
            html=render_to_string("letters/letter.html", values),
            language=language,
        )
