"""Commands of the clients domain: the only writers of her file."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from vendome.domains.clients.contact import normal_email, normal_phone
from vendome.domains.clients.errors import ClientKnown, IdentifierTaken, NameMissing, ReasonTooShort
from vendome.domains.clients.models import Client, Consent, FileOpening, Identifier
from vendome.domains.clients.types import IdentifierKind, NewConsent, NewIdentifier, Purpose
from vendome.domains.people import permissions
from vendome.kit import audit, idempotency, outbox
from vendome.kit.actors import Actor
from vendome.kit.errors import NotFound

OPEN_FOR = timedelta(minutes=30)
SHORTEST_REASON = 8


@transaction.atomic
def create_client(
    *,
    maison_id: uuid.UUID,
    given_name: str,
    family_name: str,
    language: str = "en",
    identifiers: Sequence[NewIdentifier] = (),
    consents: Sequence[NewConsent] = (),
    home_place_id: uuid.UUID | None = None,
    advisor_id: uuid.UUID | None = None,
    source: str,
    may_share: bool = True,
    key: str = "",
    actor: Actor,
    at: datetime,
) -> uuid.UUID:
    """A new client with the ways she is known by and what she agreed to. Raises NameMissing, IdentifierTaken.

    An e-mail or telephone may belong to several people. Whoever begins a file by hand is asked first: without
    `may_share` it raises ClientKnown when somebody has one of hers.

    With a key it is safe to repeat: the same one begins one file, whoever pressed twice; for another request it
    raises BodyChanged.
    """
    scope = f"{actor.label}:clients.create"
    body = [maison_id, given_name, family_name, language, [asdict(one) for one in identifiers], source]
    if key and (known := idempotency.claim(scope=scope, key=key, body=body)) is not None:
        return uuid.UUID(known["client"])
    if not (given_name.strip() or family_name.strip() or identifiers):
        raise NameMissing()
    if not may_share and _are_known(maison_id, identifiers):
        raise ClientKnown()
    client = Client.objects.create(
        maison_id=maison_id,
        given_name=given_name.strip(),
        family_name=family_name.strip(),
        language=language,
        home_place_id=home_place_id,
        advisor_id=advisor_id,
        created_at=at,
    )
    for one in identifiers:
        _add_identifier(client, one, source, at)
    for given in consents:
        record_consent(
            client_id=client.id,
            purpose=given.purpose,
            channel=given.channel,
            is_given=given.is_given,
            law=given.law,
            proof=given.proof,
            at=at,
        )
    audit.record(actor=actor, action="clients.create", subject=f"client:{client.id}", at=at, maison_id=maison_id)
    outbox.record(
        {"client_id": client.id}, kind="clients.client_created", subject=f"client:{client.id}", actor=actor, at=at
    )
    if key:
        idempotency.store(scope=scope, key=key, answer={"client": str(client.id)})
    return client.id


@transaction.atomic
def attest_email(*, client_id: uuid.UUID, email: str, at: datetime, actor: Actor) -> None:
    """She has proven that this e-mail is hers (a code sent there came back). Safe to repeat.

    Raises IdentifierTaken when somebody else proved it before.
    """
    client = Client.objects.filter(id=client_id).first()
    if client is None:
        raise NotFound()
    value = normal_email(email)
    row = Identifier.objects.filter(client_id=client_id, kind="EMAIL", value=value, ended_at=None).first()
    if row is not None and row.attested_at is not None:
        return
    if row is None:
        _add_identifier(client, NewIdentifier(kind=IdentifierKind.EMAIL, value=value, is_attested=True), "account", at)
    else:
        try:
            with transaction.atomic():
                row.attested_at = at
                row.save(update_fields=["attested_at"])
        except IntegrityError as error:
            _translate(error)
    audit.record(actor=actor, action="clients.attest", subject=f"client:{client_id}", at=at, maison_id=client.maison_id)


@transaction.atomic
def change_own_profile(
    *, client_id: uuid.UUID, given_name: str, family_name: str, language: str, actor: Actor, at: datetime
) -> None:
    """A client says how she is called and which language she reads; the caller has shown that she is this client.

    Safe to repeat. Raises NameMissing, NotFound.
    """
    if not (given_name.strip() or family_name.strip()):
        raise NameMissing()
    client = Client.objects.select_for_update(no_key=True).filter(id=client_id).first()
    if client is None:
        raise NotFound()
    client.given_name, client.family_name, client.language = given_name.strip(), family_name.strip(), language
    client.save(update_fields=["given_name", "family_name", "language"])
    audit.record(
        actor=actor, action="clients.change_profile", subject=f"client:{client_id}", at=at, maison_id=client.maison_id
    )


@transaction.atomic
def record_consent(
    *,
    client_id: uuid.UUID,
    purpose: Purpose,
    channel: str,
    is_given: bool,
    law: str,
    proof: str,
    at: datetime,
) -> None:
    """Add a line to the consent log; the newest line of a purpose and channel counts."""
    Consent.objects.create(
        client_id=client_id, purpose=purpose.value, channel=channel, is_given=is_given, law=law, proof=proof, at=at
    )


@transaction.atomic
def open_protected_file(*, client_id: uuid.UUID, reason: str, actor: Actor, at: datetime) -> datetime:
    """Break the glass: read a protected file for 30 minutes, with a reason. Returns when it closes again.

    Raises ReasonTooShort, NotFound. The opening is logged, and her advisor and the privacy officer are told.
    """
    actor.require(permissions.CLIENTS_READ)
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonTooShort()
    client = Client.objects.filter(id=client_id, maison_id=actor.in_maison).first()
    if client is None:
        raise NotFound()
    until = at + OPEN_FOR
    FileOpening.objects.create(
        client_id=client_id, actor=actor.label, reason=reason.strip(), opened_at=at, until_at=until
    )
    audit.record(actor=actor, action="clients.break_glass", subject=f"client:{client_id}", at=at)
    outbox.record(
        {"client_id": client_id, "advisor_id": client.advisor_id},
        kind="clients.file_opened",
        subject=f"client:{client_id}",
        actor=actor,
        at=at,
        topics=["privacy"],
    )
    return until


def _normal(new: NewIdentifier) -> str:
    value = new.value.strip()
    if new.kind is IdentifierKind.EMAIL:
        return normal_email(value)
    return normal_phone(value) if new.kind is IdentifierKind.PHONE else value


def _are_known(maison_id: uuid.UUID, identifiers: Sequence[NewIdentifier]) -> bool:
    return any(
        Identifier.objects.filter(maison_id=maison_id, kind=one.kind.value, value=value, ended_at=None).exists()
        for one in identifiers
        if (value := _normal(one))
    )


def _add_identifier(client: Client, new: NewIdentifier, source: str, at: datetime) -> None:
    value = _normal(new)
    if not value:
        return
    try:
        with transaction.atomic():
            Identifier.objects.create(
                client=client,
                maison_id=client.maison_id,
                kind=new.kind.value,
                value=value,
                source=source,
                noted_at=at,
                attested_at=at if new.is_attested else None,
            )
    except IntegrityError as error:
        _translate(error)


def _translate(error: Exception) -> None:
    if "attested_identifier_has_one_client" in str(error):
        raise IdentifierTaken() from error
    raise error
