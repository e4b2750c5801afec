"""Finding her, beginning her file, reading her card; and the glass that is broken with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client as Browser

from tests.factories import orders
from tests.factories.small_house import NOW, SmallHouse
from tests.web.staff.pages import asks_for, text
from vendome.domains.clients.models import Client, Consent, FileOpening, Identifier, Preference
from vendome.domains.orders.types import Mode
from vendome.flows import line_steps
from vendome.kit import clock
from vendome.kit.actors import Actor
from vendome.kit.models import AuditEntry

type Visit = Callable[[Actor | None], Browser]


@pytest.mark.parametrize(
    "query", ["Brissac", "eleonor brisac", "06 12 34 56 78", "+33612345678", "eleonore@example.com"]
)
def test_she_is_found_by_what_is_known_of_her(house: SmallHouse, paris: Browser, query: str) -> None:
    assert "Éléonore de Brissac" in text(paris.get("/salon/clients/", {"q": query}))


def test_results_come_alone_while_one_types(house: SmallHouse, paris: Browser) -> None:
    part = paris.get("/salon/clients/", {"q": "Brissac"}, headers=asks_for("people"))

    assert "<html" not in part.content.decode()
    assert "Éléonore de Brissac" in text(part)


def test_nobody_found_leads_to_a_new_file(house: SmallHouse, paris: Browser) -> None:
    page = paris.get("/salon/clients/", {"q": "Zzyzx"})

    assert "Nobody by that name" in text(page)
    assert "/salon/clients/new/" in page.content.decode()


def test_a_protected_client_is_not_found_by_her_name(house: SmallHouse, paris: Browser) -> None:
    assert "Starling" not in text(paris.get("/salon/clients/", {"q": "Ophelia Starling"})).replace(
        "Ophelia Starling", "", 1
    )
    assert "Protected client" not in text(paris.get("/salon/clients/", {"q": "Ophelia Starling"}))


def test_a_protected_client_found_by_her_number_is_masked(house: SmallHouse, paris: Browser) -> None:
    Identifier.objects.create(
        client_id=house.protected, maison_id=house.maison.id, kind="PHONE", value="+442079460000", source="till",
        noted_at=NOW,
    )  # fmt: skip

    page = text(paris.get("/salon/clients/", {"q": "+442079460000"}))

    assert "Protected client" in page
    assert "Ophelia" not in page


def test_a_new_client_with_what_she_agreed_to(house: SmallHouse, paris: Browser) -> None:
    answer = paris.post(
        "/salon/clients/new/",
        {"given_name": "Ada", "family_name": "Lovell", "email": "Ada@Example.com", "phone": "+44 20 7946 0018",
         "language": "en", "news_email": "on"},
    )  # fmt: skip

    assert answer.status_code == 303
    made = Client.objects.get(family_name="Lovell")
    assert made.home_place_id == house.paris
    assert made.advisor_id == house.advisor_paris.id
    assert set(made.identifiers.values_list("kind", "value")) == {
        ("EMAIL", "ada@example.com"),
        ("PHONE", "+442079460018"),
    }
    consent = Consent.objects.get(client=made)
    assert (consent.purpose, consent.channel, consent.is_given, consent.law) == ("NEWS", "email", True, "GDPR")
    assert consent.proof.startswith("said to STAFF:")
    assert text(paris.get(answer.headers["Location"])).count("Ada Lovell") > 0


def test_who_is_known_already_is_shown_before_a_second_file_is_begun(house: SmallHouse, paris: Browser) -> None:
    given = {"given_name": "Ada", "phone": "+44 20 7946 0018", "language": "en", "key": "ada"}
    for _ in range(2):  # pressed twice, it is one file
        assert paris.post("/salon/clients/new/", given).status_code == 303
    ada = Client.objects.get(given_name="Ada")

    again = paris.post("/salon/clients/new/", given | {"key": "other", "given_name": "Ada", "email": "ada@example.com"})

    assert again.status_code == 409
    assert "Somebody is known by this e-mail or telephone already" in text(again)
    assert f"/salon/clients/{ada.id}/" in again.content.decode()
    assert "ada@example.com" in again.content.decode()
    assert Client.objects.filter(given_name="Ada").count() == 1
    husband = given | {"key": "other", "given_name": "Byron", "another": "1"}
    assert paris.post("/salon/clients/new/", husband).status_code == 303
    assert Client.objects.filter(given_name="Byron").count() == 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"email": "a@example.com"}, "Write at least one name"),
        ({"family_name": "Lovell"}, "so that she can be found again"),
        ({"family_name": "Lovell", "email": "not an address"}, "Write a whole e-mail address"),
        ({"family_name": "Lovell", "phone": "123"}, "too short"),
    ],
)
def test_what_was_typed_is_kept(house: SmallHouse, paris: Browser, given: dict[str, str], sentence: str) -> None:
    before = Client.objects.count()

    page = paris.post("/salon/clients/new/", {"language": "it", **given})

    assert page.status_code == 422
    assert sentence in text(page)
    for value in given.values():
        assert value in page.content.decode()
    assert Client.objects.count() == before


def test_the_card_greets_talks_and_never_counts_money(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    sold = orders.sell_at_counter(house, house.ring, client_id=house.traditional)
    Preference.objects.create(
        client_id=house.traditional, topic="stone", value="sapphires", source="told her advisor", may_mention=True,
        noted_at=NOW,
    )  # fmt: skip

    page = paris.get(f"/salon/clients/{house.traditional}/")

    said = text(page)
    assert "Good afternoon, Éléonore" in said
    assert "She loves sapphires." in said
    assert "Aurore Solitaire" in said
    assert "In a boutique" in said
    assert f"{sold.total_amount}" not in page.content.decode()
    assert "8,200" not in said
    assert "8 200" not in said


def test_what_she_must_not_hear_is_closed(house: SmallHouse, paris: Browser) -> None:
    Preference.objects.create(
        client_id=house.traditional, topic="note", value="her husband plans a surprise", source="told her advisor",
        may_mention=False, noted_at=NOW,
    )  # fmt: skip

    body = paris.get(f"/salon/clients/{house.traditional}/").content.decode()

    before, _, after = body.partition("her husband plans a surprise")
    assert before.rfind("<details") > before.rfind("</details>")
    assert "<details open" not in before[before.rfind("<details") :]
    assert after


def test_the_reading_is_written_down(house: SmallHouse, paris: Browser) -> None:
    paris.get(f"/salon/clients/{house.traditional}/")

    entry = AuditEntry.objects.get(action="clients.read")
    assert entry.actor == house.advisor_paris.label
    assert entry.subject == f"client:{house.traditional}"


def test_a_protected_card_asks_for_a_reason(house: SmallHouse, paris: Browser) -> None:
    page = paris.get(f"/salon/clients/{house.protected}/")

    assert page.status_code == 403
    assert "This file is protected" in text(page)
    assert "Ophelia" not in text(page)
    assert AuditEntry.objects.filter(action="clients.read_refused").count() == 1


def test_the_glass_is_broken_for_thirty_minutes_and_logged(house: SmallHouse, paris: Browser) -> None:
    card = f"/salon/clients/{house.protected}/"

    answer = paris.post(f"{card}open/", {"reason": "She is at the counter with her order"})

    assert answer.status_code == 303
    assert "Ophelia Starling" in text(paris.get(card))
    assert FileOpening.objects.get().reason == "She is at the counter with her order"
    assert AuditEntry.objects.filter(action="clients.break_glass").count() == 1
    with clock.frozen(NOW + timedelta(minutes=31)):
        assert paris.get(card).status_code == 403


@pytest.mark.parametrize("reason", ["", "because"])
def test_a_thin_reason_opens_nothing(house: SmallHouse, paris: Browser, reason: str) -> None:
    page = paris.post(f"/salon/clients/{house.protected}/open/", {"reason": reason})

    assert page.status_code == 422
    assert not FileOpening.objects.exists()


def test_the_client_of_another_house_is_not_there(house: SmallHouse, other_house: SmallHouse, paris: Browser) -> None:
    assert paris.get(f"/salon/clients/{other_house.traditional}/").status_code == 404
    assert paris.post(
        f"/salon/clients/{other_house.protected}/open/", {"reason": "a reason long enough"}
    ).status_code == 404  # fmt: skip


def test_a_birthday_of_hers_is_on_todays_list(house: SmallHouse, paris: Browser, tokyo: Browser) -> None:
    Client.objects.filter(id=house.traditional).update(
        birthday=NOW.date().replace(year=1960) + timedelta(days=2), advisor_id=house.advisor_paris.id
    )

    assert "Éléonore de Brissac" in text(paris.get("/salon/"))
    assert "Brissac" not in text(tokyo.get("/salon/"))


def test_the_card_says_where_what_she_ordered_stands(house: SmallHouse, paris: Browser) -> None:
    house.stocked(house.paris, ring=1)
    house.stocked(house.warehouse, watch=1)
    card = f"/salon/clients/{house.traditional}/"
    placed = orders.buy_online(house, house.traditional, house.ring)
    orders.pay(house, orders.buy_online(house, house.traditional, house.watch, mode=Mode.DELIVER))
    unpaid = text(paris.get(card))
    assert "Her Aurore Solitaire waits for its payment." in unpaid
    assert "Being prepared at Depot" in unpaid
    assert "waits for her" not in unpaid
    assert "waiting for her" not in unpaid

    orders.pay(house, placed)
    assert "Being prepared here" in text(paris.get(card))
    assert "Ready to collect" not in text(paris.get(card))

    line_steps.take_step(
        key="r", line_id=placed.lines[0].id, step=line_steps.Step.READY, actor=house.advisor_paris, at=NOW
    )
    assert "Ready to collect here" in text(paris.get(card))
