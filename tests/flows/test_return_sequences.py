"""No sequence of returns, exchanges, inspections and refunds pays back more than was paid; the books always agree."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.orders import CARD, pay
from tests.factories.returns import HOME, LATER, give, inspector, waiting_arrivals
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.orders.policy.types import Condition
from vendome.domains.orders.types import Fate, Mode, ReturnRoute
from vendome.domains.payments.types import Tender
from vendome.flows import books, checkout, exchanging, refunds, returns
from vendome.flows.exchanging import WantedReturn
from vendome.flows.returns import BroughtLine, TakenInstead
from vendome.flows.types import TenderGiven, WantedLine
from vendome.kit import sql
from vendome.kit.errors import DomainError

pytestmark = pytest.mark.django_db
CASH = TenderGiven(tender=Tender.CASH, provider="till", is_settled=True)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "return",
                "leave",
                "gift",
                "exchange",
                "online",
                "courier",
                "drop",
                "pay",
                "expire",
                "spend",
                "inspect",
                "give back",
                "refunds",
                "fail",
            ]
        ),
        st.integers(0, 1_000_000),
    ),
    min_size=1,
    max_size=10,
)


class Undone(Exception):
    """Ends an example and takes back what it did."""


def walk(house: SmallHouse, step: str, seed: int) -> None:
    """One step, on a line chosen by `seed`; the house may refuse it."""
    rng = random.Random(seed)
    lines = sql.rows(
        "SELECT l.id, l.order_id, l.quantity FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id "
        "WHERE l.direction = 'OUT' AND o.client_id = %s ORDER BY l.id",
        [house.traditional],
    )
    line, order, quantity = rng.choice(lines)
    brought = BroughtLine(line_id=line, quantity=rng.randint(1, quantity), accept=step != "leave")
    key = f"{step}:{seed % 7}"  # some keys come twice, as double clicks do
    at = LATER + timedelta(days=rng.choice([0, 0, 20, 50]))
    manager = inspector(house)
    if step in ("return", "leave", "gift"):
        returns.receive(
            key=key,
            order_id=order,
            place_id=house.paris,
            lines=[brought],
            is_gift=step == "gift",
            client_id=house.emerging if step == "gift" else None,
            actor=manager,
            at=at,
        )
    elif step == "exchange":
        returns.receive(
            key=key,
            order_id=order,
            place_id=house.paris,
            lines=[brought],
            instead=[TakenInstead(reference_id=rng.choice([house.ring, house.watch, house.candle]))],
            tender=CASH,
            actor=manager,
            at=at,
        )
    elif step == "online":
        returns.receive(
            key=key,
            order_id=order,
            place_id=house.paris,
            lines=[brought],
            instead=[TakenInstead(reference_id=rng.choice([house.watch, house.candle]))],
            pay_within=timedelta(hours=1),
            actor=manager,
            at=at,
        )
    elif step == "courier":
        returns.announce(
            key=key,
            order_id=order,
            lines=[WantedReturn(line_id=line, instead=rng.choice([house.ring, house.watch, house.candle, None]))],
            route=ReturnRoute.COURIER,
            place_id=None,
            pickup=HOME,
            actor=house.as_client(house.traditional),
            at=LATER,
        )
    elif step == "drop":
        for (one,) in sql.rows("SELECT id FROM orders_return WHERE state IN ('ANNOUNCED', 'OPEN') ORDER BY id LIMIT 1"):
            if rng.random() < 0.5:
                exchanging.drop(return_id=one, actor=house.as_client(house.traditional), at=at)
            else:
                returns.withdraw(return_id=one, actor=house.as_client(house.traditional), at=at)
    elif step == "pay":
        for (document,) in sql.rows("SELECT id FROM orders_order WHERE state = 'AWAITING_PAYMENT' ORDER BY id LIMIT 1"):
            card = rng.choice(["card_good", "card_good", "card_declined"])
            waiting = checkout.get_unpaid(order_id=document)
            checkout.pay(placed=waiting, provider="card_test", instrument=card, actor=house.system, at=at)
    elif step == "expire":
        checkout.expire_unpaid(at=LATER + timedelta(days=60))
    elif step == "spend":
        for note, balance in sql.rows(
            "SELECT id, balance FROM payments_giftcard WHERE balance > 0 ORDER BY id LIMIT 1"
        ):
            tender = TenderGiven(
                tender=Tender.CREDIT_NOTE,
                provider="house",
                card_id=note,
                amount=min(balance, rng.choice([4_000, 9_500])),
            )
            rest = [] if tender.amount == 9_500 else [CASH]
            spent = checkout.place_order(
                key=key,
                maison=house.maison,
                market=house.france,
                channel="boutique",
                lines=[WantedLine(reference_id=house.candle, mode=Mode.TAKE_AWAY, place_id=house.paris)],
                tenders=[tender, *rest],
                client_id=house.traditional,
                selling_place_id=house.paris,
                actor=manager,
                at=at,
            )
            assert spent.total_amount == 9_500
    elif step in ("inspect", "give back"):
        for arrival in waiting_arrivals()[:1]:
            fate = (
                Fate.GIVEN_BACK if step == "give back" else rng.choice([Fate.RESTOCKED, Fate.WRITTEN_OFF, Fate.WAITING])
            )
            condition = rng.choice([Condition.AS_SOLD, Condition.WORN, Condition.NOT_OURS])
            returns.inspect(
                key=key,
                arrival_id=arrival,
                condition=condition,
                fate=fate,
                accept=step == "inspect",
                exception_reason=rng.choice(["", "her birthday"]),
                deduction=rng.choice([0, 0, 700, 820_000]),
                deduction_reason="the clasp had to be polished",
                actor=manager,
                at=at,
            )
    elif step == "refunds":
        refunds.send_due(actor=house.system, at=at)
        for (refund,) in sql.rows(
            "SELECT id FROM payments_payment WHERE state = 'REQUESTED' AND tender = 'CASH' AND amount < 0"
        ):
            returns.confirm_by_hand(refund_id=refund, actor=manager, at=at)
    else:
        for (refund,) in sql.rows(
            "SELECT id FROM payments_payment WHERE state = 'REQUESTED' AND amount < 0 ORDER BY id LIMIT 1"
        ):
            sql.value("SELECT payments_settle_refund(%s, false, '', %s)", [refund, at])
            returns.refund_again(refund_id=refund, actor=manager, at=at)


def check(house: SmallHouse) -> None:
    """What was paid in, less what went or goes out, is exactly the value she still has or that waits to be decided.

    What a worn piece lost of its value stays with the house: the line it came from is worth that much less to her, not
    more to be given back. An exchange that waits for its difference, or was given up, has moved nothing.
    """
    paid, back = sql.row(
        "SELECT coalesce(sum(amount) FILTER (WHERE amount > 0), 0), "
        "coalesce(-sum(amount) FILTER (WHERE amount < 0), 0) "
        "FROM payments_payment WHERE state IN ('CAPTURED', 'REFUNDED') OR (state = 'REQUESTED' AND amount < 0)"
    ) or (0, 0)
    value = sql.value(
        "SELECT sum(l.amount - l.returned_amount) FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id "
        "WHERE l.direction = 'OUT' AND o.state IN ('CONFIRMED', 'COMPLETED')"
    )
    assert 0 <= back <= paid
    assert paid - back == value
    assert books.list_problems() == []
    assert sql.value("SELECT count(*) FROM orders_returnline WHERE rule = ''") == 0
    assert (
        sql.value(
            "SELECT count(*) FROM orders_orderline l JOIN orders_arrival a ON a.document_line_id = l.id "
            "JOIN orders_returnline y ON y.id = a.line_id WHERE l.deducted_amount > 0 "
            "AND (y.decision->>'loss_of_value' = '' OR a.deduction_reason = '')"
        )
        == 0
    )  # no deduction without its law and its reason


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_sequence_pays_back_more_than_was_paid(house: SmallHouse, steps: list[tuple[str, int]]) -> None:
    with pytest.raises(Undone), transaction.atomic():
        house.stocked(house.paris, ring=4, watch=4, candle=20)
        sold = give(
            house,
            pay(
                house,
                checkout.place_order(
                    key=str(uuid.uuid4()),
                    maison=house.maison,
                    market=house.france,
                    channel="web",
                    lines=[
                        WantedLine(reference_id=house.ring, mode=Mode.COLLECT, place_id=house.paris),
                        WantedLine(reference_id=house.candle, mode=Mode.COLLECT, place_id=house.paris, quantity=3),
                    ],
                    tender=CARD,
                    client_id=house.traditional,
                    actor=house.as_client(house.traditional),
                    at=NOW,
                ),
            ),
        )
        check(house)
        for step, seed in steps:
            try:
                walk(house, step, seed)
            except DomainError:
                pass  # refused; what matters is that it left everything as it was
            check(house)
        assert sold.total_amount > 0
        raise Undone


@given(whole=st.integers(0, 10**10), cuts=st.lists(st.integers(1, 7), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_parts_of_a_tax_add_up_to_the_whole(db: None, whole: int, cuts: list[int]) -> None:
    pieces, before, total = sum(cuts), 0, 0
    for more in cuts:
        part = sql.value("SELECT flows_part(%s, %s, %s, %s)", [whole, pieces, before, more])
        assert part >= 0
        before, total = before + more, total + part

    assert total == whole
