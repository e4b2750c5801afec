"""Tags of the style guide alone: a specimen shows a part and says how it is called."""

from __future__ import annotations

import re
from typing import cast

from django import template
from django.template.backends.django import Template
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_COMMENT = re.compile(r"\{% comment %\}(.*?)\{% endcomment %\}", re.DOTALL)


def arguments_of(component: str) -> str:
    """The comment at the top of a component's template: its name and arguments."""
    source = cast("Template", get_template(f"components/{component}.html")).template.source
    found = _COMMENT.match(source)
    return " ".join(found.group(1).split()) if found else ""


@register.simple_block_tag
def specimen(content: str, component: str = "", note: str = "", both: bool = False) -> SafeString:
    """A part in use; with `both`, once by day and once in the evening."""
    code = format_html("<code>{}</code>", arguments_of(component)) if component else ""
    words = format_html("<p>{}</p>", note) if note else ""
    caption = format_html("<figcaption>{}{}</figcaption>", words, code) if component or note else ""
    if both:
        live = format_html(
            '<div class="specimen-live" data-scheme="day">{}</div>'
            '<div class="specimen-live" data-scheme="evening">{}</div>',
            content,
            content,
        )
    else:
        live = format_html('<div class="specimen-live">{}</div>', content)
    return format_html('<figure class="specimen{}">{}{}</figure>', " is-both" if both else "", live, caption)
