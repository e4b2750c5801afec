"""Facts for search engines (JSON-LD), inside a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


@register.simple_tag
def linked_data(data: Mapping[str, Any], nonce: str) -> SafeString:
    """A script element that no browser runs; whatever is in the data, it cannot end the element."""
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    return format_html('<script type="application/ld+json" nonce="{}">{}</script>', nonce, SafeString(text))
