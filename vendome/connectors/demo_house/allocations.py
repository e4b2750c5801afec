# ruff: noqa: E501  # rows of the story are kept whole
"""Limited editions on their way to their owners: a drop next week, a ballot under way, a waiting list and a committee's table.

Run after the house is open, through the same services as everything else, so nothing here can disagree with the ledger.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from vendome.domains.house import queries as house
from vendome.domains.stock.services import scarcity
from vendome.domains.stock.services import shelf as stock
from vendome.domains.stock.types_of_scarcity import AllocationPolicy, NewAllocation
from vendome.kit import sql
from vendome.kit.actors import Actor

DAY = timedelta(days=1)
CASES = (
    "She has worn the same Arcade bracelet since 2009 and asks for its companion every autumn. It would close the set.",
    "Her mother was one of the first ten to own one. The daughter turns forty in March and knows nothing of this letter.",
    "A collector who lends: two of her pieces were in our exhibition, and she has never sold one.",
    "New to us since the summer, and already the person who sends us her friends.",
)
WORDS = {
    "drop": {
        "en": "A clock for the desk, cut like the arcades of the square. The last of the hundred leave the workshop together.",
        "fr": "Une pendulette taillée comme les arcades de la place. Les dernières des cent quittent l’atelier ensemble.",
    },
    "ballot": {
        "en": "Fifty watches that need no correction before the year 2100. These are the last of them.",
        "fr": "Cinquante montres qui ne demandent aucune correction avant l’an 2100. Voici les dernières.",
    },
    "list": {
        "en": "One emerald, one afternoon of light. Made again whenever a stone deserves it.",
        "fr": "Une émeraude, un après-midi de lumière. Refaite chaque fois qu’une pierre le mérite.",
    },
    "few": {
        "en": "Thirty cuffs, three years of work. Our advisors speak for those who should have one.",
        "fr": "Trente manchettes, trois ans de travail. Nos conseillers parlent pour celles qui devraient en avoir une.",
    },
}


@dataclass(frozen=True, slots=True)
class Edition:
    """A limited model with a reference of it, and how many of the edition were never made yet."""

    reference: uuid.UUID
    sku: str
    name: str
    room: int


def begin(*, at: datetime, seed: int) -> int:
    """Announce and open what the demo shows; returns how many allocations there are. Only in a house without any."""
    if sql.value("SELECT EXISTS (SELECT FROM stock_allocation)"):
        return 0
    maison = house.get_maison()
    actor = Actor.system(maison.id)
    editions = _editions(maison.id)
    rng = random.Random(f"{seed}:allocations")  # a repeatable house, no secret
    place = sql.value(
        "SELECT id FROM house_place WHERE maison_id = %s AND kind = 'WAREHOUSE' AND ships AND sells_online "
        "ORDER BY position, id LIMIT 1",
        [maison.id],
    )
    clients = _clients(maison.id)
    rng.shuffle(clients)
    noon = (at + 7 * DAY).replace(hour=11, minute=0, second=0, microsecond=0)
    made = 0
    for code, models, policy, pieces, opens, more in (
        ("pendulette", ("arcade-pendulette",), AllocationPolicy.FIRST_COME, 12, noon, {"room_opens_at": noon - timedelta(hours=1)}),
        ("quantieme", ("meridien-quantieme",), AllocationPolicy.BALLOT, 3, at - 5 * DAY, {"closes_at": at + 3 * DAY, "hold_seconds": 3 * 86_400}),
        ("cocktail", ("orangerie-cocktail",), AllocationPolicy.WAITING_LIST, 1, at - 30 * DAY, {"hold_seconds": 5 * 86_400}),
        ("manchette", ("arcade-manchette",), AllocationPolicy.NOMINATIONS, 2, at - 10 * DAY, {"closes_at": at + 4 * DAY, "hold_seconds": 7 * 86_400}),
    ):  # fmt: skip
        edition = next((one for model in models for one in editions.get(model, ())), None)
        if edition is None or edition.room < 1 or place is None:
            continue
        pieces = min(pieces, edition.room)
        _arrive(edition, place, pieces, actor, at - 31 * DAY)
        allocation = scarcity.make_allocation(
            new=NewAllocation(
                code=code, title=_TITLES[code].format(name=edition.name), words=WORDS[_KINDS[code]],
                reference_id=edition.reference, place_id=place, pieces=pieces, policy=policy, opens_at=opens, **more,
            ),
            actor=actor, at=min(opens, at) - DAY,
        )  # fmt: skip
        scarcity.publish(allocation_id=allocation, actor=actor, at=min(opens, at))
        made += 1
        _fill(code, allocation, clients, actor, at)
    return made


_TITLES = {
    "pendulette": "{name}: the last of the hundred",
    "quantieme": "{name}: the ballot",
    "cocktail": "{name}: the waiting list",
    "manchette": "{name}: by nomination",
}
_KINDS = {"pendulette": "drop", "quantieme": "ballot", "cocktail": "list", "manchette": "few"}


def _fill(code: str, allocation: uuid.UUID, clients: list[uuid.UUID], actor: Actor, at: datetime) -> None:
    """Who is in line by today."""
    if code == "pendulette":
        scarcity.invite(allocation_id=allocation, client_ids=clients[:40], actor=actor, at=at - DAY)
        return
    if code == "manchette":
        for number, (case, client) in enumerate(zip(CASES, clients[60:], strict=False)):
            advisor = sql.value("SELECT advisor_id FROM clients_client WHERE id = %s", [client])
            moment = at - (9 - 2 * number) * DAY
            sql.value(
                "SELECT stock_enter(%s, %s, %s, %s, %s, %s, %s)",
                [
                    actor.maison_id,
                    allocation,
                    client,
                    advisor,
                    case,
                    f"STAFF:{advisor}" if advisor else "SYSTEM",
                    moment,
                ],
            )
        return
    first, count = (0, 26) if code == "quantieme" else (30, 7)
    for number, client in enumerate(clients[first : first + count]):
        moment = at - (5 * DAY if code == "quantieme" else 4 * DAY) * (count - number) / count
        scarcity.enter(allocation_id=allocation, client_id=client, actor=actor, at=moment)


def _editions(maison_id: uuid.UUID) -> dict[str, list[Edition]]:
    found: dict[str, list[Edition]] = {}
    for model, reference, sku, name, room in sql.rows(
        "SELECT m.code, r.id, r.sku, m.name, m.limited_edition - (SELECT count(*) FROM stock_piece p "
        "JOIN catalogue_reference x ON x.id = p.reference_id WHERE x.model_id = m.id) "
        "FROM catalogue_model m JOIN catalogue_reference r ON r.model_id = m.id "
        "WHERE m.maison_id = %s AND m.limited_edition > 0 AND r.is_serialised ORDER BY m.code, r.position, r.sku",
        [maison_id],
    ):
        found.setdefault(model, []).append(Edition(reference, sku, name, int(room)))
    return found


def _clients(maison_id: uuid.UUID) -> list[uuid.UUID]:
    """Clients the house knows well, none of them protected or part of the cast's own story."""
    found = sql.rows(
        "SELECT c.id FROM clients_client c WHERE c.maison_id = %s AND NOT c.is_protected AND c.advisor_id IS NOT NULL "
        "AND c.standing IN ('private', 'regular') AND NOT EXISTS (SELECT FROM people_account a WHERE a.client_id = c.id) "
        "AND NOT EXISTS (SELECT FROM clients_tie t WHERE c.id IN (t.client_id, t.other_id)) ORDER BY c.id LIMIT 400",
        [maison_id],
    )
    return [row[0] for row in found]


def _arrive(edition: Edition, place: uuid.UUID, pieces: int, actor: Actor, at: datetime) -> None:
    serials = [f"VM-ED-{edition.sku}-{number:03d}" for number in range(1, pieces + 1)]
    stock.receive(
        place_id=place,
        reference_id=edition.reference,
        quantity=pieces,
        serials=serials,
        epcs=[f"urn:epc:id:sgtin:vermeil.{serial}" for serial in serials],
        reason="from the workshop",
        actor=actor,
        at=at,
    )
