"""Settings of payments: a value that cannot work is refused with a sentence that says what to write."""

from __future__ import annotations

import pytest

from vendome.config import environment
from vendome.config.environment import SettingError

GOOD = {"VENDOME_STRIPE_KEY": "sk_test_1", "VENDOME_STRIPE_WEBHOOK_SECRET": "whsec_1"}


def stripe(monkeypatch: pytest.MonkeyPatch, *, demo: bool = False, **more: str) -> environment.StripeAccount | None:
    for name, value in (GOOD | more).items():
        monkeypatch.setenv(name, value)
    return environment.stripe(demo=demo)


def test_without_a_key_there_is_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stripe(monkeypatch, VENDOME_STRIPE_KEY="") is None


def test_a_good_account(monkeypatch: pytest.MonkeyPatch) -> None:
    account = stripe(monkeypatch, VENDOME_STRIPE_WEBHOOK_SECRET="whsec_1, whsec_2")
    assert account is not None
    assert (account.webhook_secrets, account.is_live) == (("whsec_1", "whsec_2"), False)
    assert account.pages == ("https://checkout.stripe.com",)
    assert account.base_url == "https://api.stripe.com"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"VENDOME_STRIPE_KEY": "pk_live_1"}, "a publishable key"),
        ({"VENDOME_STRIPE_WEBHOOK_SECRET": ""}, "begins with whsec_"),
        ({"VENDOME_STRIPE_WEBHOOK_SECRET": "secret"}, "begins with whsec_"),
        ({"VENDOME_STRIPE_URL": "http://stripe.example"}, "stand-in on this machine"),
        ({"VENDOME_STRIPE_URL": "https://api.stripe.com/v1"}, "stand-in on this machine"),
        ({"VENDOME_STRIPE_SECONDS": "0"}, "from 1 to 60"),
    ],
)
def test_what_cannot_work_is_refused(monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        stripe(monkeypatch, **wrong)


def test_the_demo_takes_no_money(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingError, match="the demo takes no money"):
        stripe(monkeypatch, demo=True, VENDOME_STRIPE_KEY="sk_live_1")


def test_a_short_gift_card_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENDOME_GIFT_CARD_KEY", "short")
    with pytest.raises(SettingError, match="Never change it while cards are in use"):
        environment.gift_card_key()
    monkeypatch.setenv("VENDOME_GIFT_CARD_KEY", "x" * 50)
    assert environment.gift_card_key() == "x" * 50
