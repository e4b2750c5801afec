"""Binds the ports that domains declare to the connectors that answer them. The only place that knows both."""

from __future__ import annotations

from django.conf import settings

from vendome.config import environment
from vendome.connectors.card_test.provider import TestCard
from vendome.connectors.carrier_test.carrier import TestCarrier
from vendome.connectors.easypost import carrier as easypost
from vendome.connectors.stripe.provider import Stripe
from vendome.domains.fulfilment import ports as fulfilment
from vendome.domains.payments import ports as payments


def bind_ports() -> None:
    """Once, at start. The test card takes no money, so it is wired in the demo and while developing only.

    Stripe, where the settings name an account, is wired first: the first provider takes the cards.
    """
    if settings.STRIPE:
        payments.bind(Stripe(settings.STRIPE))
    if settings.DEMO or settings.DEBUG:
        payments.bind(TestCard())
        fulfilment.bind(TestCarrier())
    if key := environment.text("VENDOME_EASYPOST_KEY"):
        fulfilment.bind(
            easypost.EasyPost(
                api_key=key,
                webhook_secret=environment.text("VENDOME_EASYPOST_WEBHOOK_SECRET"),
                address=environment.address("VENDOME_EASYPOST_URL", default=easypost.ADDRESS),
            )
        )
