"""Who works where, and what each may do."""

from __future__ import annotations

import uuid
from itertools import groupby

from django.http import HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from vendome.domains.people import permissions
from vendome.domains.people import queries as people
from vendome.domains.people.types import Grant, StaffRow
from vendome.kit.htmx import render_page
from vendome.web.bureau import pages, words
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.components.frames import Link


@require_safe
@bureau(permissions.STAFF_VIEW, section="staff")
def team(request: BureauRequest) -> HttpResponse:
    """Everybody the reader may see, place by place."""
    query = request.GET.get("q", "").strip()[:80]
    found = [row for row in people.list_staff(actor=request.actor) if _matches(row, query)]
    page = pages.StaffPage(
        query=query,
        note=ngettext("%(n)d person", "%(n)d people", len(found)) % {"n": len(found)},
        teams=[
            pages.Team(place=place, people=[_colleague(row) for row in rows])
            for place, rows in groupby(found, key=lambda row: row.place_name)
        ],
    )
    return render_page(request, "bureau/staff.html", page, frozenset({"teams"}))


@require_safe
@bureau(permissions.STAFF_VIEW, section="staff")
def colleague(request: BureauRequest, staff_id: uuid.UUID) -> HttpResponse:
    """What she may do and where, role by role."""
    found = people.get_access(actor=request.actor, staff_id=staff_id)
    row = found.row
    page = pages.ColleaguePage(
        crumbs=[Link(label=_("Staff"), url=reverse("bureau:staff")), Link(label=row.name, url="")],
        name=row.name,
        facts=[
            (_("Place"), row.place_name),
            (_("Languages"), _languages(row)),
            (_("With the house since"), date_format(row.started_date, "j F Y")),
        ],
        rights=[_right(grant) for grant in found.grants],
    )
    return render_page(request, "bureau/colleague.html", page)


def _matches(row: StaffRow, query: str) -> bool:
    text = " ".join((row.name, row.place_name, _roles(row), _languages(row))).casefold()
    return all(word in text for word in query.casefold().split())


def _colleague(row: StaffRow) -> pages.Colleague:
    return pages.Colleague(
        name=row.name,
        url=reverse("bureau:colleague", args=[row.id]),
        roles=_roles(row),
        languages=_languages(row),
        since=row.started_date,
        note=_("lent to another place") if row.is_seconded else "",
    )


def _roles(row: StaffRow) -> str:
    return ", ".join(words.said(words.ROLES, role) for role in row.roles) or _("no role today")


def _languages(row: StaffRow) -> str:
    return ", ".join(words.said(words.LANGUAGES, code) for code in row.languages)


def _right(grant: Grant) -> pages.Right:
    if grant.place_name:
        where = grant.place_name
    elif grant.region:
        where = words.said(words.REGIONS, grant.region)
    else:
        where = _("The whole house")
    if grant.is_secondment:
        where = _("%(place)s, while she is lent there") % {"place": where}
    return pages.Right(
        role=words.said(words.ROLES, grant.role),
        where=where,
        until=grant.until_date,
        may=[words.said(words.RIGHTS, permission) for permission in grant.permissions],
    )
