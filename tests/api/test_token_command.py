"""`vendome api_token`: a token is shown once, works, and ends."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.api.conftest import Caller
from vendome.domains.people import queries as people
from vendome.domains.people.models import ApiToken


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("api_token", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def test_a_token_works_and_only_its_digest_is_kept(house):
    token = run("create", "till 4", "--roles", "advisor", "--maison", house.maison.code, "--place", "paris")

    assert Caller(token).get("/orders").status == 200
    row = ApiToken.objects.get()
    assert token.encode() not in bytes(row.token_hash)
    assert row.home_place_id == house.paris


def test_a_revoked_token_ends(house):
    token = run("create", "till 4", "--roles", "advisor", "--maison", house.maison.code)
    run("revoke", "till 4", "--maison", house.maison.code)
    people.forget_actors()

    assert Caller(token).get("/orders").status == 401


def test_an_unknown_role_is_refused_with_those_that_are_known(house):
    with pytest.raises(CommandError, match="boutique_manager"):
        run("create", "till 4", "--roles", "queen", "--maison", house.maison.code)

    assert not ApiToken.objects.exists()


def test_an_unknown_place_is_refused_with_those_that_are_known(house):
    with pytest.raises(CommandError, match=r"depot.*paris"):
        run("create", "till", "--roles", "advisor", "--maison", house.maison.code, "--place", "paris-vendome")


def test_revoking_a_name_that_nobody_has_says_so(house):
    with pytest.raises(CommandError):
        run("revoke", "nobody", "--maison", house.maison.code)
