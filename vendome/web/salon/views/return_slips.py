"""The paper of a return or exchange."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vendome.domains.house import queries as house
from vendome.domains.people import permissions
from vendome.domains.people import queries as people
from vendome.flows import return_desk
from vendome.flows.return_desk import ArrivalRow, DocumentRow, RefundRow, ReturnLineRow, ReturnView
from vendome.kit.htmx import render_page
from vendome.web.components import money
from vendome.web.components.frames import Link
from vendome.web.salon import return_pages, return_words, words
from vendome.web.salon.frame import SalonRequest, salon


@require_safe
@salon(permissions.ORDERS_RETURN, section="sell")
def returned(request: SalonRequest, return_id: uuid.UUID) -> HttpResponse:
    """What she takes with her on paper, and the money that is still to be counted out."""
    found = return_desk.get_return(actor=request.actor, return_id=return_id)
    return render_page(request, "salon/returned.html", _page(request, found))


def _page(request: SalonRequest, found: ReturnView) -> return_pages.SlipPage:
    document = found.documents[-1] if found.documents else None
    place_id = (document.place_id if document else None) or (
        found.arrivals[-1].place_id if found.arrivals else found.place_id
    )
    place = house.get_place(maison_id=request.place.maison_id, place_id=place_id or request.place.id)
    staff = people.staff_names(ids={document.advisor_id}) if document and document.advisor_id else {}
    may_read = found.client_id is not None and request.actor.may(permissions.CLIENTS_READ)
    currency = document.currency if document else found.arrivals[0].currency if found.arrivals else "EUR"
    total = document.total_amount if document else 0
    said = money.written(abs(total), currency, get_language() or "en", exact=True)
    is_exchange = document is not None and any(line[0] == "OUT" for line in document.lines)
    waits = [one for one in found.arrivals if one.fate.value == "WAITING" and not one.is_accepted]
    return return_pages.SlipPage(
        return_id=str(found.id),
        title=_("Exchange") if is_exchange else _("Return"),
        number=found.number,
        document_number=document.number if document else "",
        order_number="" if found.is_gift else found.order_number,
        at=document.placed_at if document else found.announced_at,
        house=house.get_maison(maison_id=place.maison_id).name,
        place=place.name,
        address=(*place.address, f"{place.postcode} {place.city}".strip()),
        client=found.client_name,
        card_url=reverse("salon:client", args=[found.client_id]) if may_read else "",
        advisor=staff.get(document.advisor_id, "") if document and document.advisor_id else "",
        currency=currency,
        lines=_lines(found, document),
        total=total,
        total_words=return_words.balance_on_paper(total, said) if document else "",
        refunds=[_refund(request, one) for one in found.payments],
        waits=[
            *[_("%(piece)s is being examined; you hear from us.") % {"piece": one.model_name} for one in waits],
            *[_less(one) for one in found.arrivals if one.deducted_amount],
            *[
                _("%(piece)s is kept for you, and leaves once yours has been examined.") % {"piece": _named(one)}
                for one in found.lines
                if one.is_kept
            ],
        ],
        rules=list(dict.fromkeys(_sentence(line.decision) for line in found.lines)),
        links=_links(request, found),
    )


def _named(one: ReturnLineRow) -> str:
    form = words.form_of(one.wanted_material, one.wanted_size)
    return f"{one.wanted_name}, {form}" if form else one.wanted_name


def _lines(found: ReturnView, document: DocumentRow | None) -> list[return_pages.SlipLine]:
    if document is None:
        return [
            return_pages.SlipLine(
                name=one.model_name,
                form=words.form_of(one.material, one.size),
                identity=one.serial or one.sku,
                quantity=one.quantity,
                amount=0,
                is_in=True,
            )
            for one in found.arrivals
        ]
    return [
        return_pages.SlipLine(
            name=name,
            form=words.form_of(*(form.split(" ", 1) if " " in form else (form, ""))),
            identity=identity,
            quantity=quantity,
            amount=amount,
            is_in=direction == "IN",
        )
        for direction, name, form, identity, quantity, amount in document.lines
    ]


def _less(one: ArrivalRow) -> str:
    amount = money.written(one.deducted_amount, one.currency, get_language() or "en", exact=True)
    return _("%(amount)s less for %(piece)s: %(why)s") % {
        "amount": amount,
        "piece": one.model_name,
        "why": one.deduction_reason,
    }


def _refund(request: SalonRequest, one: RefundRow) -> return_pages.SlipRefund:
    is_waiting = one.amount < 0 and one.state == "REQUESTED" and one.tender in return_words.BY_HAND
    is_lost = one.amount < 0 and one.state == "FAILED" and request.actor.may(permissions.PAYMENTS_REFUND)
    may_ask = is_lost and request.actor.may(permissions.BUREAU)
    return return_pages.SlipRefund(
        how=words.said(return_words.TENDERS, one.tender),
        amount=one.amount,
        state=_("To be given back now") if is_waiting else words.said(return_words.REFUND_STATES, one.state),
        tone=return_words.REFUND_TONES.get(one.state, ""),
        reference=one.reference,
        by_hand_url=reverse("salon:refund_by_hand", args=[one.id]) if is_waiting else "",
        asks_reference=one.tender == "TERMINAL",
        again_url=reverse("bureau:refund_again", args=[one.id]) if may_ask else "",
    )


def _sentence(decision: object) -> str:
    assert isinstance(decision, dict)
    said = decision.get("client", {})
    return str(said.get(get_language() or "en") or said.get("en", ""))


def _links(request: SalonRequest, found: ReturnView) -> list[Link]:
    links = [Link(label=_("Next return"), url=reverse("salon:returns"))]
    if request.actor.may(permissions.BUREAU):
        links.append(Link(label=_("The whole return"), url=reverse("bureau:return", args=[found.id])))
    return links
