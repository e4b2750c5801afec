"""Forms of the boutique. They check shape only; what may be done, the commands decide."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vendome.web.boutique.locales import LANGUAGES
from vendome.web.boutique.pay_ways import CARD

type Pairs = Iterable[tuple[str, str | Promise]]

SORTS = (
    ("", _("As the house shows them")),
    ("price-up", _("Price, ascending")),
    ("price-down", _("Price, descending")),
    ("name", _("By name")),
)
CARDS = (  # instruments of the test provider: vendome.connectors.card_test
    ("card_good", _("A card that pays")),
    ("card_declined", _("A card that is declined")),
    ("card_silent", _("A card whose bank does not answer")),
)
PHONE = RegexValidator(
    r"^[+0-9 ().\-/]{6,24}$", _("Write the number with its figures only, for example +33 6 39 98 12 06.")
)

NAME = RegexValidator(r"[^\W\d_]", _("Write it in letters, as on an envelope."))
PLACE = RegexValidator(r"[^\W_]", _("Write it as on an envelope."))


class FilterForm(forms.Form):
    """Narrowing a family: every field may stay open."""

    material = forms.ChoiceField(label=_("Metal"), required=False)
    stone = forms.ChoiceField(label=_("Stone"), required=False)
    price = forms.ChoiceField(label=_("Price"), required=False)
    boutique = forms.ChoiceField(label=_("In a boutique today"), required=False)
    sort = forms.ChoiceField(label=_("Sort by"), choices=SORTS, required=False)

    def __init__(
        self, data: Any, *, materials: Pairs, stones: Pairs, prices: Pairs, boutiques: Pairs, **options: Any
    ) -> None:
        given = {"material": materials, "stone": stones, "price": prices, "boutique": boutiques}
        choices = {name: [("", _("All")), *found] for name, found in given.items()} | {"sort": list(SORTS)}
        if data is not None:  # an old address, or one written by hand: what is not offered counts as nothing
            data = {
                name: data[name] for name, found in choices.items() if data.get(name) in {value for value, _l in found}
            }
        super().__init__(data, auto_id="filter-%s", **options)
        for name, found in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = found

    def chosen(self, name: str) -> str:
        """What was chosen; a value that is not offered counts as nothing."""
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")


class AddForm(forms.Form):
    """A reference and how to receive it: `deliver`, or the code of a boutique."""

    reference = forms.UUIDField()
    way = forms.SlugField(max_length=60)


class LineForm(forms.Form):
    """A line of the bag, received another way or in another quantity."""

    way = forms.SlugField(max_length=60)
    quantity = forms.IntegerField(min_value=1, max_value=20, required=False)


class PayForm(forms.Form):
    """The demonstration card: it has three moods and takes no money."""

    card = forms.ChoiceField(
        label=_("Demonstration card"), choices=CARDS, initial=CARDS[0][0], widget=forms.RadioSelect
    )


def street_field() -> forms.CharField:
    """The parts of an address are the same wherever she writes one."""
    return forms.CharField(
        error_messages={"required": _("Tell us the street and number.")},
        label=_("Street and number"),
        max_length=120,
        validators=[NAME],
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
    )


def extra_field() -> forms.CharField:
    return forms.CharField(
        label=_("Building, floor, code"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-line2"}),
    )


def postcode_field(*, required: bool = True) -> forms.CharField:
    return forms.CharField(
        error_messages={"required": _("Tell us the postcode.")},
        label=_("Postcode"),
        max_length=16,
        validators=[PLACE],
        required=required,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )


def city_field() -> forms.CharField:
    return forms.CharField(
        error_messages={"required": _("Tell us the town.")},
        label=_("Town"),
        max_length=80,
        validators=[NAME],
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )


class CheckoutForm(PayForm):
    """Who, where to and how paid. `key` makes a second click the same order; `seen` is the bag she read."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    basket = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    name = forms.CharField(
        error_messages={"required": _("Tell us who it is for.")},
        label=_("First and last name"),
        max_length=120,
        validators=[NAME],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        error_messages={
            "required": _("Tell us where to write about the order."),
            "invalid": _("Write the address in full, for example name@example.com."),
        },
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        error_messages={"required": _("Tell us how to reach you about this order.")},
        label=_("Telephone"),
        max_length=24,
        validators=[PHONE],
        help_text=_("Only for this order: the carrier or the boutique may call."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel", "inputmode": "tel"}),
    )
    street = street_field()
    extra = extra_field()
    postcode = postcode_field()
    city = city_field()

    pay = forms.ChoiceField(label=_("How would you like to pay?"), widget=forms.RadioSelect)
    gift_code = forms.CharField(
        label=_("Code of a gift card or credit note"),
        max_length=60,
        required=False,
        help_text=_("What it holds is taken first; the rest is paid as chosen above."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    delivery = forms.CharField(max_length=12, required=False)
    slot = forms.ChoiceField(label=_("When shall we come?"), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        delivers: bool,
        has_postcodes: bool,
        ways: Iterable[tuple[str, str]] = (),
        is_hosted: bool = False,
        deliveries: Collection[str] = (),
        slots: Pairs = (),
        **options: Any,
    ) -> None:
        """`ways` are what the market offers; with `is_hosted` the card is entered on the provider's page."""
        if data is not None and "pay" not in data:
            data = {**data.dict(), "pay": CARD}  # a form of one way to pay does not ask
        super().__init__(data, **options)
        pay = self.fields["pay"]
        assert isinstance(pay, forms.ChoiceField)
        self.ways = list(ways) or [(CARD, str(_("Card")))]
        pay.choices = self.ways
        pay.initial = CARD
        if is_hosted:
            del self.fields["card"]
        self.delivers = delivers
        self.deliveries = deliveries
        hours = self.fields["slot"]
        assert isinstance(hours, forms.ChoiceField)
        hours.choices = [("", _("Choose a time")), *slots]
        if not delivers:
            for name in ("street", "extra", "postcode", "city", "delivery", "slot"):
                del self.fields[name]
        elif not has_postcodes:
            self.fields["postcode"].required = False

    @property
    def has_ways(self) -> bool:
        """Whether there is anything to choose."""
        return len(self.ways) > 1

    @property
    def way(self) -> str:
        """What she chose: `card`, `transfer`, or `plan-N`."""
        return str(self.cleaned_data.get("pay") or CARD)

    @property
    def rates(self) -> int:
        return int(self.way.removeprefix("plan-")) if self.way.startswith("plan-") else 0

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("gift_code", "").strip() and str(said.get("pay", "")).startswith("plan-"):
            self.add_error(
                "gift_code", _("A gift card cannot be joined with instalments; choose the card or a transfer.")
            )
        if said.get("delivery") == "WHITE_GLOVE" and not said.get("slot") and "slot" not in self.errors:
            self.add_error("slot", _("Tell us when we may come."))
        return said

    def clean_delivery(self) -> str:
        """The way she chose, the first when she had none to choose; one that has gone is said, not exchanged."""
        chosen = str(self.cleaned_data["delivery"])
        if chosen and self.deliveries and chosen not in self.deliveries:
            raise forms.ValidationError(_("This way is no longer offered for your order; choose one of these."))
        return chosen if chosen in self.deliveries else next(iter(self.deliveries), "")

    def address(self, country: str) -> tuple[str, ...]:
        """The lines of the envelope, the country last."""
        if not self.delivers:
            return ()
        said = self.cleaned_data
        town = " ".join(part for part in (said["postcode"], said["city"]) if part)
        return tuple(part for part in (said["name"], said["street"], said["extra"], town, country) if part)

    def with_key(self, key: uuid.UUID, *, seen: str, basket_id: uuid.UUID) -> CheckoutForm:
        """The same form, everything typed kept, under a fresh key: the next attempt is a new order."""
        if self.data:
            self.data = {**{name: self.data.get(name, "") for name in self.data}}
            self.data.update(key=str(key), seen=seen, basket=str(basket_id))
        return self


class ProfileForm(forms.Form):
    """How she is called and which language she reads."""

    given_name = forms.CharField(
        label=_("First name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    family_name = forms.CharField(
        label=_("Last name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    language = forms.ChoiceField(label=_("We write to you in"), choices=list(LANGUAGES.items()))


class ChooserForm(forms.Form):
    """Market and language of the colophon."""

    market = forms.RegexField(r"^[A-Za-z]{2}$")
    language = forms.ChoiceField(choices=list(LANGUAGES.items()))
