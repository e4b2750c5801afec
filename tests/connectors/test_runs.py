"""A run can be tried, stopped, killed, gone on with and repeated; the past is written once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from tests.connectors.conftest import SAMPLES
from tests.connectors.test_bad_input import CSV, HEADER, ROWS, export, mapping
from tests.factories.small_house import SmallHouse
from vendome.connectors.transactions import report
from vendome.connectors.transactions.errors import RunInTheWay, Unusable
from vendome.connectors.transactions.models import Run
from vendome.connectors.transactions.progress import Progress
from vendome.connectors.transactions.reconciliation import Reconciliation

RunImport = Callable[..., Reconciliation]
Counts = Callable[[], dict[str, int]]
LUNE = (SAMPLES / "atelier-lune.csv", SAMPLES / "atelier-lune.toml")


class Killed(BaseException):
    """The process ends here."""


def killed_after(batches: int) -> Callable[[Run], None]:
    left = [batches]

    def after_batch(run: Run) -> None:
        left[0] -= 1
        if not left[0]:
            raise Killed

    return after_batch


def outcomes(figures: Reconciliation) -> dict[str, tuple[int, str]]:
    return {one.name: (one.rows, one.total) for one in figures.outcomes if one.rows}


@pytest.mark.django_db
def test_a_dry_run_says_all_and_writes_nothing(run_import: RunImport, counts: Counts, tmp_path: Path) -> None:
    before = counts()

    tried = run_import(*LUNE, is_dry_run=True, report=tmp_path / "dry")

    assert counts() == before
    done = run_import(*LUNE, report=tmp_path / "wet")
    assert outcomes(tried) == outcomes(done)
    assert tried.returns == done.returns
    for name in ("refused.csv",):
        assert (tmp_path / "dry" / name).read_bytes() == (tmp_path / "wet" / name).read_bytes()


@pytest.mark.django_db
def test_twice_is_once(run_import: RunImport, counts: Counts, tmp_path: Path) -> None:
    first = run_import(*LUNE)
    after = counts()

    second = run_import(*LUNE, report=tmp_path)

    assert second == first
    assert counts() == after
    assert "not_a_quantity" in (tmp_path / "refused.csv").read_text()


@pytest.mark.django_db
def test_the_same_documents_in_another_file_are_known(run_import: RunImport, counts: Counts, tmp_path: Path) -> None:
    """January to June, then January to December: the second file adds what is new."""
    how = mapping(tmp_path)
    run_import(export(tmp_path, "\n".join([HEADER, *ROWS[:25]]) + "\n", name="half.csv"), how)

    figures = run_import(export(tmp_path), how)

    assert {name: rows for name, (rows, _) in outcomes(figures).items()} == {
        "imported sales": 15,
        "imported before": 25,
    }
    assert figures.agrees
    assert counts()["orders_order"] == 40
    assert figures.new_clients == 0


@pytest.mark.django_db
def test_a_document_with_another_content_is_refused(run_import: RunImport, tmp_path: Path) -> None:
    how = mapping(tmp_path)
    run_import(export(tmp_path), how)

    figures = run_import(export(tmp_path, CSV.replace(",5.50,", ",6.50,"), name="mended.csv"), how)

    assert outcomes(figures)["refused: document_differs"] == (1, "19.50")
    assert figures.agrees


@pytest.mark.django_db
def test_a_stopped_run_goes_on(run_import: RunImport, counts: Counts) -> None:
    with pytest.raises(Killed):
        run_import(*LUNE, batch=8, after_batch=killed_after(2))
    part = counts()

    figures = run_import(*LUNE, batch=8, resume=True)

    assert 0 < part["orders_order"] < counts()["orders_order"] == 30
    assert figures.agrees
    assert figures.total == "14879.4335"


class DiesReading(Progress):
    """The process ends once it has read a few batches."""

    def at(self, done: int, total: int | None = None) -> None:
        if done >= 24:
            raise Killed


@pytest.mark.django_db
def test_a_stopped_reading_changed_nothing_and_goes_on(run_import: RunImport, counts: Counts) -> None:
    with pytest.raises(Killed):
        run_import(*LUNE, batch=8, progress=DiesReading(None))
    assert counts()["transactions_stagedline"] == 24
    assert {counts()[name] for name in ("house_maison", "catalogue_model", "clients_client", "orders_order")} == {0}

    figures = run_import(*LUNE, batch=8, resume=True)

    assert figures.agrees
    assert (figures.rows, figures.total) == (56, "14879.4335")
    assert figures.unnamed_countries == {"Türkiye": 1}


@pytest.mark.django_db
def test_a_stopped_run_stands_in_the_way_until_it_is_resumed_or_given_up(run_import: RunImport, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        run_import(*LUNE, batch=8, after_batch=killed_after(2))

    with pytest.raises(RunInTheWay, match="Go on with --resume and the same file, or give it up with --abandon"):
        run_import(*LUNE)
    figures = run_import(*LUNE, abandon=True)

    assert outcomes(figures)["imported before"][0] > 0
    assert figures.agrees
    assert Run.objects.filter(state="GIVEN_UP").count() == 1


@pytest.mark.django_db
def test_a_changed_file_is_not_gone_on_with(run_import: RunImport, counts: Counts, tmp_path: Path) -> None:
    path, how = export(tmp_path), mapping(tmp_path)
    with pytest.raises(Killed):
        run_import(path, how, batch=8, after_batch=killed_after(2))
    before = counts()

    export(tmp_path, CSV + ROWS[0].replace("1,", "99,", 1) + "\n")
    with pytest.raises(Unusable, match=r"The file shop\.csv is not the one the run of .* its content has changed"):
        run_import(path, how, resume=True)
    export(tmp_path)
    mapping(tmp_path, more="[rules]\nzero_price = 'keep'")
    with pytest.raises(Unusable, match=r"The mapping shop\.toml is not the one"):
        run_import(path, how, resume=True)

    assert counts() == before


@pytest.mark.django_db
def test_nothing_to_go_on_with(run_import: RunImport) -> None:
    with pytest.raises(Unusable, match="There is no run of 'atelier-lune' to go on with"):
        run_import(*LUNE, resume=True)


@pytest.mark.django_db
def test_json_lines_and_csv_tell_the_same_history(run_import: RunImport, tmp_path: Path) -> None:
    keys = HEADER.split(",")
    objects = []
    for row in ROWS:
        cells = dict(zip(keys, row.split(","), strict=True))
        objects.append(
            f'{{"invoice": {cells["invoice"]}, "sku": "{cells["sku"]}", "pieces": {cells["pieces"]}, "customer": '
            f'"{cells["customer"]}", "sold_at": "{cells["sold_at"]}", "unit_price_eur": {cells["unit_price_eur"]}}}'
        )
    how = mapping(tmp_path)
    run_import(export(tmp_path), how)

    figures = run_import(export(tmp_path, "\n".join(objects) + "\n", name="shop.jsonl"), how)

    assert outcomes(figures)["imported before"][0] == 40
    assert figures.agrees


@pytest.mark.django_db
@pytest.mark.parametrize(
    "theft",
    [
        "DELETE FROM payments_payment WHERE order_id = (SELECT id FROM orders_order WHERE number = 'AL-1004')",
        "DELETE FROM orders_orderline WHERE order_id = (SELECT id FROM orders_order WHERE number = 'AL-1035')",
    ],
)
def test_sums_that_do_not_meet_are_noticed(run_import: RunImport, theft: str) -> None:
    """The control of the reconciliation: something is taken away behind its back."""

    def steal(run: Run) -> None:
        with connection.cursor() as cursor:
            cursor.execute(theft)

    figures = run_import(*LUNE, after_batch=steal)

    assert not figures.agrees
    assert "THE SUMS DO NOT MEET" in report.table(figures)
    assert Run.objects.get().state == "DISAGREES"


@pytest.mark.django_db
def test_the_house_as_it_is_keeps_its_stock_and_its_references(
    run_import: RunImport, counts: Counts, house: SmallHouse, tmp_path: Path
) -> None:
    """A code that the catalogue knows keeps its reference; nothing that stands in the house moves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.code, m.currency, r.sku FROM house_market m, catalogue_reference r ORDER BY 1, 3 LIMIT 1"
        )
        market, currency, sku = cursor.fetchone()
    how = mapping(tmp_path)
    text = how.read_text().replace('market = "FR"', f'market = "{market}"').replace('"EUR"', f'"{currency}"')
    how.write_text(text)
    before = counts()

    figures = run_import(export(tmp_path, CSV.replace(",A1,", f",{sku},")), how)

    after = counts()
    assert figures.agrees
    assert {name for name in before if name.startswith("stock_") and before[name] != after[name]} == set()
    assert after["catalogue_reference"] - before["catalogue_reference"] == 6  # seven codes, one of them known
    assert after["house_market"] == before["house_market"]
    assert after["house_maison"] == before["house_maison"]
