"""The tags and filters of the design system. They are builtins: no template loads them."""

# ruff: noqa: A002  # a tag names its arguments as HTML names its attributes: id, type

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vendome.web.components import money as amounts
from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Column, Day, Happening, Row

register = template.Library()

# -- filters ---------------------------------------------------------------------------------------------


@register.filter
def money(amount: int, currency: str) -> str:
    """`{{ total|money:"EUR" }}`: minor units as this language writes them, cents only when there are any."""
    return amounts.written(amount, currency, get_language() or "en")


@register.filter
def ledger(amount: int, currency: str) -> str:
    """`{{ total|ledger:"EUR" }}`: as `money`, always with its cents, for columns that must align."""
    return amounts.written(amount, currency, get_language() or "en", exact=True)


@register.filter
def moment(when: datetime | date | None, style: str = "") -> SafeString | str:
    """`{{ at|moment }}`, `|moment:"date"`, `|moment:"time"`, `|moment:"short"`, inside a `<time>` element."""
    if when is None:
        return ""
    machine = when.isoformat()
    if isinstance(when, datetime) and timezone.is_aware(when):
        when = timezone.localtime(when)
    day = date_format(when, "j M Y" if style == "short" else "j F Y")
    if not isinstance(when, datetime) or style == "date":
        words = day
    elif style == "time":
        words = date_format(when, "H:i")
    else:
        words = _("%(day)s, %(hour)s") % {"day": day, "hour": date_format(when, "H:i")}
    return format_html('<time datetime="{}">{}</time>', machine, words)


@register.filter
def initials(name: str) -> str:
    """At most two letters of a person's name: "Camille de Brissac" gives CB."""
    words = [word for word in name.replace("-", " ").split() if word[:1].isupper()] or name.split()
    letters = [words[0][0]] if words else []
    if len(words) > 1:
        letters.append(words[-1][0])
    return unicodedata.normalize("NFC", "".join(letters)).upper()


# -- pictures and marks --------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """`{% icon "bag" %}`: a line icon of the sprite. Decorative unless it is given a label."""
    classes = "icon" + (f" is-{size}" if size else "")
    if name in {"arrow", "back", "next"}:
        classes += " is-directional"
    sprite = static("vendome/icons.svg")
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"/></svg>', classes, label, sprite, name
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, sprite, name)


@register.simple_tag
def seal() -> SafeString:
    """`{% seal %}`: the house's mark, a step-cut octagon around a V."""
    return format_html(
        '<svg class="icon seal" aria-hidden="true"><use href="{}#seal"/></svg>', static("vendome/icons.svg")
    )


@cache
def _is_taken(path: str) -> bool:
    return finders.find(path) is not None


def _picture(path: str) -> str:
    """The address of a picture; the house's seal where a picture is still to be taken."""
    return static(path if _is_taken(path) else "vendome/awaiting.svg")


@register.simple_tag
def media(code: str, shot: str = "front") -> str:
    """`{% media code "front" %}`: the address of a model's picture (front, angle, detail, turn/00 …)."""
    return _picture(f"vermeil/{code}/{shot}.webp")


@register.simple_tag
def editorial(name: str) -> str:
    """`{% editorial "hero" %}`: the address of an editorial picture."""
    return _picture(f"vermeil/editorial/{name}.webp")


@register.inclusion_tag("components/figure.html")
def figure(
    src: str,
    alt: str = "",
    ratio: str = "square",
    fit: str = "cover",
    caption: str = "",
    eager: bool = False,
) -> dict[str, Any]:
    """A picture in a fixed ratio, so that nothing moves when it arrives."""
    sizes = {"square": (960, 960), "portrait": (960, 1200), "wide": (1600, 1000)}
    width, height = sizes[ratio]
    return {
        "src": src,
        "alt": alt,
        "ratio": ratio,
        "fit": fit,
        "caption": caption,
        "eager": eager,
        "width": width,
        "height": height,
    }


@register.inclusion_tag("components/piece_card.html")
def piece_card(
    code: str,
    name: str,
    url: str,
    amount: int | None = None,
    currency: str = "EUR",
    material: str = "",
    world: str = "",
    note: str = "",
    tone: str = "",
    worn: bool = True,
    eager: bool = False,
    level: int = 3,
    feature: bool = False,
) -> dict[str, Any]:
    """One model in a grid: one link, a second picture on hover and focus; `feature` is the large one of its group."""
    return {
        "front": media(code, "front"),
        "angle": media(code, "angle") if worn else "",
        "name": name,
        "url": url,
        "amount": amount,
        "currency": currency,
        "material": material,
        "world": world,
        "note": note,
        "tone": tone,
        "eager": eager,
        "level": level,
        "feature": feature,
    }


@register.inclusion_tag("components/avatar.html")
def avatar(name: str, large: bool = False) -> dict[str, Any]:
    """A person's initials in a cut frame. The name itself stands beside it, so this is decorative."""
    return {"letters": initials(name), "large": large}


# -- actions and forms -----------------------------------------------------------------------------------


@register.inclusion_tag("components/button.html")
def button(
    label: str,
    href: str = "",
    kind: str = "solid",
    type: str = "submit",
    icon: str = "",
    name: str = "",
    value: str = "",
    form: str = "",
    id: str = "",
    dialog: str = "",
    wide: bool = False,
    small: bool = False,
    disabled: bool = False,
) -> dict[str, Any]:
    """solid (one per view), line, wrong or link. With `href` it is a link, with `dialog` it opens that dialog."""
    return {
        "label": label,
        "href": href,
        "kind": kind,
        "type": type,
        "icon": icon,
        "name": name,
        "value": value,
        "form": form,
        "id": id,
        "dialog": dialog,
        "wide": wide,
        "small": small,
        "disabled": disabled,
    }


@register.inclusion_tag("components/quantity.html")
def quantity(label: str, name: str = "quantity", value: int = 1, low: int = 1, high: int = 9) -> dict[str, Any]:
    """A number with its two hands. Without scripts it is a plain number field."""
    return {"label": label, "name": name, "value": value, "low": low, "high": high, "id": f"quantity-{name}"}


@register.inclusion_tag("components/search_box.html")
def search_box(
    label: str,
    name: str = "q",
    value: str = "",
    placeholder: str = "",
    large: bool = False,
    target: str = "",
    autofocus: bool = False,
) -> dict[str, Any]:
    """A search field inside a GET form of its own; `target` is the id htmx replaces while one types."""
    return {
        "label": label,
        "name": name,
        "value": value,
        "placeholder": placeholder,
        "large": large,
        "target": target,
        "autofocus": autofocus,
    }


@register.inclusion_tag("components/swatches.html")
def swatches(label: str, choices: Sequence[Choice], name: str = "material") -> dict[str, Any]:
    """Metals as cut tablets; `value` is the material code. A choice with a url is a link, else a radio button."""
    return {"label": label, "choices": choices, "name": name}


@register.inclusion_tag("components/gauge.html")
def gauge(label: str, choices: Sequence[Choice], name: str = "size", hint: str = "") -> dict[str, Any]:
    """Sizes as figures on a rule, like a ring gauge."""
    return {"label": label, "choices": choices, "name": name, "hint": hint}


# -- statements ------------------------------------------------------------------------------------------


@register.inclusion_tag("components/price.html")
def price(amount: int | None, currency: str, note: str = "", exact: bool = False) -> dict[str, Any]:
    """An amount in minor units, or "Price on request" when there is none."""
    language = get_language() or "en"
    words = "" if amount is None else amounts.written(amount, currency, language, exact=exact)
    return {"amount": amount, "currency": currency, "words": words, "note": note}


@register.inclusion_tag("components/tag.html")
def tag(label: str, tone: str = "") -> dict[str, Any]:
    """A state in words with a cut mark. Tones: gold, good, care, wrong, open (hollow)."""
    return {"label": label, "tone": tone}


@register.inclusion_tag("components/stat.html")
def stat(figure: str | int, label: str, note: str = "") -> dict[str, Any]:
    """One figure and what it counts."""
    return {"figure": figure, "label": label, "note": note}


@register.inclusion_tag("components/empty.html")
def empty_state(title: str, text: str = "", action: str = "", href: str = "") -> dict[str, Any]:
    """What a list says when it holds nothing: why, and what to do next."""
    return {"title": title, "text": text, "action": action, "href": href}


@register.inclusion_tag("components/toast.html")
def toast(text: str, tone: str = "") -> dict[str, Any]:
    """A short answer to what was just done; messages of the framework are shown with it."""
    return {"text": text, "tone": tone}


@register.inclusion_tag("components/skeleton.html")
def skeleton(kind: str = "lines") -> dict[str, Any]:
    """What stands in while something is fetched: lines, card or table."""
    return {"kind": kind}


@register.inclusion_tag("components/live_state.html")
def live_state() -> dict[str, Any]:
    """The discreet word that says whether this page is being kept up to date."""
    return {}


# -- lists -----------------------------------------------------------------------------------------------


@register.inclusion_tag("components/definition_list.html")
def definition_list(rows: Sequence[tuple[Any, Any]], sum: bool = False) -> dict[str, Any]:
    """Terms and values on rules; with `sum` the values align at the end and the last line is the total."""
    return {"rows": rows, "sum": sum}


@register.inclusion_tag("components/data_table.html")
def data_table(
    columns: Sequence[Column],
    rows: Sequence[Row],
    caption: str,
    empty: str = "",
    hide_caption: bool = False,
    long: bool = False,
) -> dict[str, Any]:
    """A ledger: heads, lines, figures to the right. Give a caption always; it may be hidden from the eye."""
    lines = [{"cells": list(zip(columns, row.cells, strict=True)), "url": row.url, "id": row.id} for row in rows]
    return {
        "columns": columns,
        "rows": lines,
        "caption": caption,
        "empty": empty or _("Nothing here yet."),
        "hide_caption": hide_caption,
        "long": long,
    }


@register.inclusion_tag("components/breadcrumb.html")
def breadcrumb(links: Sequence[Link]) -> dict[str, Any]:
    """The way back. The last entry is the page itself."""
    return {"links": links}


@register.inclusion_tag("components/pagination.html")
def pagination(note: str, previous_url: str = "", next_url: str = "") -> dict[str, Any]:
    """Where one is in a long list ("1 to 50 of 312") and the way on."""
    return {"note": note, "previous_url": previous_url, "next_url": next_url}


@register.inclusion_tag("components/steps.html")
def steps(labels: Sequence[str], current: int) -> dict[str, Any]:
    """A short path through a task; `current` counts from 1."""
    states = [
        {"label": label, "state": "done" if n < current else "current" if n == current else "ahead"}
        for n, label in enumerate(labels, start=1)
    ]
    return {"steps": states}


@register.inclusion_tag("components/timeline.html")
def timeline(happenings: Sequence[Happening]) -> dict[str, Any]:
    """What happened, in order, and what is still ahead."""
    return {"happenings": happenings}


@register.inclusion_tag("components/tabs.html")
def tabs(links: Sequence[Link], label: str) -> dict[str, Any]:
    """Views of one thing, each at its own address; the note of a link is its count."""
    return {"links": links, "label": label}


@register.inclusion_tag("components/hours.html")
def hours(days: Sequence[Day]) -> dict[str, Any]:
    """A boutique's opening hours, today in bold."""
    return {"days": days}


@register.inclusion_tag("components/availability_row.html")
def availability_row(
    name: str, reference: str | int, place: str | int, state: str, url: str = "", note: str = ""
) -> dict[str, Any]:
    """One place's word on a reference, kept up to date while the page is open. State: AVAILABLE, LAST or NONE."""
    labels = {"AVAILABLE": _("Available today"), "LAST": _("Last piece"), "NONE": _("Not in this boutique")}
    return {
        "name": name,
        "reference": reference,
        "place": place,
        "state": state,
        "words": labels[state],
        "labels": labels,
        "url": url,
        "note": note,
    }


# -- blocks ----------------------------------------------------------------------------------------------


def _block(context: Context, name: str, values: dict[str, Any]) -> SafeString:
    assert context.template is not None, "a block tag is drawn while its template is"
    found = context.template.engine.get_template(f"components/{name}.html")
    return found.render(context.new({**values, "csrf_token": context.get("csrf_token", "")}))


@register.simple_block_tag(takes_context=True)
def notice(context: Context, content: str, title: str = "", tone: str = "", icon: str = "") -> SafeString:
    """`{% notice title=… tone="wrong" %}…{% endnotice %}`: something worth reading before going on."""
    icons = {"wrong": "warning", "care": "warning", "good": "check"}
    return _block(
        context,
        "notice",
        {"content": content, "title": title, "tone": tone, "icon_name": icon or icons.get(tone, "info")},
    )


@register.simple_block_tag(takes_context=True)
def dialog(context: Context, content: str, id: str, title: str) -> SafeString:
    """`{% dialog id="engrave" title=… %}…{% enddialog %}`: opened by any element with data-dialog="engrave"."""
    return _block(context, "dialog", {"content": content, "id": id, "title": title})


@register.simple_block_tag(takes_context=True)
def drawer(context: Context, content: str, id: str, title: str) -> SafeString:
    """As `dialog`, from the side of the page: for a list one works through beside the page."""
    return _block(context, "drawer", {"content": content, "id": id, "title": title})
