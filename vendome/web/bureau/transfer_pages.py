"""What the bureau's pages of transfers and movements may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms

from vendome.web.components.frames import Choice, Link
from vendome.web.components.parts import Column, Row, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class TransfersPage:
    tabs: Sequence[Link]
    states: Sequence[Choice]
    places: Sequence[Choice]
    ages: Sequence[Choice]
    columns: Sequence[Column]
    rows: Sequence[Row]
    note: str
    next_url: str
    export_url: str
    new_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PickRow:
    """A reference or piece that is asked for, or could be, as it stands at the place that has it."""

    code: str  # what the form carries: a SKU, or a serial number
    name: str
    form: str
    picture: str  # the model's code, empty for what nobody knows
    world: str
    stands: str
    tone: Tone
    metal: str = ""  # the reference's own, whatever the picture shows
    count: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTransferPage:
    crumbs: Sequence[Link]
    form: forms.Form
    problem: str
    back_url: str
    query: str
    hits: Sequence[PickRow]
    is_asked: bool
    rows: Sequence[PickRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovePage:
    """One piece or quantity, and what may be done with it here."""

    crumbs: Sequence[Link]
    name: str
    form_words: str
    code: str
    world: str
    place: str
    serial: str
    state: str
    form: forms.Form
    clients: Sequence[Choice]
    needs_client: bool
    problem: str
    back_url: str
