"""Forms of the packing table and of the door."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from vendome.domains.fulfilment.types import IdentityDocument
from vendome.web.salon.forms import KeyedForm
from vendome.web.salon.parcel_words import DOCUMENTS


class PackForm(KeyedForm):
    """Scan, seal, choose. Scanners end each number with a line."""

    serials = forms.CharField(
        label=gettext_lazy("Serial numbers, as scanned"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false", "data-scans": ""}),
    )
    seal = forms.CharField(
        label=gettext_lazy("Number of the seal"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Write the number of the seal that closes the parcel.")},
    )
    service = forms.UUIDField(error_messages={"required": gettext_lazy("Choose who carries it.")})
    slot = forms.CharField(required=False, max_length=120)

    def scanned(self) -> list[str]:
        return [part for part in self.cleaned_data["serials"].replace(",", "\n").split() if part]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("What happened?"),
        max_length=500,
        error_messages={"required": gettext_lazy("Say what happened, in a few words.")},
    )


class DoorForm(forms.Form):
    """Who took it, what was seen, and her name in her own hand."""

    received_by = forms.CharField(
        label=gettext_lazy("Taken by"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Write the name of the person who took it.")},
    )
    identity = forms.ChoiceField(
        label=gettext_lazy("Identity document you saw"),
        help_text=gettext_lazy("Only the kind. Its number is never written down."),
        choices=[(one.value, words) for one, words in DOCUMENTS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say which document you saw.")},
    )
    signature = forms.CharField(
        widget=forms.HiddenInput,
        max_length=300_000,
        error_messages={"required": gettext_lazy("Have her sign here.")},
    )

    def __init__(self, data: Any = None, *, checks_identity: bool, needs_signature: bool, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["identity"].required = checks_identity
        self.fields["signature"].required = needs_signature

    def identity_seen(self) -> IdentityDocument | None:
        seen = self.cleaned_data["identity"]
        return IdentityDocument(seen) if seen else None
