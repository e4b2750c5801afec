"""One row of a file understood: the values as the house knows them, or why the row is refused. Pure."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

from vendome.connectors.transactions.mapping import Mapping, NegativePrice, ZeroPrice
from vendome.connectors.transactions.readers import ROLES, Row
from vendome.connectors.transactions.types import Direction
from vendome.domains.clients.contact import normal_email
from vendome.kit import money

WHOLE = re.compile(r"[+-]?\d+(?:\.0+)?")
PRICE = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
MOST_PIECES = 2**31 - 1
MOST_DECIMALS = 12
MOST_AMOUNT = 10**16
LONGEST_VALUE = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLACE_OF = {role: place for place, role in enumerate(ROLES)}


class Understood(NamedTuple):
    """One row as it is staged; the order of the fields is the order of the columns."""

    line: int
    document: str = ""
    code: str = ""
    description: str = ""
    is_service: bool = False
    direction: str = Direction.OUT
    quantity: int | None = None
    at: datetime | None = None
    exact: Decimal | None = None
    amount: int | None = None
    client_key: str = ""
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    country: str = ""
    channel: str = ""
    place: str = ""
    reason: str = ""
    column: str = ""
    value: str = ""


class Refused(Exception):
    """The row is not taken: the reason, and the column that gave it."""

    def __init__(self, reason: str, role: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.role = role


class Reader:
    """Understands rows by one mapping. `now` is the moment after which nothing can have been sold."""

    def __init__(self, mapping: Mapping, *, now: datetime) -> None:
        self._mapping = mapping
        self._latest = now + timedelta(days=1)
        self._scale = Decimal(10) ** money.decimals(mapping.currency)
        self.unnamed_countries: Counter[str] = Counter()
        self._price = lru_cache(maxsize=65_536)(self._parse_price)
        self._moment = lru_cache(maxsize=8_192)(self._parse_moment)
        self._rule = lru_cache(maxsize=65_536)(mapping.rule_for)

    def understand(self, row: Row) -> Understood:
        """Never raises: a row that cannot be taken says why, with its sum wherever one can be read."""
        if row.broken:
            return Understood(line=row.line, reason=row.broken, value=_shown(row.value))
        cells = row.cells
        try:
            return self._understand(row.line, cells)
        except Refused as refused:
            value = cells[PLACE_OF[refused.role]] if refused.role else None
            exact = self._sum(cells)
            return Understood(
                line=row.line,
                document=_shown(cells[0]),
                code=_shown(cells[1]),
                exact=exact,
                reason=refused.reason,
                column=self._mapping.columns.get(refused.role, ""),
                value=_shown(value),
            )

    def _understand(self, line: int, cells: Any) -> Understood:
        (document, code, quantity, at, price, description, client, country, channel, place, given, family, email) = (
            cells
        )
        mapping = self._mapping
        number = _text(document, "document")
        if not number:
            raise Refused("no_document", "document")
        sku = _text(code, "code")
        if not sku:
            raise Refused("no_code", "code")
        if mapping.upper_case_codes:
            sku = sku.upper()
        pieces = self._whole(quantity)
        each = self._price(price)
        moment = self._moment(at)
        buyer = _text(client, "client")
        rule = self._rule(sku)
        if rule and rule.refuse:
            raise Refused(rule.refuse, "code")
        pieces, each = self._signed(pieces, each, cancelled=self._is_cancelled(number), has_client=bool(buyer))
        exact = each * pieces
        amount = int((exact * self._scale).quantize(Decimal(1), ROUND_HALF_EVEN))
        if abs(amount) >= MOST_AMOUNT:
            raise Refused("out_of_range", "unit_price")
        name = _text(description, "description")
        return Understood(
            line,
            number,
            sku,
            rule.service if rule else name,
            rule is not None,
            Direction.IN if pieces < 0 else Direction.OUT,
            abs(pieces),
            moment,
            exact,
            amount,
            buyer,
            _text(given, "given_name"),
            _text(family, "family_name"),
            normal_email(_text(email, "email")),
            self._country(country),
            self._named(channel, "channel", mapping.channels, mapping.channel),
            self._named(place, "place", mapping.places, mapping.place),
        )

    def _signed(self, pieces: int, each: Decimal, *, cancelled: bool, has_client: bool) -> tuple[int, Decimal]:
        """Pieces below zero come in; the price is never below zero."""
        if not pieces:
            raise Refused("zero_quantity", "quantity")
        if cancelled and self._mapping.cancelled_are_positive:
            pieces = -pieces
        if each < 0:
            if self._mapping.negative_price is NegativePrice.REFUSE:
                raise Refused("negative_price", "unit_price")
            pieces, each = -pieces, -each
        if cancelled and pieces > 0:
            raise Refused("sign_contradicts", "quantity")
        if not each:
            kept = self._mapping.zero_price
            if kept is ZeroPrice.REFUSE or (kept is ZeroPrice.KEEP_IF_CLIENT and not has_client):
                raise Refused("zero_price", "unit_price")
        return pieces, each

    def _is_cancelled(self, number: str) -> bool:
        prefix = self._mapping.cancelled_prefix
        return bool(prefix) and number.startswith(prefix)

    def _sum(self, cells: Any) -> Decimal | None:
        """What a refused row comes to, if its quantity and price can be read at all."""
        try:
            pieces = self._whole(cells[PLACE_OF["quantity"]])
            if self._mapping.cancelled_are_positive and self._is_cancelled(_text(cells[0], "document")):
                pieces = -pieces
            return self._price(cells[PLACE_OF["unit_price"]]) * pieces
        except Refused:
            return None

    def _whole(self, value: Any) -> int:
        if type(value) is int:
            pieces = value
        else:
            text = self._digits(value)
            if not WHOLE.fullmatch(text):
                raise Refused("not_a_quantity", "quantity")
            pieces = int(text.partition(".")[0])
        if abs(pieces) > MOST_PIECES:
            raise Refused("not_a_quantity", "quantity")
        return pieces

    def _parse_price(self, value: Any) -> Decimal:
        try:
            text = repr(value) if isinstance(value, float) else self._digits(value)
            if not PRICE.fullmatch(text):
                raise Refused("not_a_price", "unit_price")
            price = Decimal(text)
        except InvalidOperation:
            raise Refused("not_a_price", "unit_price") from None
        exponent = price.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -MOST_DECIMALS or abs(price) >= 10**12:
            raise Refused("not_a_price", "unit_price")
        return price

    def _digits(self, value: Any) -> str:
        """A number's text with a point and no marks between thousands."""
        if not isinstance(value, str):
            return "" if value is None or isinstance(value, bool) else str(value)
        form = self._mapping.file
        text = value.strip()
        if form.thousands_mark:
            text = text.replace(form.thousands_mark, "")
        return text.replace(",", ".") if form.decimal_mark == "," else text

    def _parse_moment(self, value: Any) -> datetime:
        try:
            if isinstance(value, str):
                moment = datetime.strptime(value.strip(), self._mapping.date_format)  # noqa: DTZ007  # the zone follows
            elif isinstance(value, datetime):
                moment = value
            elif isinstance(value, date):
                moment = datetime(value.year, value.month, value.day)  # noqa: DTZ001  # the zone follows
            else:
                raise Refused("not_a_date", "at")
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=self._mapping.timezone)
            moment = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise Refused("not_a_date", "at") from None
        if not EPOCH <= moment <= self._latest:
            raise Refused("date_out_of_range", "at")
        return moment

    def _country(self, value: Any) -> str:
        text = _text(value, "country")
        known = self._mapping.countries.get(text)
        if known is not None:
            return known
        if len(text) == 2 and text.isascii() and text.isalpha():
            return text.upper()
        if text and (text in self.unnamed_countries or len(self.unnamed_countries) < 300):
            self.unnamed_countries[text] += 1
        return ""

    def _named(self, value: Any, role: str, known: Any, otherwise: str) -> str:
        text = _text(value, role)
        if not text:
            return otherwise
        if text not in known:
            raise Refused(f"unknown_{role}", role)
        return str(known[text])


def _text(value: Any, role: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        if "\0" in value:
            raise Refused("not_text", role)
        return value.strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a key that a spreadsheet turned into a number
    return str(value)


def _shown(value: Any) -> str:
    """A cell as the report quotes it."""
    return "" if value is None else str(value).replace("\0", "\N{REPLACEMENT CHARACTER}")[:LONGEST_VALUE]
