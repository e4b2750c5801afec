"""The style guide is public, complete, and shows every component."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

import vendome.web.components
from vendome.web.components.templatetags.gallery import arguments_of
from vendome.web.components.views import CHAPTERS, ICONS

ROOT = Path(vendome.web.components.__path__[0])
COMPONENTS = sorted(path.stem for path in (ROOT / "templates/components").glob("*.html"))


@pytest.mark.parametrize("chapter", ["", *(f"{key}/" for key in CHAPTERS)])
def test_each_chapter_opens_for_anybody(client, chapter):
    answer = client.get(f"/gallery/{chapter}")

    assert answer.status_code == 200
    assert b"<h1" in answer.content


def test_an_unknown_chapter_is_not_found(client):
    assert client.get("/gallery/gradients/").status_code == 404


@pytest.mark.parametrize("component", COMPONENTS)
def test_each_component_says_its_arguments(component):
    assert arguments_of(component), f"{component}.html needs a comment with its arguments at the top"


def test_the_guide_shows_every_component():
    chapters = "".join((ROOT / f"templates/gallery/{key}.html").read_text() for key in CHAPTERS)
    shown = set(re.findall(r'{% specimen "(\w+)"', chapters))
    assert shown == set(COMPONENTS)


def test_the_sprite_holds_every_icon_the_guide_names():
    sprite = (ROOT / "static/vendome/icons.svg").read_text()
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    assert drawn == {*ICONS, "seal"}


def test_no_template_carries_inline_style_or_script():
    for path in (ROOT / "templates").rglob("*.html"):
        source = path.read_text()
        if path.name != "overrun.html":  # it comes when nothing else may be asked for; its policy allows its own style
            assert "<style" not in source, path
        assert not re.search(r"\sstyle=|\son\w+=\"", source), path
        assert not re.search(r"<script(?![^>]*\bsrc=)", source), path


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_each_error_page_draws_without_a_surface(rf, status):
    drawn = get_template(f"errors/{status}.html").render(
        {"status": status, "sentence": "", "request_id": "r-1"}, rf.get("/")
    )
    assert "r-1" in drawn
