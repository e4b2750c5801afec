"""One sale as it leaves its traces: order, lines, payment, postings, holds, movements, hand-over, wardrobe."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass
from typing import NamedTuple

from vendome.connectors.demo_house.carriers import Carriers
from vendome.connectors.demo_house.clientele import Client
from vendome.connectors.demo_house.copying import NULL, array, document
from vendome.connectors.demo_house.ledger import SYSTEM, Ledger
from vendome.connectors.demo_house.moments import DAY, HOUR, dashed, day_text, stamp
from vendome.connectors.demo_house.world import Market, Place, Reference, Staff, World

FIRST_NUMBER = 100_001
EMPTY = "[]"
REFERENCES = {"card_test": "test_", "terminal": "T", "partner": "P"}
"""How each provider's own reference begins; cash has none."""
RETURN_RATE = {"web": 0.055, "client_service": 0.03, "boutique": 0.018, "partner": 0.012}


class Line(NamedTuple):
    reference: Reference
    quantity: int
    mode: str
    source: Place
    given_at: int  # when it was given, or entrusted to the carrier; 0: still waiting


class Sale(NamedTuple):
    """What is to be sold; `client` None for a passer-by."""

    at: int
    nr: int
    client: Client | None
    channel: str
    place: Place | None
    market: Market
    seller: Staff | None
    lines: tuple[Line, ...]
    gift_to: Client | None = None
    may_return: bool = True
    is_ready: bool = False
    is_given_away: bool = False  # to somebody we do not know


@dataclass(slots=True, kw_only=True)
class Return:
    """One line that will come back, and everything the return needs to point at."""

    sale: Sale
    line: Line
    line_id: str
    piece: str
    unit: int
    tax: int
    amount: int
    tender: str
    provider: str
    place: Place
    restocked_at: int  # 0: it stays in quarantine
    hold: str  # keeps what came back in quarantine


class Sales:
    """Books sales in the order of time; returns come up when their day has come."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world = world
        self.ledger = ledger
        self.rng = random.Random(f"{world.random.random()}:sales")
        self.carriers = Carriers(world)
        self.number = FIRST_NUMBER
        self._prefix = world.maison_code[:3].upper()
        self._returns: list[tuple[int, int, Return]] = []
        self._returned = 0
        self._accounts = [(f"sales:{dashed(m.id)}", f"tax:{dashed(m.id)}") for m in world.markets.values()]
        self.never_restocked: frozenset[int] = frozenset()

    def book_all(self, sales: list[Sale]) -> None:
        """Book sales, and the returns that fall between them, by time."""
        sales.sort(key=lambda sale: (sale.at, sale.nr))
        for nr, sale in enumerate(sales):
            if nr % 5_000 == 0:
                self.world.report("", nr / len(sales))
            while self._returns and self._returns[0][0] <= sale.at:
                self._take_back(heapq.heappop(self._returns))
            self.book(sale)
            self.world.copier.breathe()
        while self._returns:
            self._take_back(heapq.heappop(self._returns))

    def next_number(self, when: str) -> str:
        number = f"{self._prefix}-{when[2:4]}-{self.number}"
        self.number += 1
        return number

    def book(self, sale: Sale) -> str:
        """Write one sale. Returns its order's id."""
        world, at_id, add = self.world, self.world.ids.at, self.world.copier.add
        at, client, market = sale.at, sale.client, sale.market
        when = stamp(at)
        order, payment = at_id(at, 0), at_id(at, 3)
        client_id = client.id if client else NULL
        seller = sale.seller
        seller_id = seller.id if seller else NULL
        actor = seller.label if seller else f"CLIENT:{dashed(client_id)}" if client else SYSTEM
        book = world.book_at(at)
        prices, taxes = world.prices[book][market.nr], world.taxes[book][market.nr]
        reason = f"price book {market.code} {world.books[book][1]}"
        tender, provider = self._tender(sale, prices[sale.lines[0].reference.nr])
        total = tax_total = 0
        is_open = False
        plan: list[dict[str, str]] = []
        address = self._address(client) if any(line.mode == "DELIVER" for line in sale.lines) else "{}"
        sent = next((line.given_at for line in sale.lines if line.mode == "DELIVER"), 0)
        delivered = self.carriers.delivered_at(sent) if sent else 0
        travelling: list[str] = []
        for position, line in enumerate(sale.lines, start=1):
            reference, quantity, source = line.reference, line.quantity, line.source
            line_id, hold = at_id(at, 1), at_id(at, 2)
            unit = prices[reference.nr]
            tax = taxes[reference.nr] * quantity
            amount = unit * quantity + (0 if market.is_tax_included else tax)
            total += amount
            tax_total += tax
            given = {"TAKE_AWAY": at, "DELIVER": delivered}.get(line.mode, line.given_at)
            on_the_way = bool(line.mode == "DELIVER" and sent)
            is_open = is_open or not given
            piece = self._move(sale, line, given, order, line_id, hold, actor, (unit, tax, amount), tender, provider)
            state = "READY" if sale.is_ready else "DISPATCHED" if on_the_way else "HELD"
            if given:
                state = "RETURNED" if self._came_back else "HANDED_OVER"
            stands = self.carriers.transit if on_the_way else source
            days = {"DELIVER": market.delivery_days + 1, "COLLECT": 1}.get(line.mode)
            promised = day_text(at + days * DAY) if days else NULL
            add("orders_orderline", (
                f"{line_id}\t{order}\t{position}\tOUT\t{reference.id}\t{piece}\t{NULL}\t{quantity}\t{unit}\t{tax}\t{amount}\t"
                f"{reason}\t{line.mode}\t{state}\t{source.id}\t{hold}\t{promised}"
            ))  # fmt: skip
            add("stock_hold", (
                f"{hold}\tORDER\t{'CONSUMED' if given else 'ACTIVE'}\t{reference.id}\t{piece}\t{stands.id}\tf\t"
                f"{quantity}\t{client_id}\t{seller_id}\t{order}\t{line_id}\t\t{when}\t{NULL}\t"
                f"{stamp(given) if given else NULL}"
            ))  # fmt: skip
            if given:
                self._hand_over(sale, line, line_id, piece, given, actor)
            if line.mode == "DELIVER":
                travelling.append(line_id)
            if not world.size.is_lean:
                how = "nearest place that ships and has it free" if line.mode == "DELIVER" else "chosen with the order"
                plan.append({"line": dashed(line_id), "place": dashed(source.id), "reason": how})
        add("orders_order", (
            f"{order}\t{world.maison}\t{self.next_number(when)}\t{client_id}\t{market.id}\t{sale.channel}\t"
            f"{sale.place.id if sale.place else NULL}\t{seller_id}\t{'CONFIRMED' if is_open else 'COMPLETED'}\t"
            f"{market.currency}\t{total}\t{tax_total}\t{when}\t{{}}\t{address}\t{document(plan) if plan else EMPTY}"
        ))  # fmt: skip
        self._pay(order, payment, at, when, market, tender, provider, total, tax_total)
        if travelling and client:  # all lines of an order travel together
            first = next(line for line in sale.lines if line.mode == "DELIVER")
            self.carriers.parcel(
                at=at, order=order, lines=travelling, source=first.source, address=address,
                promised=day_text(at + (market.delivery_days + 1) * DAY), market=market, country=client.city["country"],
                value=total, sent=sent, delivered=delivered, name=client.name,
            )  # fmt: skip
        return order

    # -- parts of a sale -------------------------------------------------------------------------------------

    def _move(
        self, sale: Sale, line: Line, given: int, order: str, line_id: str, hold: str, actor: str,
        amounts: tuple[int, int, int], tender: str, provider: str,
    ) -> str:  # fmt: skip
        """The piece and its movements: arrived, held, given; perhaps to come back. Returns the piece."""
        ledger, reference, source = self.ledger, line.reference, line.source
        at, quantity = sale.at, line.quantity
        stands = source
        piece = number = NULL
        received = 0
        if reference.is_serialised:
            piece, number, received = ledger.arrive(source, reference, at)
        ledger.note(source, reference, (at, 1, "HELD", 0, quantity, piece, order, hold, actor, ""))
        self._came_back = None
        if line.mode == "DELIVER" and line.given_at:  # into transit, still promised to her
            stands, sent, why = self.carriers.transit, line.given_at, "with the carrier"
            ledger.note(
                source, reference, (sent, 2, "DISPATCHED", -quantity, -quantity, piece, order, hold, SYSTEM, why)
            )
            ledger.note(
                stands, reference, (sent, 2, "TRANSFERRED_IN", quantity, quantity, piece, order, hold, SYSTEM, why)
            )
        if given:
            by = SYSTEM if line.mode == "DELIVER" else actor if line.mode == "TAKE_AWAY" else self._giver(source)
            self._given_by = by
            ledger.note(stands, reference, (given, 3, "HANDED_OVER", -quantity, -quantity, piece, order, hold, by, ""))
            back = self._plan_return(sale, line, line_id, piece, given, amounts, tender, provider)
            self._came_back = back
        if piece == NULL:
            return piece
        if not given:
            ledger.enter(
                piece,
                reference,
                number,
                received,
                state="IN_STOCK" if stands is source else "IN_TRANSIT",
                owner=source.stock_owner,
                place=stands.id,
                hold=hold,
            )
        elif back:
            state = "IN_STOCK" if back.restocked_at else "QUARANTINED"
            ledger.enter(
                piece, reference, number, received, state=state, owner=back.place.stock_owner, place=back.place.id,
                hold=NULL if back.restocked_at else back.hold,
            )  # fmt: skip
        else:
            holder = None if sale.is_given_away else sale.gift_to or sale.client
            ledger.enter(
                piece,
                reference,
                number,
                received,
                state="WITH_CLIENT",
                owner="CLIENT",
                client=holder.id if holder else NULL,
            )
        return piece

    def _plan_return(
        self, sale: Sale, line: Line, line_id: str, piece: str, given: int, amounts: tuple[int, int, int],
        tender: str, provider: str,
    ) -> Return | None:  # fmt: skip
        roll = self.rng.random
        if not sale.may_return or sale.gift_to or not sale.client or roll() >= RETURN_RATE[sale.channel]:
            return None
        at = given + int((3 + roll() * 24) * DAY)
        if at >= self.world.now - 8 * HOUR or line.reference.model.limited:
            return None
        place = line.source if line.source.kind in ("BOUTIQUE", "PARTNER_DOOR") and roll() < 0.8 else sale.client.home
        if place.owner != line.source.owner:
            place = line.source  # a partner's piece goes back to the partner
        restocked = at + int((1 + roll() * 4) * DAY)
        if restocked >= self.world.now or roll() < 0.35 or line.reference.nr in self.never_restocked:
            restocked = 0
        unit, tax, amount = amounts
        back = Return(
            sale=sale, line=line, line_id=line_id, piece=piece, unit=unit, tax=tax, amount=amount, tender=tender,
            provider=provider, place=place, restocked_at=restocked, hold=self.world.ids.at(at, 2),
        )  # fmt: skip
        self._returned += 1
        heapq.heappush(self._returns, (at, self._returned, back))
        self._returned_at = at
        return back

    def _hand_over(self, sale: Sale, line: Line, line_id: str, piece: str, given: int, actor: str) -> None:
        world, at_id = self.world, self.world.ids.at
        client = sale.client
        client_id = client.id if client else NULL
        when = stamp(given)
        if line.mode == "DELIVER":
            proof = "CARRIER"
        elif line.mode == "COLLECT":
            proof = "ORDER_CODE" if self.rng.random() < 0.6 else "IDENTITY_SEEN"
        else:
            proof = "KNOWN_TO_ADVISOR" if client else "IDENTITY_SEEN"
        world.copier.add("fulfilment_handover", (
            f"{at_id(given, 4)}\t{line_id}\t{piece}\t{line.source.id}\t{client_id}\t{self._given_by}\t{proof}\t{when}"
        ))  # fmt: skip
        if not client:
            return
        left = NULL
        if self._came_back:
            left = stamp(self._returned_at)
        elif sale.gift_to or sale.is_given_away:
            left = when
        quantity, bought = line.quantity, day_text(given)
        world.copier.add("clients_wardrobepiece", (
            f"{at_id(given, 5)}\t{client_id}\t{piece}\t{line.reference.id}\t{line_id}\t\tBOUGHT\t{quantity}\t"
            f"{bought}\t{left}"
        ))  # fmt: skip
        if sale.gift_to:
            world.copier.add("clients_wardrobepiece", (
                f"{at_id(given, 6)}\t{sale.gift_to.id}\t{piece}\t{line.reference.id}\t{NULL}\t\tGIFT\t"
                f"{quantity}\t{bought}\t{NULL}"
            ))  # fmt: skip

    def _pay(
        self,
        order: str,
        payment: str,
        at: int,
        when: str,
        market: Market,
        tender: str,
        provider: str,
        total: int,
        tax: int,
    ) -> None:
        """The payment, and the books: the client owed it, the house earned it and its tax, the tender paid it."""
        world, add, at_id = self.world, self.world.copier.add, self.world.ids.at
        prefix = REFERENCES.get(provider)
        number = prefix + payment if prefix else ""
        currency, maison = market.currency, world.maison
        add("payments_payment", (
            f"{payment}\t{order}\t{tender}\t{provider}\t{number}\t{total}\t{currency}\tCAPTURED\t{when}\t{when}"
        ))  # fmt: skip
        sales, taxes, paid = self._accounts[market.nr][0], self._accounts[market.nr][1], f"tender:{tender.lower()}"
        if total > 0:
            postings = (("receivable", sales, total - tax), ("receivable", taxes, tax), (paid, "receivable", total))
        else:  # the books run the other way
            postings = ((sales, "receivable", tax - total), (taxes, "receivable", -tax), ("receivable", paid, -total))
        for step, (debit, credit, amount) in enumerate(postings):
            if amount:
                add("payments_posting", (
                    f"{at_id(at, 8 + step)}\t{when}\t{maison}\t{debit}\t{credit}\t{amount}\t{currency}\t{order}\t"
                    f"{payment if step == 2 else NULL}"
                ))  # fmt: skip

    # -- a return ----------------------------------------------------------------------------------------------

    def _take_back(self, due: tuple[int, int, Return]) -> None:
        """A return: a document of its own, the money back, the piece into quarantine and perhaps on sale again."""
        at, _, back = due
        world, at_id, add = self.world, self.world.ids.at, self.world.copier.add
        sale, line, place = back.sale, back.line, back.place
        assert sale.client is not None
        order, payment, line_id = at_id(at, 0), at_id(at, 3), at_id(at, 1)
        when, market, reference = stamp(at), sale.market, line.reference
        seller = place.sellers[int(self.rng.random() * len(place.sellers))] if place.sellers else None
        actor = seller.label if seller else SYSTEM
        channel = {"PARTNER_DOOR": "partner", "BOUTIQUE": "boutique"}.get(place.kind, "client_service")
        add("orders_order", (
            f"{order}\t{world.maison}\t{self.next_number(when)}\t{sale.client.id}\t{market.id}\t{channel}\t{place.id}\t"
            f"{seller.id if seller else NULL}\tCOMPLETED\t{market.currency}\t{-back.amount}\t{-back.tax}\t"
            f"{when}\t{{}}\t{{}}\t[]"
        ))  # fmt: skip
        add("orders_orderline", (
            f"{line_id}\t{order}\t1\tIN\t{reference.id}\t{back.piece}\t{back.line_id}\t{line.quantity}\t{back.unit}\t{back.tax}\t"
            f"{back.amount}\tas sold\tTAKE_AWAY\tRETURNED\t{place.id}\t{NULL}\t{NULL}"
        ))  # fmt: skip
        self._pay(order, payment, at, when, market, back.tender, back.provider, -back.amount, -back.tax)
        note = self.ledger.note
        quantity, why = line.quantity, "into quarantine"
        note(place, reference, (at, 3, "RETURNED", quantity, quantity, back.piece, order, back.hold, actor, why))
        if back.restocked_at:
            note(place, reference, (
                back.restocked_at, 0, "RESTOCKED", 0, -quantity, back.piece, order, back.hold, actor,
                "checked and polished",
            ))  # fmt: skip
        state, ended = ("RELEASED", stamp(back.restocked_at)) if back.restocked_at else ("ACTIVE", NULL)
        add("stock_hold", (
            f"{back.hold}\tQUARANTINE\t{state}\t{reference.id}\t{back.piece}\t{place.id}\tf\t{quantity}\t"
            f"{sale.client.id}\t{NULL}\t{order}\t{line_id}\t{why}\t{when}\t{NULL}\t{ended}"
        ))  # fmt: skip

    # -- small choices -----------------------------------------------------------------------------------------

    def _tender(self, sale: Sale, amount: int) -> tuple[str, str]:
        if sale.channel in ("web", "client_service"):
            return "CARD", "card_test"
        if sale.channel == "partner":
            return "TERMINAL", "partner"
        is_small = amount < 3_000 * sale.market.minor * sale.market.rate
        return ("CASH", "till") if is_small and self.rng.random() < 0.12 else ("TERMINAL", "terminal")

    def _giver(self, place: Place) -> str:
        return place.sellers[int(self.rng.random() * len(place.sellers))].label if place.sellers else SYSTEM

    def _address(self, client: Client | None) -> str:
        if not client:
            return "{}"
        number = 1 + int(self.rng.random() * 140)
        street = STREETS.get(client.city["country"], "{} Garden Road").format(number)
        return array((client.name, street, client.city["name"], client.city["country"]))


STREETS = {
    "FR": "{} rue des Tilleuls", "MC": "{} avenue des Pins", "BE": "{} rue du Verger", "CH": "{} chemin des Vignes",
    "LU": "{} rue du Moulin", "IT": "Via dei Gelsi {}", "DE": "Lindenweg {}", "AT": "Gartengasse {}",
    "ES": "Calle del Olmo {}", "PT": "Rua do Pomar {}", "BR": "Rua das Palmeiras, {}", "JP": "{}-2 Sakuradai",
    "CN": "{} Wutong Road", "HK": "{} Banyan Path", "GB": "{} Orchard Lane", "US": "{} Linden Avenue",
    "AU": "{} Banksia Street",
}  # fmt: skip
