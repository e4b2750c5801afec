# ruff: noqa: E501  # sentences are kept whole
"""Where a visitor stands in a launch, as one headline, one sentence and what she can do next."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vendome.domains.stock.queries import scarcity
from vendome.domains.stock.types_of_scarcity import (
    AllocationPolicy,
    AllocationState,
    AllocationView,
    EntryState,
    Standing,
)
from vendome.web.boutique import launch_words as words
from vendome.web.boutique.launch_pages import Line, Moment
from vendome.web.boutique.shop import Shop


def line_of(shop: Shop, view: AllocationView, standing: Standing | None) -> Line:
    """The line as it stands at this moment."""
    if standing is None:
        return _door(shop, view)
    match standing.state:
        case EntryState.OFFERED:
            return _yours(shop, view, standing)
        case EntryState.BOUGHT:
            return _plain(
                shop, "BOUGHT", _("It is yours"), _("Your order holds everything that follows."),
                order_url=shop.url("account"), token=str(standing.token),
            )  # fmt: skip
        case EntryState.WAITING:
            return _waiting(shop, view, standing)
        case _:
            return _out(shop, standing)


def _door(shop: Shop, view: AllocationView) -> Line:
    """She has not entered: the door is shut, open, or closed for good."""
    if view.state is AllocationState.ENDED:
        return _plain(
            shop, "ENDED", _("Every piece has found its owner"), _("Thank you for coming. There will be others.")
        )
    if view.state is AllocationState.CLOSED or (view.closes_at and view.closes_at <= shop.at):
        return _plain(
            shop, "CLOSED", _("The list is closed"), _("Those who entered hear from us in the order of the draw.")
        )
    if view.policy is AllocationPolicy.NOMINATIONS:
        return _plain(
            shop, "CLOSED", _("Your advisor speaks for you"), _("Tell her, or any boutique, that you would like one.")
        )
    invited = shop.client_id is not None and scarcity.is_invited(allocation_id=view.id, client_id=shop.client_id)
    first = view.room_opens_at if view.policy is AllocationPolicy.FIRST_COME else view.opens_at
    first = first or view.opens_at
    if invited and view.early_from:
        first = min(first, view.early_from)
    if view.only_invited and shop.client_id is None:
        return _plain(
            shop, "CLOSED", _("By invitation"), _("If you are invited, sign in: this page then opens for you."),
            needs_name=True,
        )  # fmt: skip
    if view.only_invited and not invited:
        return _plain(shop, "CLOSED", _("By invitation"), _("Your advisor can tell you more about these pieces."))
    if first > shop.at:
        is_room_first = view.policy is AllocationPolicy.FIRST_COME and first < view.opens_at
        opens = _("The waiting room opens on %(when)s") if is_room_first else _("The doors open on %(when)s")
        return _plain(
            shop, "BEFORE", opens % {"when": words.when(first)},
            _("Sign in before then, so that you only have to enter."), until_at=first, until_words=words.when(first),
        )  # fmt: skip
    is_room = view.policy is AllocationPolicy.FIRST_COME and view.opens_at > shop.at
    text = (
        _("Places are drawn at %(hour)s among everybody who is in the room by then: there is no need to be quick.")
        % {"hour": words.hour(view.opens_at)}
        if is_room
        else _("One tap. We keep your place, whatever happens to this page.")
    )
    return _plain(
        shop, "DOOR", _("The waiting room is open") if is_room else _("The doors are open"), text,
        until_at=view.opens_at if is_room else view.closes_at,
        until_words=words.when(view.opens_at if is_room else view.closes_at),
        until_label=_("until the doors open") if is_room else _("until the list closes"),
        may_enter=shop.client_id is not None,
    )  # fmt: skip


def _waiting(shop: Shop, view: AllocationView, standing: Standing) -> Line:
    told = _plain(shop, "LINE", "", "", token=str(standing.token), may_leave=True)
    if standing.place is None:
        others = max(0, standing.entries - 1)
        drawn = view.opens_at if view.policy is AllocationPolicy.FIRST_COME else view.closes_at
        note = (
            ngettext("%(n)d other is here with you.", "%(n)d others are here with you.", others) % {"n": others}
            if others
            else _("You are the first here.")
        )
        if view.state is AllocationState.CLOSED:
            drawn = None
        return replace(
            told, moment="ROOM", headline=_("You are in"), note=note, until_at=drawn,
            until_words=words.when(drawn), until_label=_("until places are drawn"),
            text=_("Nothing more to do: your entry is as good as any other. This page tells you the moment it is drawn."),
        )  # fmt: skip
    place = words.ordinal(standing.place, shop.language)
    before = (
        ngettext("%(n)d person before you still waits.", "%(n)d people before you still wait.", standing.before)
        % {"n": standing.before}
        if standing.before
        else _("You are next.")
    )
    return replace(
        told,
        headline=_("You are %(place)s") % {"place": place},
        text=_("%(pieces)s in all, %(left)d not yet bought. What somebody does not take passes on, in order.")
        % {"pieces": words.pieces(standing.pieces), "left": standing.left},
        note=before,
    )


def _yours(shop: Shop, view: AllocationView, standing: Standing) -> Line:
    assert standing.until_at is not None  # an offer has an end
    return _plain(
        shop, "YOURS", words.yours_until(standing.until_at, shop.at),
        _("It is put away in your name. Pay before then, and it stays yours; else it passes to the next in line."),
        until_at=standing.until_at, until_words=words.when(standing.until_at), token=str(standing.token), may_leave=True,
        checkout_url=shop.url("launch_checkout", code=view.code),
    )  # fmt: skip


def _out(shop: Shop, standing: Standing) -> Line:
    sentences = {
        "sold_out": (_("Every piece has found its owner"), _("Your place was kept to the end. There will be others.")),
        "quota": (_("You have yours already"), _("These pieces are limited to each client, over every boutique.")),
        "same_person": (_("You are in once"), _("Another entry in your name counts, and it counts for you.")),
    }
    if standing.state is EntryState.EXPIRED:
        headline, text = _("The time ran out"), _("Your piece has passed to the next in line.")
    elif standing.state is EntryState.PASSED:
        headline, text = _("You have passed"), _("Thank you for telling us: somebody else is smiling.")
    else:
        headline, text = sentences.get(
            standing.reason, (_("Not this time"), _("Every piece has been promised. Your advisor can tell you more."))
        )
    return _plain(shop, "OUT", headline, text, token=str(standing.token))


def _plain(
    shop: Shop,
    moment: Moment,
    headline: str,
    text: str,
    *,
    until_at: datetime | None = None,
    until_words: str = "",
    until_label: str = "",
    token: str = "",
    may_enter: bool = False,
    may_leave: bool = False,
    checkout_url: str = "",
    order_url: str = "",
    needs_name: bool = False,
) -> Line:
    needs_name = needs_name or (shop.client_id is None and moment in ("BEFORE", "DOOR"))
    return Line(
        moment=moment,
        headline=headline,
        text=text,
        note="",
        until_at=until_at,
        until_words=until_words,
        until_label=until_label,
        now=shop.at,
        token=token,
        may_enter=may_enter,
        may_leave=may_leave,
        checkout_url=checkout_url,
        order_url=order_url,
        sign_in_url=reverse("account_request_login_code") + "?next=" if needs_name else "",
    )


def with_return(line: Line, address: str) -> Line:
    """Signing in leads back to this page."""
    if not line.sign_in_url:
        return line
    here = reverse("boutique:welcome") + "?next=" + quote(address)
    return replace(line, sign_in_url=line.sign_in_url + quote(here))
