"""Reading pages in tests: what they say, and their hidden values."""

from __future__ import annotations

import html
import re
from typing import Any

from django.http import HttpResponse


def text(response: Any) -> str:
    """What a reader sees, with white space folded."""
    assert isinstance(response, HttpResponse)
    body = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def hidden(response: Any, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', response.content.decode())
    assert found is not None, f"no hidden field {name}"
    return html.unescape(found.group(1))


def asks_for(part: str) -> dict[str, str]:
    """Headers with which htmx asks for one part of a page."""
    return {"HX-Request": "true", "HX-Target": f"div#{part}"}
