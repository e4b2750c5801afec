"""Returns and exchanges: what may come back, announcing, receiving, examining, giving money back by hand."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from ninja import Router, Status

from vendome.api import access
from vendome.api.v1.return_shapes import (
    AnnounceIn,
    ArrivalOut,
    ByHandIn,
    DoneOut,
    InspectIn,
    ReceiptOut,
    ReturnOut,
    ReturnReceiveIn,
    ReturnRuleOut,
    ReturnViewOut,
)
from vendome.api.v1.shapes import KEY_HEADER, refused
from vendome.domains.orders.queries import policy
from vendome.domains.payments.types import Tender
from vendome.domains.people import permissions
from vendome.flows import exchanging, return_desk, returnable, returns
from vendome.flows.exchanging import Pickup, WantedReturn
from vendome.flows.returns import BroughtLine, ReturnDone, TakenInstead
from vendome.flows.types import TenderGiven
from vendome.kit import clock

router = Router(tags=["Returns and changes"])
PROVIDERS = {Tender.CASH: "till", Tender.TERMINAL: "terminal"}


@router.get("/return-rules", response={200: list[ReturnRuleOut], **refused(401, 403)}, summary="The return policy")
@access.program(permissions.ORDERS_VIEW)
def list_rules(request: access.ApiRequest) -> list[ReturnRuleOut]:
    """Every rule in the order it is asked; the law of a market is asked before the house’s rules."""
    return [
        ReturnRuleOut(
            code=rule.code,
            position=rule.position,
            basis=rule.basis.value,
            outcome=rule.outcome.value,
            form=rule.form.value,
            shipping=rule.shipping.value,
            countries=sorted(rule.countries),
            within_days=rule.within_days,
            statute=rule.statute,
            source_url=rule.source_url,
            client=rule.words["en"].client,
            staff=rule.words["en"].staff,
        )
        for rule in policy.list_rules(maison_id=request.actor.in_maison)
    ]


@router.get(
    "/places/{uuid:place_id}/returnable",
    response={200: list[ReceiptOut], **refused(401, 403, 404)},
    summary="What may come back here",
)
@access.program(permissions.ORDERS_RETURN)
def find_receipts(
    request: access.ApiRequest, place_id: UUID, q: str = "", client_id: UUID | None = None
) -> tuple[returnable.Receipt, ...]:
    """Receipts by their number, a return’s or a serial number in `q`, or by the client. Any place takes any order."""
    now = clock.now()
    return returnable.find_receipts(
        actor=request.actor, place_id=place_id, on=now.date(), at=now, text=q, client_id=client_id
    )


@router.post(
    "/returns",
    response={201: ReturnOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Announce a return",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.ORDERS_CHANGE)
def announce(request: access.ApiRequest, body: AnnounceIn) -> Status[ReturnDone]:
    """The decision of this day stays with each line, whenever it arrives."""
    done = returns.announce(
        key=access.idempotency_key(request),
        order_id=body.order_id,
        lines=[WantedReturn(**one.dict()) for one in body.lines],
        route=body.route,
        place_id=body.place_id,
        is_gift=body.is_gift,
        client_id=body.client_id,
        pickup=Pickup(address=tuple(body.pickup.address), phone=body.pickup.phone, day=body.pickup.day)
        if body.pickup
        else None,
        actor=request.actor,
        at=clock.now(),
    )
    return Status(201, done)


@router.get("/returns/{uuid:return_id}", response={200: ReturnViewOut, **refused(401, 403, 404)}, summary="One return")
@access.program(permissions.ORDERS_VIEW)
def get_return(request: access.ApiRequest, return_id: UUID) -> return_desk.ReturnView:
    """Lines with their rules, arrivals with their fate, and the money."""
    return return_desk.get_return(actor=request.actor, return_id=return_id)


@router.post(
    "/returns/{uuid:return_id}/no-exchange",
    response={200: DoneOut, **refused(401, 403, 404, 503)},
    summary="Return it without an exchange",
)
@access.program(permissions.ORDERS_CHANGE)
def drop_exchange(request: access.ApiRequest, return_id: UUID) -> DoneOut:
    """What was kept for her is free again, and an unpaid difference is no longer asked for. Safe to repeat."""
    found = return_desk.get_return(actor=request.actor, return_id=return_id)
    exchanging.drop(return_id=return_id, actor=request.actor, at=clock.now())
    return DoneOut(id=return_id, state=found.state.value)


@router.post(
    "/returns/{uuid:return_id}/withdraw",
    response={200: DoneOut, **refused(401, 403, 404, 409, 503)},
    summary="Withdraw an announced return",
)
@access.program(permissions.ORDERS_CHANGE)
def withdraw(request: access.ApiRequest, return_id: UUID) -> DoneOut:
    """Nothing will come. Safe to repeat; refused once something has arrived."""
    returns.withdraw(return_id=return_id, actor=request.actor, at=clock.now())
    return DoneOut(id=return_id, state="WITHDRAWN")


@router.post(
    "/exchanges/{uuid:document_id}/end",
    response={200: DoneOut, **refused(401, 403, 404, 409, 503)},
    summary="End an exchange that is not paid",
)
@access.program(permissions.ORDERS_RETURN)
def end_exchange(request: access.ApiRequest, document_id: UUID) -> DoneOut:
    """She does not want it any more: what was kept for her is free, and what she brought waits to be decided on.

    Safe to repeat; refused once it is paid.
    """
    returns.end_exchange(document_id=document_id, actor=request.actor, at=clock.now())
    return DoneOut(id=document_id, state="CANCELLED")


@router.post(
    "/return-arrivals",
    response={201: ReturnOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Receive a return or exchange",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.ORDERS_RETURN)
def receive(request: access.ApiRequest, body: ReturnReceiveIn) -> Status[ReturnDone]:
    """Into quarantine, out of the wardrobe and, where accepted, onto one document with one balance; all or nothing."""
    tender = body.tender
    done = returns.receive(
        key=access.idempotency_key(request),
        order_id=body.order_id,
        place_id=body.place_id,
        lines=[BroughtLine(**one.dict()) for one in body.lines],
        instead=[TakenInstead(**one.dict()) for one in body.instead],
        tender=TenderGiven(
            tender=tender.tender,
            provider=PROVIDERS.get(tender.tender, "till"),
            reference=tender.reference,
            is_settled=True,
        )
        if tender
        else None,
        balance=body.balance,
        pay_within=timedelta(hours=body.pay_within_hours) if body.pay_within_hours else None,
        return_id=body.return_id,
        is_gift=body.is_gift,
        client_id=body.client_id,
        actor=request.actor,
        at=clock.now(),
    )
    return Status(201, done)


@router.get(
    "/return-arrivals", response={200: list[ArrivalOut], **refused(401, 403)}, summary="What waits to be examined"
)
@access.program(permissions.ORDERS_INSPECT)
def list_to_inspect(request: access.ApiRequest, place_id: UUID | None = None) -> tuple[return_desk.ArrivalRow, ...]:
    """Longest waiting first, at the places where the caller examines."""
    return return_desk.list_to_inspect(actor=request.actor, place_id=place_id)


@router.post(
    "/return-arrivals/{uuid:arrival_id}/inspection",
    response={201: ReturnOut, **refused(400, 401, 403, 404, 409, 422, 503)},
    summary="Decide on what came back",
    openapi_extra={"parameters": [KEY_HEADER]},
)
@access.program(permissions.ORDERS_INSPECT)
def inspect(request: access.ApiRequest, arrival_id: UUID, body: InspectIn) -> Status[ReturnDone]:
    """Once for each arrival: value back or not, and restocked, written off or given back to her."""
    done = returns.inspect(
        key=access.idempotency_key(request),
        arrival_id=arrival_id,
        condition=body.condition,
        fate=body.fate,
        accept=body.accept,
        exception_reason=body.exception_reason,
        note=body.note,
        deduction=body.deduction,
        deduction_reason=body.deduction_reason,
        actor=request.actor,
        at=clock.now(),
    )
    return Status(201, done)


@router.post(
    "/refunds/{uuid:refund_id}/by-hand",
    response={200: DoneOut, **refused(401, 403, 404, 422, 503)},
    summary="Money was given back by hand",
)
@access.program(permissions.ORDERS_RETURN)
def by_hand(request: access.ApiRequest, refund_id: UUID, body: ByHandIn) -> DoneOut:
    """Cash counted out, or given back on the terminal with its reference. Safe to repeat."""
    returns.confirm_by_hand(refund_id=refund_id, reference=body.reference, actor=request.actor, at=clock.now())
    return DoneOut(id=refund_id, state="REFUNDED")
