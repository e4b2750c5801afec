"""What a tag says, in the forms of GS1 (TDS 2.x): SGTIN-96, its URIs, Digital Link and element strings. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from vendome.domains.stock.errors import EpcUnreadable, ReadListTooLong, ReadListUnreadable

SGTIN_96 = 0x30
# Company prefix and item reference share 44 bits; the partition says where one ends: bits and digits of each.
PARTITIONS = (
    (40, 12, 4, 1),
    (37, 11, 7, 2),
    (34, 10, 10, 3),
    (30, 9, 14, 4),
    (27, 8, 17, 5),
    (24, 7, 20, 6),
    (20, 6, 24, 7),
)
FILTERS = range(8)
MOST_SERIAL = (1 << 38) - 1
MOST_LINES = 100_000
LONGEST_LINE = 1_000

WRONG_LENGTH = "A tag of this kind says 24 hexadecimal digits; this one does not."
WRONG_HEADER = "This tag is not an SGTIN-96: it does not begin with 30."
WRONG_PARTITION = "This tag names a partition that GS1 does not have."
WRONG_NUMBER = "This tag holds a number with more digits than its partition allows."
WRONG_URI = "This is not a GS1 name of a piece."  # urn:epc:id:sgtin:PREFIX.ITEM.SERIAL, urn:epc:tag:sgtin-96:FILTER.…
WRONG_GTIN = "The check digit of this GTIN is wrong; scan it again."
WRONG_LINK = (
    "This link does not name a piece: a GS1 Digital Link has /01/ with the GTIN and /21/ with the serial number."
)
WRONG_TEXT = "This is neither a tag nor a serial number."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sgtin:
    """One piece by GS1: company prefix and item reference (with its indicator) as digits, serial as a number."""

    filter: int
    company: str
    item: str
    serial: int

    @property
    def hexed(self) -> str:
        """As a reader tells it: 24 hexadecimal digits."""
        partition = 12 - len(self.company)
        company_bits, _digits, item_bits, _more = PARTITIONS[partition]
        value = SGTIN_96 << 88 | self.filter << 85 | partition << 82
        value |= int(self.company) << 82 - company_bits | int(self.item) << 82 - company_bits - item_bits | self.serial
        return f"{value:024X}"

    @property
    def uri(self) -> str:
        return f"urn:epc:id:sgtin:{self.company}.{self.item}.{self.serial}"

    @property
    def tag_uri(self) -> str:
        return f"urn:epc:tag:sgtin-96:{self.filter}.{self.company}.{self.item}.{self.serial}"

    @property
    def gtin(self) -> str:
        body = self.item[0] + self.company + self.item[1:]
        return body + check_digit(body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One thing a reader or a person named: `codes` are the EPCs it may stand for, `serial` the number it may be."""

    key: str
    codes: tuple[str, ...] = ()
    serial: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadList:
    """A read list, once each: how many lines said something, and what."""

    lines: int
    tags: tuple[Tag, ...]


def check_digit(body: str) -> str:
    """GS1's, for 13 digits."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def decode(hexed: str) -> Sgtin:
    """An SGTIN-96 from its hexadecimal digits. Raises EpcUnreadable with the reason as its sentence."""
    if not re.fullmatch(r"[0-9A-Fa-f]{24}", hexed):
        raise EpcUnreadable(WRONG_LENGTH)
    value = int(hexed, 16)
    if value >> 88 != SGTIN_96:
        raise EpcUnreadable(WRONG_HEADER)
    partition = value >> 82 & 0b111
    if partition >= len(PARTITIONS):
        raise EpcUnreadable(WRONG_PARTITION)
    company_bits, company_digits, item_bits, item_digits = PARTITIONS[partition]
    company = value >> 82 - company_bits & (1 << company_bits) - 1
    item = value >> 82 - company_bits - item_bits & (1 << item_bits) - 1
    if company >= 10**company_digits or item >= 10**item_digits:
        raise EpcUnreadable(WRONG_NUMBER)
    return Sgtin(
        filter=value >> 85 & 0b111,
        company=f"{company:0{company_digits}}",
        item=f"{item:0{item_digits}}",
        serial=value & MOST_SERIAL,
    )


_ID = re.compile(r"urn:epc:id:sgtin:(\d{6,12})\.(\d{1,7})\.(\d{1,12})", re.IGNORECASE)
_TAG = re.compile(r"urn:epc:tag:sgtin-96:([0-7])\.(\d{6,12})\.(\d{1,7})\.(\d{1,12})", re.IGNORECASE)
_LINK = re.compile(
    r"https?://[^/\s]+(?:/[^?#\s]*)?/01/(\d{8}|\d{12,14})/(?:[^?#\s]*/)?21/([^/?#\s]{1,60})", re.IGNORECASE
)
_BRACKETS = re.compile(r"\(01\)(\d{14})(?:\(\d{2,4}\)[^()]*)*?\(21\)([^()\s]{1,20})(?:\(.*)?")
_ELEMENTS = re.compile(r"(?:\][A-Za-z]\d)?\x1d?01(\d{14})21([^\x1d\s]{1,20})(?:\x1d.*)?")
_HEXED = re.compile(r"[0-9A-Fa-f]{16,}")
_NUMBER = re.compile(r"[^\s\x00-\x1f]{1,64}")


def read(text: str) -> Tag:
    """What one word of a read list, a scanner or a person names. Raises EpcUnreadable with the reason.

    A tag of another scheme than SGTIN is a fact of any room: it is read, and nobody here owns it.
    """
    word = text.strip()
    if _HEXED.fullmatch(word) and not (word.isdigit() and word.startswith("01") and _ELEMENTS.fullmatch(word)):
        return _of_hex(word.upper())
    if word[:4].lower() == "urn:":
        return _of_uri(word)
    if word[:7].lower() in ("http://", "https:/"):
        found = _LINK.match(word)
        if found is None:
            raise EpcUnreadable(WRONG_LINK)
        return _of_gtin(found[1].zfill(14), unquote(found[2]))
    found = _BRACKETS.fullmatch(word) or _ELEMENTS.fullmatch(word)
    if found is not None:
        return _of_gtin(found[1], found[2])
    if not _NUMBER.fullmatch(word):
        raise EpcUnreadable(WRONG_TEXT)
    return Tag(key=word.upper(), codes=(word,) if word == word.upper() else (word, word.upper()), serial=word.upper())


def _of_hex(word: str) -> Tag:
    if len(word) != 24:
        raise EpcUnreadable(WRONG_LENGTH)
    if word.startswith("30"):
        decode(word)
    return Tag(key=word, codes=(word,))


def _of_uri(word: str) -> Tag:
    if found := _TAG.fullmatch(word):
        return _of_hex(_sgtin(int(found[1]), found[2], found[3], found[4]).hexed)
    if found := _ID.fullmatch(word):
        # A name without its filter: the tag may carry any of them.
        ours = [_sgtin(value, found[1], found[2], found[3]) for value in FILTERS]
        return Tag(key=ours[0].uri, codes=tuple(one.hexed for one in ours))
    if word.lower().startswith("urn:epc:") and "sgtin" not in word.lower():
        return Tag(key=word)
    raise EpcUnreadable(WRONG_URI)


def _of_gtin(gtin: str, serial: str) -> Tag:
    """A GTIN does not say where the company's prefix ends: every partition and filter may be the tag's."""
    if check_digit(gtin[:13]) != gtin[13]:
        raise EpcUnreadable(WRONG_GTIN)
    key = f"{gtin}.{serial}"
    if not serial.isdigit() or (len(serial) > 1 and serial[0] == "0") or int(serial) > MOST_SERIAL:
        return Tag(key=key)  # no SGTIN-96 can hold it
    codes = [
        Sgtin(
            filter=value, company=gtin[1 : 1 + digits], item=gtin[0] + gtin[1 + digits : 13], serial=int(serial)
        ).hexed
        for _bits, digits, _more, _item in PARTITIONS
        for value in FILTERS
    ]
    return Tag(key=key, codes=tuple(codes))


def _sgtin(filter_: int, company: str, item: str, serial: str) -> Sgtin:
    if len(company) + len(item) != 13 or int(serial) > MOST_SERIAL or (len(serial) > 1 and serial[0] == "0"):
        raise EpcUnreadable(WRONG_URI)
    return Sgtin(filter=filter_, company=company, item=item, serial=int(serial))


# -- read lists --------------------------------------------------------------------------------------------------

_HEADS = re.compile(r"(epc|epc ?hex|tag|tag ?id|sgtin|serial|serial ?number|uri|id)", re.IGNORECASE)
_TELLING = re.compile(r"[0-9A-Fa-f]{16,}|urn:.*|https?://.*|\(01\).*", re.IGNORECASE)


def read_list(lines: Iterable[str]) -> ReadList:
    """A list as readers write it: one tag a line, with or without a head, times, antennas or signal strengths.

    Read as it comes, without keeping the lines. Raises ReadListUnreadable, naming the first line that cannot be
    read, or ReadListTooLong; nothing is taken from such a list.
    """
    tags: dict[str, Tag] = {}
    words: dict[str, str] = {}  # a word seen before is not read again
    count, column = 0, -1
    for number, line in enumerate(lines, start=1):
        fields = _fields(line)
        if not fields:
            continue
        if count == 0 and column < 0 and (head := _head(fields)) is not None:
            column = head
            continue
        count += 1
        if count > MOST_LINES:
            raise ReadListTooLong(most=MOST_LINES)
        word = _word(fields, column)
        if word in words:
            continue
        try:
            if len(word) > LONGEST_LINE:
                raise EpcUnreadable(WRONG_TEXT)
            tag = read(word)
        except EpcUnreadable as error:
            raise ReadListUnreadable(line=number, text=word[:60], why=error.message) from error
        words[word] = tag.key
        tags.setdefault(tag.key, tag)
    return ReadList(lines=count, tags=tuple(tags.values()))


def _fields(line: str) -> list[str]:
    line = line.strip("\ufeff \t\r\n")
    fields = re.split(r"[,;\t]", line) if re.search(r"[,;\t]", line) else line.split(" ")
    fields = [field.strip(" \"'") for field in fields]
    return fields if any(fields) else []


def _head(fields: list[str]) -> int | None:
    """The column a head names, or None when this is not a head."""
    return next((n for n, field in enumerate(fields) if _HEADS.fullmatch(field)), None)


def _word(fields: list[str], column: int) -> str:
    if 0 <= column < len(fields) and fields[column]:
        return fields[column]
    telling = next((field for field in fields if _TELLING.fullmatch(field)), None)
    return telling or next(field for field in fields if field)


def lines_of(chunks: Iterable[bytes]) -> Iterator[str]:
    """The lines of an uploaded file, chunk by chunk, so that it never stands in memory as a whole."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > 100 * LONGEST_LINE:
            raise ReadListUnreadable(line=1, text="", why=WRONG_TEXT)
        for line in whole:
            yield line.decode("utf-8", errors="replace")
    if rest:
        yield rest.decode("utf-8", errors="replace")
