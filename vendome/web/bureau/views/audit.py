"""The audit log: whether its chain is whole, and what was written last."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vendome.domains.people import permissions
from vendome.kit import audit as log
from vendome.kit.htmx import render_page
from vendome.web.bureau import pages, words
from vendome.web.bureau.actors import names_of
from vendome.web.bureau.frame import BureauRequest, bureau

MOST_SHOWN = 60


@require_safe
@bureau(permissions.AUDIT_VERIFY, section="audit")
def audit(request: BureauRequest) -> HttpResponse:
    """The last entries; with `verify` the whole chain is computed again first."""
    lines = log.list_recent(maison_id=request.actor.maison_id, limit=MOST_SHOWN)
    names = names_of(one.actor for one in lines)
    verdict = log.verify() if request.GET.get("verify") == "1" else None
    page = pages.AuditPage(
        verdict="" if verdict is None else "whole" if verdict.is_whole else "broken",
        sentence=_sentence(verdict),
        entries=verdict.entries if verdict else 0,
        unsealed=verdict.unsealed if verdict else 0,
        head=verdict.head[:16] if verdict else "",
        lines=[
            pages.AuditLine(
                seq=str(one.seq) if one.seq is not None else _("not sealed yet"),
                at=one.at,
                who=names[one.actor],
                what=words.said(words.ACTIONS, one.action),
                subject=_subject(one.subject),
            )
            for one in lines
        ],
    )
    return render_page(request, "bureau/audit.html", page)


def _sentence(verdict: log.Verdict | None) -> str:
    if verdict is None:
        return ""
    if verdict.is_whole:
        return _("The chain is whole: every entry is as it was written.")
    return _("The chain is broken at entry %(seq)s: %(reason)s.") % {
        "seq": verdict.broken_seq,
        "reason": verdict.reason,
    }


def _subject(subject: str) -> str:
    """ "client:01a1…" shortened so that it can be compared, and nobody's name shown."""
    kind, _colon, key = subject.partition(":")
    kinds = {"client": _("client"), "order": _("order"), "basket": _("bag"), "staff": _("staff")}
    return f"{kinds.get(kind, kind)} {key[-12:]}".strip()
