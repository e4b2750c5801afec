"""Drives the reference model and the real house side by side, one command at a time, and compares them after each."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.factories.orders import CARD, CASH
from tests.factories.payments import cash
from tests.factories.small_house import NOW, SmallHouse
from tests.model.reference import Hold, Id, Line, Model, Order, Payment, Wanted
from vendome.domains.fulfilment.types import Proof
from vendome.domains.orders.types import ChangeKind, Mode
from vendome.domains.payments.types import CaptureOutcome
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.services import shelf
from vendome.domains.stock.types import HoldKind
from vendome.flows import changes, checkout, hand_over, paying
from vendome.flows.types import PlacedOrder, WantedLine
from vendome.kit import sql
from vendome.kit.errors import DomainError

few = st.integers(0, 11)  # picks one of what there is, modulo; small numbers shrink well
some = st.sampled_from([1, 1, 1, 2, 2, 3])
PRICES = "SELECT p.reference_id, p.amount, p.tax_amount FROM pricing_prices(%s, %s, (%s)::date) p"


class _Undo(Exception):
    """Rolls a sequence back."""


class Machine(RuleBasedStateMachine):
    """One sequence. `house` is committed or in an outer transaction; everything a sequence does is rolled back."""

    house: SmallHouse

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        house = self.house
        everything = {"COLLECT", "DELIVER"}
        self.places = [house.paris, house.london, house.warehouse]
        self.references = [house.ring, house.candle]
        self.clients = [house.traditional, house.emerging]
        self.model = Model(
            serialised={house.ring: True, house.watch: True, house.candle: False},
            transit=house.transit,
            sells={house.paris: everything, house.london: everything, house.warehouse: {"DELIVER"}},
            till=house.paris,
            now=NOW,
            prices={row[0]: (row[1], row[2]) for row in sql.rows(PRICES, [house.france.id, self.references, NOW])},
        )
        self.placed: dict[Id, PlacedOrder] = {}
        self.asked: list[tuple[str, Id, list[Wanted], PlacedOrder | None]] = []
        self.serials = 0

    def teardown(self) -> None:
        undo = _Undo()
        self.around.__exit__(type(undo), undo, None)

    # -- the two sides -----------------------------------------------------------------------------------------

    def both(self, due: str, run: Callable[[], Any]) -> tuple[bool, Any]:
        """Run a command; it must fail just as the model says. Returns whether it succeeded, and its answer."""
        try:
            answer = run()
        except DomainError as error:
            met, answer = error.code, None
        else:
            met = ""
        assert met == due, f"{met or 'it went through'}; due was {due or 'that it goes through'}"
        return not met, answer

    def pick(self, number: int, among: list[Any], likely: Callable[[Any], bool] = lambda one: False) -> Any:
        """One of them; numbers below eight pick among the likely ones, if there are any."""
        first = [one for one in among if likely(one)] if number < 8 else []
        chosen = first or among
        return chosen[number % len(chosen)]

    def how_many(self, reference: Id, quantity: int) -> int:
        """Serialised pieces come one by one; now and then somebody asks for more all the same."""
        return 1 if self.model.serialised[reference] and quantity < 3 else quantity

    @invariant()
    def shelves_agree(self) -> None:
        query = (
            "SELECT l.place_id, l.reference_id, l.on_hand, l.held FROM stock_level l JOIN house_place p "
            "ON p.id = l.place_id AND p.maison_id = %s WHERE l.on_hand <> 0 OR l.held <> 0"
        )
        found = {(row[0], row[1]): (row[2], row[3]) for row in sql.rows(query, [self.house.maison.id])}
        assert found == self.model.levels()
        assert stock.list_disagreements() == ()

    @invariant()
    def pieces_and_holds_agree(self) -> None:
        query = "SELECT id, state, place_id, client_id FROM stock_piece WHERE maison_id = %s"
        found = {row[0]: tuple(row[1:]) for row in sql.rows(query, [self.house.maison.id])}
        assert found == {key: (one.state, one.place, one.client) for key, one in self.model.pieces.items()}
        query = (
            "SELECT h.id, h.kind, h.state, h.place_id, h.quantity, h.piece_id, h.expires_at FROM stock_hold h "
            "JOIN house_place p ON p.id = h.place_id AND p.maison_id = %s"
        )
        found = {row[0]: tuple(row[1:]) for row in sql.rows(query, [self.house.maison.id])}
        assert found == {
            key: (one.kind, one.state, one.place, one.quantity, one.piece, one.expires_at)
            for key, one in self.model.holds.items()
        }

    @invariant()
    def orders_and_money_agree(self) -> None:
        query = "SELECT id, state FROM orders_order WHERE maison_id = %s"
        assert dict(sql.rows(query, [self.house.maison.id])) == {
            key: one.state for key, one in self.model.orders.items()
        }
        query = (
            "SELECT p.id, p.state, p.amount, p.refunded_amount FROM payments_payment p "
            "JOIN orders_order o ON o.id = p.order_id AND o.maison_id = %s"
        )
        assert {row[0]: tuple(row[1:]) for row in sql.rows(query, [self.house.maison.id])} == {
            key: (one.state, one.amount, one.refunded) for key, one in self.model.payments.items()
        }
        books: dict[str, int] = {}
        for account, _currency, amount in sql.rows("SELECT * FROM payments_balances(%s)", [self.house.maison.id]):
            books[account.split(":")[0] if account.startswith(("sales", "tax")) else account] = int(amount)
        assert books == {account: amount for account, amount in self.model.money.items() if amount}

    @invariant()
    def every_order_was_told_once(self) -> None:
        query = (
            "SELECT count(*), count(DISTINCT subject) FROM kit_outboxevent WHERE kind = 'orders.order_placed' "
            "AND maison_id = %s"
        )
        placed = sum(one.bought_on is None for one in self.model.orders.values())  # a document is told otherwise
        assert sql.row(query, [self.house.maison.id]) == (placed, placed)

    # -- shelves -------------------------------------------------------------------------------------------------

    @initialize()
    def open_the_shelves(self) -> None:
        for place, rings in ((self.house.paris, 3), (self.house.london, 1), (self.house.warehouse, 2)):
            self._receive(place, self.house.ring, rings)
            self._receive(place, self.house.candle, 5)

    @rule(where=few, what=few, quantity=some)
    def receive(self, where: int, what: int, quantity: int) -> None:
        self._receive(self.pick(where, self.places), self.pick(what, self.references), quantity)

    def _receive(self, place: Id, reference: Id, quantity: int) -> None:
        serials: list[str] = []
        if self.model.serialised[reference]:
            self.serials += quantity
            serials = [f"M{self.serials - n:05d}" for n in range(quantity)]
        shelf.receive(
            place_id=place, reference_id=reference, quantity=quantity, serials=serials,
            epcs=[f"{self.house.maison.code}:{serial}" for serial in serials], reason="delivery",
            actor=self.house.system, at=self.model.now,
        )  # fmt: skip
        query = "SELECT id FROM stock_piece WHERE maison_id = %s AND serial = ANY (%s)"
        pieces = [row[0] for row in sql.rows(query, [self.house.maison.id, serials])]
        self.model.received(place, reference, pieces, quantity)

    @rule(where=few, what=few, who=few, quantity=some, minutes=st.sampled_from([None, 10, 60]))
    def set_aside(self, where: int, what: int, who: int, quantity: int, minutes: int | None) -> None:
        place, reference, client = (
            self.pick(where, self.places), self.pick(what, self.references), self.pick(who, self.clients),
        )  # fmt: skip
        quantity = self.how_many(reference, quantity)
        expires = self.model.now + timedelta(minutes=minutes) if minutes else None
        went, hold = self.both(
            self.model.why_not_hold(place, reference, quantity),
            lambda: shelf.hold_reference(
                kind=HoldKind.RESERVATION, place_id=place, reference_id=reference, client_id=client,
                quantity=quantity, expires_at=expires, actor=self.house.system, at=self.model.now,
            ),
        )  # fmt: skip
        if went:
            piece = sql.value("SELECT piece_id FROM stock_hold WHERE id = %s", [hold])
            self.model.keep(hold, Hold("RESERVATION", reference, place, quantity, client, piece, expires))

    @precondition(lambda self: any(not one.order for one in self.model.holds.values()))
    @rule(which=few)
    def end_hold(self, which: int) -> None:
        holds = self.model.holds
        loose = [key for key, one in holds.items() if not one.order]
        hold = self.pick(which, loose, lambda one: holds[one].state == "ACTIVE")
        went, _ = self.both(
            self.model.why_not_end(hold),
            lambda: sql.value("SELECT stock_end_hold(%s, 'RELEASED', 'SYSTEM', 'model', %s)", [hold, self.model.now]),
        )
        if went:
            self.model.end(hold, "RELEASED")

    @precondition(lambda self: self._movable())
    @rule(which=few, where=few)
    def move(self, which: int, where: int) -> None:
        hold = self.pick(which, self._movable())
        place = self.pick(where, [*self.places, self.house.transit])
        kind = self.model.holds[hold].kind
        state = "IN_TRANSIT" if place == self.house.transit else "QUARANTINED" if kind == "QUARANTINE" else "IN_STOCK"
        went, _ = self.both(
            self.model.why_not_move(hold, place),
            lambda: sql.value(
                "SELECT stock_move_hold(%s, %s, 'TRANSFERRED_OUT', 'TRANSFERRED_IN', %s, 'SYSTEM', 'model', %s)",
                [hold, place, state, self.model.now],
            ),
        )
        if went:
            self.model.move(hold, place, state)

    def _movable(self) -> list[Id]:
        """What no order keeps, and what paid orders keep: an unpaid order's pieces stay where they are."""
        return [
            key
            for key, one in self.model.holds.items()
            if one.order is None or self.model.orders[one.order].state == "CONFIRMED"
        ]

    @precondition(lambda self: any(one.kind == "QUARANTINE" for one in self.model.holds.values()))
    @rule(which=few)
    def write_off(self, which: int) -> None:
        hold = self.pick(which, [key for key, one in self.model.holds.items() if one.kind == "QUARANTINE"])
        due = "" if self.model.holds[hold].state == "ACTIVE" else "stock.hold_gone"
        went, _ = self.both(
            due,
            lambda: sql.value(
                "SELECT stock_consume_hold(%s, 'WRITTEN_OFF', 'WRITTEN_OFF', 'HOUSE', NULL, 'SYSTEM', %s, 'model')",
                [hold, self.model.now],
            ),
        )
        if went:
            self.model.consume(hold, "WRITTEN_OFF", None)

    @precondition(lambda self: self.model.pieces)
    @rule(which=few, where=few)
    def bring_back(self, which: int, where: int) -> None:
        pieces = self.model.pieces
        piece = self.pick(which, list(pieces), lambda one: pieces[one].state == "WITH_CLIENT")
        place, known = self.pick(where, self.places), self.model.pieces[piece]
        went, hold = self.both(
            "" if known.state in ("WITH_CLIENT", "WRITTEN_OFF") else "stock.piece_elsewhere",
            lambda: sql.value(
                "SELECT stock_take_in(%s, %s, %s, 1, 'RETURNED', 'QUARANTINE', NULL, NULL, NULL, 'SYSTEM', '', %s)",
                [place, known.reference, piece, self.model.now],
            ),
        )
        if went:
            sql.value("SELECT flows_leave_wardrobe(NULL, %s, 1, %s)", [piece, self.model.now])  # as every return does
            self.model.taken_in(hold, place, known.reference, piece, 1)

    # -- orders ----------------------------------------------------------------------------------------------------

    @rule(who=few, lines=st.lists(st.tuples(few, few, some, st.booleans()), min_size=1, max_size=3))
    def order_online(self, who: int, lines: list[tuple[int, int, int, bool]]) -> None:
        wanted = []
        for where, what, quantity, is_sent in lines:
            reference = self.pick(what, self.references)
            mode = "DELIVER" if is_sent else "COLLECT"
            wanted.append(Wanted(reference, self.how_many(reference, quantity), mode, self.places[where % 3]))
        self._order(str(uuid.uuid4()), self.pick(who, self.clients), wanted)

    @precondition(lambda self: self.model.holds)
    @rule(who=few, which=few, is_named=st.booleans(), minutes=st.sampled_from([0, 0, 61]))
    def order_what_is_set_aside(self, who: int, which: int, is_named: bool, minutes: int) -> None:
        """Mostly by whom it was set aside for; at times when it has run out and no job has ended it yet."""
        holds = self.model.holds
        hold = self.pick(which, list(holds), lambda one: holds[one].order is None and holds[one].state == "ACTIVE")
        one = holds[hold]
        if one.place in self.places:
            self.model.now += timedelta(minutes=minutes)
            line = Wanted(one.reference, one.quantity, "DELIVER", one.place, hold if is_named else None)
            client = self.pick(who, self.clients, lambda client: client == one.client)
            self._order(str(uuid.uuid4()), client, [line])

    def _order(self, key: str, client: Id, wanted: list[Wanted]) -> None:
        if not self.model.is_here(self.model.with_hers(client, wanted)):
            wanted = wanted[:1]  # sourced from elsewhere line by line: one at a time can be foretold
        due = self.model.why_not_order(client, self.model.with_hers(client, wanted), is_web=True)
        went, placed = self.both(due, lambda: self._place(key, client, wanted))
        self.asked.append((key, client, wanted, placed))
        if went:
            self._take_over(placed, client, wanted, "CARD", is_paid=False)

    def _place(self, key: str, client: Id, wanted: list[Wanted]) -> PlacedOrder:
        house = self.house
        return checkout.place_order(
            key=key, maison=house.maison, market=house.france, channel="web", lines=_lines(wanted), tender=CARD,
            client_id=client, actor=house.as_client(client), at=self.model.now,
        )  # fmt: skip

    @rule(what=few, quantity=some, known=st.booleans())
    def sell_at_the_till(self, what: int, quantity: int, known: bool) -> None:
        house = self.house
        client = house.traditional if known else None
        reference = self.pick(what, self.references)
        wanted = [Wanted(reference, self.how_many(reference, quantity), "TAKE_AWAY", house.paris)]
        went, placed = self.both(
            self.model.why_not_order(client, self.model.with_hers(client, wanted), is_web=False),
            lambda: checkout.place_order(
                key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="boutique",
                lines=_lines(wanted), tender=CASH, client_id=client, advisor_id=house.advisor_paris.id,
                selling_place_id=house.paris, actor=house.advisor_paris, at=self.model.now,
            ),
        )  # fmt: skip
        if went:
            self._take_over(placed, client, wanted, "CASH", is_paid=True)

    @rule(what=few, quantity=some)
    def order_on_deposit(self, what: int, quantity: int) -> None:
        """Half of it in the till; she collects it once the rest is paid."""
        house = self.house
        reference = self.pick(what, self.references)
        wanted = [Wanted(reference, self.how_many(reference, quantity), "COLLECT", house.paris)]
        due_amount = self.model.prices[reference][0] * wanted[0].quantity // 2
        went, placed = self.both(
            self.model.why_not_order(house.traditional, self.model.with_hers(house.traditional, wanted), is_web=False),
            lambda: checkout.place_order(
                key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="boutique",
                lines=_lines(wanted), tenders=[cash()], due_amount=due_amount, client_id=house.traditional,
                advisor_id=house.advisor_paris.id, selling_place_id=house.paris, actor=house.advisor_paris,
                at=self.model.now,
            ),
        )  # fmt: skip
        if went:
            self._take_over(placed, house.traditional, wanted, "CASH", is_paid=True, due=due_amount)

    @precondition(lambda self: self._with_a_rest())
    @rule(which=few)
    def pay_the_rest(self, which: int) -> None:
        identity = self.pick(which, self._with_a_rest())
        added = paying.add_tender(
            key=str(uuid.uuid4()), order_id=identity, tender=cash(), actor=self.house.system, at=self.model.now
        )
        self.model.rest_paid(identity, added.payment_id, "CASH")

    def _with_a_rest(self) -> list[Id]:
        orders = self.model.orders
        return [key for key, one in orders.items() if one.state == "CONFIRMED" and self.model.open(key)]

    def _a_line(self, which: int, line: int, *likely: str) -> tuple[Id, Id]:
        """An order, or the document of an exchange, and one of its lines."""
        orders = self.model.orders
        identity = self.pick(
            which, [key for key in orders if orders[key].lines], lambda one: orders[one].state in likely
        )
        lines = orders[identity].lines
        return identity, self.pick(line, list(lines), lambda one: lines[one].state == "HELD")

    @precondition(lambda self: self.model.orders)
    @rule(which=few, line=few, what=few, is_exchanged=st.booleans())
    def change(self, which: int, line: int, what: int, is_exchanged: bool) -> None:
        """A line is cancelled, or exchanged for another reference; a difference is paid in cash."""
        identity, line_id = self._a_line(which, line, "CONFIRMED")
        old = self.model.orders[identity].lines[line_id]
        instead = self.pick(what, self.references, lambda one: one != old.reference) if is_exchanged else None
        seen = changes.propose(
            key=str(uuid.uuid4()), order_id=identity, line_id=line_id, reference_id=instead,
            kind=ChangeKind.SWAP if instead else ChangeKind.CANCEL_LINE, actor=self.house.system, at=self.model.now,
        )  # fmt: skip
        offers = self.model.offers(self.model.orders[identity].client, old, instead) if instead else set()
        went, done = self.both(
            self.model.why_not_change(identity, line_id, instead),
            lambda: changes.confirm(
                key=str(uuid.uuid4()), change_id=seen.change_id, preview_hash=seen.hash,
                tender=cash() if seen.balance > 0 else None, actor=self.house.system, at=self.model.now,
            ),
        )  # fmt: skip
        if not went:
            changes.withdraw(change_id=seen.change_id, actor=self.house.system, at=self.model.now)
            return
        out = None
        if instead:
            query = (
                "SELECT id, place_id, hold_id, piece_id FROM orders_orderline WHERE order_id = %s AND direction = 'OUT'"
            )
            ((out_id, place, hold, piece),) = sql.rows(query, [done.document_id])
            assert place in offers
            out = out_id, Line(instead, old.quantity, old.mode, place, hold), piece
        query = "SELECT id, amount, tender, state, refund_of_id FROM payments_payment WHERE order_id = %s"
        written = {
            row[0]: Payment(done.document_id, row[1], row[2], row[3], refund_of=row[4])
            for row in sql.rows(query, [done.document_id])
        }
        self.model.changed(identity, line_id, done.document_id, out, written)

    def _take_over(
        self,
        placed: PlacedOrder,
        client: Id | None,
        wanted: list[Wanted],
        tender: str,
        *,
        is_paid: bool,
        due: int | None = None,
    ) -> None:
        assert [line.reference_id for line in placed.lines] == [line.reference for line in wanted]
        for made, line in zip(placed.lines, self.model.with_hers(client, wanted), strict=True):
            assert made.hold_id == line.hold if line.hold else made.hold_id not in self.model.holds
        lines = {
            made.id: Line(line.reference, line.quantity, line.mode, made.place_id, made.hold_id)
            for made, line in zip(placed.lines, wanted, strict=True)
        }
        assert [made.place_id for made in placed.lines] == [line.place for line in wanted]
        order = Order(client, placed.total_amount, placed.tax_amount, placed.payment_id, tender, lines, due=due)
        pieces = {made.id: made.piece_id for made in placed.lines}
        query = "SELECT order_line_id, place_id FROM stock_hold WHERE id = ANY (%s)"
        held_at: dict[Id, Id] = dict(sql.rows(query, [[made.hold_id for made in placed.lines]]))
        self.model.ordered(placed.id, order, pieces, held_at, is_paid=is_paid)
        self.placed[placed.id] = placed

    def _an_order(self, which: int, *likely: str) -> PlacedOrder:
        found: PlacedOrder = self.pick(
            which, list(self.placed.values()), lambda one: self.model.orders[one.id].state in likely
        )
        return found

    @precondition(lambda self: self.asked)
    @rule(which=few)
    def ask_again(self, which: int) -> None:
        """The same key: the same answer, or what is true now if it was refused; another body is refused."""
        key, client, wanted, before = self.pick(which, self.asked, lambda one: one[3] is not None)
        if before is None:
            return
        assert self._place(key, client, wanted) == before
        changed = [*wanted, wanted[0]]
        went, _ = self.both("idempotency.body_changed", lambda: self._place(key, client, changed))
        assert not went

    @precondition(lambda self: self.placed)
    @rule(which=few, instrument=st.sampled_from(["card_good", "card_good", "card_declined", "card_silent"]))
    def pay(self, which: int, instrument: str) -> None:
        placed = self._an_order(which, "AWAITING_PAYMENT")
        state = self.model.orders[placed.id].state
        due = ""
        if placed.state == "AWAITING_PAYMENT":
            if state == "CANCELLED":
                due = "orders.given_up"
            elif state == "AWAITING_PAYMENT":
                due = {
                    "card_declined": "payments.declined", "card_silent": "payments.provider_unavailable",
                }.get(instrument, "")  # fmt: skip
        self.both(
            due,
            lambda: checkout.pay(
                placed=placed, provider="card_test", instrument=instrument, actor=self.house.system, at=self.model.now
            ),
        )
        if state == "AWAITING_PAYMENT" and instrument == "card_good":
            self.model.captured(placed.id)
        if state == "AWAITING_PAYMENT" and instrument == "card_declined":
            self.model.declined(placed.id)

    @precondition(lambda self: self.placed)
    @rule(which=few, captured=st.booleans(), off=st.sampled_from([0, 0, -1, 1]))
    def provider_reports(self, which: int, captured: bool, off: int) -> None:
        """A webhook, late, repeated or with a wrong amount."""
        placed = self._an_order(which, "AWAITING_PAYMENT", "CANCELLED")
        payment = self.model.payments[placed.payment_id]
        is_open = payment.state == "REQUESTED" or (payment.state == "FAILED" and captured)
        outcome = CaptureOutcome(
            is_captured=captured, provider_reference=f"test_{placed.payment_id.hex}", currency="EUR",
            amount=placed.total_amount + off,
        )  # fmt: skip
        went, _ = self.both(
            "payments.wrong_amount" if is_open and captured and off else "",
            lambda: checkout.settle(
                payment_id=placed.payment_id, outcome=outcome, actor=self.house.system, at=self.model.now
            ),
        )
        if went and captured:
            self.model.captured(placed.id)
        elif went:
            self.model.declined(placed.id)

    @precondition(lambda self: self.placed)
    @rule(which=few, line=few)
    def give(self, which: int, line: int) -> None:
        identity, line_id = self._a_line(which, line, "AWAITING_PAYMENT" if line > 8 else "CONFIRMED")
        if self.model.orders[identity].lines[line_id].mode == "DELIVER":
            return
        went, _ = self.both(
            self.model.why_not_give(identity, line_id),
            lambda: hand_over.hand_over(
                key=str(uuid.uuid4()), line_id=line_id, proof=Proof.IDENTITY_SEEN, actor=self.house.system,
                at=self.model.now,
            ),
        )  # fmt: skip
        if went:
            self.model.given(identity, line_id)

    @precondition(lambda self: self.placed)
    @rule(which=few, share=st.sampled_from([0, 1, 2, 3]))
    def ask_for_a_refund(self, which: int, share: int) -> None:
        placed = self._an_order(which, "CONFIRMED", "COMPLETED")
        amount = placed.total_amount * share // 2
        went, refund = self.both(
            self.model.why_not_refund(placed.payment_id, amount),
            lambda: sql.value(
                "SELECT payments_request_refund(%s, %s, %s, %s)",
                [placed.payment_id, placed.id, amount, self.model.now],
            ),
        )
        if went:
            self.model.refund_asked(refund, placed.payment_id, amount)

    @precondition(lambda self: any(one.refund_of for one in self.model.payments.values()))
    @rule(which=few, succeeded=st.booleans())
    def settle_a_refund(self, which: int, succeeded: bool) -> None:
        payments = self.model.payments
        refunds = [key for key, one in payments.items() if one.refund_of]
        refund = self.pick(which, refunds, lambda one: payments[one].state == "REQUESTED")
        sql.value(
            "SELECT payments_settle_refund(%s, %s, %s, %s)", [refund, succeeded, f"r{refund.hex}", self.model.now]
        )
        self.model.refund_settled(refund, succeeded=succeeded)

    @rule(minutes=st.sampled_from([1, 14, 16, 61]), is_swept=st.sampled_from([True, True, False]))
    def time_passes(self, minutes: int, is_swept: bool) -> None:
        """Now and then the job that ends what ran out is late."""
        self.model.now += timedelta(minutes=minutes)
        if is_swept:
            assert checkout.expire_unpaid(at=self.model.now) == self.model.expire()


def _lines(wanted: list[Wanted]) -> list[WantedLine]:
    return [
        WantedLine(
            reference_id=line.reference, mode=Mode(line.mode), place_id=line.place, quantity=line.quantity,
            hold_id=line.hold,
        )
        for line in wanted
    ]  # fmt: skip
