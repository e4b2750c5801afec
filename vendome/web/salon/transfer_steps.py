"""The page of one transfer, in the salon and in the bureau: what it shows, and what a form sent from it asks for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.clients import queries as clients
from vendome.domains.house import queries as house
from vendome.domains.people import permissions
from vendome.domains.stock.queries import shelf
from vendome.domains.stock.queries.transfers import TransferLineView, TransferView
from vendome.domains.stock.services import transfers as stock
from vendome.domains.stock.services.transfers import Arrived, Surplus
from vendome.domains.stock.types import Discrepancy, HoldKind, TransferState
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput, DomainError
from vendome.web.bureau.actors import names_of
from vendome.web.components.frames import Link
from vendome.web.components.parts import Happening, Tone
from vendome.web.salon import transfer_words as words
from vendome.web.salon.forms import new_key
from vendome.web.salon.words import form_of, world_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One piece or quantity, with what was typed about it so far."""

    id: uuid.UUID
    name: str
    form: str
    sku: str
    code: str
    world: str
    serial: str
    epc: str
    quantity: int
    is_piece: bool
    is_open: bool
    outcome: str
    tone: Tone
    note: str
    keeps: str  # for whom it travels, when a client's own hold does
    standing: str  # how many the place it is asked of has free, while it decides
    standing_tone: Tone
    is_left_out: bool
    came: bool
    count: str
    problem: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a form sent, so that nothing typed is lost."""

    reason: str = ""
    waybill: str = ""
    codes: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferPage:
    """Everything transfer.html may read, on either surface."""

    crumbs: Sequence[Link]
    number: str
    state: str
    tone: Tone
    from_name: str
    to_name: str
    facts: Sequence[tuple[str, str]]
    client: str
    card_url: str
    order_number: str
    order_url: str
    happenings: Sequence[Happening]
    lines: Sequence[Line]
    open_count: int
    key: str
    problem: str
    given: Given
    can_approve: bool
    can_pick: bool
    can_send: bool
    can_receive: bool
    can_cancel: bool
    waits_for: str


def page_of(
    transfer: TransferView, actor: Actor, *, crumbs: Sequence[Link], sent: QueryDict | None = None, problem: str = ""
) -> TransferPage:
    """The page for this reader; with `sent`, as she left its form."""
    places = {place.id: place for place in house.list_places(maison_id=actor.in_maison)}
    names = names_of(step.by for step in transfer.steps)
    labels = catalogue.label_references(ids={line.reference_id for line in transfer.lines})
    may_read = transfer.client_id is not None and actor.may(permissions.CLIENTS_READ)
    client = clients.client_names(ids={transfer.client_id}) if transfer.client_id and may_read else {}
    here, there = places[transfer.from_place_id], places[transfer.to_place_id]
    may = _rights(transfer, actor)
    is_hers = any(value for name, value in may.items() if name != "can_cancel")
    given = sent or QueryDict()
    free = _free(transfer, actor) if transfer.state is TransferState.REQUESTED else None
    return TransferPage(
        crumbs=crumbs,
        number=transfer.number,
        state=str(words.STATES[transfer.state.value]),
        tone=words.TONES[transfer.state.value],
        from_name=here.name,
        to_name=there.name,
        facts=_facts(transfer),
        client=client.get(transfer.client_id, "") if transfer.client_id else "",
        card_url=reverse("salon:client", args=[transfer.client_id])
        if may_read and actor.may(permissions.SALON)
        else "",
        order_number=transfer.order_number,
        order_url=_order_url(transfer, actor),
        happenings=words.timeline(transfer, names),
        lines=[_line(line, labels[line.reference_id], given, free) for line in transfer.lines],
        open_count=sum(line.is_open for line in transfer.lines),
        key=given.get("key", "") or new_key(),
        problem=problem,
        given=Given(
            reason=given.get("reason", ""),
            waybill=given.get("waybill", ""),
            codes=given.get("codes", ""),
            word=given.get("surplus", ""),
        ),
        waits_for="" if is_hers or not transfer.state.is_open else _waits_for(transfer, here.name, there.name),
        **may,
    )


def perform(sent: QueryDict, transfer: TransferView, actor: Actor, at: datetime) -> str:
    """Do what the form asks for; returns the sentence that tells of it. Raises what the command raises, BadInput."""
    key, reason = sent.get("key", ""), sent.get("reason", "")
    match sent.get("step"):
        case "approve":
            without = [line.id for line in transfer.lines if f"without-{line.id}" in sent]
            stock.approve(key=key, transfer_id=transfer.id, without=without, actor=actor, at=at)
            return _("Agreed: the pieces are held and can be picked.")
        case "refuse":
            stock.refuse(key=key, transfer_id=transfer.id, reason=reason, actor=actor, at=at)
            return _("Refused; the other place reads why.")
        case "cancel":
            stock.cancel(key=key, transfer_id=transfer.id, reason=reason, actor=actor, at=at)
            return _("Cancelled; what was held for it is free again.")
        case "pick":
            codes = [line.serial for line in transfer.lines if line.serial and f"came-{line.id}" in sent]
            stock.pick(key=key, transfer_id=transfer.id, codes=[*codes, *_codes(sent)], actor=actor, at=at)
            return _("Picked. Pack the pieces and send them.")
        case "dispatch":
            stock.dispatch(key=key, transfer_id=transfer.id, waybill=sent.get("waybill", ""), actor=actor, at=at)
            return _("On the way. The other place sees it coming.")
        case "receive":
            arrived, surplus = receipt(sent, transfer)
            step = stock.receive(key=key, transfer_id=transfer.id, arrived=arrived, surplus=surplus, actor=actor, at=at)
            return _("Received.") if not step.state.is_open else _("Received in part; the rest is still on its way.")
    raise BadInput(_("Choose what to do with this transfer."))


def told(problem: DomainError) -> str:
    """What went wrong, with the number or the serial it is about."""
    number = problem.details().get("code")
    return f"{_(problem.message)} ({number})" if number else _(problem.message)


def receipt(sent: QueryDict, transfer: TransferView) -> tuple[list[Arrived], list[Surplus]]:
    """What a receipt form says, line by line; numbers that are on no line were not announced. Raises BadInput."""
    typed = {code.upper(): code for code in _codes(sent)}
    arrived = []
    for line in transfer.lines:
        if not line.is_open:
            continue
        is_typed = (
            {typed.pop(line.serial.upper(), ""), typed.pop(line.epc.upper(), "")} != {""} if line.serial else False
        )
        found = _arrived(sent, line, is_typed=is_typed)
        if found is not None:
            arrived.append(found)
    word = sent.get("surplus", "")
    return arrived, [Surplus(code=code, note=word) for code in typed.values()]


def _arrived(sent: QueryDict, line: TransferLineView, *, is_typed: bool) -> Arrived | None:
    problem = sent.get(f"problem-{line.id}", "")
    kind = Discrepancy(problem) if problem in ("MISSING", "DAMAGED") else None
    note = sent.get(f"note-{line.id}", "")
    if line.piece_id is not None:
        if kind is None and not is_typed and f"came-{line.id}" not in sent:
            return None
        return Arrived(line_id=line.id, received=0 if kind is Discrepancy.MISSING else 1, discrepancy=kind, note=note)
    text = sent.get(f"count-{line.id}", "").strip()
    if not text and kind is None:
        return None
    if not (text or "0").isdigit() or int(text or 0) > line.quantity:
        raise BadInput(_("Write how many have come: a number from 0 to %(n)d.") % {"n": line.quantity})
    return Arrived(line_id=line.id, received=int(text or 0), discrepancy=kind, note=note)


def _codes(sent: QueryDict) -> list[str]:
    return sent.get("codes", "").replace(",", " ").replace(";", " ").split()


def _rights(transfer: TransferView, actor: Actor) -> dict[str, bool]:
    leaves, arrives, state = transfer.from_place_id, transfer.to_place_id, transfer.state
    lets_go = actor.may(permissions.STOCK_APPROVE, place_id=leaves)
    moves = actor.may(permissions.STOCK_MOVE, place_id=leaves)
    return {
        "can_approve": lets_go and state is TransferState.REQUESTED,
        "can_pick": moves and state is TransferState.APPROVED,
        "can_send": moves and state is TransferState.PICKED,
        "can_receive": actor.may(permissions.STOCK_MOVE, place_id=arrives) and state is TransferState.DISPATCHED,
        "can_cancel": (lets_go or actor.may(permissions.STOCK_REQUEST, place_id=arrives))
        and state in (TransferState.REQUESTED, TransferState.APPROVED, TransferState.PICKED),
    }


def _waits_for(transfer: TransferView, leaves: str, arrives: str) -> str:
    waits = {
        TransferState.REQUESTED: (_("%(place)s decides whether it can let them go."), leaves),
        TransferState.DISPATCHED: (_("%(place)s receives it when it arrives."), arrives),
    }
    sentence, place = waits.get(transfer.state, (_("%(place)s picks and sends it."), leaves))
    return sentence % {"place": place}


def _facts(transfer: TransferView) -> list[tuple[str, str]]:
    facts = [
        (_("What for"), transfer.reason),
        (_("Pieces"), str(sum(line.quantity for line in transfer.lines if not line.is_surplus))),
    ]
    if transfer.waybill:
        facts.append((_("Waybill or seal"), transfer.waybill))
    return facts


def _order_url(transfer: TransferView, actor: Actor) -> str:
    may_see = actor.may(permissions.BUREAU) and actor.may(permissions.ORDERS_VIEW)
    return reverse("bureau:order", args=[transfer.order_id]) if transfer.order_id and may_see else ""


def _free(transfer: TransferView, actor: Actor) -> dict[uuid.UUID, int]:
    """What the place they would leave has free of each reference."""
    levels = shelf.levels_of(actor=actor, reference_ids={line.reference_id for line in transfer.lines})
    return {one.reference_id: one.available for one in levels if one.place_id == transfer.from_place_id}


def _line(
    line: TransferLineView, label: ReferenceLabel, given: Mapping[str, str], free: Mapping[uuid.UUID, int] | None
) -> Line:
    count = free.get(line.reference_id, 0) if free is not None else 0
    is_kept = line.hold_kind not in (None, HoldKind.TRANSFER, HoldKind.QUARANTINE)
    outcome, tone = _outcome(line)
    return Line(
        id=line.id,
        name=label.model_name,
        form=form_of(label.material, label.size),
        sku=label.sku,
        code=label.model_code,
        world=world_of(label.model_code),
        serial=line.serial,
        epc=line.epc,
        quantity=line.quantity,
        is_piece=label.is_serialised,
        is_open=line.is_open,
        outcome=outcome,
        tone=tone,
        note=line.note,
        keeps=_("promised to a client") if is_kept and line.is_open else "",
        standing="" if free is None else _("%(n)d free there") % {"n": count} if count else _("none free there"),
        standing_tone="good" if count >= line.quantity else "care",
        is_left_out=f"without-{line.id}" in given,
        came=f"came-{line.id}" in given,
        count=given.get(f"count-{line.id}", "" if given else str(line.quantity)),
        problem=given.get(f"problem-{line.id}", ""),
        word=given.get(f"note-{line.id}", ""),
    )


def _outcome(line: TransferLineView) -> tuple[str, Tone]:
    if line.discrepancy is not None:
        return words.discrepancy(line.discrepancy), "wrong" if line.discrepancy is Discrepancy.MISSING else "care"
    if line.received_quantity is not None:
        return _("Arrived"), "good"
    return ("", "") if line.is_open else (_("Not sent"), "open")
