"""The reference model: what stock, orders and money do, in plain dictionaries and without a database.

It is written from the rules (ADR 0004, 0009, 0013, 0014, 0020, 0023), not from the SQL. For every command it says which
failure is due, or takes over what the real house chose (ids, pieces) after checking that the choice was allowed.
"""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

Id = uuid.UUID
UNPAID_FOR = timedelta(seconds=900)
ADOPTABLE = {"BASKET", "RESERVATION", "APPOINTMENT", "SELECTION", "WAITING_LIST"}
SET_ASIDE = {"RESERVATION", "APPOINTMENT", "SELECTION"}
STANDING = {"IN_STOCK", "QUARANTINED", "IN_TRANSIT", "ON_LOAN"}


@dataclass
class Piece:
    reference: Id
    state: str = "IN_STOCK"
    place: Id | None = None
    client: Id | None = None


@dataclass
class Hold:
    kind: str
    reference: Id
    place: Id
    quantity: int
    client: Id | None
    piece: Id | None = None
    expires_at: datetime | None = None
    order: Id | None = None
    state: str = "ACTIVE"
    was: tuple[str, datetime | None] | None = None  # kind and end of what was set aside, while an order has it


@dataclass
class Line:
    reference: Id
    quantity: int
    mode: str
    place: Id
    hold: Id
    state: str = "HELD"


@dataclass
class Order:
    client: Id | None
    total: int
    tax: int
    payment: Id
    tender: str
    lines: dict[Id, Line]
    state: str = "AWAITING_PAYMENT"
    due: int | None = None  # a deposit confirms it; the rest opens the door
    bought_on: Id | None = None  # of a document: the order whose line it gives back or exchanges


@dataclass
class Payment:
    order: Id
    amount: int
    tender: str
    state: str = "REQUESTED"
    refunded: int = 0
    is_owed: bool = False  # the house had no claim to it when it came
    refund_of: Id | None = None


@dataclass
class Wanted:
    """A line as it is asked for; `hold` is one of hers that the line takes over."""

    reference: Id
    quantity: int
    mode: str
    place: Id
    hold: Id | None = None


@dataclass
class Model:
    """The whole house. `serialised` and `transit` are given; everything else begins empty."""

    serialised: dict[Id, bool]
    transit: Id
    sells: dict[Id, set[str]]  # the modes each place offers
    till: Id
    now: datetime
    prices: dict[Id, tuple[int, int]]  # what one costs, and the tax in it
    on_hand: Counter[tuple[Id, Id]] = field(default_factory=Counter)  # by place and reference
    pieces: dict[Id, Piece] = field(default_factory=dict)
    holds: dict[Id, Hold] = field(default_factory=dict)
    orders: dict[Id, Order] = field(default_factory=dict)
    payments: dict[Id, Payment] = field(default_factory=dict)
    money: Counter[str] = field(default_factory=Counter)  # debits above zero
    left_unpaid: list[tuple[Id | None, Id, timedelta, datetime]] = field(default_factory=list)
    """Whose order of what was not paid, how long it had kept it, and when that ended."""

    # -- what can be asked of it ------------------------------------------------------------------------------

    def held(self, place: Id, reference: Id) -> int:
        return sum(
            hold.quantity
            for hold in self.holds.values()
            if hold.state == "ACTIVE" and hold.place == place and hold.reference == reference
        )

    def free(self, place: Id, reference: Id) -> int:
        return self.on_hand[place, reference] - self.held(place, reference)

    def is_free_piece(self, piece: Id, place: Id, reference: Id) -> bool:
        known = self.pieces[piece]
        is_held = any(hold.piece == piece and hold.state == "ACTIVE" for hold in self.holds.values())
        return (known.state, known.place, known.reference) == ("IN_STOCK", place, reference) and not is_held

    def levels(self) -> dict[tuple[Id, Id], tuple[int, int]]:
        keys = {key for key in self.on_hand if self.on_hand[key]} | {
            (hold.place, hold.reference) for hold in self.holds.values() if hold.state == "ACTIVE"
        }
        return {key: (self.on_hand[key], self.held(*key)) for key in keys}

    # -- shelves ---------------------------------------------------------------------------------------------

    def received(self, place: Id, reference: Id, pieces: list[Id], quantity: int) -> None:
        self.on_hand[place, reference] += quantity
        for piece in pieces:
            self.pieces[piece] = Piece(reference, place=place)

    def why_not_hold(self, place: Id, reference: Id, quantity: int) -> str:
        if quantity < 1 or (self.serialised[reference] and quantity != 1):
            return "orders.bad_quantity"
        return "" if self.free(place, reference) >= quantity else "stock.out_of_stock"

    def keep(self, identity: Id, hold: Hold) -> None:
        if self.serialised[hold.reference]:
            assert hold.piece is not None
            assert self.is_free_piece(hold.piece, hold.place, hold.reference)
        assert self.free(hold.place, hold.reference) >= hold.quantity
        self.holds[identity] = hold

    def why_not_end(self, identity: Id) -> str:
        hold = self.holds[identity]
        if hold.state != "ACTIVE":
            return "stock.hold_gone"
        return "stock.hold_travels" if hold.place == self.transit else ""

    def end(self, identity: Id, ending: str) -> None:
        hold = self.holds[identity]
        hold.state = ending
        if hold.piece:
            self.pieces[hold.piece].state = "IN_STOCK"

    def why_not_move(self, identity: Id, place: Id) -> str:
        if self.holds[identity].place == place:
            return "stock.already_there"
        return "" if self.holds[identity].state == "ACTIVE" else "stock.hold_gone"

    def move(self, identity: Id, place: Id, state: str) -> None:
        hold = self.holds[identity]
        self.on_hand[hold.place, hold.reference] -= hold.quantity
        self.on_hand[place, hold.reference] += hold.quantity
        hold.place = place
        if hold.piece:
            self.pieces[hold.piece].place, self.pieces[hold.piece].state = place, state

    def consume(self, identity: Id, state: str, client: Id | None) -> None:
        hold = self.holds[identity]
        hold.state = "CONSUMED"
        self.on_hand[hold.place, hold.reference] -= hold.quantity
        if hold.piece:
            piece = self.pieces[hold.piece]
            piece.state, piece.client = state, client
            piece.place = None if state == "WITH_CLIENT" else piece.place

    def taken_in(self, identity: Id, place: Id, reference: Id, piece: Id | None, quantity: int) -> None:
        self.on_hand[place, reference] += quantity
        if piece:
            self.pieces[piece] = Piece(reference, "QUARANTINED", place)
        self.holds[identity] = Hold("QUARANTINE", reference, place, quantity, None, piece)

    # -- orders ------------------------------------------------------------------------------------------------

    def set_aside_for(self, client: Id | None, reference: Id, quantity: int) -> list[Id]:
        """The holds of hers that a line of this quantity may take over; the first to end first."""
        never = datetime.max.replace(tzinfo=self.now.tzinfo)
        hers = [
            key
            for key, one in self.holds.items()
            if client is not None
            and (one.client, one.reference, one.quantity, one.order) == (client, reference, quantity, None)
            and (one.kind, one.state) == ("RESERVATION", "ACTIVE")
            and (one.expires_at is None or one.expires_at > self.now)
        ]
        return sorted(hers, key=lambda key: (self.holds[key].expires_at or never, key))

    def hers(self, client: Id | None, place: Id, reference: Id, quantity: int, taken: set[Id]) -> Id | None:
        """What a line at this place takes over without being told: it was set aside for her."""
        found = self.set_aside_for(client, reference, quantity)
        return next((key for key in found if self.holds[key].place == place and key not in taken), None)

    def with_hers(self, client: Id | None, lines: list[Wanted]) -> list[Wanted]:
        """The lines as they stand, each with the hold that it takes over."""
        made, taken = list(lines), set[Id]()
        for number, line in sorted(enumerate(lines), key=lambda one: (one[1].place, one[1].reference, one[0])):
            hold = line.hold or self.hers(client, line.place, line.reference, line.quantity, taken)
            made[number] = replace(line, hold=hold)
            taken |= {hold} if hold else set()
        return made

    def why_not_order(self, client: Id | None, lines: list[Wanted], *, is_web: bool) -> str:
        found = self._why_not_hold_all(client, lines, is_web=is_web)
        if not found and is_web and client and any(self._is_left_too_often(client, one.reference) for one in lines):
            return "stock.ordered_lately"
        return found

    def _why_not_hold_all(self, client: Id | None, lines: list[Wanted], *, is_web: bool) -> str:
        ordered = sorted(enumerate(lines), key=lambda one: (one[1].place, one[1].reference, one[0]))
        taken: Counter[tuple[Id, Id]] = Counter()
        for _, line in ordered:
            if self.serialised[line.reference] and line.quantity != 1:
                return "orders.bad_quantity"
            offered = self.sells[line.place] if is_web else self.sells[line.place] | {"TAKE_AWAY"}
            if line.mode not in offered or (line.mode == "TAKE_AWAY" and line.place != self.till):
                return "orders.mode_not_offered"
            if line.hold is None:
                if self.free(line.place, line.reference) - taken[line.place, line.reference] < line.quantity:
                    return "" if len(lines) == 1 and self.sources(line) else "stock.out_of_stock"
                taken[line.place, line.reference] += line.quantity
        adopted: set[Id] = set()
        for _, line in ordered:
            if line.hold is not None:
                if line.hold in adopted or not self._is_hers(line, client):
                    return "stock.hold_gone"
                adopted.add(line.hold)
        return ""

    def is_here(self, lines: list[Wanted]) -> bool:
        """Whether every line can be held at the very place it names."""
        taken: Counter[tuple[Id, Id]] = Counter()
        for line in lines:
            if line.hold is None:
                taken[line.place, line.reference] += line.quantity
        return all(self.free(*key) >= quantity for key, quantity in taken.items())

    def sources(self, line: Wanted) -> list[Id]:
        """Where a line may be held that is collected at a place that has not enough of it."""
        if line.mode != "COLLECT":
            return []
        return [
            place for place in self.sells if place != line.place and self.free(place, line.reference) >= line.quantity
        ]

    def _is_hers(self, line: Wanted, client: Id | None) -> bool:
        assert line.hold is not None
        hold = self.holds[line.hold]
        return (
            hold.state == "ACTIVE"
            and hold.kind in ADOPTABLE
            and (hold.reference, hold.place, hold.quantity) == (line.reference, line.place, line.quantity)
            and client is not None
            and hold.client == client
            and (hold.expires_at is None or hold.expires_at > self.now)
        )

    def ordered(
        self, identity: Id, order: Order, pieces: dict[Id, Id | None], held_at: dict[Id, Id], *, is_paid: bool
    ) -> None:
        """Takes an order over: `pieces` and where they are held, by line, as the house chose them."""
        assert (order.total, order.tax) == self.sum_of(list(order.lines.values()))
        self.orders[identity] = order
        self.payments[order.payment] = Payment(identity, order.due or order.total, order.tender)
        expires = None if is_paid else self.now + UNPAID_FOR
        for line_id, line in order.lines.items():
            if line.hold in self.holds:
                self._take_over(line.hold, identity, expires, pieces[line_id])
            else:
                piece, place = pieces[line_id], held_at[line_id]
                if self.free(line.place, line.reference) >= line.quantity:
                    assert place == line.place  # never from elsewhere what stands where she wants it
                hold = Hold("ORDER", line.reference, place, line.quantity, order.client, piece, expires, identity)
                self.keep(line.hold, hold)
        if is_paid:
            self._confirm(identity)
            for line_id, line in order.lines.items():
                if line.mode == "TAKE_AWAY":
                    self.given(identity, line_id)

    def _take_over(self, identity: Id, order: Id, expires: datetime | None, piece: Id | None) -> None:
        hold = self.holds[identity]
        assert (hold.state, hold.order, hold.piece) == ("ACTIVE", None, piece)
        hold.was = (hold.kind, hold.expires_at)
        hold.kind, hold.order, hold.expires_at = "ORDER", order, expires

    def _confirm(self, identity: Id) -> None:
        order = self.orders[identity]
        order.state = "CONFIRMED"
        payment = self.payments[order.payment]
        payment.state = "CAPTURED"
        for line in order.lines.values():
            if self.holds[line.hold].state == "ACTIVE":
                self.holds[line.hold].expires_at = None
        self._earned(order.total, order.tax)
        self._came_in(payment)

    def _earned(self, total: int, tax: int) -> None:
        self.money["receivable"] += total
        self.money["sales"] -= total - tax
        self.money["tax"] -= tax

    def _came_in(self, payment: Payment) -> None:
        self.money[f"tender:{payment.tender.lower()}"] += payment.amount
        self.money["receivable"] -= payment.amount

    def captured(self, identity: Id) -> None:
        """The provider took the money: the order is confirmed, or the money is owed to the client."""
        order = self.orders[identity]
        payment = self.payments[order.payment]
        if payment.state not in ("REQUESTED", "FAILED"):
            return
        if order.state == "AWAITING_PAYMENT":
            self._confirm(identity)
            return
        payment.state, payment.is_owed = "CAPTURED", True
        self.money[f"tender:{payment.tender.lower()}"] += payment.amount
        self.money["owed:clients"] -= payment.amount

    def declined(self, identity: Id) -> None:
        payment = self.payments[self.orders[identity].payment]
        if payment.state != "REQUESTED":
            return
        payment.state = "FAILED"
        if self.orders[identity].state == "AWAITING_PAYMENT":
            self._give_up(identity, "RELEASED")

    def _give_up(self, identity: Id, ending: str) -> None:
        order = self.orders[identity]
        order.state = "CANCELLED"
        payment = self.payments[order.payment]
        payment.state = "FAILED" if payment.state == "REQUESTED" else payment.state  # nobody is asked any more
        for line in order.lines.values():
            line.state = "CANCELLED"
            hold = self.holds[line.hold]
            if hold.was and hold.was[0] in SET_ASIDE and (hold.was[1] is None or hold.was[1] > self.now):
                (hold.kind, hold.expires_at), hold.was, hold.order = hold.was, None, None
                continue
            self.end(line.hold, ending)
            self._note_unpaid(order.client, hold)

    def _note_unpaid(self, client: Id | None, hold: Hold) -> None:
        assert hold.expires_at is not None
        ended = min(self.now, hold.expires_at)
        self.left_unpaid.append((client, hold.reference, ended - (hold.expires_at - UNPAID_FOR), ended))

    def _is_left_too_often(self, client: Id, reference: Id) -> bool:
        """Two hours of unpaid orders in two days are too many for one more (ADR 0025)."""
        kept = [
            how_long
            for who, what, how_long, ended in self.left_unpaid
            if (who, what) == (client, reference) and ended > self.now - timedelta(hours=48)
        ]
        due = [
            UNPAID_FOR
            for identity, hold in self.holds.items()
            if hold.order and (self.orders[hold.order].client, hold.reference) == (client, reference)
            if self.orders[hold.order].state == "AWAITING_PAYMENT" and self._is_due(identity)
        ]
        return sum([*kept, *due], timedelta()) >= timedelta(hours=2)

    def expire(self) -> int:
        ended = 0
        for identity, order in self.orders.items():
            due = [line for line in order.lines.values() if self._is_due(line.hold)]
            if order.state == "AWAITING_PAYMENT" and due:
                ended += len(due)
                self._give_up(identity, "EXPIRED")
        for hold_id, hold in self.holds.items():
            if hold.order is None and self._is_due(hold_id) and hold.place != self.transit:
                self.end(hold_id, "EXPIRED")
                ended += 1
        return ended

    def _is_due(self, identity: Id) -> bool:
        hold = self.holds[identity]
        return hold.state == "ACTIVE" and hold.expires_at is not None and hold.expires_at <= self.now

    def why_not_give(self, identity: Id, line_id: Id) -> str:
        order = self.orders[identity]
        line = order.lines[line_id]
        if line.state != "HELD" or self.holds[line.hold].place != line.place:
            return "orders.line_not_ready"
        if order.state != "CONFIRMED":
            return "orders.not_paid"
        return "orders.rest_not_paid" if self.open(identity) else ""

    def given(self, identity: Id, line_id: Id) -> None:
        order = self.orders[identity]
        line = order.lines[line_id]
        line.state = "HANDED_OVER"
        self.consume(line.hold, "WITH_CLIENT", order.client)
        if all(other.state in ("HANDED_OVER", "CANCELLED") for other in order.lines.values()):
            order.state = "COMPLETED"

    # -- what is paid, and what is open --------------------------------------------------------------------------

    def sum_of(self, lines: list[Line]) -> tuple[int, int]:
        """What lines cost, and the tax in it."""
        costs = [(self.prices[line.reference], line.quantity) for line in lines]
        return sum(one[0] * n for one, n in costs), sum(one[1] * n for one, n in costs)

    def open(self, identity: Id) -> int:
        paid = sum(
            one.amount
            for one in self.payments.values()
            if one.order == identity and one.state in ("CAPTURED", "REFUNDED")
        )
        return max(self.orders[identity].total - paid, 0)

    def rest_paid(self, identity: Id, payment_id: Id, tender: str) -> None:
        payment = self.payments[payment_id] = Payment(identity, self.open(identity), tender, "CAPTURED")
        self._came_in(payment)

    # -- a paid line is cancelled or exchanged ---------------------------------------------------------------------

    def family(self, identity: Id) -> set[Id]:
        """An order, and those whose pieces were exchanged for its pieces: their tenders can give money back."""
        earlier = self.orders[identity].bought_on
        return {identity} | (self.family(earlier) if earlier else set())

    def offers(self, client: Id | None, line: Line, instead: Id) -> set[Id]:
        """Where the other piece may come from: where the line belongs, free or set aside for her; what is sent, also
        from where it is set aside for her, and else from anywhere."""
        is_hers = self.hers(client, line.place, instead, line.quantity, set())
        if is_hers or self.free(line.place, instead) >= line.quantity:
            return {line.place}
        if line.mode != "DELIVER":
            return set()
        for hold in self.set_aside_for(client, instead, line.quantity):
            if "DELIVER" in self.sells.get(self.holds[hold].place, ()):
                return {self.holds[hold].place}
        return {place for place in self.sells if self.free(place, instead) >= line.quantity}

    def balance(self, line: Line, instead: Id | None) -> tuple[int, int]:
        """What the document comes to, and the tax in it: what goes out less what comes back."""
        back, tax = self.sum_of([line])
        out, out_tax = self.sum_of([Line(instead, line.quantity, "", line.place, line.hold)]) if instead else (0, 0)
        return out - back, out_tax - tax

    def no_longer_owed(self, identity: Id, most: int) -> int:
        """How much of what comes back was never paid: the rest of a deposit is not given back."""
        rests = [self.open(one) for one in self.family(identity) if self.orders[one].due is not None]
        return min(sum(rests), most)

    def why_not_change(self, identity: Id, line_id: Id, instead: Id | None) -> str:
        order = self.orders[identity]
        line = order.lines[line_id]
        if order.state != "CONFIRMED" or line.state != "HELD":
            return "orders.not_changeable"
        if instead and (instead == line.reference or self.open(identity)):
            return "orders.not_changeable"
        if instead and not self.offers(order.client, line, instead):
            return "stock.out_of_stock"
        if self.holds[line.hold].place == self.transit:
            return "stock.hold_travels"
        if instead and self.serialised[instead] and line.quantity != 1:
            return "orders.bad_quantity"
        back = max(-self.balance(line, instead)[0], 0)
        room = sum(
            one.amount - one.refunded
            for one in self.payments.values()
            if one.order in self.family(identity) and one.state == "CAPTURED" and one.refund_of is None
        )
        return "payments.refund_too_large" if back - self.no_longer_owed(identity, back) > room else ""

    def changed(
        self,
        identity: Id,
        line_id: Id,
        document: Id,
        out: tuple[Id, Line, Id | None] | None,
        written: dict[Id, Payment],
    ) -> None:
        """Takes a document over: `out`, the line it gives instead with its piece; `written`, its payments by id.

        A refund of a payment the model does not know sets off what was never paid: nothing moves.
        """
        order = self.orders[identity]
        line = order.lines[line_id]
        total, tax = self.balance(line, out[1].reference if out else None)
        set_off = self.no_longer_owed(identity, max(-total, 0))
        self.end(line.hold, "RELEASED")
        line.state = "CANCELLED"
        made = Order(order.client, total, tax, document, "", {}, "CONFIRMED" if out else "COMPLETED", None, identity)
        self.orders[document] = made
        if out:
            out_id, given, piece = out
            made.lines[out_id] = given
            hers = self.hers(order.client, given.place, given.reference, given.quantity, set())
            if hers:
                assert given.hold == hers
                self._take_over(hers, document, None, piece)
            else:
                hold = Hold("ORDER", given.reference, given.place, given.quantity, order.client, piece, None, document)
                self.keep(given.hold, hold)
        self._earned(total, tax)
        assert sum(one.amount for one in written.values()) == total
        for payment_id, payment in written.items():
            self.payments[payment_id] = payment
            if payment.refund_of is None:
                assert (payment.state, payment.amount) == ("CAPTURED", total)
                self._came_in(payment)
            elif payment.refund_of in self.payments:
                source = self.payments[payment.refund_of]
                assert (source.order in self.family(identity), payment.state) == (True, "REQUESTED")
                source.refunded -= payment.amount
                assert source.refunded <= source.amount
            else:
                assert payment.state == "REFUNDED"
                set_off += payment.amount
                nominal = Payment(identity, -payment.amount, "CREDIT", "CAPTURED", -payment.amount)
                self.payments[payment.refund_of] = nominal
        assert set_off == 0
        ended = {one.state for one in order.lines.values()}
        if ended <= {"HANDED_OVER", "CANCELLED"}:
            order.state = "COMPLETED" if "HANDED_OVER" in ended else "CANCELLED"

    # -- money given back ----------------------------------------------------------------------------------------

    def why_not_refund(self, payment_id: Id, amount: int) -> str:
        payment = self.payments[payment_id]
        is_possible = payment.state == "CAPTURED" and 0 < amount <= payment.amount - payment.refunded
        return "" if is_possible else "payments.refund_too_large"

    def refund_asked(self, identity: Id, payment_id: Id, amount: int) -> None:
        payment = self.payments[payment_id]
        payment.refunded += amount
        self.payments[identity] = Payment(payment.order, -amount, payment.tender, refund_of=payment_id)

    def refund_settled(self, identity: Id, *, succeeded: bool) -> None:
        refund = self.payments[identity]
        if refund.state != "REQUESTED":
            return
        assert refund.refund_of is not None
        refund.state = "REFUNDED" if succeeded else "FAILED"
        if succeeded:
            owed = self.payments[refund.refund_of].is_owed
            self.money["owed:clients" if owed else "receivable"] -= refund.amount
            self.money[f"tender:{refund.tender.lower()}"] += refund.amount
        else:
            self.payments[refund.refund_of].refunded += refund.amount
