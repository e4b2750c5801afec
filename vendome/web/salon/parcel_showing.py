"""One parcel as a page: what is in it, who may carry it and why, what may be done next, what has happened."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vendome.domains.fulfilment.choice import Choice, Weighed
from vendome.domains.fulfilment.types import Booking, DeliveryMode, ParcelState, ParcelView
from vendome.domains.people import permissions
from vendome.flows import parcels as flow
from vendome.web.components import frames, money
from vendome.web.components.frames import Link
from vendome.web.components.parts import Happening
from vendome.web.salon import parcel_words, words
from vendome.web.salon.frame import SalonRequest
from vendome.web.salon.parcel_forms import PackForm
from vendome.web.salon.parcel_pages import Content, Offer, ParcelPage, Step


def parcel_page(request: SalonRequest, found: ParcelView, form: PackForm, *, error: str, at: datetime) -> ParcelPage:
    """Everything the page of one parcel shows."""
    is_open = found.state is ParcelState.PREPARING
    choice = flow.get_choice(actor=request.actor, parcel=found, at=at) if is_open and found.lines else None
    advice, advice_tone = (
        parcel_words.advice(choice, _amount(choice.highest_limit, found.currency), found.promised_date)
        if choice
        else ("", "")
    )
    state, tone = parcel_words.state(found.state)
    chosen = str(form["service"].value() or "")
    may_bureau = request.actor.may(permissions.BUREAU)
    return ParcelPage(
        id=found.id,
        crumbs=[
            Link(label=_("To send"), url=reverse("salon:to_send")),
            Link(label=_number(found), url=""),
        ],
        number=_number(found),
        state=state,
        tone=tone,
        order_url=reverse("bureau:order", args=[found.order_id]) if may_bureau else "",
        recipient=found.recipient,
        address=parcel_words.address(found.address),
        phone=found.phone,
        promised=found.promised_date,
        content=contents(found),
        value=found.value,
        currency=found.currency,
        wanted=str(parcel_words.MODES[found.wanted]),
        advice=advice,
        advice_tone=advice_tone,
        offers=[_offer(one, choice, chosen, found) for one in choice.weighed] if choice else [],
        slots=_slots(request, found, at) if choice else [],
        form=form if choice else None,
        may_split=is_open and len(found.lines) > 1,
        facts=[] if is_open else _facts(found),
        happenings=happenings(found),
        steps=_steps(request, found),
        label_url=_document(found, found.label_id),
        slip_url="" if is_open else reverse("salon:packing_slip", args=[found.id]),
        signature_url=_document(found, found.signature_id),
        problem=found.booking_problem or found.problem,
        error=error,
    )


def contents(found: ParcelView) -> list[Content]:
    return [
        Content(
            id=line.line_id,
            name=line.name,
            form=words.form_of(line.material, line.size),
            code=line.code,
            world=words.world_of(line.code),
            serial=line.serial,
            quantity=line.quantity,
            amount=line.amount,
        )
        for line in found.lines
    ]


def happenings(found: ParcelView) -> list[Happening]:
    """The way of a parcel, the carrier's scans among our own steps."""
    steps = []
    if found.packed_at:
        steps.append(Happening(title=_("Packed and sealed"), at=found.packed_at, text=found.seal))
    if found.dispatched_at:
        who = found.service_name
        steps.append(Happening(title=_("Entrusted to the carrier"), at=found.dispatched_at, text=who))
    steps += [
        Happening(
            title=str(parcel_words.SCANS[event.kind]),
            at=event.at,
            text=", ".join(part for part in (event.message, event.where) if part),
        )
        for event in found.events
    ]
    if found.delivered_at:
        proof = found.received_by
        if found.identity_seen:
            proof = _("%(name)s, identity seen") % {"name": found.received_by}
        steps.append(Happening(title=_("In her hands"), at=found.delivered_at, text=proof))
    elif found.ended_at:
        steps.append(Happening(title=parcel_words.state(found.state)[0], at=found.ended_at, text=found.problem))
    steps.sort(key=lambda one: one.at.timestamp() if one.at else 0.0)
    if found.state in (ParcelState.PREPARING, ParcelState.PACKED) or found.state.travels:
        ahead = parcel_words.slot(found.slot) if found.slot else ""
        steps.append(Happening(title=_("In her hands"), text=ahead, ahead=True))
    return steps


def _offer(one: Weighed, choice: Choice, chosen: str, found: ParcelView) -> Offer:
    is_first = choice.chosen is not None and one.service.id == choice.chosen.service.id
    return Offer(
        id=one.service.id,
        name=one.service.name,
        words=str(parcel_words.MODES[one.service.mode]),
        why=str(parcel_words.REASONS[one.why] if is_first or not one.may_carry else parcel_words.INSTEAD[one.why]),
        arrives=one.arrives,
        is_late=one.arrives > found.promised_date,
        cover=one.limit,
        footprint=parcel_words.footprint(one.footprint_grams),
        is_fit=one.may_carry,
        is_chosen=chosen == str(one.service.id) if chosen else is_first,
        is_glove=one.service.mode is DeliveryMode.WHITE_GLOVE,
    )


def _slots(request: SalonRequest, found: ParcelView, at: datetime) -> list[frames.Choice]:
    free = [slot for _service, slot in flow.list_slots(actor=request.actor, parcel=found, at=at)]
    if found.slot and found.slot not in free and found.slot.starts_at > at:
        free.insert(0, found.slot)  # as agreed with her; whether somebody is free then, packing says
    return [
        frames.Choice(
            value=f"{slot.starts_at.isoformat()}/{slot.ends_at.isoformat()}",
            label=parcel_words.slot(slot),
            chosen=slot == found.slot,
        )
        for slot in free
    ]


def _facts(found: ParcelView) -> list[tuple[str, str]]:
    facts = [
        (_("Service"), _service(found)),
        (_("Tracking number"), found.tracking_number),
        (_("Label"), str(parcel_words.BOOKINGS[found.booking]) if found.state is ParcelState.PACKED else ""),
        (_("Seal"), found.seal),
        (_("Insured"), _("%(amount)s of at most %(limit)s") % {
            "amount": _amount(found.insured_amount, found.currency),
            "limit": _amount(found.insured_limit, found.currency),
        } if found.insured_limit else ""),
        (_("Agreed for"), parcel_words.slot(found.slot) if found.slot else ""),
        (_("At the door"), _asked(found)),
        (_("Footprint"), parcel_words.footprint(found.footprint_grams) if found.footprint_grams else ""),
        (_("Taken by"), found.received_by),
    ]  # fmt: skip
    return [(term, value) for term, value in facts if value]


def _service(found: ParcelView) -> str:
    known = {why.value: words for why, words in parcel_words.REASONS.items()}
    return f"{found.service_name} ({known[found.why]})" if found.why in known else found.service_name


def _asked(found: ParcelView) -> str:
    asked = [
        text
        for text, is_asked in ((_("signature"), found.needs_signature), (_("identity document"), found.checks_identity))
        if is_asked
    ]
    return _(" and ").join(asked)


def _steps(request: SalonRequest, found: ParcelView) -> list[Step]:
    """What may be done now, the natural next step first."""
    may, place = request.actor.may, found.origin_id
    steps: list[Step] = []

    def add(
        name: str, label: str, hint: str = "", *, reason: bool = False, first: bool = False, grave: bool = False
    ) -> None:
        url = reverse("salon:parcel_step", args=[found.id, name])
        steps.append(
            Step(name=name, label=label, hint=hint, needs_reason=reason, is_first=first, is_grave=grave, url=url)
        )

    match found.state:
        case ParcelState.PACKED:
            if found.booking in (Booking.NONE, Booking.BOOKED):
                add(
                    "dispatch",
                    _("The carrier has it"),
                    _("Off our shelf, in the carrier's custody, still promised to her."),
                    first=True,
                )
            add("unpack", _("Open it again"), _("Its seal is spent and its label given back."), reason=True)
        case ParcelState.DISPATCHED | ParcelState.OUT_FOR_DELIVERY | ParcelState.REFUSED | ParcelState.RETURNING:
            if found.state is ParcelState.DISPATCHED and found.carrier == "house":
                add("round", _("Set out with it"), first=True)
            if found.state in (ParcelState.DISPATCHED, ParcelState.OUT_FOR_DELIVERY):
                add("refuse", _("Not taken"), _("She would not take it, or nobody was there."), reason=True)
            add("take-back", _("It is back here"), _("Into quarantine, still promised to her."), reason=True)
            if may(permissions.ORDERS_EXCEPTIONS, place_id=place):
                add(
                    "lose",
                    _("It is lost"),
                    _("Written off with its reason; the order stays owed."),
                    reason=True,
                    grave=True,
                )
        case ParcelState.RETURNED if may(permissions.ORDERS_INSPECT, place_id=place):
            if any(line.state in ("HELD", "READY") for line in found.lines):
                add("send-again", _("Looked at and whole: send it again"), first=True)
        case ParcelState.LOST if may(permissions.ORDERS_EXCEPTIONS, place_id=place):
            if any(line.state == "DISPATCHED" for line in found.lines):
                add(
                    "replace",
                    _("Send her another"),
                    _("Taken where it best comes from, for the same order."),
                    first=True,
                )
    return steps


def _document(found: ParcelView, document_id: object) -> str:
    return reverse("salon:parcel_document", args=[found.id, document_id]) if document_id else ""


def _number(found: ParcelView) -> str:
    return found.order_number if found.number == 1 else f"{found.order_number} / {found.number}"


def _amount(amount: int, currency: str) -> str:
    return money.written(amount, currency, get_language() or "en")
