"""Forms of transfers and movements: they check shape and keep what was typed; the domain decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST_LINES = 100


class NewTransferForm(forms.Form):
    """Which place is asked for what, by which one, and why."""

    use_required_attribute = False

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    from_place = forms.ChoiceField(label=gettext_lazy("From"))
    to_place = forms.ChoiceField(label=gettext_lazy("To"))
    lines = forms.CharField(
        label=gettext_lazy("What"),
        help_text=gettext_lazy("One reference on each line, then how many; or the serial number of a piece."),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={"required": gettext_lazy("Write at least one reference.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("What for"),
        max_length=400,
        error_messages={
            "required": gettext_lazy("Say what the pieces are for: the place that has them decides by it.")
        },
    )

    def __init__(self, *args: Any, places: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("from_place", "to_place"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = places

    def clean_lines(self) -> tuple[tuple[str, int], ...]:
        """Pairs of a reference or serial number and a quantity."""
        wanted: list[tuple[str, int]] = []
        for n, line in enumerate(str(self.cleaned_data.get("lines", "")).splitlines(), start=1):
            parts = line.replace(";", " ").replace(",", " ").replace("×", " ").split()
            if not parts:
                continue
            if len(parts) > 2 or (len(parts) == 2 and not parts[1].isdigit()):
                raise forms.ValidationError(
                    _("Line %(n)d is a reference and a number: “%(line)s”.") % {"n": n, "line": line.strip()[:60]}
                )
            wanted.append((parts[0].upper(), int(parts[1]) if len(parts) == 2 else 1))
        if len(wanted) > MOST_LINES:
            raise forms.ValidationError(_("Ask for at most %(n)d references at once.") % {"n": MOST_LINES})
        return tuple(wanted)


class MoveForm(forms.Form):
    """What happens to a piece or a quantity, and why."""

    use_required_attribute = False

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    what = forms.ChoiceField(
        label=gettext_lazy("What happens?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what happens.")},
    )
    quantity = forms.IntegerField(
        label=gettext_lazy("How many"),
        min_value=-100_000,
        max_value=100_000,
        error_messages={
            "required": gettext_lazy("Write how many."),
            "min_value": gettext_lazy("A quantity is a whole number, at most 100,000."),
            "max_value": gettext_lazy("A quantity is a whole number, at most 100,000."),
        },
        help_text=gettext_lazy("For a correction: by how many it changes, for example -2."),
    )
    to_place = forms.ChoiceField(
        label=gettext_lazy("Where to"), required=False, help_text=gettext_lazy("For a consignment, or on its return.")
    )
    who = forms.CharField(
        label=gettext_lazy("To which client"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("For a loan: her name, telephone or e-mail."),
    )
    due = forms.DateField(
        label=gettext_lazy("Back by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("For a loan."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=400,
        error_messages={"required": gettext_lazy("Say why: the ledger keeps it, and cannot be changed afterwards.")},
    )

    def __init__(
        self,
        *args: Any,
        choices: Sequence[tuple[str, str]],
        places: Sequence[tuple[str, str]],
        drops: Sequence[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        what, to_place = self.fields["what"], self.fields["to_place"]
        assert isinstance(what, forms.ChoiceField)
        assert isinstance(to_place, forms.ChoiceField)
        what.choices = choices
        to_place.choices = places
        for name in drops:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        what = given.get("what")
        if what == "correct":
            if given.get("quantity") == 0:
                self.add_error("quantity", _("Write by how many it changes, for example -2."))
        elif what and given.get("quantity", 1) < 1:
            self.add_error("quantity", _("Write how many, at least 1."))
        if what == "consign" and not given.get("to_place"):
            self.add_error("to_place", _("Choose where it goes."))
        return given
