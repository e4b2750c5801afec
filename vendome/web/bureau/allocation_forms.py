"""Forms of the allocation desk: they check shape and keep what was typed; the domain decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy, slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

POLICIES = (
    ("FIRST_COME", gettext_lazy("Drop: a waiting room, drawn when the doors open, then as they come")),
    ("BALLOT", gettext_lazy("Ballot: drawn from all who enter before it closes")),
    ("WAITING_LIST", gettext_lazy("Waiting list: in the order of entering, as pieces come in")),
    ("NOMINATIONS", gettext_lazy("Nominations: advisors make their case, a committee chooses")),
    ("STANDING", gettext_lazy("Standing: by the house’s regard, then the order of entering")),
)
CLOSING = {"BALLOT", "NOMINATIONS", "STANDING"}


def _moment(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": gettext_lazy("Say when.")},
    )


def _number(label: Any, *, most: int, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=most,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            format_lazy(gettext_lazy("Write a whole number from 1 to {most}."), most=most),
        ),
        **options,
    )


class AllocationForm(forms.Form):
    """An allocation before it is published."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=120,
        help_text=gettext_lazy("As clients read it on the launch page."),
        error_messages={"required": gettext_lazy("Write its title.")},
    )
    code = forms.SlugField(
        label=gettext_lazy("Address"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("The end of the page’s address; made from the title when it is left empty."),
    )
    sku = forms.CharField(
        label=gettext_lazy("Reference"),
        max_length=80,
        error_messages={"required": gettext_lazy("Write the reference of the pieces.")},
    )
    place = forms.ChoiceField(
        label=gettext_lazy("Where the pieces stand"),
        help_text=gettext_lazy("Bring them there first; they leave the open shelf when it is published."),
    )
    pieces = _number(gettext_lazy("Pieces"), most=10_000)
    policy = forms.ChoiceField(label=gettext_lazy("How it is decided"), choices=POLICIES)
    opens_at = _moment(gettext_lazy("Opens"), required=True, help_text=gettext_lazy("In the time of your place."))
    closes_at = _moment(gettext_lazy("Closes"), help_text=gettext_lazy("A ballot, nominations and standing need it."))
    room_opens_at = _moment(gettext_lazy("Waiting room opens"), help_text=gettext_lazy("For a drop."))
    early_from = _moment(gettext_lazy("Invited clients from"))
    only_invited = forms.BooleanField(label=gettext_lazy("Invited clients only"), required=False)
    per_person = _number(
        gettext_lazy("For each client at most"),
        most=100,
        initial=1,
        help_text=gettext_lazy("Of this model, over every boutique and online together."),
    )
    counts_household = forms.BooleanField(label=gettext_lazy("A household counts as one client"), required=False)
    standings = forms.CharField(
        label=gettext_lazy("Standings, the first first"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("For standing, for example: private, regular, new."),
    )
    hold_minutes = _number(gettext_lazy("An offer is kept for (minutes)"), most=60 * 24 * 60, initial=15)
    words_en = forms.CharField(
        label=gettext_lazy("What it is, in English"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    words_fr = forms.CharField(
        label=gettext_lazy("What it is, in French"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any, *, places: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["place"].choices = places  # type: ignore[attr-defined]  # a choice field

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        opens, closes = given.get("opens_at"), given.get("closes_at")
        if given.get("policy") in CLOSING and not closes:
            self.add_error("closes_at", _("Say when the list closes: what is ranked has to be whole first."))
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("It closes before it opens."))
        for name in ("room_opens_at", "early_from"):
            if opens and given.get(name) and given[name] > opens:
                self.add_error(name, _("This is later than the opening."))
        given["code"] = given.get("code") or slugify(given.get("title", ""))[:60]
        return given


class InviteForm(forms.Form):
    """Whom to invite: everybody of a standing, or a list."""

    standing = forms.CharField(label=gettext_lazy("Everybody of this standing"), required=False, max_length=40)
    who = forms.CharField(
        label=gettext_lazy("Or these clients"),
        required=False,
        help_text=gettext_lazy("One e-mail address or client number on each line."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("standing") and not given.get("who"):
            self.add_error("who", _("Say whom to invite."))
        return given


class AddForm(forms.Form):
    pieces = _number(gettext_lazy("More pieces"), most=1000)


class EndForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why it ends"),
        max_length=200,
        error_messages={"required": gettext_lazy("Say why; who waits is told, and the history keeps it.")},
    )
