"""Letters to clients: each kind as she reads it, and those the mail server has not taken."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from vendome.domains.letters import queries, services
from vendome.domains.letters.types import LetterKind, LetterRow, LetterState
from vendome.domains.people import permissions
from vendome.kit import clock
from vendome.kit.errors import NotFound
from vendome.kit.htmx import render_page
from vendome.web.boutique.locales import LANGUAGES
from vendome.web.bureau import letter_pages as pages
from vendome.web.bureau.frame import BureauRequest, bureau
from vendome.web.components.frames import Link
from vendome.web.letters import kinds, samples, writing

DESK, TELEPHONE = "desk", "telephone"
WIDTHS = {DESK: 700, TELEPHONE: 390}
A_MONTH = timedelta(days=30)
AS_A_LETTER = {  # styles inside, nothing from anywhere, and shown in a frame of our own page only
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "frame-ancestors": [CSP.SELF],
    "form-action": [CSP.NONE],
    "base-uri": [CSP.NONE],
}


@require_safe
@bureau(permissions.ORDERS_VIEW, section="letters")
def letters(request: BureauRequest) -> HttpResponse:
    """Every kind, and one of them as she reads it, on a desk or on a telephone."""
    kind, language = _kind(request.GET.get("kind", "ORDER")), _language(request.GET.get("language", "en"))
    width = WIDTHS.get(request.GET.get("on", ""), WIDTHS[DESK])
    actor, now = request.actor, clock.now()
    counts = queries.count_by_state(actor=actor, since=now - A_MONTH)
    here, on = reverse("bureau:letters"), TELEPHONE if width == WIDTHS[TELEPHONE] else DESK
    page = pages.LettersPage(
        kinds=[
            Link(label=str(label), url=f"{here}?kind={one}&language={language}&on={on}", current=one is kind)
            for one, label in kinds.KINDS.items()
        ],
        languages=[
            Link(label=name, url=f"{here}?kind={kind}&language={code}&on={on}", current=code == language)
            for code, name in LANGUAGES.items()
        ],
        widths=[
            Link(label=label, url=f"{here}?kind={kind}&language={language}&on={one}", current=one == on)
            for one, label in ((DESK, _("On a desk")), (TELEPHONE, _("On a telephone")))
        ],
        width=width,
        title=kinds.said(kind),
        subject=_written(request, kind, language).subject,
        sent=counts.get(LetterState.SENT, 0),
        preview_url=reverse("bureau:letter", args=[kind.value, language]),
        text_url=f"{reverse('bureau:letter', args=[kind.value, language])}?form=text",
        stuck=[_stuck(row) for row in queries.list_open(actor=actor)],
    )
    return render_page(request, "bureau/letters.html", page)


@require_safe
@xframe_options_sameorigin
@csp_override(AS_A_LETTER)
@bureau(permissions.ORDERS_VIEW, section="letters")
def letter(request: BureauRequest, kind: str, language: str) -> HttpResponse:
    """The letter itself, written from an order that never was."""
    written = _written(request, _kind(kind), _language(language))
    if request.GET.get("form") == "text":
        return HttpResponse(written.text, content_type="text/plain; charset=utf-8")
    return HttpResponse(written.html)


@require_POST
@bureau(permissions.ORDERS_VIEW, section="letters")
def again(request: BureauRequest, letter_id: uuid.UUID) -> HttpResponse:
    """Send a letter that was given up; it tells what is true now."""
    services.send_again(letter_id=letter_id, actor=request.actor, at=clock.now())
    messages.success(request, _("It is on its way again."))
    return HttpResponseRedirect(reverse("bureau:letters"), status=303)


def _written(request: BureauRequest, kind: LetterKind, language: str) -> writing.Written:
    maison_id = request.actor.in_maison
    return writing.write(samples.sample(kind=kind, language=language, maison_id=maison_id, at=clock.now()))


def _stuck(row: LetterRow) -> pages.StuckLetter:
    is_over = row.state is LetterState.GIVEN_UP
    return pages.StuckLetter(
        kind=kinds.said(row.kind),
        owed_at=row.owed_at,
        problem=row.problem,
        attempts=row.attempts,
        order_url=reverse("bureau:order", args=[row.order_id]) if row.order_id else "",
        again_url=reverse("bureau:letter_again", args=[row.id]) if is_over else "",
    )


def _kind(text: str) -> LetterKind:
    if text not in LetterKind.__members__:
        raise NotFound()
    return LetterKind(text)


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise NotFound()
    return text
