"""Parcels: the packing table, what carriers may carry, the steps of a journey, and what carriers tell us."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from django.db import transaction
from ninja import Query, Router, Schema

from vendome.api import access
from vendome.api.v1.parcel_shapes import (
    ChoiceOut,
    DeliverIn,
    HeardOut,
    LinesIn,
    PackIn,
    ParcelDocumentOut,
    ParcelOut,
    ParcelReasonIn,
    ParcelRowOut,
    SlotOut,
    SplitOut,
    shown,
    weighed,
)
from vendome.api.v1.shapes import KEY_HEADER, refused
from vendome.domains.fulfilment.queries import parcels as queries
from vendome.domains.fulfilment.types import ParcelRow, ParcelState, Slot
from vendome.domains.people import permissions
from vendome.flows import parcels as flow
from vendome.flows import shipping
from vendome.kit import clock, idempotency
from vendome.kit.actors import Actor

router = Router(tags=["Parcels"])
STEPS = {200: ParcelOut, **refused(400, 401, 403, 404, 409, 422, 503)}
KEYED = {"parameters": [KEY_HEADER]}


@router.get("/parcels", response={200: list[ParcelRowOut], **refused(401, 403, 422)}, summary="List parcels")
@access.program(permissions.ORDERS_VIEW)
def list_parcels(
    request: access.ApiRequest,
    place_id: Annotated[UUID | None, Query(description="Only what leaves this place.")] = None,
    order_id: Annotated[UUID | None, Query(description="Only the parcels of this order.")] = None,
    state: Annotated[list[ParcelState] | None, Query(description="These states; what is open when left out.")] = None,
) -> tuple[ParcelRow, ...]:
    """The most pressing first, at most 200. A protected client shows no name."""
    states = [one.value for one in state] if state else list(ParcelState) if order_id else queries.OPEN
    return queries.list_parcels(actor=request.actor, place_id=place_id, order_id=order_id, states=states)


@router.get("/parcels/{uuid:parcel_id}", response={200: ParcelOut, **refused(401, 403, 404)}, summary="Read a parcel")
@access.program(permissions.ORDERS_VIEW)
def get_parcel(request: access.ApiRequest, parcel_id: UUID) -> ParcelOut:
    """What is in it, who carries it, its proof, and every scan."""
    return _shown(request, parcel_id)


@router.get(
    "/parcels/{uuid:parcel_id}/services",
    response={200: ChoiceOut, **refused(401, 403, 404)},
    summary="Which services may carry it",
)
@access.program(permissions.ORDERS_SHIP)
def list_services(request: access.ApiRequest, parcel_id: UUID) -> ChoiceOut:
    """Each service with why it may or may not, when it arrives and its footprint; the chosen one first."""
    parcel = queries.get_parcel(actor=request.actor, parcel_id=parcel_id)
    return weighed(flow.get_choice(actor=request.actor, parcel=parcel, at=clock.now()))


@router.get(
    "/parcels/{uuid:parcel_id}/slots",
    response={200: list[SlotOut], **refused(401, 403, 404)},
    summary="Free white-glove windows",
)
@access.program(permissions.ORDERS_SHIP)
def list_slots(request: access.ApiRequest, parcel_id: UUID) -> list[SlotOut]:
    """The coming days' windows in which a concierge is still free."""
    parcel = queries.get_parcel(actor=request.actor, parcel_id=parcel_id)
    found = flow.list_slots(actor=request.actor, parcel=parcel, at=clock.now())
    return [SlotOut(service_id=service, starts_at=slot.starts_at, ends_at=slot.ends_at) for service, slot in found]


@router.get(
    "/parcels/{uuid:parcel_id}/documents/{uuid:document_id}",
    response={200: ParcelDocumentOut, **refused(401, 403, 404)},
    summary="Fetch a label or a signature",
)
@access.program(permissions.ORDERS_SHIP)
def get_document(request: access.ApiRequest, parcel_id: UUID, document_id: UUID) -> ParcelDocumentOut:
    """Its content in base64, with the media type the carrier gave it."""
    media_type, content = queries.get_document(actor=request.actor, parcel_id=parcel_id, document_id=document_id)
    return ParcelDocumentOut(media_type=media_type, content=base64.b64encode(content).decode())


@router.post("/parcels/{uuid:parcel_id}/pack", response=STEPS, summary="Pack a parcel", openapi_extra=KEYED)
@access.program(permissions.ORDERS_SHIP)
def pack(request: access.ApiRequest, parcel_id: UUID, body: PackIn) -> ParcelOut:
    """Every serial number scanned, sealed, insured within the service's limit. The label is asked for afterwards."""
    slot = Slot(starts_at=body.slot_start, ends_at=body.slot_end) if body.slot_start and body.slot_end else None
    flow.pack(
        key=access.idempotency_key(request),
        parcel_id=parcel_id,
        service_id=body.service_id,
        seal=body.seal,
        serials=body.serials,
        slot=slot,
        actor=request.actor,
        at=clock.now(),
    )
    return _shown(request, parcel_id)


@router.post("/parcels/{uuid:parcel_id}/unpack", response=STEPS, summary="Open a packed parcel", openapi_extra=KEYED)
@access.program(permissions.ORDERS_SHIP)
def unpack(request: access.ApiRequest, parcel_id: UUID, body: ParcelReasonIn) -> ParcelOut:
    """Its label is given back to the carrier, its slot is free again."""
    access.idempotency_key(request)  # the state itself makes a repeat harmless; no carrier is called in a transaction
    flow.unpack(parcel_id=parcel_id, reason=body.reason, actor=request.actor, at=clock.now())
    return _shown(request, parcel_id)


@router.post(
    "/parcels/{uuid:parcel_id}/split",
    response={200: SplitOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Split a parcel",
    openapi_extra=KEYED,
)
@access.program(permissions.ORDERS_SHIP)
def split(request: access.ApiRequest, parcel_id: UUID, body: LinesIn) -> SplitOut:
    """The lines named go into a parcel of their own."""

    def run(at: datetime) -> str:
        return str(flow.split(parcel_id=parcel_id, line_ids=body.line_ids, actor=request.actor, at=at))

    return SplitOut(parcel_id=UUID(_once(request, "split", parcel_id, body, run)))


@router.post(
    "/parcels/{uuid:parcel_id}/dispatch", response=STEPS, summary="Entrust it to the carrier", openapi_extra=KEYED
)
@access.program(permissions.ORDERS_SHIP)
def dispatch(request: access.ApiRequest, parcel_id: UUID) -> ParcelOut:
    """Off the shelf and into transit; still the house's, still promised to her."""
    _once(
        request, "dispatch", parcel_id, None, lambda at: flow.dispatch(parcel_id=parcel_id, actor=request.actor, at=at)
    )
    return _shown(request, parcel_id)


@router.post("/parcels/{uuid:parcel_id}/round", response=STEPS, summary="Set out with it", openapi_extra=KEYED)
@access.program(permissions.ORDERS_SHIP)
def start_round(request: access.ApiRequest, parcel_id: UUID) -> ParcelOut:
    """The concierge is on the way to her."""
    _once(
        request, "round", parcel_id, None, lambda at: flow.start_round(parcel_id=parcel_id, actor=request.actor, at=at)
    )
    return _shown(request, parcel_id)


@router.post("/parcels/{uuid:parcel_id}/deliver", response=STEPS, summary="Give it at the door", openapi_extra=KEYED)
@access.program(permissions.ORDERS_SHIP)
def deliver(request: access.ApiRequest, parcel_id: UUID, body: DeliverIn) -> ParcelOut:
    """Against the proof its service asks for; from then on it is hers."""
    signature = flow.read_signature(text=body.signature)

    def run(at: datetime) -> None:
        flow.deliver(
            parcel_id=parcel_id,
            received_by=body.received_by,
            identity=body.identity,
            signature=signature,
            actor=request.actor,
            at=at,
        )

    _once(request, "deliver", parcel_id, body, run)
    return _shown(request, parcel_id)


@router.post("/parcels/{uuid:parcel_id}/refuse", response=STEPS, summary="Refused at the door", openapi_extra=KEYED)
@access.program(permissions.ORDERS_SHIP)
def refuse(request: access.ApiRequest, parcel_id: UUID, body: ParcelReasonIn) -> ParcelOut:
    """She would not take it, or nobody was there."""
    return _reasoned(request, parcel_id, body, "refuse", flow.refuse)


@router.post("/parcels/{uuid:parcel_id}/take-back", response=STEPS, summary="Receive it back", openapi_extra=KEYED)
@access.program(permissions.ORDERS_SHIP)
def take_back(request: access.ApiRequest, parcel_id: UUID, body: ParcelReasonIn) -> ParcelOut:
    """Back where it left: into quarantine, still promised to her."""
    return _reasoned(request, parcel_id, body, "take_back", flow.take_back)


@router.post("/parcels/{uuid:parcel_id}/lose", response=STEPS, summary="Write it off as lost", openapi_extra=KEYED)
@access.program(permissions.ORDERS_EXCEPTIONS)
def lose(request: access.ApiRequest, parcel_id: UUID, body: ParcelReasonIn) -> ParcelOut:
    """With its reason; the order stays owed."""
    return _reasoned(request, parcel_id, body, "lose", flow.lose)


@router.post("/parcels/{uuid:parcel_id}/send-again", response=STEPS, summary="Send it again", openapi_extra=KEYED)
@access.program(permissions.ORDERS_INSPECT)
def send_again(request: access.ApiRequest, parcel_id: UUID) -> ParcelOut:
    """What came back was looked at and is whole: to the packing table once more, as a new parcel."""
    _once(
        request,
        "send_again",
        parcel_id,
        None,
        lambda at: flow.send_again(parcel_id=parcel_id, actor=request.actor, at=at),
    )
    return _shown(request, parcel_id)


@router.post("/parcels/{uuid:parcel_id}/replace", response=STEPS, summary="Replace what was lost", openapi_extra=KEYED)
@access.program(permissions.ORDERS_EXCEPTIONS)
def replace_lost(request: access.ApiRequest, parcel_id: UUID) -> ParcelOut:
    """Another piece for each that was lost, packed anew."""
    _once(
        request,
        "replace",
        parcel_id,
        None,
        lambda at: flow.replace_lost(parcel_id=parcel_id, actor=request.actor, at=at),
    )
    return _shown(request, parcel_id)


@router.post(
    "/carriers/{slug:carrier}/events",
    response={200: HeardOut, **refused(403, 404, 409, 422, 503)},
    summary="What a carrier reports",
    auth=None,
)
@access.anyone(reason="carriers hold no token of ours; each message is signed with a secret shared with that carrier")
def hear(request: access.ApiRequest, carrier: str) -> HeardOut:
    """A carrier's webhook. The signature is checked over the raw body; a message told twice changes nothing twice."""
    known = shipping.hear(
        carrier=carrier, headers=dict(request.headers), body=request.body, actor=Actor.system(), at=clock.now()
    )
    return HeardOut(is_ours=known)


def _shown(request: access.ApiRequest, parcel_id: UUID) -> ParcelOut:
    return shown(queries.get_parcel(actor=request.actor, parcel_id=parcel_id))


def _reasoned(
    request: access.ApiRequest, parcel_id: UUID, body: ParcelReasonIn, step: str, command: Callable[..., None]
) -> ParcelOut:
    def run(at: datetime) -> None:
        command(parcel_id=parcel_id, reason=body.reason, actor=request.actor, at=at)

    _once(request, step, parcel_id, body, run)
    return _shown(request, parcel_id)


def _once(
    request: access.ApiRequest, step: str, parcel_id: UUID, body: Schema | None, run: Callable[[datetime], object]
) -> str:
    """The step under its Idempotency-Key: key, effect and answer commit together."""
    key, scope = access.idempotency_key(request), f"{request.actor.label}:fulfilment.{step}"
    said = {"parcel": parcel_id, **(body.model_dump() if body else {})}
    with transaction.atomic():
        known = idempotency.claim(scope=scope, key=key, body=said)
        if known is not None:
            return cast("str", known["answer"])
        answer = str(run(clock.now()))
        idempotency.store(scope=scope, key=key, answer={"answer": answer})
    return answer
