"""What the frame around a page shows: navigation, place, bag. A surface sets `request.frame` to one of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One entry of a navigation, breadcrumb or tab row. `world` is a collection code, `note` a year or count."""

    label: str
    url: str
    current: bool = False
    note: str = ""
    icon: str = ""
    world: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of a chooser: a market, a language, a size, a metal."""

    value: str
    label: str
    chosen: bool = False
    note: str = ""
    disabled: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoutiqueFrame:
    """The web store's masthead and colophon."""

    families: Sequence[Link] = ()
    collections: Sequence[Link] = ()
    services: Sequence[Link] = ()
    boutiques: Sequence[Link] = ()
    legal: Sequence[Link] = ()
    markets: Sequence[Choice] = ()
    languages: Sequence[Choice] = ()
    market_label: str = ""
    chooser_url: str = ""
    home_url: str = "/"
    search_url: str = ""
    boutiques_url: str = ""
    account_url: str = ""
    bag_url: str = ""
    bag_count: int = 0
    client_name: str = ""
    live_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFrame:
    """The frame of the salon (tablet) and of the bureau (desktop)."""

    links: Sequence[Link] = ()
    place_name: str = ""
    person_name: str = ""
    home_url: str = "/"
    profile_url: str = ""
    sign_out_url: str = ""
    notice: str = ""
    live_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFrame:
    """Pages outside any surface: sign-in, errors, the gallery."""

    home_url: str = "/"
    live_token: str = field(default="")


Frame = BoutiqueFrame | StaffFrame | NoFrame

EMPTY: dict[str, Frame] = {
    "boutique": BoutiqueFrame(),
    "salon": StaffFrame(home_url="/salon/"),
    "bureau": StaffFrame(home_url="/bureau/"),
    "quiet": NoFrame(),
}
