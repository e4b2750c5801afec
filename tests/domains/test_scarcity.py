"""Limited pieces: kept from the open shelf, offered in order, passed on, one for each person over every channel."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from tests.domains.test_constraints import refused_by
from tests.factories.orders import buy_online, pay, sell_at_counter
from tests.factories.scarcity import an_allocation, clients_of, merged
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.clients.models import Client
from vendome.domains.orders.types import Mode
from vendome.domains.payments.types import Tender
from vendome.domains.stock import errors
from vendome.domains.stock.queries import draws, scarcity
from vendome.domains.stock.queries import shelf as stock
from vendome.domains.stock.services import scarcity as services
from vendome.domains.stock.types_of_scarcity import (
    AllocationPolicy,
    AllocationState,
    Draw,
    EntryState,
    Standing,
    draw_problems,
    drawn_order,
)
from vendome.flows import checkout, drops
from vendome.flows.types import PlacedOrder, TenderGiven, WantedLine
from vendome.kit.errors import Forbidden, NotFound

pytestmark = pytest.mark.django_db

CARD = TenderGiven(tender=Tender.CARD, provider="card_test")


def enter(house: SmallHouse, allocation: uuid.UUID, client: uuid.UUID, at: datetime = NOW) -> Standing:
    return services.enter(allocation_id=allocation, client_id=client, actor=house.as_client(client), at=at)


def claim(house: SmallHouse, allocation: uuid.UUID, client: uuid.UUID, **more: Any) -> PlacedOrder:
    return drops.claim(
        key=more.pop("key", str(uuid.uuid4())),
        maison=house.maison,
        market=house.france,
        allocation_id=allocation,
        client_id=client,
        mode=Mode.COLLECT,
        tender=CARD,
        instrument=more.pop("instrument", "card_good"),
        actor=house.as_client(client),
        at=more.pop("at", NOW),
    )


def free_on_shelf(house: SmallHouse) -> int:
    return stock.get_level(actor=house.system, place_id=house.paris, reference_id=house.watch).available


class TestWaitingList:
    def test_pieces_are_kept_from_the_day_it_is_published(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=3)

        an_allocation(house, pieces=2)

        assert free_on_shelf(house) == 1
        assert stock.list_disagreements() == ()

    def test_fewer_pieces_than_it_says_are_refused_and_none_is_kept(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=1)

        with pytest.raises(errors.OutOfStock):
            an_allocation(house, pieces=2)

        assert free_on_shelf(house) == 1

    def test_who_comes_first_is_offered_first_and_the_next_waits(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=1)
        allocation = an_allocation(house, pieces=1)
        first, second = clients_of(house, 2)

        won, waits = enter(house, allocation, first), enter(house, allocation, second)

        assert (won.state, won.place, won.until_at) == (EntryState.OFFERED, 1, NOW + timedelta(minutes=15))
        assert (waits.state, waits.place, waits.before) == (EntryState.WAITING, 2, 0)

    def test_entering_again_is_the_same_entry(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=1)
        allocation = an_allocation(house, pieces=1)

        once, again = enter(house, allocation, house.emerging), enter(house, allocation, house.emerging)

        assert once == again
        assert again.entries == 1

    def test_what_runs_out_passes_on_in_the_same_step(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=1)
        allocation = an_allocation(house, pieces=1)
        first, second = clients_of(house, 2)
        enter(house, allocation, first)
        enter(house, allocation, second)
        late = NOW + timedelta(minutes=16)

        drops.run_due(actor=house.system, at=late)

        theirs = {one.client_id: one for one in scarcity.list_entries(actor=house.system, allocation_id=allocation)}
        assert theirs[first].state is EntryState.EXPIRED
        assert theirs[second].state is EntryState.OFFERED
        assert theirs[second].until_at == late + timedelta(minutes=15)
        assert free_on_shelf(house) == 0
        assert stock.list_disagreements() == ()

    def test_who_passes_gives_her_piece_to_the_next(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=1)
        allocation = an_allocation(house, pieces=1)
        first, second = clients_of(house, 2)
        enter(house, allocation, first)
        enter(house, allocation, second)

        services.leave(allocation_id=allocation, client_id=first, actor=house.as_client(first), at=NOW)

        assert enter(house, allocation, second).state is EntryState.OFFERED
        assert enter(house, allocation, first).state is EntryState.PASSED

    def test_nobody_takes_a_colleagues_client_out_of_the_line(self, house: SmallHouse) -> None:
        """She could move her own client on: only her advisor, or who keeps the pieces, passes in her name."""
        house.stocked(house.paris, watch=1)
        allocation = an_allocation(house, pieces=1)
        first, second = clients_of(house, 2)
        enter(house, allocation, first)
        enter(house, allocation, second)
        told = {"allocation_id": allocation, "reason": "she says", "at": NOW}

        with pytest.raises(Forbidden):
            services.leave(client_id=first, actor=house.advisor_tokyo, **told)  # type: ignore[arg-type]
        assert enter(house, allocation, first).state is EntryState.OFFERED
        Client.objects.filter(id=first).update(advisor_id=house.advisor_tokyo.id)
        services.leave(client_id=first, actor=house.advisor_tokyo, **told)  # type: ignore[arg-type]
        services.leave(client_id=second, actor=house.advisor_paris, **told)  # type: ignore[arg-type]

        assert [enter(house, allocation, one).state for one in (first, second)] == [EntryState.PASSED] * 2

    def test_more_pieces_are_offered_at_once(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=2)
        allocation = an_allocation(house, pieces=1)
        first, second = clients_of(house, 2)
        enter(house, allocation, first)
        enter(house, allocation, second)

        for _ in range(2):
            services.add_pieces(allocation_id=allocation, pieces=1, key="k", actor=house.director, at=NOW)

        assert enter(house, allocation, second).state is EntryState.OFFERED

    def test_an_end_tells_who_waits_and_frees_what_is_left(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=2)
        allocation = an_allocation(house, pieces=2)
        enter(house, allocation, house.emerging)

        services.end(allocation_id=allocation, reason="The atelier needs it", actor=house.director, at=NOW)

        assert free_on_shelf(house) == 1  # the offer that is out runs its time
        drops.run_due(actor=house.system, at=NOW + timedelta(hours=1))
        assert free_on_shelf(house) == 2
        assert stock.list_disagreements() == ()


class TestBuying:
    def test_the_offered_piece_is_the_one_that_is_sold(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=2)
        allocation = an_allocation(house, pieces=2, policy=AllocationPolicy.FIRST_COME)
        offered = enter(house, allocation, house.emerging)

        placed = claim(house, allocation, house.emerging)

        assert placed.lines[0].hold_id == offered.hold_id
        assert enter(house, allocation, house.emerging).state is EntryState.BOUGHT
        assert stock.list_disagreements() == ()

    def test_the_last_payment_ends_it_and_tells_who_waits(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=1)
        allocation = an_allocation(house, pieces=1, policy=AllocationPolicy.FIRST_COME)
        first, second, third = clients_of(house, 3)
        enter(house, allocation, first)
        enter(house, allocation, second)

        claim(house, allocation, first)

        told = enter(house, allocation, second)
        assert (told.state, told.reason, told.left) == (EntryState.REFUSED, "sold_out", 0)
        assert told.allocation_state is AllocationState.ENDED
        with pytest.raises(errors.AllocationOver):
            enter(house, allocation, third)

    def test_a_declined_card_leaves_the_piece_hers_until_her_time_is_over(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=1)
        allocation = an_allocation(house, pieces=1, policy=AllocationPolicy.FIRST_COME)
        first, second = clients_of(house, 2)
        enter(house, allocation, first)
        enter(house, allocation, second)

        with pytest.raises(Exception, match="declined"):
            claim(house, allocation, first, instrument="card_declined")

        assert enter(house, allocation, first).until_at == NOW + timedelta(minutes=15)
        assert enter(house, allocation, second).state is EntryState.WAITING
        assert claim(house, allocation, first).state.value == "CONFIRMED"
        assert stock.list_disagreements() == ()

    def test_nobody_buys_what_is_offered_to_another(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=1)
        allocation = an_allocation(house, pieces=1, policy=AllocationPolicy.FIRST_COME)
        first, second = clients_of(house, 2)
        offered = enter(house, allocation, first)
        enter(house, allocation, second)

        with pytest.raises(errors.HoldGone):
            claim(house, allocation, second)
        with pytest.raises(errors.HoldGone):
            checkout.place_order(
                key="k", maison=house.maison, market=house.france, channel="web", tender=CARD, client_id=second,
                lines=[
                    WantedLine(
                        reference_id=house.watch, mode=Mode.COLLECT, place_id=house.paris, hold_id=offered.hold_id
                    )
                ],
                actor=house.as_client(second), at=NOW,
            )  # fmt: skip
        with pytest.raises(Forbidden):
            services.enter(allocation_id=allocation, client_id=first, actor=house.as_client(second), at=NOW)

    def test_claiming_twice_is_one_order(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=2)
        allocation = an_allocation(house, pieces=2, policy=AllocationPolicy.FIRST_COME)
        enter(house, allocation, house.emerging)

        once = claim(house, allocation, house.emerging, key="one")
        again = claim(house, allocation, house.emerging, key="one")

        assert once.id == again.id


class TestQuota:
    def test_one_for_each_client_over_every_channel(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=5)
        services.set_quota(model_id=model_of(house), per_person=1, actor=house.director, at=NOW)
        pay(house, buy_online(house, house.emerging, house.watch))

        with pytest.raises(errors.QuotaReached):
            buy_online(house, house.emerging, house.watch)
        with pytest.raises(errors.QuotaReached):
            sell_at_counter(house, house.watch, client_id=house.emerging)
        sell_at_counter(house, house.watch, client_id=house.traditional)
        assert free_on_shelf(house) == 3

    def test_two_in_one_order_are_two(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=5)
        services.set_quota(model_id=model_of(house), per_person=1, actor=house.director, at=NOW)

        with pytest.raises(errors.QuotaReached):
            buy_online(house, house.emerging, house.watch, house.watch)

        assert free_on_shelf(house) == 5

    def test_two_records_of_one_person_share_it(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=5)
        services.set_quota(model_id=model_of(house), per_person=1, actor=house.director, at=NOW)
        pay(house, buy_online(house, house.emerging, house.watch))
        merged(kept=house.traditional, absorbed=house.emerging)

        with pytest.raises(errors.QuotaReached):
            buy_online(house, house.traditional, house.watch)

    def test_a_household_counts_as_one_where_the_rule_says_so(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=5)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO clients_tie (id, client_id, other_id, kind, label, noted_at) "
                "VALUES (gen_random_uuid(), %s, %s, 'HOUSEHOLD', '', now())",
                [house.emerging, house.traditional],
            )
        services.set_quota(model_id=model_of(house), per_person=1, actor=house.director, at=NOW)
        pay(house, buy_online(house, house.emerging, house.watch))
        pay(house, buy_online(house, house.traditional, house.watch))
        services.set_quota(model_id=model_of(house), per_person=2, counts_household=True, actor=house.director, at=NOW)

        with pytest.raises(errors.QuotaReached):
            buy_online(house, house.traditional, house.watch)

    def test_nobody_known_buys_none(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=1)
        services.set_quota(model_id=model_of(house), per_person=1, actor=house.director, at=NOW)

        with pytest.raises(errors.QuotaNeedsClient):
            sell_at_counter(house, house.watch)

    def test_an_order_that_is_given_up_gives_room_back(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=2)
        services.set_quota(model_id=model_of(house), per_person=1, actor=house.director, at=NOW)
        buy_online(house, house.emerging, house.watch)
        assert scarcity.quota_room(model_id=model_of(house), client_id=house.emerging) == 0

        checkout.expire_unpaid(at=NOW + timedelta(hours=1))

        assert scarcity.quota_room(model_id=model_of(house), client_id=house.emerging) == 1

    def test_a_piece_that_comes_back_gives_room_back(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=2)
        services.set_quota(model_id=model_of(house), per_person=1, actor=house.director, at=NOW)
        sold = sell_at_counter(house, house.watch, client_id=house.emerging)

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT stock_take_in(%s, %s, %s, 1, 'RETURNED', 'QUARANTINE', %s, NULL, NULL, 'SYSTEM', '', %s)",
                [house.paris, house.watch, sold.lines[0].piece_id, house.emerging, NOW],
            )

        assert scarcity.quota_room(model_id=model_of(house), client_id=house.emerging) == 1

    def test_who_has_one_cannot_enter_and_is_passed_over(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=3)
        allocation = an_allocation(house, pieces=1)
        first, second, third = clients_of(house, 3)
        enter(house, allocation, first)
        enter(house, allocation, second)
        enter(house, allocation, third)
        pay(house, buy_online(house, second, house.watch))

        services.leave(allocation_id=allocation, client_id=first, actor=house.as_client(first), at=NOW)

        assert enter(house, allocation, second).state is EntryState.REFUSED
        assert enter(house, allocation, third).state is EntryState.OFFERED


class TestBallot:
    def ballot(self, house: SmallHouse, entrants: int, pieces: int = 2) -> tuple[uuid.UUID, list[uuid.UUID]]:
        house.stocked(house.paris, watch=pieces)
        allocation = an_allocation(
            house, pieces=pieces, policy=AllocationPolicy.BALLOT, closes_at=NOW + timedelta(days=1)
        )
        who = clients_of(house, entrants)
        for one in who:
            enter(house, allocation, one)
        return allocation, who

    def test_nothing_is_offered_before_the_draw(self, house: SmallHouse) -> None:
        allocation, who = self.ballot(house, 5)

        standing = enter(house, allocation, who[0])

        assert (standing.state, standing.place) == (EntryState.WAITING, None)

    def test_the_list_freezes_by_itself_and_nobody_enters_after(self, house: SmallHouse) -> None:
        allocation, _ = self.ballot(house, 5)
        (late,) = clients_of(house, 1)

        drops.run_due(actor=house.system, at=NOW + timedelta(days=1))

        with pytest.raises(errors.EntriesClosed):
            enter(house, allocation, late, NOW + timedelta(days=1))
        view = scarcity.get_allocation_by_id(actor=house.system, allocation_id=allocation)
        assert (view.state, view.offered) == (AllocationState.CLOSED, 0)

    def test_anybody_can_recompute_the_draw(self, house: SmallHouse) -> None:
        allocation, who = self.ballot(house, 20, pieces=3)
        code = scarcity.get_allocation_by_id(actor=house.system, allocation_id=allocation).code
        before = draws.public_record(maison_id=house.maison.id, code=code).draw
        assert (before.seed, before.order, len(before.commitment)) == ("", (), 64)

        services.freeze(allocation_id=allocation, actor=house.director, at=NOW)
        services.draw(allocation_id=allocation, actor=house.director, at=NOW)

        draw = draws.public_record(maison_id=house.maison.id, code=code).draw
        assert draw.commitment == before.commitment
        assert draw_problems(draw) == ()
        offered = {
            str(one.token)
            for one in scarcity.list_entries(actor=house.system, allocation_id=allocation)
            if one.state is EntryState.OFFERED
        }
        assert offered == set(drawn_order(bytes.fromhex(draw.seed), draw.entries)[:3])
        places = sorted(enter(house, allocation, one).place or 0 for one in who)
        assert places == list(range(1, 21))

    def test_its_record_is_read_and_recomputed_once_however_often_it_is_asked_for(
        self, house: SmallHouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        allocation, _ = self.ballot(house, 20, pieces=3)
        code = scarcity.get_allocation_by_id(actor=house.system, allocation_id=allocation).code
        recomputed: list[Draw] = []
        monkeypatch.setattr(draws, "draw_problems", lambda draw: recomputed.append(draw) or draw_problems(draw))
        read: list[str] = []
        monkeypatch.setattr(draws, "_tokens", lambda of, by, ask=draws._tokens: read.append(by) or ask(of, by))
        versions = []
        for step, entries, reads in (
            (None, 0, 0),  # nothing is listed yet, and the entries are not read through for it
            (services.freeze, 20, 1),
            (services.draw, 20, 2),
        ):
            if step:
                step(allocation_id=allocation, actor=house.director, at=NOW)
            read.clear()
            first = draws.public_record(maison_id=house.maison.id, code=code)
            again = [draws.public_record(maison_id=house.maison.id, code=code) for _ in range(3)]
            assert all(one is first for one in again)
            assert len(read) == reads
            assert (len(first.draw.entries), first.holds) == (entries, step is services.draw)
            versions.append(draws.find_step(maison_id=house.maison.id, code=code).version)
            assert len(read) == reads

        assert len(recomputed) == 1
        assert len(set(versions)) == 3

    def test_records_found_to_be_one_person_draw_once(self, house: SmallHouse) -> None:
        allocation, who = self.ballot(house, 4)
        merged(kept=who[1], absorbed=who[3])

        services.freeze(allocation_id=allocation, actor=house.director, at=NOW)

        struck = [
            one.client_id
            for one in scarcity.list_entries(actor=house.system, allocation_id=allocation)
            if one.state is EntryState.REFUSED
        ]
        assert struck == [who[3]]

    def test_steps_keep_their_order_and_need_the_right(self, house: SmallHouse) -> None:
        allocation, _ = self.ballot(house, 2)

        with pytest.raises(errors.AllocationState):
            services.draw(allocation_id=allocation, actor=house.director, at=NOW)
        with pytest.raises(Forbidden):
            services.freeze(allocation_id=allocation, actor=house.advisor_paris, at=NOW)


class TestDrop:
    def test_the_waiting_room_is_drawn_and_later_ones_follow(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=2)
        opens = NOW + timedelta(hours=1)
        allocation = an_allocation(
            house, pieces=2, policy=AllocationPolicy.FIRST_COME, opens_at=opens, room_opens_at=NOW
        )
        early, late = clients_of(house, 4), clients_of(house, 1)[0]
        for one in early:
            assert enter(house, allocation, one).place is None

        drops.run_due(actor=house.system, at=opens)

        after = enter(house, allocation, late, opens)
        assert (after.place, after.state) == (5, EntryState.WAITING)
        rows = scarcity.list_entries(actor=house.system, allocation_id=allocation)
        assert [one.state for one in rows] == [EntryState.OFFERED] * 2 + [EntryState.WAITING] * 3
        code = scarcity.get_allocation_by_id(actor=house.system, allocation_id=allocation).code
        assert draw_problems(draws.public_record(maison_id=house.maison.id, code=code).draw) == ()

    def test_doors_open_for_the_invited_first(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=1)
        opens = NOW + timedelta(hours=1)
        allocation = an_allocation(
            house, pieces=1, policy=AllocationPolicy.FIRST_COME, opens_at=opens, early_from=NOW - timedelta(hours=1)
        )
        invited, other = clients_of(house, 2)
        services.invite(allocation_id=allocation, client_ids=[invited], actor=house.director, at=NOW)

        assert enter(house, allocation, invited).state is EntryState.WAITING
        with pytest.raises(errors.EntriesNotOpen):
            enter(house, allocation, other)


class TestNominations:
    def test_the_committee_chooses_and_its_reasons_are_kept(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=1)
        allocation = an_allocation(
            house, pieces=1, policy=AllocationPolicy.NOMINATIONS, closes_at=NOW + timedelta(days=1)
        )
        first, second = clients_of(house, 2)
        with pytest.raises(errors.ByNomination):
            enter(house, allocation, first)
        for one, case in ((first, "Has collected Méridien since 2014."), (second, "Her fiftieth birthday.")):
            services.nominate(allocation_id=allocation, client_id=one, case=case, actor=house.advisor_paris, at=NOW)
        rows = scarcity.list_entries(actor=house.director, allocation_id=allocation)
        with pytest.raises(errors.ReasonMissing):
            services.decide(entry_id=rows[1].id, is_chosen=True, reason=" ", actor=house.director, at=NOW)

        services.decide(entry_id=rows[1].id, is_chosen=True, reason="Never had one", actor=house.director, at=NOW)
        services.freeze(allocation_id=allocation, actor=house.director, at=NOW)
        services.draw(allocation_id=allocation, actor=house.director, at=NOW)

        after = {one.client_id: one for one in scarcity.list_entries(actor=house.director, allocation_id=allocation)}
        assert (after[second].state, after[second].reason) == (EntryState.OFFERED, "Never had one")
        assert after[first].state is EntryState.REFUSED
        assert [note.kind for note in scarcity.list_notes(actor=house.director, allocation_id=allocation)] == [
            "MADE", "PUBLISHED", "CHOSEN", "FROZEN", "DRAWN",
        ]  # fmt: skip


class TestStandingPolicy:
    def test_the_houses_regard_comes_first_then_the_hour(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=1)
        allocation = an_allocation(
            house, pieces=1, policy=AllocationPolicy.STANDING, closes_at=NOW + timedelta(days=1),
            standings=("private", "regular"),
        )  # fmt: skip
        new, regular, private = clients_of(house, 3, "new", "regular", "private")
        for one in (new, regular, private):
            enter(house, allocation, one)

        services.freeze(allocation_id=allocation, actor=house.director, at=NOW)
        services.draw(allocation_id=allocation, actor=house.director, at=NOW)

        rows = scarcity.list_entries(actor=house.director, allocation_id=allocation)
        assert [one.client_id for one in rows] == [private, regular, new]


class TestStrangers:
    def test_another_maison_sees_nothing(self, house: SmallHouse, other_house: SmallHouse) -> None:
        house.stocked(house.paris, watch=1)
        allocation = an_allocation(house, pieces=1)

        with pytest.raises(NotFound):
            services.publish(allocation_id=allocation, actor=other_house.director, at=NOW)
        with pytest.raises(NotFound):
            enter(other_house, allocation, other_house.emerging)
        assert scarcity.list_allocations(actor=other_house.director) == ()


class TestTheRowIsTheJudge:
    def test_entries_and_offers(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=2)
        allocation = an_allocation(house, pieces=2)
        first, second = clients_of(house, 2)
        won = enter(house, allocation, first)
        enter(house, allocation, second)
        second_row = "WHERE client_id = %s"

        refused_by("piece_offered_to_one", f"UPDATE stock_entry SET hold_id = %s {second_row}", [won.hold_id, second])
        refused_by("offer_is_a_kept_piece", f"UPDATE stock_entry SET hold_id = NULL {second_row}", [first])
        refused_by(
            "one_entry_per_person",
            f"UPDATE stock_entry SET person_id = (SELECT person_id FROM stock_entry WHERE client_id = %s) {second_row}",
            [first, second],
        )
        refused_by("one_entry_per_client", f"UPDATE stock_entry SET client_id = %s {second_row}", [first, second])
        refused_by(
            "one_turn_each",
            f"UPDATE stock_entry SET rank = (SELECT rank FROM stock_entry WHERE client_id = %s) {second_row}",
            [first, second],
        )
        refused_by("decision_has_a_reason", f"UPDATE stock_entry SET is_chosen = true {second_row}", [second])
        refused_by(
            "seed_revealed_after_the_list_froze",
            "UPDATE stock_allocation SET revealed_at = now() WHERE id = %s",
            [allocation],
        )
        refused_by("allocation_ends_once", "UPDATE stock_allocation SET ended_at = now()")
        refused_by("allocation_of_something", "UPDATE stock_allocation SET pieces = 0")
        refused_by("offer_is_kept_for_a_while", "UPDATE stock_allocation SET hold_seconds = 1")
        refused_by("what_is_ranked_closes_first", "UPDATE stock_allocation SET policy = 'BALLOT'")

    def test_quotas(self, house: SmallHouse) -> None:
        house.stocked(house.paris, watch=2)
        services.set_quota(model_id=model_of(house), per_person=1, actor=house.director, at=NOW)
        pay(house, buy_online(house, house.emerging, house.watch))
        again = (
            "INSERT INTO stock_quotause (id, maison_id, model_id, person_id, client_id, slot, allowed, hold_id, "
            "order_line_id, taken_at) "
            "SELECT gen_random_uuid(), maison_id, model_id, person_id, client_id, {}, allowed, "
            "gen_random_uuid(), gen_random_uuid(), now() FROM stock_quotause"
        )

        refused_by("quota_slot_used_once", again.format("slot"))
        refused_by("quota_never_exceeded", again.format("slot + 1"))
        refused_by("quota_of_at_least_one", "UPDATE stock_quotarule SET per_person = 0")


def model_of(house: SmallHouse) -> uuid.UUID:
    from vendome.domains.catalogue import queries as catalogue

    return catalogue.label_references(ids=[house.watch])[house.watch].model_id
