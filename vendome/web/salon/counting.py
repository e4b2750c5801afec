"""A count at work, for the salon and the bureau alike: what is shown, and what each button does."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.catalogue.types import ReferenceLabel
from vendome.domains.people import queries as people
from vendome.domains.stock import epc
from vendome.domains.stock.counting import Batch, CountKind, CountState, CountView, Progress, ReadSource
from vendome.domains.stock.queries import counts as queries
from vendome.domains.stock.services import counts
from vendome.kit.actors import Actor
from vendome.kit.errors import BadInput
from vendome.web.salon import count_pages as pages
from vendome.web.salon import count_words as words
from vendome.web.salon.choosing import uuid_or_none
from vendome.web.salon.forms import new_key
from vendome.web.salon.words import form_of


class ReadListForm(forms.Form):
    """A read list, as a file or pasted."""

    file = forms.FileField(
        label=gettext_lazy("Read list of the RFID reader"),
        required=False,
        help_text=gettext_lazy("CSV or text, one tag in each line, up to 100,000 lines."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocapitalize": "characters"}),
    )


class StartForm(forms.Form):
    """What is counted: everything, or some families."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What do you count?"),
        choices=[
            (CountKind.FULL.value, gettext_lazy("Everything at this place")),
            (CountKind.CYCLE.value, gettext_lazy("Some families")),
        ],
        widget=forms.RadioSelect,
        initial=CountKind.FULL.value,
    )
    families = forms.MultipleChoiceField(
        label=gettext_lazy("Families"),
        required=False,
        choices=list(words.FAMILIES.items()),
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == CountKind.CYCLE.value and not given.get("families") and "families" not in self.errors:
            self.add_error("families", _("Choose what is counted: one family at least."))
        return given


def act(request: HttpRequest, actor: Actor, count_id: uuid.UUID, at: datetime) -> str:
    """Do what the pressed button says; returns a sentence for the person. Raises what the domain refuses."""
    doing: dict[str, Callable[[HttpRequest, Actor, uuid.UUID, datetime], str]] = {
        "reads": _take_reads,
        "scan": _take_scan,
        "quantity": _take_quantity,
        "undo": _undo,
        "close": _close,
        "cancel": _cancel,
    }
    todo = doing.get(request.POST.get("do", ""))
    if todo is None:
        raise BadInput(_("Choose what to do with this count."))
    return todo(request, actor, count_id, at)


def _take_reads(request: HttpRequest, actor: Actor, count_id: uuid.UUID, at: datetime) -> str:
    file = request.FILES.get("file")
    text = request.POST.get("text", "")
    if file is None and not text.strip():
        raise BadInput(_("Choose the file of the reader, or paste its list."))
    lines = epc.lines_of(file.chunks()) if file is not None else iter(text.splitlines())
    batch = counts.record_reads(count_id=count_id, source=ReadSource.RFID, lines=lines, actor=actor, at=at)
    return words.made_of(batch) + "."


def _take_scan(request: HttpRequest, actor: Actor, count_id: uuid.UUID, at: datetime) -> str:
    code = request.POST.get("code", "").strip()
    if not code:
        raise BadInput(_("Scan a label, or type its serial number."))
    batch = counts.record_scan(count_id=count_id, text=code, actor=actor, at=at)
    labels = catalogue.label_references(ids={batch.piece.reference_id} if batch.piece else set())
    return words.made_of(batch, _named(batch, labels)) + "."


def _take_quantity(request: HttpRequest, actor: Actor, count_id: uuid.UUID, at: datetime) -> str:
    try:
        quantity = int(request.POST.get("quantity", ""))
        reference_id = uuid.UUID(request.POST.get("reference", ""))
    except ValueError:
        raise BadInput(_("Write how many you counted.")) from None
    counts.record_quantity(
        count_id=count_id,
        reference_id=reference_id,
        quantity=quantity,
        key=request.POST.get("key") or new_key(),
        actor=actor,
        at=at,
    )
    return _("Counted.")


def _undo(request: HttpRequest, actor: Actor, count_id: uuid.UUID, at: datetime) -> str:
    shown = uuid_or_none(request.POST.get("batch"))
    if shown is None:
        raise BadInput(_("Choose which reads are taken back."))
    counts.undo_last_batch(count_id=count_id, batch_id=shown, actor=actor, at=at)
    return _("The last reads are taken back.")


def _close(request: HttpRequest, actor: Actor, count_id: uuid.UUID, at: datetime) -> str:
    return words.closing(counts.close_count(count_id=count_id, actor=actor, at=at))


def _cancel(request: HttpRequest, actor: Actor, count_id: uuid.UUID, at: datetime) -> str:
    counts.cancel_count(count_id=count_id, reason=request.POST.get("reason", ""), actor=actor, at=at)
    return _("The count is given up; nothing follows from it.")


# -- what is shown ---------------------------------------------------------------------------------------------


def panel(request: HttpRequest, actor: Actor, count: CountView, place: str, problem: str = "") -> pages.CountPanel:
    """An open count as it stands; what was pasted stays in the form when it was refused."""
    family = request.GET.get("family", "")
    family = family if family in words.FAMILIES else ""
    found = queries.get_progress(actor=actor, count_id=count.id, family=family)
    labels = catalogue.label_references(
        ids={one.reference_id for one in found.missing}
        | {one.reference_id for one in found.quantities}
        | ({found.last_batch.piece.reference_id} if found.last_batch and found.last_batch.piece else set())
    )
    pasted = {"text": request.POST.get("text", "")} if problem else {}
    return pages.CountPanel(
        title=words.title(count),
        place=place,
        opened_at=count.opened_at,
        opened_by=name_of(count.opened_by),
        found=found.found,
        expected=found.expected,
        share=words.share(found.found, found.expected),
        families=[
            pages.FamilyBar(
                label=str(words.FAMILIES.get(one.family, one.family)),
                found=one.found,
                expected=one.expected,
                url="?" + urlencode({} if one.family == family else {"family": one.family}) + "#unread",
                is_chosen=one.family == family,
            )
            for one in found.families
        ],
        family=str(words.FAMILIES[family]) if family else "",
        unread=[
            pages.Unread(
                name=labels[one.reference_id].model_name,
                form=form_of(labels[one.reference_id].material, labels[one.reference_id].size),
                serial=one.serial,
                hold=str(words.HOLDS.get(one.hold_kind, "")),
            )
            for one in found.missing
        ],
        unread_total=found.missing_total,
        quantities=[
            pages.QuantityLine(
                reference_id=one.reference_id,
                name=labels[one.reference_id].model_name,
                form=form_of(labels[one.reference_id].material, labels[one.reference_id].size),
                expected=one.expected,
                counted=one.counted,
                key=new_key(),
            )
            for one in found.quantities
        ],
        uncounted=sum(one.counted is None for one in found.quantities),
        is_whole=found.found >= found.expected and all(one.counted is not None for one in found.quantities),
        elsewhere=found.elsewhere,
        strangers=found.strangers,
        last=words.made_of(found.last_batch, _named(found.last_batch, labels)) if found.last_batch else "",
        last_id=found.last_batch.id if found.last_batch else None,
        last_at=found.last_batch.at if found.last_batch else None,
        closing=_closing(found),
        form=ReadListForm(initial=pasted),
        problem=_naming_the_scan(request, problem),
        is_scanning=request.GET.get("scan") == "1" or request.POST.get("do") == "scan",
    )


def _named(batch: Batch, labels: Mapping[uuid.UUID, ReferenceLabel]) -> str:
    """The piece of one scan: its name, its form and its number."""
    label = labels.get(batch.piece.reference_id) if batch.piece else None
    if batch.piece is None or label is None:
        return ""
    return ", ".join(
        part for part in (label.model_name, form_of(label.material, label.size), batch.piece.serial) if part
    )


def _naming_the_scan(request: HttpRequest, problem: str) -> str:
    """The field is empty for the next label, so a refusal says which one it refused."""
    code = request.POST.get("code", "").strip()[:60] if request.POST.get("do") == "scan" else ""
    return f"{code}: {problem}" if problem and code else problem


def _closing(found: Progress) -> str:
    uncounted = sum(one.expected for one in found.quantities if one.counted is None)  # said by the sentence after it
    left = found.expected - found.found - uncounted
    if not left:
        return _("Every piece has been read.") if uncounted else _("Everything has been read.")
    return ngettext(
        "%(n)d piece has not been read. Closed now, it is noted as missing until somebody answers for it.",
        "%(n)d pieces have not been read. Closed now, they are noted as missing until somebody answers for them.",
        left,
    ) % {"n": left}


def summary(count: CountView, place: str) -> pages.CountSummary:
    """A count that has ended, in figures."""
    told = count.figures
    stats = [
        (told.found, _("found")),
        (told.missing, _("missing")),
        (told.misplaced, _("of ours, from elsewhere")),
        (told.surplus, _("more than the books say")),
        (told.moved, _("left meanwhile")),
        (told.strangers, _("strangers in the field")),
    ]
    return pages.CountSummary(
        title=words.title(count),
        place=place,
        is_cancelled=count.state is CountState.CANCELLED,
        closed_at=count.closed_at,
        closed_by=name_of(count.closed_by),
        share=words.share(told.found, told.expected),
        stats=stats,
        unanswered=count.open_findings,
        sentence=words.ended(count),
    )


def name_of(label: str) -> str:
    """Who did it, by name where it was a member of staff."""
    kind, _colon, rest = label.partition(":")
    if kind != "STAFF":
        return _("a connected program") if kind == "APP" else _("Vendôme")
    staff_id = uuid.UUID(rest)
    return people.staff_names(ids={staff_id}).get(staff_id, _("a former colleague"))
