"""An account becomes a client's by proof, once, and never opens a stranger's file."""

from __future__ import annotations

import uuid

import pytest

from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.clients.models import Client, Identifier, Merge
from vendome.domains.people.models import Account
from vendome.flows import welcome

pytestmark = pytest.mark.django_db


def proves(house: SmallHouse, email: str) -> uuid.UUID:
    account, _ = Account.objects.get_or_create(email=email)
    return welcome.recognise_account(
        account_id=account.id, email=email, maison_id=house.maison.id, language="en", at=NOW
    )


def says(house: SmallHouse, client: uuid.UUID, email: str) -> None:
    Identifier.objects.create(
        client_id=client, maison_id=house.maison.id, kind="EMAIL", value=email, source="till", noted_at=NOW
    )


def test_her_proof_opens_her_own_file(house: SmallHouse) -> None:
    assert proves(house, "eleonore@example.com") == house.traditional

    held = Identifier.objects.get(client_id=house.traditional, kind="EMAIL")
    assert held.attested_at == NOW
    assert proves(house, "eleonore@example.com") == house.traditional  # and again


def test_an_unknown_address_begins_a_file_of_its_own(house: SmallHouse) -> None:
    made = proves(house, "new@example.com")

    assert made not in {house.traditional, house.emerging}
    assert Client.objects.filter(id=made, maison_id=house.maison.id).exists()


def test_a_shared_address_opens_nobodys_file(house: SmallHouse) -> None:
    says(house, house.traditional, "us@example.com")
    says(house, house.emerging, "us@example.com")

    assert proves(house, "us@example.com") not in {house.traditional, house.emerging}


def test_a_file_that_has_its_account_is_not_opened_by_a_second_one(house: SmallHouse) -> None:
    says(house, house.traditional, "other@example.com")
    proves(house, "eleonore@example.com")

    assert proves(house, "other@example.com") != house.traditional


def test_addresses_of_another_maison_mean_nothing_here(house: SmallHouse, other_house: SmallHouse) -> None:
    says(other_house, other_house.emerging, "only@example.com")

    assert proves(house, "only@example.com") != other_house.emerging


def test_an_address_another_client_has_proven_keeps_nobody_out(house: SmallHouse) -> None:
    proves(house, "eleonore@example.com")
    Account.objects.filter(email="eleonore@example.com").update(email="moved@example.com")

    made = proves(house, "eleonore@example.com")  # the provider has given the address to somebody else

    assert made != house.traditional
    assert Identifier.objects.get(client_id=made, kind="EMAIL").attested_at is None


def test_the_file_a_merge_kept_is_not_opened_by_a_second_account(house: SmallHouse) -> None:
    proves(house, "eleonore@example.com")
    says(house, house.emerging, "twin@example.com")
    Merge.objects.create(
        kept_id=house.traditional, absorbed_id=house.emerging, reason="same phone", actor="SYSTEM", at=NOW
    )

    assert proves(house, "twin@example.com") not in {house.traditional, house.emerging}
