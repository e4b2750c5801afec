"""The ways to pay that a market offers for an order, in the words of the checkout; headquarters looks at the same."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from vendome.domains.payments.types import OfferView

CARD, TRANSFER = "card", "transfer"


def ways(offer: OfferView, total: int, written: Callable[[int], str]) -> list[tuple[str, str]]:
    """What is offered for an order of this size; `written` writes an amount in its currency."""
    found = [(CARD, _("Card"))]
    if offer.is_transfer_offered:
        days = offer.transfer_days
        found.append((TRANSFER, _("Bank transfer, your pieces are kept for %(n)d days") % {"n": days}))
    if total >= max(offer.instalments_from_amount, 1):
        for count in offer.instalment_counts:
            first = written(total - total // count * (count - 1))
            found.append(
                (f"plan-{count}", _("%(n)d monthly instalments, %(first)s today") % {"n": count, "first": first})
            )
    return found
