"""Tags in the forms of GS1: every form names the same piece, and what is no tag is refused with a reason."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendome.domains.stock import epc
from vendome.domains.stock.epc import PARTITIONS, Sgtin
from vendome.domains.stock.errors import EpcUnreadable, ReadListTooLong, ReadListUnreadable

OURS = "3034257BF7194E4000001A85"  # TDS 2.1, section 14.6: GTIN 80614141123458, serial 6789


@st.composite
def sgtins(draw: st.DrawFn) -> Sgtin:
    _bits, company, _item_bits, item = draw(st.sampled_from(PARTITIONS))
    return Sgtin(
        filter=draw(st.integers(0, 7)),
        company=f"{draw(st.integers(0, 10**company - 1)):0{company}}",
        item=f"{draw(st.integers(0, 10**item - 1)):0{item}}",
        serial=draw(st.integers(0, epc.MOST_SERIAL)),
    )


@given(sgtins())
def test_what_is_written_is_read(piece: Sgtin) -> None:
    assert epc.decode(piece.hexed) == piece
    assert len(piece.hexed) == 24


@given(sgtins())
def test_every_form_may_stand_for_the_tag(piece: Sgtin) -> None:
    link = f"https://id.example.com/01/{piece.gtin}/21/{piece.serial}"
    for text in (
        piece.hexed, piece.hexed.lower(), piece.tag_uri, piece.uri, link, link + "?15=260101",
        f"(01){piece.gtin}(21){piece.serial}", f"]d201{piece.gtin}21{piece.serial}\x1d10AB",
    ):  # fmt: skip
        assert piece.hexed in epc.read(text).codes, text


@given(st.text(alphabet="0123456789ABCDEF", min_size=24, max_size=24))
def test_any_24_digits_are_read_or_refused_with_a_reason(digits: str) -> None:
    try:
        assert epc.decode(digits).hexed == digits
    except EpcUnreadable as error:
        said = error.message
    else:
        return
    assert said in (epc.WRONG_HEADER, epc.WRONG_PARTITION, epc.WRONG_NUMBER)


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(EpcUnreadable):
        assert epc.read(text).key


def test_the_standards_own_example() -> None:
    found = epc.decode(OURS)

    assert (found.filter, found.company, found.item, found.serial) == (1, "0614141", "812345", 6789)
    assert found.gtin == "80614141123458"
    assert found.tag_uri == "urn:epc:tag:sgtin-96:1.0614141.812345.6789"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("3134257BF7194E4000001A85", epc.WRONG_HEADER),
        ("303C257BF7194E4000001A85", epc.WRONG_PARTITION),
        ("3034257BF7194E4000001A", epc.WRONG_LENGTH),
        ("3034257BF7194E4000001A8Z", epc.WRONG_LENGTH),
        ("3037FFFFFFFFFFFFFFFFFFFF", epc.WRONG_NUMBER),
    ],
)
def test_a_tag_that_is_none_says_why(text: str, sentence: str) -> None:
    with pytest.raises(EpcUnreadable) as refused:
        epc.decode(text)
    assert refused.value.message == sentence


@pytest.mark.parametrize(
    "text",
    [
        "303C257BF7194E4000001A85", "3034257BF7194E4000001A", "urn:epc:id:sgtin:0614141.81234.6789",
        "urn:epc:id:sgtin:0614141.812345.0678", "https://id.example.com/01/80614141123459/21/1",
        "https://id.example.com/21/1", "(01)80614141123459(21)1", "", "two words",
    ],
)  # fmt: skip
def test_bad_codes_are_refused(text: str) -> None:
    with pytest.raises(EpcUnreadable):
        epc.read(text)


@pytest.mark.parametrize("text", ["E2801190200050D4A6C60A2F", "urn:epc:id:sscc:0614141.1234567890"])
def test_a_tag_of_another_scheme_is_a_stranger_not_a_mistake(text: str) -> None:
    assert epc.read(text).key == text
    assert epc.read(text).serial == ""


# -- lists -------------------------------------------------------------------------------------------------------


def test_lists_as_readers_write_them() -> None:
    lines = [
        "\ufeffTimestamp,EPC,Antenna,RSSI\r\n",
        f"2026-11-20T10:00:00Z,{OURS},1,-54.5\r\n",
        f"2026-11-20T10:00:01Z,{OURS.lower()},2,-61\r\n",
        "\n",
        '2026-11-20T10:00:02Z,"E2801190200050D4A6C60A2F",1,-70\n',
    ]

    found = epc.read_list(lines)

    assert found.lines == 3
    assert [tag.key for tag in found.tags] == [OURS, "E2801190200050D4A6C60A2F"]


def test_a_tag_is_found_in_its_line_without_a_head() -> None:
    assert [tag.key for tag in epc.read_list([f"2026-11-20 10:00:00;3;{OURS}"]).tags] == [OURS]
    assert [tag.key for tag in epc.read_list(["VM-26-000123", "vm-26-000123"]).tags] == ["VM-26-000123"]


def test_the_first_line_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ReadListUnreadable) as refused:
        epc.read_list([OURS, "303C257BF7194E4000001A85", "also bad \x00"])

    assert refused.value.details() == {"line": 2, "text": "303C257BF7194E4000001A85", "why": epc.WRONG_PARTITION}


def test_a_list_has_an_end() -> None:
    with pytest.raises(ReadListTooLong):
        epc.read_list(OURS for _ in range(epc.MOST_LINES + 1))


def test_a_file_is_read_chunk_by_chunk() -> None:
    text = f"{OURS}\r\nE2801190200050D4A6C60A2F".encode()

    assert [line.strip() for line in epc.lines_of(text[n : n + 7] for n in range(0, len(text), 7))] == [
        OURS,
        "E2801190200050D4A6C60A2F",
    ]
    with pytest.raises(ReadListUnreadable):
        list(epc.lines_of([b"x" * 200_000]))
