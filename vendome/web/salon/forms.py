"""The salon's forms: they check shape and keep what was typed; the domains decide."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendome.domains.fulfilment.types import Proof
from vendome.domains.orders.types import Mode
from vendome.domains.payments.types import Tender
from vendome.flows.line_steps import Step
from vendome.kit.money import Money, decimals
from vendome.web.salon import words

PROOFS = (Proof.IDENTITY_SEEN, Proof.ORDER_CODE, Proof.KNOWN_TO_ADVISOR)
CLIENT_LANGUAGES = ("fr", "en", "it", "es", "de", "pt", "ja", "zh", "ko", "ar")
TENDERS = {
    Tender.TERMINAL.value: gettext_lazy("Card, on the terminal"),
    Tender.CASH.value: gettext_lazy("Cash"),
}
LINK = "LINK"  # a card tender that she pays on a page of her own


def new_key() -> str:
    """A fresh key for a form whose effect must happen once."""
    return str(uuid.uuid4())


class OneOfField(forms.CharField):
    """A field that is needed unless another one is given; the form says so, not the field."""

    def validate(self, value: str) -> None:
        """Empty is well formed here."""


class OneOfEmail(forms.EmailField):
    """As OneOfField, for an e-mail address."""

    def validate(self, value: str) -> None:
        """Empty is well formed here."""


class KeyedForm(forms.Form):
    """A form that does its work once, however often it is sent."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)


class RepeatableForm(forms.Form):
    """A form that does its work once for each time it was opened."""

    key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class HandOverForm(KeyedForm):
    proof = forms.ChoiceField(
        label=gettext_lazy("How was she recognised?"),
        choices=[(proof.value, words.PROOFS[proof.value]) for proof in PROOFS],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say how you know that this is her.")},
    )


class OpenFileForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why do you open this file?"),
        help_text=gettext_lazy("For example: she is at the counter to collect her order."),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write the reason in a few words.")},
    )


class ReleaseForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why is it free again?"),
        max_length=200,
        error_messages={"required": gettext_lazy("Write the reason in a few words.")},
    )


class NewClientForm(RepeatableForm):
    use_required_attribute = False

    given_name = OneOfField(label=gettext_lazy("Given name"), max_length=120)
    family_name = OneOfField(label=gettext_lazy("Family name"), max_length=120)
    email = OneOfEmail(
        label=gettext_lazy("E-mail"),
        error_messages={"invalid": gettext_lazy("Write a whole e-mail address, such as name@example.com.")},
    )
    phone = OneOfField(
        label=gettext_lazy("Telephone"),
        max_length=40,
        help_text=gettext_lazy("With the country’s code: +33 6 12 34 56 78."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language we speak with her"),
        choices=[(code, words.LANGUAGES[code]) for code in CLIENT_LANGUAGES],
    )
    service_email = forms.BooleanField(
        label=gettext_lazy("Messages about her orders and the care of her pieces, by e-mail"), required=False
    )
    news_email = forms.BooleanField(label=gettext_lazy("News of the house, by e-mail"), required=False)
    advice_phone = forms.BooleanField(
        label=gettext_lazy("Personal advice from her advisor, by telephone or message"), required=False
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not any(str(given.get(name, "")).strip() for name in ("given_name", "family_name")):
            self.add_error("family_name", _("Write at least one name."))
        if not (given.get("email") or given.get("phone")) and not self.errors.get("email"):
            self.add_error("email", _("Write an e-mail address or a telephone number, so that she can be found again."))
        if given.get("phone") and sum(char.isdigit() for char in given["phone"]) < 6:
            self.add_error("phone", _("This number is too short; write it with its country code."))
        return given


class AmountField(forms.CharField):
    """An amount of money as it is written, in the currency of the page; whole minor units come out."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(required=options.pop("required", False), max_length=20, **options)
        self.currency = "EUR"

    def clean(self, value: Any) -> int | None:
        text = str(super().clean(value)).replace("\u202f", "").replace("\xa0", "").replace(" ", "").replace("’", "")
        if not text:
            return None
        if "," in text and "." not in text and len(text.rpartition(",")[2]) <= decimals(self.currency):
            text = text.replace(",", ".")
        try:
            money = Money.of(text.replace(",", ""), self.currency)
            exact = money.major == Decimal(text.replace(",", ""))
        except (InvalidOperation, ValueError, OverflowError):
            exact, money = False, Money(0, self.currency)
        if not exact or not 0 < money.amount < 10**12:
            raise forms.ValidationError(_("Write an amount such as 1,250 or 1250.50."))
        return money.amount


class SaleForm(KeyedForm):
    """How a sale is paid: one tender, and if she likes a part in cash, on a gift card, or only a deposit today."""

    use_required_attribute = False
    carried = "tender reference cash_part deposit guest_name"  # go along when the address of the sale changes

    tender = forms.ChoiceField(
        label=gettext_lazy("Paid by"),
        choices=[*TENDERS.items(), (LINK, gettext_lazy("A link on her phone"))],
        widget=forms.RadioSelect,
        initial="TERMINAL",
    )
    reference = OneOfField(
        label=gettext_lazy("Reference on the terminal’s slip"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    gift_code = forms.CharField(
        label=gettext_lazy("Code of the gift card or credit note"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("What it holds is taken first; the rest is paid as chosen above."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    cash_part = AmountField(
        label=gettext_lazy("A part in cash"), help_text=gettext_lazy("The rest is paid as chosen above.")
    )
    deposit = AmountField(
        label=gettext_lazy("Only a deposit today"),
        help_text=gettext_lazy("The piece stays here, set aside for her, until the rest is paid."),
    )
    guest_name = forms.CharField(label=gettext_lazy("Name for the receipt"), required=False, max_length=160)
    seen_total = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, currency: str = "EUR", **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name in ("cash_part", "deposit"):
            field = self.fields[name]
            assert isinstance(field, AmountField)
            field.currency = currency

    @property
    def is_split(self) -> bool:
        """Whether the folded part of the form holds something, or something that is wrong."""
        names = ("gift_code", "cash_part", "deposit")
        if self.is_bound:
            return any(self.data.get(name) or name in self.errors for name in names)
        return self.asks_code_again or any(self.initial.get(name) for name in names)

    @property
    def asks_code_again(self) -> bool:
        """Whether a code was typed before the sale changed: it is never written into an address."""
        return not self.is_bound and bool(self.initial.get("sealed"))

    @classmethod
    def typed(cls, address: Mapping[str, str]) -> dict[str, str]:
        """What an address carries of a payment that somebody had begun to write down."""
        found = {name: address.get(name, "")[:160] for name in [*cls.carried.split(), "sealed"] if address.get(name)}
        if found.get("tender", LINK) not in (*TENDERS, LINK):
            del found["tender"]
        return found


class HoldForm(RepeatableForm):
    until = forms.DateField(
        label=gettext_lazy("Until the evening of"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": gettext_lazy("Choose the last day.")},
    )
    reason = forms.CharField(label=gettext_lazy("What for"), max_length=200, required=False)


class RestForm(KeyedForm):
    """A further tender of an order, taken at the counter."""

    use_required_attribute = False
    tender = forms.ChoiceField(
        label=gettext_lazy("Paid by"),
        choices=[*TENDERS.items(), (Tender.GIFT_CARD.value, gettext_lazy("Gift card or credit note"))],
        widget=forms.RadioSelect,
        initial="TERMINAL",
    )
    amount = AmountField(
        label=gettext_lazy("Amount"), help_text=gettext_lazy("Left empty, it takes all that is missing.")
    )
    reference = OneOfField(
        label=gettext_lazy("Reference on the terminal’s slip"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    gift_code = OneOfField(
        label=gettext_lazy("Code of the gift card or credit note"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def __init__(self, *arguments: Any, currency: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        field = self.fields["amount"]
        assert isinstance(field, AmountField)
        field.currency = currency

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("tender") == Tender.TERMINAL.value and not str(given.get("reference", "")).strip():
            self.add_error("reference", _("Write the reference printed on the slip, or choose cash."))
        if given.get("tender") == Tender.GIFT_CARD.value and not str(given.get("gift_code", "")).strip():
            self.add_error("gift_code", _("Write the code of the gift card or credit note."))
        return given


class GiftCardForm(KeyedForm):
    """A gift card sold at the counter."""

    use_required_attribute = False
    amount = AmountField(
        label=gettext_lazy("Amount on the card"),
        required=True,
        error_messages={"required": gettext_lazy("Write what the card shall hold.")},
    )
    tender = forms.ChoiceField(
        label=gettext_lazy("Paid by"), choices=list(TENDERS.items()), widget=forms.RadioSelect, initial="TERMINAL"
    )
    reference = OneOfField(
        label=gettext_lazy("Reference on the terminal’s slip"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def __init__(self, *arguments: Any, currency: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        field = self.fields["amount"]
        assert isinstance(field, AmountField)
        field.currency = currency

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("tender") == Tender.TERMINAL.value and not str(given.get("reference", "")).strip():
            self.add_error("reference", _("Write the reference printed on the slip, or choose cash."))
        return given


class StepForm(KeyedForm):
    step = forms.ChoiceField(choices=[(step.value, step.value) for step in Step])


class RefuseForm(KeyedForm):
    reason = forms.ChoiceField(
        label=gettext_lazy("Why can it not be given?"),
        choices=list(words.REFUSALS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose the reason: whoever speaks with her needs it.")},
    )
    note = forms.CharField(
        label=gettext_lazy("What you have seen"),
        help_text=gettext_lazy("For example: not in its tray, not in the window; last seen on Tuesday."),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write a few words; they save a telephone call.")},
    )


class ReserveForm(KeyedForm):
    """Setting a piece aside at another place, for the two days that are given from afar."""

    place = forms.UUIDField(widget=forms.HiddenInput)


class AfarForm(SaleForm):
    """A sale at the counter of what another place holds."""

    way = forms.CharField(
        max_length=40,
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("Choose how she receives it.")},
    )
    address = forms.CharField(
        label=gettext_lazy("Where it is sent"),
        help_text=gettext_lazy("Name, street, postcode and town, country; one on each line."),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("tender") == Tender.TERMINAL.value and not str(given.get("reference", "")).strip():
            self.add_error("reference", _("Write the reference printed on the slip, or choose cash."))
        if given.get("way") == Mode.DELIVER.value and len(self.address_lines()) < 2:
            self.add_error("address", _("Write at least a street and a town."))
        return given

    def address_lines(self) -> list[str]:
        return [line.strip() for line in str(self.cleaned_data.get("address", "")).splitlines() if line.strip()][:8]
