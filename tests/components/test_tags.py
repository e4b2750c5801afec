"""What the tags write: small, exact, and safe with any words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.template import engines
from django.utils import timezone, translation

from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Column, Row
from vendome.web.components.templatetags.vendome import initials, moment


def draw(source: str, **values: object) -> str:
    return engines["django"].from_string(source).render(values)


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Camille Roussel", "CR"), ("Inès de Brissac", "IB"), ("Jean-Luc Émond", "JÉ"), ("maría", "M"), ("", "")],
)
def test_initials_are_those_one_would_embroider(name, letters):
    assert initials(name) == letters


def test_a_moment_is_read_by_people_and_machines():
    at = datetime(2026, 3, 3, 21, 14, tzinfo=UTC)
    with timezone.override("Europe/Paris"):
        assert moment(at) == '<time datetime="2026-03-03T21:14:00+00:00">3 March 2026, 22:14</time>'
        assert ">22:14<" in moment(at, "time")
        with translation.override("fr"):
            assert ">3 mars 2026<" in moment(at, "date")
    assert ">14 June 2026<" in moment(date(2026, 6, 14))
    assert moment(None) == ""


def test_words_from_people_are_escaped_everywhere():
    bad = "<script>alert(1)</script>"
    drawn = draw(
        "{% button bad %}{% tag bad %}{% empty_state bad text=bad %}{% notice title=bad %}{{ bad }}{% endnotice %}"
        "{% dialog id='d' title=bad %}{{ bad }}{% enddialog %}{% availability_row bad 1 2 'NONE' note=bad %}",
        bad=bad,
    )
    assert "<script>" not in drawn
    assert drawn.count("&lt;script&gt;") == 10


def test_a_button_is_a_link_only_when_it_leads_somewhere():
    assert draw("{% button 'Sell' %}").startswith('<button class="button" type="submit"')
    assert draw("{% button 'Sell' href='/salon/sell/' %}").startswith('<a class="button" href="/salon/sell/"')
    assert 'type="button"' in draw("{% button 'Ask' dialog='ask' %}")


def test_an_icon_is_silent_unless_it_stands_alone():
    assert 'aria-hidden="true"' in draw("{% icon 'bag' %}")
    assert 'role="img" aria-label="Bag"' in draw("{% icon 'bag' label='Bag' %}")


def test_a_place_carries_the_words_it_may_have_to_say_later():
    drawn = draw("{% availability_row 'Tokyo, Ginza' 41 7 'LAST' %}")
    assert 'data-reference="41" data-place="7" data-state="LAST"' in drawn
    assert 'data-label-none="' in drawn
    assert ">Last piece</span>" in drawn


def test_a_ledger_line_leads_somewhere_once():
    drawn = draw(
        "{% data_table columns rows 'Stock' %}",
        columns=[Column(label="Reference"), Column(label="On hand", numeric=True)],
        rows=[Row(cells=["Aurore", 3], url="/bureau/stock/1/")],
    )
    assert drawn.count('href="/bureau/stock/1/"') == 1
    assert 'data-label="On hand" class="num">3</td>' in drawn


def test_a_ledger_refuses_a_line_of_another_length():
    with pytest.raises(ValueError, match="shorter"):
        draw(
            "{% data_table columns rows 'Stock' %}",
            columns=[Column(label="A"), Column(label="B")],
            rows=[Row(cells=[1])],
        )


def test_choices_are_links_or_radio_buttons():
    drawn = draw(
        "{% swatches 'Metal' choices %}",
        choices=[
            Choice(value="YG", label="yellow gold", chosen=True),
            Choice(value="PT", label="platinum", url="?m=PT"),
        ],
    )
    assert 'type="radio" name="material" value="YG" checked' in drawn
    assert 'href="?m=PT"' in drawn


def test_the_last_crumb_is_the_page_itself():
    drawn = draw("{% breadcrumb links %}", links=[Link(label="Rings", url="/rings/"), Link(label="Aurore", url="/a/")])
    assert 'href="/rings/"' in drawn
    assert '<span aria-current="page">Aurore</span>' in drawn
