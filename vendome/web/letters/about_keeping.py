"""Letters about a piece that is kept for her: set aside, or offered because her turn has come. None names a price."""

from __future__ import annotations

from django.utils.translation import gettext as _

from vendome.flows.letter_facts import Case, Kept
from vendome.web.letters import telling
from vendome.web.letters.content import Content


def set_aside(case: Case) -> Content:
    kept = _kept(case)
    place = case.places[kept.place_id]
    said = {"place": place.name, "until": telling.moment(kept.until, place) if kept.until else ""}
    if kept.until:
        text = _("It is kept for you in %(place)s until %(until)s. Come and see it; nothing binds you.") % said
    else:
        text = _("It is kept for you in %(place)s. Come and see it; nothing binds you.") % said
    return Content(
        subject=_("Set aside for you in %(place)s") % said,
        headline=_("Set aside for you"),
        paragraphs=(text,),
        items=(telling.piece(case, kept.reference_id),),
        parts=telling.visits(case, [kept.place_id]),
        action=(_("See what is set aside"), telling.her_url(case, "account")),
    )


def offered(case: Case) -> Content:
    """Her turn has come, by a draw, a list or the committee: until when, and where to say yes."""
    kept = _kept(case)
    place = telling.home_place(case)
    until = telling.moment(kept.until, place) if kept.until else ""
    paragraphs = [_("One piece is kept for you, and for nobody else.")]
    if until:
        paragraphs.append(
            _("It is yours to take until %(until)s; after that it goes to the next in line.") % {"until": until}
        )
    return Content(
        subject=_("%(title)s: your turn has come") % {"title": kept.title},
        headline=_("Your turn has come"),
        paragraphs=tuple(paragraphs),
        items=(telling.piece(case, kept.reference_id),),
        action=(_("See your piece"), telling.her_url(case, "launch", code=kept.code)),
        notes=(_("You need not answer if you would rather leave it to somebody else."),),
    )


def _kept(case: Case) -> Kept:
    assert case.kept is not None  # read with the case
    return case.kept
