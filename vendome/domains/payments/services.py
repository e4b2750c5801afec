"""Writing which ways to pay a market offers: a new version from a day on, never over an old one."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, datetime

from django.db import IntegrityError, transaction

from vendome.domains.house import queries as house
from vendome.domains.payments.errors import OfferMoved
from vendome.domains.payments.models import MarketOffer
from vendome.domains.payments.queries import offers
from vendome.domains.payments.types import OfferView
from vendome.domains.people import permissions
from vendome.kit import audit
from vendome.kit.actors import EVERYWHERE, Actor
from vendome.kit.errors import BadInput, Forbidden, NotFound

MOST_RATES = 24
MOST_ACCOUNT_LINES = 6


@transaction.atomic
def write_offer(
    *, market: str, offer: OfferView, from_date: date, expected: int, note: str, actor: Actor, at: datetime
) -> int:
    """Offer this in a market from a day on; returns the number of the version. Orders placed before keep their terms.

    `expected` is the newest version that was read. Raises BadInput, OfferMoved, NotFound, Forbidden.
    """
    _require(actor)
    found = house.get_market(maison_id=actor.in_maison, code=market)
    offer = _checked(offer)
    if from_date < at.date():
        raise BadInput("An offer begins today or later.")
    if not note.strip():
        raise BadInput("Say what changes and why; it stands in the history.")
    versions = offers.list_versions(market_id=found.id)
    newest = versions[0].number if versions else 0
    if newest != expected:
        raise OfferMoved()
    number = max(newest, 1) + 1
    note = note.strip()[:300]
    try:
        with transaction.atomic():
            if not versions:  # what stood before anybody wrote is the first, so that it can be brought back
                MarketOffer.objects.create(market_id=found.id, number=1)
            MarketOffer.objects.create(
                market_id=found.id,
                number=number,
                from_date=from_date,
                at=at,
                actor=actor.label,
                note=note,
                **asdict(offer) | _as_lists(offer),
            )
    except IntegrityError as error:
        if "market_offer_once" in str(error):
            raise OfferMoved() from error
        raise
    audit.record(
        actor=actor, action="payments.offer", subject=f"market:{found.id}", at=at, maison_id=actor.in_maison,
        detail={"market": found.code, "version": number, "from": from_date.isoformat(), "note": note},
    )  # fmt: skip
    return number


def restore_offer(*, market: str, number: int, from_date: date, expected: int, actor: Actor, at: datetime) -> int:
    """Offer again what an earlier version did, from a day on, as a new version. Raises NotFound, and as write_offer."""
    _require(actor)
    found = house.get_market(maison_id=actor.in_maison, code=market)
    earlier = next((one for one in offers.list_versions(market_id=found.id) if one.number == number), None)
    if earlier is None:
        raise NotFound()
    return write_offer(
        market=market,
        offer=earlier.offer,
        from_date=from_date,
        expected=expected,
        note=f"Version {number} restored",
        actor=actor,
        at=at,
    )


def read_checked(*, offer: OfferView) -> OfferView:
    """The offer as it would be written, for a look before it is. Raises BadInput."""
    return _checked(offer)


def _checked(offer: OfferView) -> OfferView:
    account = tuple(line.strip() for line in offer.transfer_account if line.strip())
    if offer.is_transfer_offered and not account:
        raise BadInput("Write the account that a transfer goes to.")
    if len(account) > MOST_ACCOUNT_LINES:
        raise BadInput("The account has at most six lines.")
    if not 1 <= offer.transfer_days <= 30:
        raise BadInput("A transfer is waited for from 1 to 30 days.")
    if any(not 2 <= count <= MOST_RATES for count in offer.instalment_counts):
        raise BadInput("Instalments are 2 to 24.")
    if offer.instalments_from_amount < 0:
        raise BadInput("Instalments begin at an amount of nothing or more.")
    if not 0 < offer.deposit_bp < 10_000:
        raise BadInput("A deposit is a part of the total.")
    return replace(offer, transfer_account=account, instalment_counts=tuple(sorted(set(offer.instalment_counts))))


def _as_lists(offer: OfferView) -> dict[str, list[object]]:
    return {
        "transfer_account": list(offer.transfer_account),
        "instalment_counts": list(offer.instalment_counts),
    }


def _require(actor: Actor) -> None:
    """What a market offers is the house's word to all its clients: it is written by who answers for all of them."""
    if actor.places_for(permissions.PAYMENTS_OFFERS) is not EVERYWHERE:
        raise Forbidden(permission=permissions.PAYMENTS_OFFERS)
