"""Letters about an order: it is confirmed, waits for a transfer, has changed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.factories.orders import CARD, buy_online, pay, sell_at_counter
from tests.factories.parcels import ADDRESS
from tests.factories.payments import card, offer, order, transfer
from tests.factories.small_house import NOW, SmallHouse
from tests.letters.conftest import Post
from vendome.domains.clients.models import Identifier
from vendome.domains.fulfilment.types import RefusalReason, Resolution
from vendome.domains.letters import services
from vendome.domains.letters.models import Letter
from vendome.domains.orders.models import OrderLine
from vendome.domains.orders.types import ChangeKind, Mode
from vendome.flows import changes, checkout, exceptions, line_steps, refunds
from vendome.flows.changes import Changed
from vendome.flows.types import PlacedOrder, WantedLine
from vendome.web.letters import sending

pytestmark = pytest.mark.django_db
AT = NOW + timedelta(hours=2)


def change(house: SmallHouse, placed: PlacedOrder, kind: ChangeKind, **more: object) -> Changed:
    her = house.as_client(house.traditional)
    seen = changes.propose(
        key=str(uuid.uuid4()), order_id=placed.id, kind=kind, line_id=placed.lines[0].id, actor=her, at=AT,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip
    paying = {"pay_within": timedelta(hours=1)} if kind is ChangeKind.SWAP else {}
    return changes.confirm(
        key="c", change_id=seen.change_id, preview_hash=seen.hash, actor=her, at=AT,
        **paying,  # type: ignore[arg-type]
    )  # fmt: skip


def test_an_order_is_confirmed_once_it_is_paid(house: SmallHouse, post: Post) -> None:
    house.stocked(house.paris, ring=1)
    placed = buy_online(house, house.traditional, house.ring)
    assert post.send() == []  # she is still at the checkout

    pay(house, placed)

    letter = post.one()
    assert (letter.to, letter.language) == ("eleonore@example.com", "en")
    assert letter.subject == f"Your order {placed.number}"
    for said in letter.both:
        for fact in ("Dear Éléonore de Brissac,", "Aurore Solitaire", "To collect in Paris, from", "Paid by card"):
            assert fact in said
        assert said.count("€ 8,200") == 3  # the piece, in all, paid
        assert "Still to be paid" not in said
    assert f"https://shop.example/sign-in/?next=/fr-en/order/{placed.number}/" in letter.text.replace("%2F", "/")
    assert 'lang="en"' in letter.html
    assert post.send() == []


def test_in_french_for_who_reads_french(house: SmallHouse, post: Post, french: Callable[[object], None]) -> None:
    house.stocked(house.paris, ring=1)
    french(house.traditional)
    placed = pay(house, buy_online(house, house.traditional, house.ring))

    letter = post.one()

    assert letter.language == "fr"
    assert letter.subject == f"Votre commande {placed.number}"
    for said in letter.both:
        assert "8 200 €" in said
        assert "Bonjour Éléonore de Brissac," in said
        assert "Réglé (carte)" in said
    assert 'lang="fr"' in letter.html
    assert f"/fr-fr/order/{placed.number}/" in letter.text.replace("%2F", "/")


def test_in_the_currency_of_her_market(house: SmallHouse, post: Post) -> None:
    house.stocked(house.london, ring=1)
    pay(house, buy_online(house, house.traditional, house.ring, market=house.britain, place=house.london))

    said, _html = post.one().both

    assert "£ 7,380" in said
    assert "London" in said


def test_a_guest_opens_hers_with_its_key(house: SmallHouse, post: Post) -> None:
    house.stocked(house.warehouse, ring=1)
    placed = checkout.place_order(
        key="guest", maison=house.maison, market=house.france, channel="web", tender=CARD, client_id=None,
        lines=[WantedLine(reference_id=house.ring, mode=Mode.DELIVER, place_id=None)], address=ADDRESS,
        actor=house.system, contact={"name": "Anouk Lemaire", "email": "anouk@example.com", "language": "fr"}, at=NOW,
    )  # fmt: skip
    pay(house, placed)

    letter = post.one()

    assert (letter.to, letter.language) == ("anouk@example.com", "fr")
    assert "Bonjour Anouk Lemaire," in letter.text
    assert f"https://shop.example/fr-fr/order/{placed.number}/?key=" in letter.text
    assert "1 rue des Tilleuls" in letter.text


def test_what_is_still_owed_is_said(house: SmallHouse, post: Post) -> None:
    house.stocked(house.paris, ring=1)
    placed = order(house, card(300_000), due_amount=300_000)
    checkout.pay(placed=placed, provider="card_test", instrument="card_good", actor=house.system, at=NOW)

    said, _html = post.one().both

    assert "Paid by card: € 3,000" in said
    assert "Still to be paid: € 5,200" in said


def test_a_transfer_is_told_where_to_go_and_until_when(house: SmallHouse, post: Post) -> None:
    offer(house)
    house.stocked(house.paris, ring=1)
    placed = order(house, transfer())

    letter = post.one()

    assert letter.subject == f"Your order {placed.number} waits for your transfer"
    for said in letter.both:
        assert "FR76 3000 1007 9412 3456 7890 185" in said
        assert f"Reference: {placed.number}" in said
        assert "Friday 27 November" in said
        assert "Amount: € 8,200" in said


def awaited(house: SmallHouse, client_id: uuid.UUID | None = None, *, email: str = "victim@example.org") -> PlacedOrder:
    """Ordered online, to be paid by transfer, with whatever somebody typed."""
    typed = {"name": "WIN at https://evil.example NOW", "email": email, "phone": "evil", "language": "en"}
    return checkout.place_order(
        key=str(uuid.uuid4()), maison=house.maison, market=house.france, channel="web", tender=transfer(),
        lines=[WantedLine(reference_id=house.ring, mode=Mode.DELIVER, place_id=None)],
        address=["call evil.example", "75001 Paris", "FR"], client_id=client_id, contact=typed,
        actor=house.as_client(client_id) if client_id else house.system, at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_to_an_address_nobody_proved_goes_no_word_that_was_typed(
    house: SmallHouse, post: Post, is_signed_in: bool
) -> None:
    offer(house)
    house.stocked(house.warehouse, ring=1)
    placed = awaited(house, house.traditional if is_signed_in else None)

    letter = post.one()

    assert letter.to == "victim@example.org"
    for said in letter.both:
        assert "evil" not in said
        assert "Éléonore" not in said
        assert "Aurore" not in said
        for fact in ("FR76 3000 1007 9412 3456 7890 185", f"Reference: {placed.number}", "Amount: € 8,200"):
            assert fact in said
    assert "evil" not in letter.html
    assert "evil" not in letter.text


def test_at_her_own_proven_address_she_reads_all_of_it(house: SmallHouse, post: Post) -> None:
    offer(house)
    house.stocked(house.warehouse, ring=1)
    Identifier.objects.filter(kind="EMAIL").update(attested_at=NOW)
    awaited(house, house.traditional, email="Eleonore@example.com")

    said, _html = post.one().both

    assert "Dear Éléonore de Brissac," in said
    assert "Aurore Solitaire" in said


def test_an_address_nobody_proved_is_written_to_three_times_a_day(house: SmallHouse, post: Post) -> None:
    offer(house)
    house.stocked(house.warehouse, ring=6)
    for email in ("victim@example.org", "Victim@Example.org ", "victim@example.org", "VICTIM@example.org"):
        awaited(house, email=email)
    awaited(house, email="another@example.org")

    sent = [one.to.strip().lower() for one in post.send()]

    assert sorted(sent) == ["another@example.org"] + ["victim@example.org"] * 3
    waiting = Letter.objects.get(state="WAITING")
    assert (waiting.problem, waiting.attempts) == (sending.OFTEN_ENOUGH, 0)
    assert post.send() == []
    assert services.take_room(  # what was written to already keeps its room, however often it is tried
        letter_id=Letter.objects.filter(state="SENT", address__startswith="v").values_list("id", flat=True)[0],
        address="victim@example.org", actor=house.system, at=NOW,
    )  # fmt: skip
    tomorrow = NOW + timedelta(days=1)
    awaited(house)
    assert len(post.send(at=tomorrow)) == 2
    assert Letter.objects.filter(state="SENT").count() == 6


def test_who_used_up_her_address_does_not_keep_her_letter_from_her(house: SmallHouse, post: Post) -> None:
    """Every day somebody else types her address first: hers is older, so it goes first once the day is new."""
    offer(house)
    house.stocked(house.warehouse, ring=9)
    for _ in range(3):
        awaited(house, email="her@example.org")
    post.send()
    hers = awaited(house, email="her@example.org")
    assert post.send() == []

    midnight = (NOW + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(3):
        awaited(house, email="her@example.org")
    sent = post.send(at=midnight)

    assert len(sent) == 3
    assert any(hers.number in one.text for one in sent)


def test_what_was_put_off_ends_when_there_is_nothing_to_tell_any_more(house: SmallHouse, post: Post) -> None:
    offer(house, transfer_days=1)
    house.stocked(house.warehouse, ring=4)
    for _ in range(4):
        awaited(house, email="her@example.org")
    assert len(post.send()) == 3
    late = NOW + timedelta(days=2)
    checkout.expire_unpaid(at=late)

    assert post.send(at=late) == []
    assert sorted(Letter.objects.values_list("state", flat=True)) == ["NOT_WRITTEN"] + ["SENT"] * 3


def test_a_sale_at_the_counter_is_for_her_papers(house: SmallHouse, post: Post) -> None:
    house.stocked(house.paris, ring=2)
    sell_at_counter(house, house.ring, client_id=house.traditional)
    sell_at_counter(house, house.ring, client_id=None)  # a walk-in leaves no address
    sell = post.send()

    assert [one.to for one in sell] == ["eleonore@example.com"]
    assert "With you" in sell[0].text
    assert sorted(Letter.objects.values_list("state", flat=True)) == ["NOT_WRITTEN", "SENT"]


def test_who_has_no_address_gets_no_letter(house: SmallHouse, post: Post) -> None:
    Identifier.objects.filter(kind="EMAIL").delete()
    house.stocked(house.paris, ring=1)
    pay(house, buy_online(house, house.traditional, house.ring))

    assert post.send() == []


def test_a_piece_cancelled_says_what_goes_back(house: SmallHouse, post: Post) -> None:
    house.stocked(house.paris, ring=1, candle=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring, house.candle))
    post.send()

    change(house, placed, ChangeKind.CANCEL_LINE)
    letter = post.one(AT)

    assert letter.subject == f"A change to your order {placed.number}"
    for said in letter.both:
        assert "Aurore Solitaire" in said
        assert "Bougie" not in said
        assert "Everything else stays as it was promised to you." in said
        assert "On its way back to you (card)" in said
        assert "€ 8,200" in said

    refunds.send_due(actor=house.system, at=AT)
    given = post.one(AT)
    assert given.subject == f"Your refund for order {placed.number}"
    assert "We have given back € 8,200" in given.both[0]


def test_a_change_agreed_says_how_it_stands(house: SmallHouse, post: Post) -> None:
    house.stocked(house.paris, ring=1)
    house.stocked(house.london, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    post.send()

    change(house, placed, ChangeKind.COLLECT_AT, place_id=house.london)
    letter = post.one(AT)

    for said in letter.both:
        assert "Changed, as agreed" in said
        assert "in London" in said
        assert "€" not in said


@pytest.mark.parametrize("is_later", [True, False])
def test_a_day_that_cannot_be_kept_is_told(house: SmallHouse, post: Post, is_later: bool) -> None:
    house.stocked(house.paris, ring=1)
    house.stocked(house.london, ring=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    post.send()
    promised = NOW.date() if is_later else (NOW + timedelta(days=60)).date()
    OrderLine.objects.filter(id=placed.lines[0].id).update(promised_date=promised)

    refused = line_steps.refuse(
        key="r", line_id=placed.lines[0].id, reason=RefusalReason.NOT_FOUND, note="not in its tray",
        actor=house.advisor_paris, at=AT,
    )  # fmt: skip
    exceptions.resolve(
        key="e", exception_id=refused, resolution=Resolution.RESOURCED, actor=house.director, at=AT
    )  # fmt: skip

    if not is_later:
        assert post.send(AT) == []
        return
    letter = post.one(AT)
    day = OrderLine.objects.get(id=placed.lines[0].id).promised_date
    assert letter.subject == f"A later day for your order {placed.number}"
    for said in letter.both:
        assert f"To collect in Paris, from {day:%A} {day.day} {day:%B}" in said
        assert "We are sorry" in said
        assert "€" not in said


def test_an_exchange_is_told_when_due_and_when_paid(house: SmallHouse, post: Post) -> None:
    house.stocked(house.paris, ring=1, watch=1)
    placed = pay(house, buy_online(house, house.traditional, house.ring))
    post.send()

    done = change(house, placed, ChangeKind.SWAP, reference_id=house.watch)
    due = post.one(AT)

    assert due.subject.startswith("The difference of your exchange")
    for said in due.both:
        assert "To be paid" in said
        assert "€ 3,800" in said
        assert "Friday 20 November at 19:00, Paris time" in said
    assert done.document_id is not None
    waiting = checkout.get_unpaid(order_id=done.document_id)
    checkout.pay(placed=waiting, provider="card_test", instrument="card_good", actor=house.system, at=AT)
    settled = post.one(AT)
    assert settled.subject.startswith("Your exchange, order")
    assert "Comes back to us" in settled.text
    assert "Méridien 38" in settled.text
