"""Ways to pay in each market, a few gift cards, and yesterday's bank statement with what nobody has explained yet."""

from __future__ import annotations

import hashlib

from vendome.connectors.demo_house.copying import NULL
from vendome.connectors.demo_house.moments import DAY, HOUR, day_text, stamp
from vendome.connectors.demo_house.world import World

ACCOUNTS = {
    "EUR": ("FR76 3000 4008 2100 0123 4567 890", "BNPAFRPPXXX"),
    "GBP": ("GB29 NWBK 6016 1331 9268 19", "NWBKGB2L"),
    "CHF": ("CH93 0076 2011 6238 5295 7", "UBSWCHZH80A"),
    "USD": ("Account 4477 2210 83, routing 021000021", "CHASUS33"),
}
"""Accounts of no bank: the check digits are those of published examples."""
PLANS = {"FR": "{3,4}", "IT": "{3}", "US": "{3,6}", "BR": "{3,6,10}", "JP": "{3}"}
GESTURES = ((500, "an engraving that came late"), (250, "a clasp mended twice"), (1_000, "thirty years with the house"))
UNKNOWN = (
    ("M. DELACROIX ET CIE", "acompte bague merci", 125_000),
    ("H VANDERBERG", "invoice 4471 ring", 96_000),
)


def take_money(world: World) -> None:
    """Rows for the checkout and for headquarters' page of money; the books stay whole."""
    for market in world.markets.values():
        account = ACCOUNTS.get(market.currency)
        world.add(
            "payments_marketoffer",
            world.ids.at(world.start, 14),
            market.id,
            "t" if account else "f",
            7,
            "{" + ",".join(f'"{line}"' for line in account or ()) + "}",
            PLANS.get(market.code, "{}"),
            1_000 * market.minor,
            3000,
        )
    _give_cards(world)
    _take_statement(world)


def _give_cards(world: World) -> None:
    """Gestures of headquarters. Their codes were given away and are kept by nobody."""
    for number, (euros, reason) in enumerate(GESTURES):
        at = world.now - (20 + 9 * number) * DAY + 10 * HOUR
        card, amount = world.ids.at(at), euros * 100
        seal = hashlib.sha256(f"{card}:given away".encode()).hexdigest()
        world.add(
            "payments_giftcard", card, world.maison, f"\\\\x{seal}", f"D{number}M{number}", "EUR", amount, amount,
            "ACTIVE", stamp(at), "SYSTEM", NULL, NULL,
        )  # fmt: skip
        world.add(
            "payments_giftcardentry", world.ids.at(at, 1), card, stamp(at), amount, amount, reason, NULL, NULL, "SYSTEM"
        )
        world.add(
            "payments_posting", world.ids.at(at, 2), stamp(at), world.maison, "expense:gestures",
            "liability:gift_cards", amount, "EUR", NULL, NULL,
        )  # fmt: skip


def _take_statement(world: World) -> None:
    """The bank's day before today: two transfers whose senders wrote no order number."""
    at = world.now - 2 * HOUR
    statement, day = world.ids.at(at), day_text(world.now - DAY)
    seal = hashlib.sha256(f"{statement}:statement".encode()).hexdigest()
    world.add(
        "payments_statement",
        statement,
        world.maison,
        "BANK",
        "bank",
        f"camt053-{day}.xml",
        f"\\\\x{seal}",
        stamp(at),
        "SYSTEM",
    )
    for number, (who, text, amount) in enumerate(UNKNOWN):
        line = world.ids.at(at, 2 + number)
        world.add(
            "payments_statementline", line, statement, world.maison, "bank", f"{day}/{number}", day, "TRANSFER", "",
            who,
            text, amount, 0, "EUR", NULL, NULL, "f",
        )  # fmt: skip
        world.add(
            "payments_differencerecord", world.ids.at(at, 6 + number), world.maison, day, "MISSING_HERE", "bank",
            NULL, line,
            NULL, amount, "EUR", "t", "", "", NULL,
        )  # fmt: skip
