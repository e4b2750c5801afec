"""A history with undo, as the return policy and the lanes have it: who wrote what and why, and the way back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendome.kit import clock
from vendome.kit.errors import DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.bureau.actors import names_of
from vendome.web.bureau.frame import BureauRequest
from vendome.web.components.frames import Link

RESTORED = re.compile(r"Version (?P<number>\d+) restored")
BY_ITSELF = {
    "The policy was installed": gettext_lazy("The policy was installed"),
    "The lanes as they stood before the first change": gettext_lazy("The lanes as they stood before the first change"),
}


class Version(Protocol):
    """What every kept version says of itself."""

    @property
    def number(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def actor(self) -> str: ...
    @property
    def note(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    number: int
    at: datetime
    by: str
    note: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """Everything version_history.html may read."""

    crumbs: Sequence[Link]
    title: str
    explained: str  # what bringing a version back does
    empty: str
    versions: Sequence[VersionRow]
    version: int  # the one that stands; a way back written for another is refused
    can_edit: bool
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How one history is called, and what it says."""

    crumbs: Sequence[Link]
    title: str
    explained: str
    empty: str


def bring_back(request: BureauRequest, restore: Callable[..., object]) -> str:
    """Do what the history's form asks. Returns why it could not be done, or nothing. Raises NotFound, Forbidden."""
    try:
        restore(
            number=number_of(request.POST.get("number")),
            expected=number_of(request.POST.get("expected")),
            actor=request.actor,
            at=clock.now(),
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        return _(error.message)
    said = _("Version %(number)s stands again, as a new one; the history can undo this too.")
    messages.success(request, said % {"number": request.POST["number"]})
    return ""


def answer(
    request: BureauRequest, found: Sequence[Version], said: Said, *, can_edit: bool = True, problem: str = ""
) -> HttpResponse:
    """The page of a history, also where the way back was refused."""
    names = names_of([one.actor for one in found])
    current = found[0].number if found else 0
    page = HistoryPage(
        crumbs=said.crumbs,
        title=said.title,
        explained=said.explained,
        empty=said.empty,
        versions=[
            VersionRow(
                number=one.number,
                at=one.at,
                by=names[one.actor],
                note=_note(one.note),
                is_current=one.number == current,
            )
            for one in found
        ],
        version=current,
        can_edit=can_edit,
        problem=problem,
    )
    return render_page(request, "bureau/version_history.html", page, status=409 if problem else 200)


def _note(written: str) -> str:
    """What a person wrote, as she wrote it; what the house wrote by itself, in the reader's language."""
    back = RESTORED.fullmatch(written)
    if back:
        return _("Version %(number)s brought back") % {"number": back["number"]}
    return str(BY_ITSELF.get(written, written))


def number_of(text: str | None) -> int:
    """The number of a version, as a form carries it. Raises NotFound."""
    if not text or not text.isdecimal() or len(text) > 8:
        raise NotFound()
    return int(text)
