"""Letters about money alone: a page to pay on, the difference of an exchange, a refund."""

from __future__ import annotations

from django.utils.translation import gettext as _

from vendome.domains.orders.types import Direction
from vendome.domains.payments.types import Tender
from vendome.flows import pay_links
from vendome.flows.letter_facts import Case
from vendome.web.boutique import wording
from vendome.web.letters import telling
from vendome.web.letters.content import Content


def pay_link(case: Case) -> Content:
    order, asked = case.order, case.to_pay
    assert order is not None
    assert asked is not None
    assert asked.until is not None
    assert asked.link_id is not None
    said = {
        "number": order.number,
        "amount": telling.amount(asked.amount, asked.currency, case),
        "until": telling.moment(asked.until, telling.home_place(case)),
    }
    token = pay_links.get_letter_token(link_id=asked.link_id)
    lines = [line for line in order.lines if line.direction is Direction.OUT and line.state not in telling.GONE]
    return Content(
        subject=_("The payment of your order %(number)s") % said,
        headline=_("Pay when it suits you"),
        paragraphs=(
            _("Your advisor has prepared a page on which you pay %(amount)s, once, until %(until)s.") % said,
            _("We are told the moment it is paid; you need do nothing more."),
        ),
        items=tuple(telling.item(case, line, priced=True) for line in lines),
        sums=((_("To be paid"), said["amount"]),),
        action=(_("Pay %(amount)s") % said, telling.url(case, "pay", token=token)),
        notes=(_("If you did not ask for this, leave it. Nothing is taken, and the page closes by itself."),),
    )


def exchange_due(case: Case) -> Content:
    order, asked = case.order, case.to_pay
    assert order is not None
    assert asked is not None
    said = {"number": order.number, "amount": telling.amount(asked.amount, asked.currency, case)}
    until = telling.moment(asked.until, telling.home_place(case)) if asked.until else ""
    kept = _("What you chose instead is kept for you until %(until)s.") % {"until": until} if until else ""
    pays = _("It costs %(amount)s more than what comes back; once that is paid, the exchange is yours.") % said
    return Content(
        subject=_("The difference of your exchange %(number)s") % said,
        headline=_("One step to your exchange"),
        paragraphs=tuple(part for part in (kept, pays) if part),
        items=tuple(telling.item(case, line, priced=True, how=_how(case, line.direction)) for line in order.lines),
        sums=((_("To be paid"), said["amount"]),),
        action=(_("See and pay"), telling.her_url(case, "order", number=order.number)),
    )


def _how(case: Case, direction: Direction) -> str:
    return _("Comes back to us") if direction is Direction.IN else _("Kept for you")


def refund(case: Case) -> Content:
    order, given = case.order, case.given_back[0]
    assert order is not None
    said = {
        "number": order.number,
        "amount": telling.amount(given.amount, given.currency, case),
        "tender": wording.tender(given.tender),
    }
    notes = {
        Tender.CARD: _("Your bank may need a few days to show it."),
        Tender.TERMINAL: _("Your bank may need a few days to show it."),
        Tender.TRANSFER: _("Your bank may need a few days to show it."),
        Tender.GIFT_CARD: _("It is on your gift card again, under the code you know."),
        Tender.CREDIT_NOTE: _("It is on your credit note again, under the code you know."),
    }
    return Content(
        subject=_("Your refund for order %(number)s") % said,
        headline=_("Given back to you"),
        paragraphs=(_("We have given back %(amount)s for your order %(number)s, the way it was paid.") % said,),
        sums=((_("Given back (%(tender)s)") % said, said["amount"]),),
        action=(_("See your order"), telling.her_url(case, "order", number=order.number)),
        notes=(notes[given.tender],) if given.tender in notes else (),
    )
