"""A client proves who she is: the code we sent to her address came back, so the account is hers.

Her history is shown only after this proof. An address that several files assert is nobody's until one is
attested: then she starts a file of her own, and a person reviews the likeness (identity resolution).
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from vendome.domains.clients import services as clients
from vendome.domains.clients.contact import normal_email
from vendome.domains.clients.errors import IdentifierTaken
from vendome.domains.clients.types import IdentifierKind, NewIdentifier
from vendome.kit import sql
from vendome.kit.actors import Actor


@transaction.atomic
def recognise_account(
    *, account_id: uuid.UUID, email: str, maison_id: uuid.UUID, language: str, at: datetime
) -> uuid.UUID:
    """The client behind a proven address; links the account to her once. Safe to repeat. Returns the client.

    Exactly one file asserts or attests the address: it is hers. Otherwise a new file is begun.
    """
    linked: uuid.UUID | None = sql.value(
        "SELECT client_id FROM people_account WHERE id = %s FOR NO KEY UPDATE", [account_id]
    )
    if linked is not None:
        return linked
    system = Actor.system(maison_id)
    address = normal_email(email)
    files = sql.rows(
        "SELECT DISTINCT coalesce(m.kept_id, i.client_id), i.attested_at IS NOT NULL FROM clients_identifier i "
        "LEFT JOIN clients_merge m ON m.absorbed_id = i.client_id AND m.undone_at IS NULL "
        "WHERE i.maison_id = %s AND i.kind = 'EMAIL' AND i.value = %s AND i.ended_at IS NULL "
        "AND NOT EXISTS (SELECT FROM people_account a WHERE a.client_id = coalesce(m.kept_id, i.client_id))",
        [maison_id, address],
    )
    attested = {client for client, is_attested in files if is_attested}
    asserted = {client for client, _ in files}
    client_id: uuid.UUID
    if len(attested) == 1:
        client_id = attested.pop()
    elif len(asserted) == 1:
        client_id = asserted.pop()
    else:
        client_id = clients.create_client(
            maison_id=maison_id,
            given_name="",
            family_name="",
            language=language,
            identifiers=[NewIdentifier(kind=IdentifierKind.EMAIL, value=address)],
            source="account",
            actor=system,
            at=at,
        )
    try:
        clients.attest_email(client_id=client_id, email=address, at=at, actor=system)
    except IdentifierTaken:  # another client proved it before her; it stays said of both, and a person looks at it
        pass
    sql.value("UPDATE people_account SET client_id = %s WHERE id = %s RETURNING id", [client_id, account_id])
    return client_id
