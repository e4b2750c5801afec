"""What the pages about webhooks may read, and how they say kinds, states and outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from vendome.domains.webhooks import registry
from vendome.domains.webhooks.types import AttemptRow, DeliveryRow, DeliveryState, EndpointState, EndpointView
from vendome.web.bureau import words
from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Tone

KINDS = {
    "clients.client_created": gettext_lazy("a client’s file was begun"),
    "fulfilment.handed_over": gettext_lazy("a piece was handed over"),
    "orders.order_expired": gettext_lazy("an order was not paid in time"),
    "orders.order_placed": gettext_lazy("an order was placed"),
    "payments.payment_captured": gettext_lazy("an order was paid"),
    "payments.payment_failed": gettext_lazy("a payment was declined"),
    "payments.refund_due": gettext_lazy("money is owed back"),
    "payments.refund_failed": gettext_lazy("a refund did not go through"),
    "payments.refunded": gettext_lazy("money was given back"),
    "stock.level_changed": gettext_lazy("a shelf changed"),
    "webhooks.tested": gettext_lazy("a test"),
}
ENDPOINT_STATES: dict[EndpointState, tuple[object, Tone]] = {
    EndpointState.ACTIVE: (gettext_lazy("active"), "good"),
    EndpointState.PAUSED: (gettext_lazy("paused"), "care"),
    EndpointState.ENDED: (gettext_lazy("ended"), "open"),
}
DELIVERY_STATES: dict[DeliveryState, tuple[object, Tone]] = {
    DeliveryState.DELIVERED: (gettext_lazy("delivered"), "good"),
    DeliveryState.WAITING: (gettext_lazy("on its way"), "open"),
    DeliveryState.DEAD: (gettext_lazy("given up"), "wrong"),
}


TOPICS = {
    "clients": gettext_lazy("Clients"),
    "orders": gettext_lazy("Orders, returns and changes"),
    "payments": gettext_lazy("Payments"),
    "fulfilment": gettext_lazy("Parcels and hand-over"),
    "stock": gettext_lazy("Stock, transfers, counts and allocations"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Kinds of event that belong together, with how many of them are chosen."""

    value: str
    label: str
    choices: Sequence[Choice]
    count: int
    is_whole: bool


def topic_of(kind: str) -> str:
    return kind.partition(".")[0]


def said_of(kind: str) -> str:
    """A kind of event in words; one that has none here is said as the registry says it."""
    return words.said(KINDS, kind) if kind in KINDS else registry.BY_KIND[kind].words.rstrip(".")


class EndpointForm(forms.Form):
    """Where to tell, and of what."""

    use_required_attribute = False

    key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=2000,
        help_text=gettext_lazy("Public and https, for example https://erp.example.com/vendome."),
        error_messages={"required": gettext_lazy("Write the address that is to be told.")},
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false", "autocapitalize": "none"}),
    )
    description = forms.CharField(
        label=gettext_lazy("What it is"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("For your colleagues: which program this is, and who looks after it."),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Tell it when"),
        required=False,
        help_text=gettext_lazy("Choose nothing to tell it of everything, and of what is added later."),
        widget=forms.CheckboxSelectMultiple,
    )
    topics = forms.MultipleChoiceField(required=False, choices=list(TOPICS.items()))  # every kind of a topic

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # handed through as they came
        chosen = self.fields["kinds"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        chosen.choices = [(kind, said_of(kind)) for kind in registry.SUBSCRIBABLE]

    def clean(self) -> dict[str, Any]:
        """A topic chosen whole is all of its kinds."""
        given = super().clean() or {}
        whole = set(given.get("topics", ()))
        wanted = {*given.get("kinds", ()), *(kind for kind in registry.SUBSCRIBABLE if topic_of(kind) in whole)}
        given["kinds"] = [kind for kind in registry.SUBSCRIBABLE if kind in wanted]
        return given

    def by_topic(self) -> list[Topic]:
        """The kinds in their topics, as the page shows them."""
        chosen, whole = set(self["kinds"].value() or ()), set(self["topics"].value() or ())
        found = []
        for topic, label in TOPICS.items():
            kinds = [kind for kind in registry.SUBSCRIBABLE if topic_of(kind) == topic]
            choices = [
                Choice(value=kind, label=said_of(kind), chosen=kind in chosen or topic in whole) for kind in kinds
            ]
            count = sum(one.chosen for one in choices)
            found.append(Topic(value=topic, label=str(label), choices=choices, count=count, is_whole=topic in whole))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointLine:
    """One endpoint in the list."""

    url: str
    page_url: str
    description: str
    hears: str
    state: str
    tone: Tone
    waiting: int
    dead: int
    last_delivered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhooksPage:
    endpoints: Sequence[EndpointLine]
    new_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFormPage:
    crumbs: Sequence[Link]
    title: str
    action: str
    form: EndpointForm
    back_url: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLine:
    kind: str
    words: str
    subject: str
    url: str
    created_at: datetime
    state: str
    tone: Tone
    attempts: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointPage:
    crumbs: Sequence[Link]
    url: str
    description: str
    state: str
    tone: Tone
    is_paused: bool
    paused_reason: str
    hears: Sequence[str]
    secret: str
    old_secret_until: datetime | None
    waiting: int
    dead: int
    tabs: Sequence[Link]
    deliveries: Sequence[DeliveryLine]
    next_url: str
    export_url: str
    change_url: str
    act_url: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLine:
    number: int
    at: datetime
    answer: str
    tone: Tone
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage:
    crumbs: Sequence[Link]
    words: str
    state: str
    tone: Tone
    facts: Sequence[tuple[str, str]]
    attempts: Sequence[AttemptLine]
    can_replay: bool
    next_try_at: datetime | None
    body: str


def state_of(view: EndpointView) -> tuple[str, Tone]:
    label, tone = ENDPOINT_STATES[view.state]
    return str(label), tone


def state_of_delivery(row: DeliveryRow) -> tuple[str, Tone]:
    label, tone = DELIVERY_STATES[row.state]
    return str(label), tone


def answer_of(attempt: AttemptRow) -> str:
    return str(attempt.status) if attempt.status is not None else attempt.problem
