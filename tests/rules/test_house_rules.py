"""Rules of how the code reads that a machine can check. Each failure names the place and the rule."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "vendome"
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "common.py", "manager.py", "misc.py", "base.py"}
DOMAINS = sorted(path.name for path in (ROOT / "domains").iterdir() if (path / "models.py").exists())
BELOW = ["house", "people", "catalogue", "pricing", "clients", "stock", "orders", "payments", "fulfilment", "webhooks",
         "letters"]  # fmt: skip


def modules(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders or ("",):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def public_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def is_role(path: Path, role: str) -> bool:
    """Whether a module is a domain's `role.py`, or one topic of its `role/` package."""
    return path.name == f"{role}.py" or role in path.parts[:-1]


def test_no_module_hides_behind_a_name_that_says_nothing() -> None:
    assert [str(path) for path, _ in modules() if path.name in FORBIDDEN_NAMES] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [str(path) for path, tree in modules() if tree.body and not ast.get_docstring(tree)]

    assert silent == []


def test_edges_never_touch_rows() -> None:
    """No `.objects`, no `get_model` in web, api or flows: they call services and queries."""
    found = [
        f"{path}:{node.lineno} {node.attr}"
        for path, tree in modules("web", "api", "flows")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and (node.attr == "objects" or (node.attr == "get_model" and ast.unparse(node.value) == "apps"))
    ]

    assert found == []


def test_commands_are_keyword_only_and_say_what_they_promise() -> None:
    """Public functions of services and flows: no positional arguments, a docstring."""
    wrong = []
    for path, tree in modules("domains", "flows"):
        if not (is_role(path, "services") or is_role(path, "queries")) and "flows" not in path.parts:
            continue
        for function in public_functions(tree):
            if not is_role(path, "queries") and function.args.args and function.name != "talking_points":
                wrong.append(f"{path}:{function.lineno} {function.name} takes positional arguments")
            if not is_role(path, "queries") and not ast.get_docstring(function):
                wrong.append(f"{path}:{function.lineno} {function.name} has no docstring")

    assert wrong == []


def test_commands_are_told_the_time() -> None:
    """No clock inside services and flows, except where a default edge asks for it: `at` is an argument."""
    clocks = {"now", "today", "utcnow"}
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules("domains", "flows")
        if is_role(path, "services") or "flows" in path.parts
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in clocks
    ]

    assert found == []


def test_writing_commands_name_their_actor() -> None:
    """A command without an actor cannot be audited; the system's own jobs are the named exceptions."""
    exceptions = {"listen", "open_basket", "record_consent", "expire_unpaid", "recognise_account", "talking_points"}
    reads = ("list_", "get_", "find_", "read_", "public_")
    missing = [
        f"{path}:{function.lineno} {function.name}"
        for path, tree in modules("domains", "flows")
        if is_role(path, "services") or "flows" in path.parts
        for function in public_functions(tree)
        if function.name not in exceptions
        and not function.name.startswith(reads)
        and "actor" not in {arg.arg for arg in function.args.kwonlyargs}
    ]

    assert missing == []


def test_migrations_import_no_models() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted(ROOT.rglob("migrations/0*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and re.fullmatch(r"vendome\..*\.models", node.module or "")
    ]

    assert found == []


def test_markup_is_never_trusted_outside_the_components() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules("web", "api", "config")
        if "components" not in path.parts
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in {"mark_safe", "SafeString"}
    ]
    found += [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.html")
        if "|safe" in path.read_text(encoding="utf-8") and "components" not in path.parts
    ]

    assert found == []


def test_a_domain_uses_only_those_below_it() -> None:
    """The order of design: house, people, catalogue, pricing, clients, stock, orders, payments, fulfilment."""
    wrong = []
    for path, tree in modules("domains"):
        domain = path.parts[1] if len(path.parts) > 2 else ""
        for node in ast.walk(tree):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if module.startswith("vendome.domains."):
                used = module.split(".")[2]
                if used != domain and (domain not in BELOW or BELOW.index(used) > BELOW.index(domain)):
                    wrong.append(f"{path}:{node.lineno} {domain} uses {used}")

    assert wrong == []
    assert set(DOMAINS) <= set(BELOW)


def test_tables_of_a_domain_are_private() -> None:
    """`models` is imported by its own domain only (import-linter checks it too; this names the line)."""
    wrong = []
    for path, tree in modules():
        for node in ast.walk(tree):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            is_table = module.startswith("vendome.domains.") and module.endswith(".models")
            if is_table and "/".join(path.parts[:2]) != "domains/" + module.split(".")[2]:
                wrong.append(f"{path}:{node.lineno} imports {module}")

    assert wrong == []


@pytest.mark.parametrize("path", sorted(ROOT.rglob("sql/*.sql")), ids=lambda path: path.name)
def test_sql_takes_locks_in_the_one_order(path: Path) -> None:
    """Within each function, the first touch of levels, pieces, holds, orders and payments is in that order."""
    order = ["stock_level", "stock_piece", "stock_hold", "orders_order", "payments_payment"]
    for function in path.read_text(encoding="utf-8").split("CREATE OR REPLACE FUNCTION ")[1:]:
        locks = [position for table in order for position in [_first_lock(function, table)] if position is not None]
        assert locks == sorted(locks), f"{path.name}: {function.split('(')[0]} locks out of order"


def _first_lock(function: str, table: str) -> int | None:
    """Where a function first locks or changes rows of a table; None when it does not."""
    name = re.escape(table.strip())
    found = re.search(rf"UPDATE {name}\b|FROM {name}\b[^;]*?FOR NO KEY UPDATE", function)
    return found.start() if found else None
