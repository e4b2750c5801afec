"""What cannot be used changes nothing, and the sentence says what to mend."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.connectors.conftest import SAMPLES
from vendome.connectors.transactions.errors import Unusable
from vendome.connectors.transactions.reconciliation import Reconciliation

RunImport = Callable[..., Reconciliation]
Counts = Callable[[], dict[str, int]]

MAPPING = """
name = "shop"
[file]
{file}
[columns]
document = "invoice"
code = "sku"
quantity = "pieces"
at = "sold_at"
unit_price = "{unit_price}"
client = "customer"
[dates]
format = "{dates}"
timezone = "Europe/Paris"
[money]
currency = "EUR"
[orders]
market = "FR"
channel = "web"
place = "past"
[maison]
code = "shop"
name = "Shop"
[market]
code = "FR"
country = "FR"
[place]
name = "Past"
country = "FR"
{more}
"""
HEADER = "invoice,sku,pieces,sold_at,unit_price_eur,customer"
ROWS = [f"{n},A{n % 7},{n % 3 + 1},2024-05-{n % 28 + 1:02} 10:00,{n}.50,Zoé {n % 5}" for n in range(1, 41)]
CSV = "\n".join([HEADER, *ROWS]) + "\n"


def mapping(
    folder: Path, *, file: str = "", unit_price: str = "unit_price_eur", dates: str = "%Y-%m-%d %H:%M", more: str = ""
) -> Path:
    path = folder / "shop.toml"
    path.write_text(MAPPING.format(file=file, unit_price=unit_price, dates=dates, more=more), encoding="utf-8")
    return path


def export(folder: Path, content: str = CSV, *, encoding: str = "utf-8", name: str = "shop.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return path


@pytest.fixture
def refused(run_import: RunImport, counts: Counts) -> Callable[[Path, Path], str]:
    """Import what cannot be used; answer with the sentence, once it is sure that nothing was left behind."""

    def refuse(path: Path, how: Path) -> str:
        before = counts()
        with pytest.raises(Unusable) as caught:
            run_import(path, how, batch=10)
        assert counts() == before
        return caught.value.message

    return refuse


pytestmark = pytest.mark.django_db
Refuse = Callable[[Path, Path], str]


def test_the_good_file_is_good(run_import: RunImport, tmp_path: Path) -> None:
    assert run_import(export(tmp_path), mapping(tmp_path)).agrees


# -- the mapping ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('code = "sku"', 'kode = "sku"', r"columns\.code is missing \(Did you mean 'kode'\?\)"),
        ("[columns]", "[colums]", r"\[?colum"),
        ("[dates]", "[dates]\nzone = 1", r"dates\.zone is not a key; known are format, timezone"),
        ('"Europe/Paris"', '"Europe/Pariss"', r"dates\.timezone is 'Europe/Pariss'; write a time zone"),
        ('"EUR"', '"euro"', r"money\.currency is 'euro'"),
        ('name = "shop"\n[file]', "name = 3\n[file]", r"name is 3; write a text in quotes"),
        ("[money]", "[money", r"is not TOML"),
        ('market = "FR"', 'market = "FRA"', r"The market 'FRA' \(orders\.market\) is not in the house"),
        ('channel = "web"', 'channel = "webb"', r"The channel 'webb' .* Did you mean 'web'\?"),
        ('place = "past"', 'place = "past"\nmode = "POST"', r"orders\.mode is 'POST'; write one of TAKE_AWAY, DELIVER"),
        ('code = "shop"\nname = "Shop"', 'code = "shop"', r"maison\.name is missing"),
    ],
)
def test_a_wrong_mapping(refused: Refuse, tmp_path: Path, old: str, new: str, sentence: str) -> None:
    how = mapping(tmp_path)
    text = how.read_text()
    assert old in text
    how.write_text(text.replace(old, new, 1))

    assert re.search(sentence, refused(export(tmp_path), how))


def test_a_rule_that_refuses_must_say_why(refused: Refuse, tmp_path: Path) -> None:
    how = mapping(tmp_path, more='[[codes]]\nmatch = "FEE"\nrefuse = "fee"')

    assert "say why in `because`" in refused(export(tmp_path), how)


def test_no_mapping_and_no_file(refused: Refuse, tmp_path: Path) -> None:
    assert "cannot be opened" in refused(export(tmp_path), tmp_path / "none.toml")
    assert "cannot be opened" in refused(tmp_path / "none.csv", mapping(tmp_path))


# -- columns, delimiter, encoding -------------------------------------------------------------------------------


def test_a_missing_column_is_named_with_the_likeliest_one(refused: Refuse, tmp_path: Path) -> None:
    assert refused(export(tmp_path), mapping(tmp_path, unit_price="unit_price")) == (
        "Column 'unit_price' (columns.unit_price) is not in shop.csv; it has: invoice, sku, pieces, sold_at, "
        "unit_price_eur, customer. Did you mean 'unit_price_eur'?"
    )


def test_the_wrong_delimiter(refused: Refuse, tmp_path: Path) -> None:
    path = export(tmp_path, CSV.replace(",", ";"))

    assert refused(path, mapping(tmp_path)) == (
        "The columns of shop.csv are parted by a semicolon, not by a comma: state file.delimiter = ';'."
    )


def test_the_wrong_encoding(refused: Refuse, tmp_path: Path) -> None:
    path = export(tmp_path, encoding="cp1252")

    assert refused(path, mapping(tmp_path)) == (
        "Line 2 of shop.csv cannot be read as utf-8. It looks like cp1252: state file.encoding = 'cp1252'."
    )


def test_utf8_that_is_said_to_be_something_else(refused: Refuse, tmp_path: Path) -> None:
    """It would decode without an error, and every accent would be two wrong letters."""
    how = mapping(tmp_path, file='encoding = "cp1252"')

    assert "its accents are written as UTF-8" in refused(export(tmp_path), how)


def test_utf16(refused: Refuse, tmp_path: Path) -> None:
    assert "state file.encoding = 'utf-16'" in refused(export(tmp_path, encoding="utf-16"), mapping(tmp_path))


# -- half-written files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [3, 20, 23])
def test_a_csv_cut_within_its_last_row(refused: Refuse, tmp_path: Path, cut: int) -> None:
    sentence = refused(export(tmp_path, CSV[:-cut]), mapping(tmp_path))

    assert "stops in the middle of line 41: it is only half written" in sentence


def test_a_csv_cut_within_its_last_row_whatever_ends_it(refused: Refuse, tmp_path: Path) -> None:
    """A shorter last row is a cut, even where the export never ends its last line."""
    how = mapping(tmp_path, file="final_newline = false")

    assert "stops in the middle of line 41 (its cells are 4 instead of 6)" in refused(export(tmp_path, CSV[:-22]), how)


def test_a_csv_cut_within_quotes(refused: Refuse, tmp_path: Path) -> None:
    path = export(tmp_path, CSV + '41,"A ring, of\n')

    assert "a quotation mark is opened there and never closed" in refused(path, mapping(tmp_path))


def test_a_csv_cut_between_rows_is_found_by_its_count(refused: Refuse, tmp_path: Path) -> None:
    path = export(tmp_path, "\n".join([HEADER, *ROWS[:30]]) + "\n")

    assert "has 30 rows, the mapping says 40" in refused(path, mapping(tmp_path, file="rows = 40"))


@pytest.mark.parametrize("keep", [0.3, 0.99])
def test_a_parquet_cut_off(refused: Refuse, tmp_path: Path, keep: float) -> None:
    path = tmp_path / "shop.parquet"
    pq.write_table(pa.table({name: ["1"] * 500 for name in HEADER.split(",")}), path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])

    assert "is only half written: a Parquet file ends with its table of contents" in refused(path, mapping(tmp_path))


def test_a_parquet_whose_middle_is_gone(refused: Refuse, tmp_path: Path) -> None:
    path = tmp_path / "shop.parquet"
    table = pa.table({name: [f"{n}" for n in range(5000)] for name in HEADER.split(",")})
    pq.write_table(table, path, use_dictionary=False, compression="zstd")
    content = bytearray(path.read_bytes())
    content[4:2000] = b"\0" * 1996
    path.write_bytes(content)

    assert "is not a whole Parquet file" in refused(path, mapping(tmp_path))


def test_json_lines_cut_off(refused: Refuse, tmp_path: Path) -> None:
    cells = {
        "invoice": "1",
        "sku": "A",
        "pieces": 1,
        "sold_at": "2024-05-01 10:00",
        "unit_price_eur": 1.5,
        "customer": 7,
    }
    whole = json.dumps(cells) + "\n"
    path = export(tmp_path, whole * 30 + whole[:40] + "\n", name="shop.jsonl")

    assert "stops in the middle of line 31" in refused(path, mapping(tmp_path))


def test_an_empty_file_and_a_bare_header(refused: Refuse, tmp_path: Path) -> None:
    assert "is empty" in refused(export(tmp_path, ""), mapping(tmp_path))
    assert "has a header and no rows" in refused(export(tmp_path, HEADER + "\n"), mapping(tmp_path))


def test_a_file_of_another_format(refused: Refuse, tmp_path: Path) -> None:
    path = export(tmp_path, name="shop.parquet")

    assert "is not Parquet; state its format as file.format" in refused(path, mapping(tmp_path))


# -- values ------------------------------------------------------------------------------------------------------


def test_the_wrong_form_of_dates(refused: Refuse, tmp_path: Path) -> None:
    assert refused(export(tmp_path), mapping(tmp_path, dates="%d/%m/%Y")) == (
        "10 of 10 rows cannot be understood: This is not a moment in the form the mapping states. The first is line 2, "
        "column 'sold_at': '2024-05-02 10:00'. If the rows are right, mend dates.format, which is '%d/%m/%Y'; if they "
        "are to be refused, raise limits.unreadable_percent."
    )


def test_the_wrong_decimal_mark(refused: Refuse, tmp_path: Path) -> None:
    path = export(tmp_path, CSV.replace(",", ";").replace(".50;", ",50;"))

    sentence = refused(path, mapping(tmp_path, file='delimiter = ";"'))

    assert "column 'unit_price_eur': '1,50'" in sentence
    assert "mend file.decimal_mark, which is '.'" in sentence


def test_too_many_rows_that_mean_nothing(refused: Refuse, tmp_path: Path) -> None:
    path = export(tmp_path, CSV.replace("\n39,A4,1,", "\n39,A4,one,"))

    assert "1 of 40 rows cannot be understood" in refused(path, mapping(tmp_path))


def test_a_few_are_refused_when_the_mapping_allows_it(run_import: RunImport, tmp_path: Path) -> None:
    path = export(tmp_path, CSV.replace("\n39,A4,1,", "\n39,A4,one,"))

    figures = run_import(path, mapping(tmp_path, more="[limits]\nunreadable_percent = 5"))

    assert [one.rows for one in figures.outcomes if one.name == "refused: not_a_quantity"] == [1]


def test_an_empty_house_needs_a_maison(refused: Refuse, tmp_path: Path) -> None:
    how = mapping(tmp_path)
    how.write_text(how.read_text().replace('[maison]\ncode = "shop"\nname = "Shop"\n', ""))

    assert "The house has no maison yet" in refused(export(tmp_path), how)


def test_a_report_that_cannot_be_written(run_import: RunImport, counts: Counts, tmp_path: Path) -> None:
    before = counts()
    with pytest.raises(Unusable, match="The report cannot be written"):
        run_import(SAMPLES / "atelier-lune.csv", SAMPLES / "atelier-lune.toml", report=export(tmp_path))
    assert counts() == before
