"""`make new-domain`: the scaffold fits the layers and registers itself."""

from __future__ import annotations

import importlib.util
import shutil
import tomllib
from pathlib import Path

import pytest

from vendome.config import home

SOURCE = home.PROJECT / "scripts" / "new_domain.py"


@pytest.fixture(scope="module")
def new_domain():
    spec = importlib.util.spec_from_file_location("new_domain", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "vendome" / "config").mkdir(parents=True)
    shutil.copy(home.PROJECT / "vendome" / "config" / "settings.py", tmp_path / "vendome" / "config")
    shutil.copy(home.PROJECT / "pyproject.toml", tmp_path)
    return tmp_path


def test_a_domain_comes_with_modules_test_page_contract_and_place(new_domain, project):
    written = {path.relative_to(project).as_posix() for path in new_domain.scaffold("ceremonies", project)}

    assert "vendome/domains/ceremonies/services.py" in written
    assert "tests/domains/test_ceremonies.py" in written
    assert "docs/explanation/ceremonies.md" in written
    contracts = tomllib.loads((project / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert contracts[-1]["protected_modules"] == ["vendome.domains.ceremonies.models"]
    settings = (project / "vendome" / "config" / "settings.py").read_text()
    assert settings.index('"vendome.domains.ceremonies"') < settings.index('"vendome.flows"')
    for path in written:
        if path.endswith(".py"):
            compile((project / path).read_text(), path, "exec")


@pytest.mark.parametrize("name", ["", "Two Words", "class", "../stock", "x"])
def test_a_name_that_is_no_noun_is_refused(new_domain, project, name):
    with pytest.raises(new_domain.Refused, match="no name for a domain"):
        new_domain.scaffold(name, project)


def test_a_domain_is_never_written_over(new_domain, project):
    new_domain.scaffold("ceremonies", project)
    with pytest.raises(new_domain.Refused, match="exists already"):
        new_domain.scaffold("ceremonies", project)
