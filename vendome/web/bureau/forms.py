"""The bureau's forms: they check shape and keep what was typed; the domains decide."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendome.web.bureau import words

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


class WaitForm(forms.Form):
    """Taking an exception in hand, and letting it wait."""

    until = forms.DateTimeField(
        label=gettext_lazy("Look again at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class SettleForm(forms.Form):
    """What was agreed with the client, when no other source and no refund is meant."""

    resolution = forms.ChoiceField(
        label=gettext_lazy("How it ended"),
        choices=[(code, words.RESOLUTIONS[code]) for code in ("SPOKEN_TO", "ALTERNATIVE", "FOUND_AFTER_ALL")],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how it ended.")},
    )
    note = forms.CharField(
        label=gettext_lazy("What was agreed"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write what was agreed with her; the next colleague reads it.")},
    )


class CalendarForm(forms.Form):
    cut_off = forms.TimeField(
        label=gettext_lazy("Cut-off"),
        help_text=gettext_lazy(
            "What is asked for later leaves, or is ready, a working day later; in the time of the place."
        ),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages=dict.fromkeys(("required", "invalid"), gettext_lazy("Write an hour, such as 15:30.")),
    )
    preparation_days = forms.IntegerField(
        label=gettext_lazy("Working days of preparation"),
        min_value=0,
        max_value=30,
        error_messages={"required": gettext_lazy("Write how many; 0 when it leaves the same day.")},
    )
    closed_dates = forms.CharField(
        label=gettext_lazy("Closed on"),
        required=False,
        max_length=4000,
        help_text=gettext_lazy("Holidays, one on each line, such as 2026-12-25. Weekdays stand in the opening hours."),
        widget=forms.Textarea(attrs={"rows": 5, "inputmode": "numeric"}),
    )

    def clean_closed_dates(self) -> tuple[date, ...]:
        days = []
        for text in str(self.cleaned_data.get("closed_dates", "")).split():
            try:
                days.append(date.fromisoformat(text))
            except ValueError:
                raise forms.ValidationError(
                    _("“%(text)s” is no day; write it as 2026-12-25.") % {"text": text[:20]}
                ) from None
        return tuple(days)


class SafetyForm(forms.Form):
    sku = forms.CharField(
        label=gettext_lazy("Reference"),
        max_length=80,
        help_text=gettext_lazy("For example SCEAU-ALLIANCE-YG-52."),
        error_messages={"required": gettext_lazy("Write the reference.")},
    )
    quantity = forms.IntegerField(
        label=gettext_lazy("Kept for the counter"),
        min_value=0,
        max_value=1000,
        help_text=gettext_lazy("0 ends it."),
        error_messages={"required": gettext_lazy("Write how many.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        error_messages={"required": gettext_lazy("Say why; the audit log keeps it.")},
    )


class AgreementForm(forms.Form):
    modes = forms.MultipleChoiceField(
        label=gettext_lazy("What the partner lets us promise"),
        choices=[
            ("COLLECT", gettext_lazy("Collection there")),
            ("DELIVER", gettext_lazy("Delivery from there")),
            ("RESERVE", gettext_lazy("Setting aside there")),
        ],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nothing chosen ends the agreement."),
    )
    since = forms.DateField(
        label=gettext_lazy("From"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=dict.fromkeys(("required", "invalid"), gettext_lazy("Choose the day from which it holds.")),
    )
    paper = forms.CharField(label=gettext_lazy("Stands in"), required=False, max_length=200)
