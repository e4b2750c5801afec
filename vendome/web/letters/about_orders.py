"""Letters about an order as a whole: it is hers, it waits for a transfer, something of it changed or will not come."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vendome.domains.orders.types import Direction, Mode, OrderView
from vendome.domains.payments.types import PaymentState
from vendome.flows.letter_facts import Case
from vendome.web.boutique import wording
from vendome.web.boutique.wording import spoken_day
from vendome.web.letters import telling
from vendome.web.letters.content import Content, Part

RECEIVED = (PaymentState.CAPTURED, PaymentState.REFUNDED)


def placed(case: Case) -> Content:
    """What she bought, how and when each piece reaches her, what it cost and how it was paid."""
    order = _order(case)
    lines = [line for line in order.lines if line.direction is Direction.IN or line.state not in telling.GONE]
    is_exchange = any(line.direction is Direction.IN for line in lines)
    is_taken = all(line.mode is Mode.TAKE_AWAY for line in lines if line.direction is Direction.OUT)
    said = {"number": order.number}
    if is_exchange:
        text = _("Your exchange is settled. This is what comes to you, and what comes back to us.")
    elif is_taken:
        text = _("It was a pleasure to receive you. This letter is for your papers.")
    else:
        text = _("Your order is confirmed, and every piece of it is kept for you from now on.")
    return Content(
        subject=_("Your exchange, order %(number)s") % said if is_exchange else _("Your order %(number)s") % said,
        headline=_("Thank you"),
        paragraphs=(text,),
        items=tuple(telling.item(case, line, priced=True, how=telling.how(case, line)) for line in lines),
        sums=_sums(case),
        parts=_parts(case),
        action=(_("See your order"), telling.her_url(case, "order", number=order.number)),
    )


def awaits_transfer(case: Case) -> Content:
    """Where to send it and until when; to an address that nobody proved, of the order only its number and sums."""
    order, asked = _order(case), case.to_pay
    assert asked is not None
    assert asked.until_date is not None
    said = {"number": order.number, "day": spoken_day(asked.until_date)}
    account = Part(
        title=_("Where to send it"),
        lines=(*asked.account, _("Amount: %(amount)s") % {"amount": telling.amount(asked.amount, asked.currency, case)},
               _("Reference: %(number)s") % said),
    )  # fmt: skip
    return Content(
        subject=_("Your order %(number)s waits for your transfer") % said,
        headline=_("Kept for you"),
        paragraphs=(
            _("Your pieces are kept for you until %(day)s. They leave the vault the moment your transfer arrives.")
            % said,
        ),
        items=() if case.is_unasked else tuple(telling.item(case, line, priced=True) for line in order.lines),
        sums=_sums(case),
        parts=(account,),
        action=(_("See your order"), telling.her_url(case, "order", number=order.number)),
    )


def cancelled(case: Case) -> Content:
    """What will not come, and what was given back for it."""
    order = _order(case)
    gone = telling.lines_about(case, case.line_ids)
    stays = [line for line in order.lines if line.direction is Direction.OUT and line.state not in telling.GONE]
    text = ngettext(
        "The piece named here is no longer part of your order.",
        "The pieces named here are no longer part of your order.",
        len(gone),
    )
    more = _("Everything else stays as it was promised to you.") if stays else ""
    return Content(
        subject=_("A change to your order %(number)s") % {"number": order.number},
        headline=_("A change to your order"),
        paragraphs=tuple(part for part in (text, more) if part),
        items=tuple(telling.item(case, line, priced=True) for line in gone),
        sums=tuple(
            (
                (_("Given back (%(tender)s)") if one.is_done else _("On its way back to you (%(tender)s)"))
                % {"tender": wording.tender(one.tender)},
                telling.amount(one.amount, one.currency, case),
            )
            for one in case.given_back
        ),
        action=(_("See your order"), telling.her_url(case, "order", number=order.number)),
        notes=(_("If you did not expect this, answer this letter: a person reads it."),),
    )


def changed(case: Case) -> Content:
    order = _order(case)
    lines = [line for line in order.lines if line.direction is Direction.OUT and line.state not in telling.GONE]
    return Content(
        subject=_("A change to your order %(number)s") % {"number": order.number},
        headline=_("Changed, as agreed"),
        paragraphs=(_("Your order is now as you asked for. This is how it stands."),),
        items=tuple(telling.item(case, line, how=telling.how(case, line)) for line in lines),
        parts=_parts(case),
        action=(_("See your order"), telling.her_url(case, "order", number=order.number)),
        notes=(_("If you did not expect this, answer this letter: a person reads it."),),
    )


def later(case: Case) -> Content:
    """The day that was promised cannot be kept: which one can."""
    order = _order(case)
    lines = telling.lines_about(case, case.line_ids)
    return Content(
        subject=_("A later day for your order %(number)s") % {"number": order.number},
        headline=_("A little later"),
        paragraphs=(
            _("We are sorry: what we had set aside for you could not be yours, and another piece is on its way."),
            _("This is the new day, and the piece is kept for you until then."),
        ),
        items=tuple(telling.item(case, line, how=telling.how(case, line)) for line in lines),
        action=(_("See your order"), telling.her_url(case, "order", number=order.number)),
        notes=(_("If the day does not suit you, answer this letter: a person reads it."),),
    )


def _order(case: Case) -> OrderView:
    assert case.order is not None  # every letter about an order is read with it
    return case.order


def _sums(case: Case) -> tuple[tuple[str, str], ...]:
    """In all, of which tax; then what was paid by which tender, and what is still to be paid."""
    order = _order(case)
    rows = [(_("In all"), telling.amount(order.total_amount, order.currency, case))]
    if order.tax_amount > 0:
        rows.append((_("Of which tax"), telling.amount(order.tax_amount, order.currency, case)))
    received = [one for one in case.payments if one.state in RECEIVED and one.amount > 0]
    for one in received:
        paid = _("Paid by %(tender)s") % {"tender": wording.tender(one.tender)}
        rows.append((paid, telling.amount(one.amount, one.currency, case)))
    rest = order.total_amount - sum(one.amount for one in received)
    if rest > 0:
        rows.append((_("Still to be paid"), telling.amount(rest, order.currency, case)))
    return tuple(rows)


def _parts(case: Case) -> tuple[Part, ...]:
    """The boutiques where something waits to be collected, and the address of what is delivered."""
    order = _order(case)
    open_lines = [line for line in order.lines if line.direction is Direction.OUT and line.state.is_open]
    collected = [line.place_id for line in open_lines if line.mode is Mode.COLLECT]
    parts = telling.visits(case, collected)
    if collected:
        parts = (*parts, telling.to_bring(order.number))
    return (*parts, *telling.delivery_address(case)) if any(one.mode is Mode.DELIVER for one in open_lines) else parts
