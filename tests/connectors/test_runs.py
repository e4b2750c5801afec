"""A run can be tried, stopped, killed, gone on with and repeated; the past is written once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.connectors.conftest import SAMPLES
from tests.connectors.test_bad_input import CSV, HEADER, ROWS, export, mapping
from vendome.connectors.transactions.errors import RunInTheWay, Unusable
from vendome.connectors.transactions.models import Run
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
