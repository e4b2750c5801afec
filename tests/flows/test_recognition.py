"""The card: who may open it, what it says, and that every reading is written down."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.orders import buy_online, pay, sell_at_counter
from tests.factories.small_house import NOW, SmallHouse
from vendome.domains.clients import queries as clients
from vendome.domains.clients import services
from vendome.domains.clients.errors import FileProtected, ReasonTooShort, TooManyFiles
from vendome.domains.clients.models import Client, Identifier, Merge, Preference
from vendome.domains.orders.types import Mode
from vendome.domains.stock.services import shelf as stock
from vendome.domains.stock.types import HoldKind
from vendome.flows import line_steps, recognition
from vendome.kit.errors import Forbidden, NotFound
from vendome.kit.models import AuditEntry, OutboxEvent


def read(house: SmallHouse, client: object, actor: object = None, at: object = NOW) -> dict:
    return recognition.read_card(actor=actor or house.advisor_paris, client_id=client, at=at)


def said_of_waiting(house: SmallHouse) -> tuple[str, str]:
    """The stage of the one piece that is hers to come, and what an advisor says of it."""
    card = read(house, house.traditional)
    (wait,) = card["waiting"]
    return wait["stage"], recognition.talking_points(card, today=NOW.date())[0].kind


@pytest.mark.django_db
class TestCard:
    def test_shows_her_purchases_by_channel_and_the_primary_one(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1, candle=9)
        sell_at_counter(house, house.candle, client_id=house.traditional)
        sell_at_counter(house, house.candle, client_id=house.traditional)
        pay(house, buy_online(house, house.traditional, house.ring))

        card = read(house, house.traditional)

        assert {one["channel"]: one["orders"] for one in card["channels"]} == {"boutique": 2, "web": 1}
        assert card["primary_channel"] == "boutique"
        assert [wait["model"] for wait in card["waiting"]] == ["Aurore Solitaire"]
        assert card["waiting"][0]["is_here"] is True
        assert "total" not in str(card["channels"])

    def test_only_a_paid_collection_made_ready_is_ready_to_collect(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        placed = buy_online(house, house.traditional, house.ring)
        assert said_of_waiting(house) == ("UNPAID", "waiting_payment")
        pay(house, placed)
        assert said_of_waiting(house) == ("PREPARED", "being_prepared")

        line_steps.take_step(
            key="r", line_id=placed.lines[0].id, step=line_steps.Step.READY, actor=house.advisor_paris, at=NOW
        )

        assert said_of_waiting(house) == ("READY", "waiting_here")

    def test_a_delivery_home_is_never_waiting_for_her(self, house: SmallHouse) -> None:
        house.stocked(house.warehouse, ring=1)
        pay(house, buy_online(house, house.traditional, house.ring, mode=Mode.DELIVER))

        assert said_of_waiting(house) == ("PREPARED", "being_prepared")

    def test_what_was_set_aside_without_an_order_waits_for_her(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1)
        stock.hold_reference(
            kind=HoldKind.RESERVATION, place_id=house.paris, reference_id=house.ring, client_id=house.traditional,
            expires_at=None, actor=house.advisor_paris, at=NOW,
        )  # fmt: skip

        assert said_of_waiting(house) == ("SET_ASIDE", "waiting_here")

    def test_every_reading_is_an_audit_entry(self, house: SmallHouse) -> None:
        read(house, house.traditional)

        entry = AuditEntry.objects.get(action="clients.read", subject=f"client:{house.traditional}")
        assert entry.actor == house.advisor_paris.label

    def test_a_protected_file_opens_with_a_reason_for_half_an_hour(self, house: SmallHouse) -> None:
        with pytest.raises(FileProtected):
            read(house, house.protected)
        assert AuditEntry.objects.filter(action="clients.read_refused").count() == 1
        with pytest.raises(ReasonTooShort):
            services.open_protected_file(client_id=house.protected, reason="hm", actor=house.advisor_paris, at=NOW)

        services.open_protected_file(
            client_id=house.protected, reason="She is in the salon now", actor=house.advisor_paris, at=NOW
        )

        assert read(house, house.protected)["family_name"] == "Starling"
        assert OutboxEvent.objects.filter(kind="clients.file_opened").count() == 1
        with pytest.raises(FileProtected):  # her colleague has given no reason
            read(house, house.protected, house.advisor_tokyo)
        with pytest.raises(FileProtected):  # and the half hour is over
            read(house, house.protected, at=NOW + timedelta(minutes=31))

    def test_a_protected_file_does_not_open_by_setting_something_aside(self, house: SmallHouse) -> None:
        house.stocked(house.paris, ring=1, watch=1)
        stock.hold_reference(
            kind=HoldKind.RESERVATION, place_id=house.paris, reference_id=house.ring, client_id=house.protected,
            expires_at=None, actor=house.advisor_paris, at=NOW,
        )  # fmt: skip
        with pytest.raises(FileProtected):
            read(house, house.protected)

        placed = buy_online(house, house.protected, house.watch)
        with pytest.raises(FileProtected):  # not paid, so nobody is expected
            read(house, house.protected)
        pay(house, placed)

        assert read(house, house.protected)["family_name"] == "Starling"  # she comes to collect

    def test_the_privacy_officer_reads_protected_files_and_is_logged(self, house: SmallHouse) -> None:
        read(house, house.protected, house.privacy_officer)

        assert AuditEntry.objects.filter(action="clients.read", actor=house.privacy_officer.label).count() == 1

    def test_reading_one_file_after_another_is_stopped(
        self, house: SmallHouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(recognition, "MOST_FILES_A_DAY", 1)
        read(house, house.traditional)
        read(house, house.traditional)

        for _ in range(2):
            with pytest.raises(TooManyFiles):
                read(house, house.emerging)

        told = OutboxEvent.objects.filter(kind="clients.reading_limit_reached")
        assert told.get().payload == {"actor": house.advisor_paris.label, "files": 1}
        assert AuditEntry.objects.filter(action="clients.read_refused").count() == 2
        read(house, house.traditional)
        read(house, house.emerging, at=NOW + timedelta(days=1))

    def test_her_own_clients_are_not_counted(self, house: SmallHouse, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(recognition, "MOST_FILES_A_DAY", 0)
        Client.objects.filter(id=house.emerging).update(advisor_id=house.advisor_paris.id)

        read(house, house.emerging)
        with pytest.raises(TooManyFiles):
            read(house, house.traditional)

    def test_clients_programs_and_strangers_cannot_open_it(self, house: SmallHouse, other_house: SmallHouse) -> None:
        with pytest.raises(Forbidden):
            read(house, house.traditional, house.as_client(house.traditional))
        with pytest.raises(NotFound):
            read(house, house.traditional, other_house.advisor_paris)

    def test_a_merged_record_opens_the_one_that_was_kept(self, house: SmallHouse) -> None:
        twin = Client.objects.create(maison_id=house.maison.id, given_name="E", family_name="Brissac", created_at=NOW)
        merge = Merge.objects.create(
            kept_id=house.traditional, absorbed=twin, reason="same phone", actor="SYSTEM", at=NOW
        )
        assert read(house, twin.id)["id"] == str(house.traditional)

        merge.undone_at = NOW
        merge.save(update_fields=["undone_at"])

        assert read(house, twin.id)["id"] == str(twin.id)


@pytest.mark.django_db
class TestSearch:
    @pytest.mark.parametrize(
        "query",
        ["Brissac", "eleonore", "Eléonore de Brisac", "de brissac", "06 12 34 56 78", "+33 6 12 34 56 78",
         "0033612345678", "ELEONORE@example.com"],
    )  # fmt: skip
    def test_finds_her(self, house: SmallHouse, query: str) -> None:
        found = clients.search_clients(actor=house.advisor_paris, query=query)

        assert [hit.id for hit in found] == [house.traditional]

    @pytest.mark.parametrize("query", ["", "x", "Zzyzx", "999999999", "nobody@example.com", "%", "' OR 1=1 --"])
    def test_finds_nobody(self, house: SmallHouse, query: str) -> None:
        assert clients.search_clients(actor=house.advisor_paris, query=query) == ()

    def test_a_protected_client_is_not_found_by_browsing_names(self, house: SmallHouse) -> None:
        assert clients.search_clients(actor=house.advisor_paris, query="Starling") == ()
        assert len(clients.search_clients(actor=house.privacy_officer, query="Starling")) == 1

    def test_a_protected_client_found_by_her_number_shows_nothing_more(self, house: SmallHouse) -> None:
        Identifier.objects.create(
            client_id=house.protected, maison_id=house.maison.id, kind="PHONE", value="+442079460000", source="till",
            noted_at=NOW,
        )  # fmt: skip

        (hit,) = clients.search_clients(actor=house.advisor_paris, query="+44 20 7946 0000")

        assert (hit.id, hit.is_protected) == (house.protected, True)
        assert (hit.name, hit.home_city, hit.advisor_name) == ("Protected client", "", "")
        (hit,) = clients.search_clients(actor=house.privacy_officer, query="+44 20 7946 0000")
        assert hit.name == "Ophelia Starling"

    def test_stays_in_its_own_maison(self, house: SmallHouse, other_house: SmallHouse) -> None:
        found = clients.search_clients(actor=other_house.advisor_paris, query="Brissac")

        assert [hit.id for hit in found] == [other_house.traditional]


@pytest.mark.django_db
def test_what_may_not_be_mentioned_is_no_talking_point(house: SmallHouse) -> None:
    for topic, may in (("divorce", False), ("stone", True)):
        Preference.objects.create(
            client_id=house.traditional, topic=topic, value=topic, source="advisor", may_mention=may, noted_at=NOW
        )

    points = recognition.talking_points(read(house, house.traditional), today=NOW.date())

    assert [point.values.get("topic") for point in points] == ["stone"]


@given(month_day=st.dates(date(2024, 1, 1), date(2024, 12, 31)), today=st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_days_to_a_day_of_the_year_lie_within_a_year(month_day: date, today: date) -> None:
    empty = {"waiting": [], "wardrobe": [], "preferences": [], "birthday": month_day.strftime("%m-%d")}

    points = recognition.talking_points(empty, today=today)

    try:
        coming = month_day.replace(year=today.year)
    except ValueError:
        coming = date(today.year, 3, 1)
    if coming < today:
        try:
            coming = month_day.replace(year=today.year + 1)
        except ValueError:
            coming = date(today.year + 1, 3, 1)
    assert (points[0].kind == "birthday") == ((coming - today).days <= 21)
