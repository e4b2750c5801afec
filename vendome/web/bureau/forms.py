"""The bureau's forms: they check shape and keep what was typed; the domains decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST_AT_ONCE = 500


class ReceiveForm(forms.Form):
    """Pieces that have arrived: one line for each, serial number and, when it differs, EPC."""

    key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    sku = forms.CharField(
        label=gettext_lazy("Reference"),
        max_length=80,
        help_text=gettext_lazy("As on the delivery note, for example SCEAU-ALLIANCE-YG-52."),
        error_messages={"required": gettext_lazy("Write the reference of the pieces.")},
    )
    serials = forms.CharField(
        label=gettext_lazy("Serial numbers"),
        required=False,
        help_text=gettext_lazy("One piece on each line: its serial number, then its EPC, apart by a space or a tab."),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocapitalize": "characters"}),
    )
    quantity = forms.IntegerField(
        label=gettext_lazy("Quantity"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=gettext_lazy("Only for things without serial numbers, such as care sets."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("For example the number of the delivery note."),
        error_messages={"required": gettext_lazy("Say where they come from; the ledger keeps it.")},
    )

    def clean_serials(self) -> tuple[tuple[str, str], ...]:
        """Pairs of serial number and EPC. Raises when a line cannot be read or a number comes twice."""
        pieces: list[tuple[str, str]] = []
        for n, line in enumerate(str(self.cleaned_data.get("serials", "")).splitlines(), start=1):
            parts = line.replace(";", " ").replace(",", " ").split()
            if not parts:
                continue
            if len(parts) != 2:
                raise forms.ValidationError(
                    _("Line %(n)d needs a serial number and an EPC: “%(line)s”.") % {"n": n, "line": line.strip()[:60]}
                )
            pieces.append((parts[0].upper(), parts[1]))
        if len(pieces) > MOST_AT_ONCE:
            raise forms.ValidationError(_("Receive at most %(n)d pieces at once.") % {"n": MOST_AT_ONCE})
        twice = sorted({one for one, _epc in pieces if [serial for serial, _e in pieces].count(one) > 1})
        if twice:
            raise forms.ValidationError(_("This serial number is written twice: %(serial)s.") % {"serial": twice[0]})
        return tuple(pieces)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not given.get("serials") and not given.get("quantity"):
            self.add_error("serials", _("Write the serial numbers, or a quantity for things that have none."))
        return given


class StatementForm(forms.Form):
    """A statement of a bank or a provider."""

    file = forms.FileField(
        label=gettext_lazy("Statement"),
        help_text=gettext_lazy("CAMT.053 or CSV of the bank, or the balance report of Stripe."),
        error_messages={
            "required": gettext_lazy("Choose the file that the bank or the provider exported."),
            "empty": gettext_lazy("This file is empty."),
        },
    )
