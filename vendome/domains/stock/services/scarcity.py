"""Commands of scarcity: making an allocation, its ceremony, nominations and decisions, entering and passing."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.clients import queries as clients
from vendome.domains.people import permissions
from vendome.domains.stock.errors import AllocationCodeTaken, NotLimited, ReasonMissing
from vendome.domains.stock.models import Allocation, Entry, Invitation, QuotaRule
from vendome.domains.stock.types_of_scarcity import EntryState, NewAllocation, Standing, commitment_of
from vendome.kit import audit, idempotency, outbox, sql
from vendome.kit.actors import Actor, ActorKind
from vendome.kit.errors import Forbidden, NotFound
from vendome.kit.ids import new_id
from vendome.kit.prepared import Statement

SEED_BYTES = 32
ENTER = Statement("SELECT stock_enter($1, $2, $3, NULL, '', $4, $5)", repeatable=True)  # by its nature


@transaction.atomic
def make_allocation(*, new: NewAllocation, actor: Actor, at: datetime) -> uuid.UUID:
    """Write down an allocation, its quota and the commitment to its seed; nothing is public or kept yet.

    Raises AllocationCodeTaken, NotLimited, NotFound. A repeat raises AllocationCodeTaken.
    """
    actor.require(permissions.SCARCITY_DECIDE, place_id=new.place_id)
    maison_id = actor.in_maison
    label = catalogue.label_references(ids=[new.reference_id]).get(new.reference_id)
    model_id = sql.value(
        "SELECT r.model_id FROM catalogue_reference r JOIN house_place p ON p.id = %s AND p.maison_id = r.maison_id "
        "WHERE r.id = %s AND r.maison_id = %s",
        [new.place_id, new.reference_id, maison_id],
    )
    if label is None or model_id is None:
        raise NotFound()
    seed = secrets.token_bytes(SEED_BYTES)
    try:
        with transaction.atomic():
            row = Allocation.objects.create(
                id=new_id(),
                maison_id=maison_id,
                code=new.code,
                title=new.title,
                words=new.words,
                reference_id=new.reference_id,
                place_id=new.place_id,
                pieces=new.pieces,
                policy=new.policy,
                opens_at=new.opens_at,
                closes_at=new.closes_at,
                early_from=new.early_from,
                room_opens_at=new.room_opens_at,
                only_invited=new.only_invited,
                counts_household=new.counts_household,
                standings=list(new.standings),
                hold_seconds=new.hold_seconds,
                seed=seed,
                commitment=bytes.fromhex(commitment_of(seed)),
                created_by=actor.label,
                created_at=at,
            )
    except IntegrityError as error:
        raise (AllocationCodeTaken() if "allocation_code_once" in str(error) else NotLimited()) from error
    set_quota(model_id=model_id, per_person=new.per_person, counts_household=new.counts_household, actor=actor, at=at)
    _note(row.id, "MADE", new.title, actor, at)
    return row.id


@transaction.atomic
def set_quota(
    *, model_id: uuid.UUID, per_person: int, counts_household: bool = False, actor: Actor, at: datetime
) -> None:
    """How many pieces of a model one person may have over every channel. Safe to repeat. Raises NotLimited."""
    actor.require(permissions.SCARCITY_DECIDE)
    if per_person < 1:
        raise NotLimited()
    QuotaRule.objects.update_or_create(
        model_id=model_id,
        maison_id=actor.in_maison,
        defaults={
            "per_person": per_person,
            "counts_household": counts_household,
            "set_by": actor.label,
            "set_at": at,
        },
    )
    audit.record(
        action="stock.set_quota", subject=f"model:{model_id}", actor=actor, at=at, detail={"per_person": per_person}
    )


def publish(*, allocation_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Keep the pieces and take entries from the hour it says. Raises OutOfStock, AllocationState, NotFound."""
    _step("stock_publish_allocation", allocation_id, actor, at)


def freeze(*, allocation_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Close the list and publish its digest. Raises AllocationState, NotFound."""
    _step("stock_freeze_allocation", allocation_id, actor, at)


def draw(*, allocation_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    """Decide the order by the policy, reveal the seed where there was one, and begin to offer. Raises as `freeze`."""
    _step("stock_draw_allocation", allocation_id, actor, at)


def end(*, allocation_id: uuid.UUID, reason: str, actor: Actor, at: datetime) -> None:
    """End it before it is sold out; who waits is told, what is free goes back to the shelf. Raises ReasonMissing."""
    _require_decide(actor, allocation_id)
    if not reason.strip():
        raise ReasonMissing()
    sql.value(
        "SELECT stock_end_allocation(%s, %s, %s, %s, %s)",
        [actor.in_maison, allocation_id, reason.strip(), actor.label, at],
    )
    outbox.wake()


@transaction.atomic
def add_pieces(*, allocation_id: uuid.UUID, pieces: int, key: str, actor: Actor, at: datetime) -> None:
    """Bring more pieces of the shelf into an allocation; they are offered at once. Once for each `key`.

    Raises OutOfStock, AllocationState, NotFound, BodyChanged.
    """
    _require_decide(actor, allocation_id)
    scope, body = f"{actor.label}:stock.add_pieces", {"allocation": allocation_id, "pieces": pieces}
    if idempotency.claim(scope=scope, key=key, body=body) is not None:
        return
    sql.value(
        "SELECT stock_add_to_allocation(%s, %s, %s, %s, %s)",
        [actor.in_maison, allocation_id, pieces, actor.label, at],
    )
    idempotency.store(scope=scope, key=key, answer={"added": pieces})
    transaction.on_commit(outbox.wake)


@transaction.atomic
def invite(*, allocation_id: uuid.UUID, client_ids: Sequence[uuid.UUID], actor: Actor, at: datetime) -> int:
    """Invite clients; returns how many are new. Safe to repeat. Raises NotFound."""
    _require_decide(actor, allocation_id)
    known = set(clients.in_maison(actor=actor, ids=client_ids))
    already = set(
        Invitation.objects.filter(allocation_id=allocation_id, client_id__in=known).values_list("client_id", flat=True)
    )
    fresh = sorted(known - already)
    Invitation.objects.bulk_create(
        [
            Invitation(allocation_id=allocation_id, client_id=one, invited_by=actor.label, invited_at=at)
            for one in fresh
        ],
        ignore_conflicts=True,
    )
    if fresh:
        _note(allocation_id, "INVITED", str(len(fresh)), actor, at)
    return len(fresh)


def enter(*, allocation_id: uuid.UUID, client_id: uuid.UUID, actor: Actor, at: datetime) -> Standing:
    """Enter a client, once for each person; one call. Safe to repeat: she gets her standing.

    Raises EntriesNotOpen, EntriesClosed, AllocationOver, ByInvitation, ByNomination, QuotaReached, NotFound.
    """
    return Standing.read(json.loads(enter_json(allocation_id=allocation_id, client_id=client_id, actor=actor, at=at)))


def enter_json(*, allocation_id: uuid.UUID, client_id: uuid.UUID, actor: Actor, at: datetime) -> bytes:
    """As `enter`, the database's own document, in one prepared statement."""
    _herself_or_staff(actor, client_id)
    told = ENTER.text(actor.in_maison, allocation_id, client_id, actor.label, at)
    outbox.wake()
    return told or b""


def nominate(*, allocation_id: uuid.UUID, client_id: uuid.UUID, case: str, actor: Actor, at: datetime) -> Standing:
    """An advisor speaks for a client. Safe to repeat; the first case stands. Raises as `enter`, and ReasonMissing."""
    actor.require(permissions.SCARCITY_NOMINATE)
    if not case.strip():
        raise ReasonMissing("Say why this client should have one: the committee reads your case.")
    clients.check_client(actor=actor, client_id=client_id)
    told = sql.document(
        "SELECT stock_enter(%s, %s, %s, %s, %s, %s, %s)",
        [
            actor.in_maison,
            allocation_id,
            client_id,
            actor.id if actor.kind is ActorKind.STAFF else None,
            case.strip(),
            actor.label,
            at,
        ],
    )
    outbox.wake()
    return Standing.read(told)


def leave(*, allocation_id: uuid.UUID, client_id: uuid.UUID, reason: str = "", actor: Actor, at: datetime) -> Standing:
    """She passes: her place, or the piece she was offered, which goes to the next at once. Safe to repeat.

    For her by her own advisor, by who spoke for her, or where the pieces are kept: nobody else moves the line on.
    Raises NotFound, OfferOrdered, Forbidden.
    """
    _herself_or_staff(actor, client_id)
    if actor.is_staff:
        _require_her_word(actor, allocation_id, client_id)
    told = sql.document(
        "SELECT stock_leave(%s, %s, %s, %s, %s, %s)",
        [actor.in_maison, allocation_id, client_id, reason.strip() or "passed", actor.label, at],
    )
    outbox.wake()
    return Standing.read(told)


@transaction.atomic
def decide(*, entry_id: uuid.UUID, is_chosen: bool, reason: str, actor: Actor, at: datetime) -> None:
    """The committee's word on a nomination, with its reason; it may change its mind until the offers go out.

    Raises ReasonMissing, NotFound.
    """
    actor.require(permissions.SCARCITY_DECIDE)
    if not reason.strip():
        raise ReasonMissing("Say why: the reason is kept, and the advisor will ask.")
    row = (
        Entry.objects.select_for_update(of=("self",), no_key=True)
        .filter(
            id=entry_id,
            allocation__maison_id=actor.in_maison,
            allocation__policy="NOMINATIONS",
            allocation__state__in=["OPEN", "CLOSED"],
            state=EntryState.WAITING,
        )
        .first()
    )
    if row is None:
        raise NotFound()
    _require_decide(actor, row.allocation_id)
    row.is_chosen = is_chosen
    row.reason = reason.strip()
    row.decided_by = actor.label
    row.decided_at = at
    row.save(update_fields=["is_chosen", "reason", "decided_by", "decided_at"])
    _note(row.allocation_id, "CHOSEN" if is_chosen else "NOT_CHOSEN", reason.strip(), actor, at, entry_id=row.id)


def _step(function: str, allocation_id: uuid.UUID, actor: Actor, at: datetime) -> None:
    _require_decide(actor, allocation_id)
    sql.value(
        f"SELECT {function}(%s, %s, %s, %s)", [actor.in_maison, allocation_id, actor.label, at]
    )  # names written above
    outbox.wake()


def _herself_or_staff(actor: Actor, client_id: uuid.UUID) -> None:
    """A client enters and passes for herself; staff and programs who may hold pieces do it for her."""
    if actor.kind is ActorKind.CLIENT:
        if actor.client_id != client_id:
            raise Forbidden()
        return
    if actor.kind is not ActorKind.SYSTEM:
        actor.require(permissions.STOCK_HOLD)


def _require_her_word(actor: Actor, allocation_id: uuid.UUID, client_id: uuid.UUID) -> None:
    """Raises NotFound, and Forbidden for who serves neither her nor the place that keeps the pieces."""
    rows = Allocation.objects.filter(id=allocation_id, maison_id=actor.in_maison)
    place_id = rows.values_list("place_id", flat=True).first()
    if place_id is None:
        raise NotFound()
    spoke = Entry.objects.filter(allocation_id=allocation_id, client_id=client_id, nominated_by_id=actor.id)
    if not (
        actor.may(permissions.STOCK_HOLD, place_id=place_id)
        or spoke.exists()
        or (actor.may(permissions.CLIENTS_READ) and client_id in clients.ids_of_advisor(actor=actor))
    ):
        raise Forbidden(permission=permissions.STOCK_HOLD)


def _require_decide(actor: Actor, allocation_id: uuid.UUID) -> None:
    """Raises NotFound, and Forbidden for who decides at other places only."""
    actor.require(permissions.SCARCITY_DECIDE)
    rows = Allocation.objects.filter(id=allocation_id, maison_id=actor.in_maison)
    place_id = rows.values_list("place_id", flat=True).first()
    if place_id is None:
        raise NotFound()
    actor.require(permissions.SCARCITY_DECIDE, place_id=place_id)


def _note(
    allocation_id: uuid.UUID, kind: str, text: str, actor: Actor, at: datetime, *, entry_id: uuid.UUID | None = None
) -> None:
    sql.value(
        "SELECT stock_allocation_noted(%s, %s, %s, %s, %s, %s)", [allocation_id, entry_id, actor.label, kind, text, at]
    )
    audit.record(
        action=f"stock.allocation_{kind.lower()}", subject=f"allocation:{allocation_id}", actor=actor, at=at, detail={}
    )
