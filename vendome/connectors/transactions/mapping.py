"""The mapping of one source: a TOML file that says what each column means and which rows are no sales.

Every key is described in docs/howto/import-a-history.md. An unknown key, a missing one or a value of the wrong
kind is refused with a sentence before the file is opened.
"""

from __future__ import annotations

import codecs
import enum
import fnmatch
import hashlib
import re
import tomllib
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from vendome.connectors.transactions.errors import UNREADABLE, UNWANTED, Unusable
from vendome.connectors.transactions.table import Table
from vendome.domains.house.types import PlaceKind
from vendome.domains.orders.types import Mode

REQUIRED = ("document", "code", "quantity", "at", "unit_price")
OPTIONAL = ("description", "client", "country", "channel", "place", "given_name", "family_name", "email")
FAMILIES = ("rings", "bracelets", "necklaces", "earrings", "watches", "objects", "other")
FORMATS = {
    **dict.fromkeys((".csv", ".tsv", ".txt"), "csv"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".jsonl", ".ndjson"), "jsonl"),
}
WORD = re.compile(r"[a-z][a-z0-9_-]*")


class ZeroPrice(enum.StrEnum):
    KEEP = "keep"
    KEEP_IF_CLIENT = "keep_if_client"  # a gift to somebody; without a client it is a matter of stock
    REFUSE = "refuse"


class NegativePrice(enum.StrEnum):
    REFUSE = "refuse"
    RETURN = "return"  # money back: the line comes in


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    format: str
    encoding: str
    delimiter: str
    quote: str
    final_newline: bool
    rows: int | None
    decimal_mark: str
    thousands_mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRule:
    """What is done with codes that are no goods: a service sold, or a row refused."""

    match: str
    service: str
    refuse: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMarket:
    code: str
    country: str
    languages: tuple[str, ...]
    tax_name: str
    tax_rate_bp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlace:
    kind: PlaceKind
    name: str
    city: str
    country: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMaison:
    code: str
    name: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A mapping that was read and holds together."""

    digest: str
    name: str
    file: FileForm
    columns: Dictionary[str, str]
    date_format: str
    timezone: ZoneInfo
    currency: str
    tax_rate_bp: int
    number_prefix: str
    cancelled_prefix: str
    cancelled_are_positive: bool
    days_apart: int
    market: str
    channel: str
    place: str
    mode: Mode
    channels: Dictionary[str, str]
    places: Dictionary[str, str]
    sku_prefix: str
    upper_case_codes: bool
    family: str
    client_name: str
    client_language: str
    countries: Dictionary[str, str]
    zero_price: ZeroPrice
    negative_price: NegativePrice
    codes: tuple[CodeRule, ...]
    unreadable_percent: float
    new_market: NewMarket | None
    new_place: NewPlace | None
    new_maison: NewMaison | None

    @property
    def rule_sentences(self) -> dict[str, str]:
        """The mapping's own reasons to refuse a row."""
        return {rule.refuse: rule.because for rule in self.codes if rule.refuse}

    def rule_for(self, code: str) -> CodeRule | None:
        """The first rule whose pattern fits; patterns know `*` and `?`, capitals count."""
        return next((rule for rule in self.codes if fnmatch.fnmatchcase(code, rule.match)), None)


def read(path: Path, *, data: Path) -> Mapping:
    """Read the mapping at `path` for the file `data`. Raises Unusable with what to mend."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Unusable(f"The mapping {path} cannot be opened: {error.strerror}.") from error
    try:
        content = tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Unusable(f"The mapping {path.name} is not UTF-8; save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise Unusable(f"The mapping {path.name} is not TOML: {error}.") from error
    return _mapping(Table(content, path.name), hashlib.sha256(raw).hexdigest(), data)


def _mapping(top: Table, digest: str, data: Path) -> Mapping:
    name = top.word("name", WORD)
    file = _file(top.table("file"), data)
    columns = _columns(top.table("columns"))
    dates = top.table("dates", required=True)
    money = top.table("money", required=True)
    documents = top.table("documents")
    orders = top.table("orders", required=True)
    codes = top.table("goods")
    clients = top.table("clients")
    rules = top.table("rules")
    limits = top.table("limits")
    mapping = Mapping(
        digest=digest,
        name=name,
        file=file,
        columns=columns,
        date_format=dates.text("format", "" if file.format == "parquet" else None),
        timezone=dates.timezone("timezone"),
        currency=money.word("currency", re.compile("[A-Z]{3}")),
        tax_rate_bp=money.number("tax_rate_bp", 0, least=0, most=9_999),
        number_prefix=documents.text("number_prefix", f"{name.upper()}-"),
        cancelled_prefix=documents.text("cancelled_prefix", ""),
        cancelled_are_positive=documents.choice("cancelled_quantities", ("negative", "positive"), "negative")
        == "positive",
        days_apart=documents.number("days_apart", 1, least=0, most=3_650),
        market=orders.text("market"),
        channel=orders.text("channel"),
        place=orders.text("place"),
        mode=Mode(orders.choice("mode", (Mode.TAKE_AWAY, Mode.DELIVER), Mode.TAKE_AWAY)),
        channels=top.table("channels").words(),
        places=top.table("places").words(),
        sku_prefix=codes.text("sku_prefix", ""),
        upper_case_codes=codes.flag("upper_case", False),
        family=codes.choice("family", FAMILIES, "other"),
        client_name=clients.text("name", "Client {key}"),
        client_language=clients.text("language", "en"),
        countries=top.table("countries").words(),
        zero_price=ZeroPrice(rules.choice("zero_price", tuple(ZeroPrice), ZeroPrice.REFUSE)),
        negative_price=NegativePrice(rules.choice("negative_price", tuple(NegativePrice), NegativePrice.REFUSE)),
        codes=tuple(_code_rule(one) for one in top.tables("codes")),
        unreadable_percent=limits.percent("unreadable_percent", 1.0),
        new_market=_market(top.table("market")),
        new_place=_place(top.table("place")),
        new_maison=_maison(top.table("maison")),
    )
    for table in (dates, money, documents, orders, codes, clients, rules, limits):
        table.close()
    top.close()
    _agree(mapping, top)
    return mapping


def _agree(mapping: Mapping, top: Table) -> None:
    """What no single key can say."""
    if "client" not in mapping.columns and {"given_name", "family_name", "email"} & set(mapping.columns):
        raise top.wrong("columns.client is missing: names and e-mails need a column that tells clients apart")
    if "{key}" not in mapping.client_name:
        raise top.wrong("clients.name must hold {key}, for example 'Client {key}'")
    for role, table in (("channel", mapping.channels), ("place", mapping.places)):
        if table and role not in mapping.columns:
            raise top.wrong(f"there is a table [{role}s] but no columns.{role}")
    for code, country in mapping.countries.items():
        if country and not re.fullmatch("[A-Z]{2}", country):
            raise top.wrong(f"countries.{code} is {country!r}; write two capital letters (ISO 3166), or nothing")


def _file(table: Table, data: Path) -> FileForm:
    known = FORMATS.get(data.suffix.lower())
    form = FileForm(
        format=table.choice("format", ("csv", "parquet", "jsonl"), known),
        encoding=table.text("encoding", "utf-8"),
        delimiter=table.text("delimiter", "\t" if data.suffix.lower() == ".tsv" else ","),
        quote=table.text("quote", '"'),
        final_newline=table.flag("final_newline", True),
        rows=table.number("rows", 0, least=0, most=10**12) or None,
        decimal_mark=table.choice("decimal_mark", (".", ","), "."),
        thousands_mark=table.text("thousands_mark", ""),
    )
    for key in ("delimiter", "quote"):
        if len(getattr(form, key)) != 1:
            raise table.wrong(f"file.{key} must be one character")
    try:
        codecs.lookup(form.encoding)
    except LookupError as error:
        raise table.wrong(
            f"file.encoding {form.encoding!r} is not known; write for example 'utf-8' or 'cp1252'"
        ) from error
    table.close()
    return form


def _columns(table: Table) -> dict[str, str]:
    columns = {role: table.text(role) for role in REQUIRED}
    columns |= {role: table.text(role) for role in OPTIONAL if role in table}
    table.close(also=(*REQUIRED, *OPTIONAL))
    return columns


def _code_rule(table: Table) -> CodeRule:
    rule = CodeRule(
        match=table.text("match"),
        service=table.text("service", ""),
        refuse=table.text("refuse", ""),
        because=table.text("because", ""),
    )
    table.close()
    if bool(rule.service) == bool(rule.refuse):
        raise table.wrong(f"the rule for {rule.match!r} needs either `service` or `refuse`")
    if rule.refuse and not rule.because:
        raise table.wrong(f"the rule for {rule.match!r} refuses rows: say why in `because`")
    if rule.refuse and (not WORD.fullmatch(rule.refuse) or rule.refuse in UNREADABLE or rule.refuse in UNWANTED):
        raise table.wrong(f"the reason {rule.refuse!r} must be a word of its own, in small letters")
    return rule


def _market(table: Table) -> NewMarket | None:
    if not table:
        return None
    market = NewMarket(
        code=table.text("code"),
        country=table.word("country", re.compile("[A-Z]{2}")),
        languages=tuple(table.texts("languages", ("en",))),
        tax_name=table.text("tax_name", ""),
        tax_rate_bp=table.number("tax_rate_bp", 0, least=0, most=9_999),
    )
    table.close()
    return market


def _place(table: Table) -> NewPlace | None:
    if not table:
        return None
    place = NewPlace(
        kind=PlaceKind(table.choice("kind", (PlaceKind.BOUTIQUE, PlaceKind.WAREHOUSE), PlaceKind.WAREHOUSE)),
        name=table.text("name"),
        city=table.text("city", ""),
        country=table.word("country", re.compile("[A-Z]{2}")),
        region=table.text("region", ""),
    )
    table.close()
    return place


def _maison(table: Table) -> NewMaison | None:
    if not table:
        return None
    maison = NewMaison(code=table.word("code", WORD), name=table.text("name"), language=table.text("language", "en"))
    table.close()
    return maison
