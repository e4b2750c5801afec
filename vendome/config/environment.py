"""Reads settings from the environment; a value that cannot work is refused with one sentence."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from vendome.config import home, logs

if TYPE_CHECKING:
    from vendome.kit.embedded import Cluster

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


class SettingError(Exception):
    """A setting is wrong; the message names the variable, what is wrong and what to write."""


def text(name: str, default: str = "") -> str:
    """The variable without surrounding space, or the default when it is not set or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool = False) -> bool:
    """A yes or a no. Raises SettingError for anything else."""
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise SettingError(f"{name} is neither a yes nor a no ({value!r}): write {name}=1 or {name}=0.")


def words(name: str) -> list[str]:
    """A list separated by commas; spaces around the words do not matter."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def number(name: str, *, default: int, minimum: int, maximum: int) -> int:
    """A whole number within limits. Raises SettingError for anything else."""
    value = text(name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or not minimum <= int(value) <= maximum:
        raise SettingError(f"{name} is {value!r}: write a whole number from {minimum} to {maximum}.")
    return int(value)


def threads() -> int:
    """How many requests of any urgency one serving process works at at once."""
    return number("VENDOME_THREADS", default=3, minimum=1, maximum=64)


def turns_away() -> bool:
    """Whether a house that is overrun turns the least urgent away (ADR 0028)."""
    return flag("VENDOME_TURN_AWAY", default=True)


def address(name: str, *, default: str) -> str:
    """The address of an outside system. Raises SettingError for what is none."""
    value = text(name) or default
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingError(f"{name} is not an address: write {name}={default}.")
    return value


def hosts(*, demo: bool) -> list[str]:
    """The names this house answers to; without `VENDOME_HOSTS` only this machine's own."""
    chosen = words("VENDOME_HOSTS")
    for host in chosen:
        if "/" in host or ":" in host.strip("[]").rpartition("]")[2]:
            raise SettingError(
                f"VENDOME_HOSTS holds {host!r}: write host names only, "
                "for example VENDOME_HOSTS=shop.example,www.shop.example."
            )
    if not demo and "*" in chosen:
        raise SettingError("VENDOME_HOSTS may not be '*': write the names of your house, separated by commas.")
    return chosen or ["localhost", "127.0.0.1", "[::1]", "testserver"]


def origins() -> list[str]:
    """Other origins whose forms are accepted, as `https://host`."""
    chosen = words("VENDOME_ORIGINS")
    for origin in chosen:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"}:
            raise SettingError(f"VENDOME_ORIGINS holds {origin!r}: write whole origins such as https://shop.example.")
    return chosen


def secret_key() -> str:
    """`VENDOME_SECRET_KEY`, else a secret made on first start and kept outside the repository."""
    chosen = text("VENDOME_SECRET_KEY")
    if chosen and len(chosen) < 50:
        raise SettingError(
            "VENDOME_SECRET_KEY is too short to be safe: write at least 50 random characters, "
            "or leave it unset and Vendôme makes one."
        )
    return chosen or home.secret("django")


# -- payments ----------------------------------------------------------------------------------------------


def gift_card_key() -> str:
    """`VENDOME_GIFT_CARD_KEY`, else a secret made on first start: gift card codes are kept hashed under it, for
    good."""
    chosen = text("VENDOME_GIFT_CARD_KEY")
    if chosen and len(chosen) < 50:
        raise SettingError(
            "VENDOME_GIFT_CARD_KEY is too short to be safe: write at least 50 random characters, "
            "or leave it unset and Vendôme makes one. Never change it while cards are in use."
        )
    return chosen or home.secret("gift-cards")


@dataclass(frozen=True)
class StripeAccount:
    """How to reach one Stripe account, and on which pages of theirs clients enter their cards."""

    key: str
    webhook_secrets: tuple[str, ...]
    base_url: str
    seconds: int
    pages: tuple[str, ...]

    @property
    def is_live(self) -> bool:
        return "_live_" in self.key


def stripe(*, demo: bool) -> StripeAccount | None:
    """The Stripe account of `VENDOME_STRIPE_KEY`; None without one. Raises SettingError for what cannot work."""
    key = text("VENDOME_STRIPE_KEY")
    if not key:
        return None
    if not key.startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_")):
        raise SettingError(
            "VENDOME_STRIPE_KEY is not a secret key of Stripe: write one that begins with sk_live_ or rk_live_ "
            "(sk_test_ while you try it); a publishable key (pk_) cannot take payments."
        )
    if demo and "_live_" in key:
        raise SettingError("VENDOME_STRIPE_KEY is a live key and the demo takes no money: write a key with _test_.")
    secrets = tuple(words("VENDOME_STRIPE_WEBHOOK_SECRET"))
    if not secrets or not all(one.startswith("whsec_") for one in secrets):
        raise SettingError(
            "VENDOME_STRIPE_WEBHOOK_SECRET is missing or not a signing secret: copy the one of your endpoint in "
            "Stripe's dashboard; it begins with whsec_. While you exchange it, write both, separated by a comma."
        )
    base = text("VENDOME_STRIPE_URL", "https://api.stripe.com").rstrip("/")
    parts = urlsplit(base)
    is_own = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if (
        not parts.hostname
        or parts.path
        or parts.scheme not in {"https", "http"}
        or (parts.scheme == "http" and not is_own)
    ):
        raise SettingError(
            f"VENDOME_STRIPE_URL is {base!r}: leave it unset for Stripe itself, or write an origin such as "
            "http://127.0.0.1:12111 for a stand-in on this machine."
        )
    pages = (base,) if is_own else ("https://checkout.stripe.com",)
    seconds = number("VENDOME_STRIPE_SECONDS", default=10, minimum=1, maximum=60)
    return StripeAccount(key, secrets, base, seconds, pages)


# -- database ----------------------------------------------------------------------------------------------


def uses_embedded_database() -> bool:
    """Whether the PostgreSQL that comes with Vendôme is the one in use."""
    return not text("DATABASE_URL")


def database() -> dict[str, Any]:
    """Django's settings for `DATABASE_URL` (PostgreSQL 15 or newer), else for the embedded server's socket."""
    url = text("DATABASE_URL")
    place = _parse_database(url) if url else _embedded()
    options = {"application_name": "vendome", "connect_timeout": 10} | place.pop("OPTIONS")
    return place | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def embedded_cluster() -> Cluster | None:
    """The PostgreSQL that comes along, when it is the one in use."""
    from vendome.kit.embedded import Cluster

    return Cluster(home.state_dir()) if uses_embedded_database() else None


def _embedded() -> dict[str, Any]:
    from vendome.kit import embedded

    cluster = embedded.Cluster(home.state_dir())
    return {
        "NAME": embedded.DATABASE,
        "USER": embedded.SUPERUSER,
        "HOST": str(cluster.socket_dir),
        "OPTIONS": {},
    }


def _parse_database(url: str) -> dict[str, Any]:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    example = "DATABASE_URL=postgresql://user:password@host:5432/vendome"
    scheme = url.partition("://")[0]
    if scheme not in {"postgresql", "postgres"}:
        raise SettingError(
            f"DATABASE_URL does not begin with postgresql://; Vendôme speaks PostgreSQL only: write {example}."
        )
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:  # its message may repeat the password
        raise SettingError(f"DATABASE_URL cannot be read as an address: write {example}.") from None
    name = str(parts.pop("dbname", "") or "")
    if not name:
        raise SettingError(f"DATABASE_URL names no database: write {example}.")
    return {
        "NAME": name,
        "USER": str(parts.pop("user", "") or ""),
        "PASSWORD": str(parts.pop("password", "") or ""),
        "HOST": str(parts.pop("host", "") or ""),
        "PORT": str(parts.pop("port", "") or ""),
        "OPTIONS": dict(parts),
    }


# -- mail --------------------------------------------------------------------------------------------------


def site(*, is_https: bool) -> str:
    """`VENDOME_SITE`: where the pages are that letters lead to; else the first of `VENDOME_HOSTS`."""
    chosen = text("VENDOME_SITE").rstrip("/")
    if not chosen:
        names = [one for one in words("VENDOME_HOSTS") if one != "*"]
        return f"http{'s' if is_https else ''}://{(names or ['localhost'])[0].lstrip('.')}"
    parts = urlsplit(chosen)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path:
        raise SettingError(f"VENDOME_SITE is {chosen!r}: write a whole origin such as https://shop.example.")
    return chosen


def mailers(*, demo: bool) -> dict[str, dict[str, Any]]:
    """The demo writes its letters to files; a house sends through `VENDOME_SMTP_URL`."""
    url = text("VENDOME_SMTP_URL")
    if demo and not url:
        folder = home.state_dir() / "mail"
        return {"default": {"BACKEND": "vendome.config.letters.EmlFiles", "OPTIONS": {"file_path": str(folder)}}}
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": _smtp(url)}}


def _smtp(url: str) -> dict[str, Any]:
    if not url:
        return {"host": "localhost", "port": 25, "timeout": 10}
    example = "VENDOME_SMTP_URL=smtps://user:password@mail.example:465 (or smtp+tls:// for STARTTLS)"
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps", "smtp+tls"} or not parts.hostname:
        raise SettingError(f"VENDOME_SMTP_URL is not a mail server's address: write {example}.")
    try:
        port = parts.port
    except ValueError:
        raise SettingError(f"VENDOME_SMTP_URL has a port that is not a number: write {example}.") from None
    return {
        "host": parts.hostname,
        "port": port or {"smtp": 25, "smtps": 465, "smtp+tls": 587}[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": parts.scheme == "smtps",
        "use_tls": parts.scheme == "smtp+tls",
        "timeout": 10,
    }


# -- logs --------------------------------------------------------------------------------------------------


def configure_logging(*, demo: bool, debug: bool) -> None:
    """JSON lines in production, short lines for people in the demo (`vendome.config.logs`)."""
    level = text("VENDOME_LOG_LEVEL", "INFO").upper()
    if level not in logs.LEVELS:
        raise SettingError(f"VENDOME_LOG_LEVEL is {level!r}: write one of {', '.join(logs.LEVELS)}.")
    logs.configure(level=level, for_people=demo or debug)
