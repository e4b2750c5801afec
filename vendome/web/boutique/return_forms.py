"""What a client fills in when she returns something: how it comes back, and where our courier comes to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vendome.flows.exchanging import Pickup
from vendome.web.boutique.forms import PHONE, city_field, extra_field, postcode_field, street_field
from vendome.web.boutique.locales import country_name, has_postcodes
from vendome.web.boutique.wording import spoken_day

COURIER = "courier"
NEW = "new"
DAYS_AHEAD = 6
SATURDAY = 5


class ReturnForm(forms.Form):
    """`key` makes a second click the same return; `way` is `courier` or the code of a boutique.

    Of the courier's address, `at` names one she has given before, or is `new`.
    """

    use_required_attribute = False
    key = forms.UUIDField(widget=forms.HiddenInput)
    way = forms.SlugField(max_length=60, error_messages={"required": _("Choose how you send it back.")})
    at = forms.ChoiceField(label=_("Where shall we come?"), required=False, widget=forms.RadioSelect)
    name = forms.CharField(
        error_messages={"required": _("Tell us whom to ask for.")},
        label=_("First and last name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    street = street_field()
    extra = extra_field()
    postcode = postcode_field(required=False)
    city = city_field()
    phone = forms.CharField(
        error_messages={"required": _("Tell us how our courier reaches you.")},
        label=_("Telephone"),
        max_length=24,
        validators=[PHONE],
        help_text=_("Our courier calls before coming."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel", "inputmode": "tel"}),
    )
    day = forms.ChoiceField(label=_("Which day suits you?"), required=False)

    def __init__(
        self, data: Any = None, *, addresses: Sequence[Sequence[str]], country: str, today: date, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.country = country_name(country)
        self.knows_her = bool(addresses)  # there is an address to choose
        at, day = self.fields["at"], self.fields["day"]
        assert isinstance(at, forms.ChoiceField)
        assert isinstance(day, forms.ChoiceField)
        self.known = {name_of(one): tuple(one) for one in addresses}
        at.choices = [*((name, _spoken(one)) for name, one in self.known.items()), (NEW, _("Another address"))]
        at.initial = next(iter(self.known), NEW)
        day.choices = [("", _("Any day"))] + [(one.isoformat(), spoken_day(one)) for one in _days(today)]
        if data is not None:  # a boutique needs no address, and a known one is not written again
            is_courier = data.get("way") == COURIER
            self.fields["phone"].required = is_courier
            is_new = is_courier and data.get("at", NEW) in (NEW, "")
            for name in ("name", "street", "postcode", "city"):
                self.fields[name].required = is_new and (name != "postcode" or has_postcodes(country))

    @property
    def pickup(self) -> Pickup | None:
        """Where the courier comes to; nothing when she brings it herself."""
        said = self.cleaned_data
        if said["way"] != COURIER:
            return None
        town = " ".join(part for part in (said["postcode"], said["city"]) if part)
        new = (said["name"], said["street"], said["extra"], town, self.country)
        return Pickup(
            address=self.known.get(said["at"]) or tuple(part for part in new if part),
            phone=said["phone"],
            day=date.fromisoformat(said["day"]) if said["day"] else None,
        )


def name_of(address: Sequence[str]) -> str:
    """A short name of an address, the same on every page."""
    return hashlib.sha256("\n".join(address).encode()).hexdigest()[:12]


def _spoken(address: Sequence[str]) -> str:
    """On one line, the country by its name."""
    *parts, country = address
    return ", ".join((*parts, country_name(country)))


def _days(today: date) -> list[date]:
    """The next working days, from tomorrow."""
    days: list[date] = []
    day = today
    while len(days) < DAYS_AHEAD:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY:
            days.append(day)
    return days
