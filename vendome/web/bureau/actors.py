"""Who did it, in words: labels such as `STAFF:…` become the name headquarters knows."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from vendome.domains.people import queries as people


def names_of(labels: Iterable[str]) -> dict[str, str]:
    """Names for actor labels, in one query. Clients stay clients: a ledger is no place for their names."""
    wanted = set(labels)
    staff = {label: found for label in wanted if (found := _staff_id(label))}
    known = people.staff_names(ids=set(staff.values()))
    return {
        label: known.get(staff[label], _("a former colleague")) if label in staff else _other(label) for label in wanted
    }


def name_in(names: Mapping[str, str], label: str) -> str:
    return names.get(label, label)


def _staff_id(label: str) -> uuid.UUID | None:
    kind, _colon, rest = label.partition(":")
    try:
        return uuid.UUID(rest) if kind == "STAFF" else None
    except ValueError:
        return None


def _other(label: str) -> str:
    kinds = {
        "CLIENT": _("the client, online"),
        "APP": _("a connected program"),
        "SYSTEM": _("Vendôme"),
        "ANONYMOUS": _("a guest, online"),
    }
    return kinds.get(label.partition(":")[0], label)
