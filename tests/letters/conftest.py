"""A post office for tests: what was owed is written, sent and read again as the .eml files of the demo."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import override_settings

from tests.factories.small_house import NOW
from vendome.domains.letters.types import GATHERED
from vendome.kit import clock, outbox
from vendome.web.letters import sending


@dataclass(frozen=True)
class Read:
    """One letter as it lies in the folder."""

    subject: str
    to: str
    language: str
    text: str
    html: str

    @property
    def both(self) -> tuple[str, str]:
        """Its two forms, without the spaces that keep an amount together."""
        return _plain(self.text), _plain(_Words.of(self.html))


class _Words(HTMLParser):
    """The words of a page; fails for tags that are not closed in order."""

    EMPTY = frozenset({"meta", "br", "img", "link", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []
        self.images: list[dict[str, str | None]] = []

    @classmethod
    def of(cls, html: str) -> str:
        parser = cls()
        parser.feed(html)
        assert parser.open == [], f"never closed: {parser.open}"
        assert all("alt" in one for one in parser.images)
        return " ".join(parser.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.images.append(dict(attrs))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open[-1] != "style":
            self.words.append(" ".join(data.split()))


def _plain(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


class Post:
    """Hands on what the outbox holds, sends what is owed, and reads the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: set[str] = set()

    def deliver(self, at: datetime = NOW) -> None:
        """Events reach their handlers; letters are owed from then on."""
        with clock.frozen(at):
            outbox.deliver_all()

    def send(self, at: datetime = NOW) -> list[Read]:
        """Everything on its way, also what waits to be gathered; answers the letters that are new in the folder."""
        self.deliver(at)
        with clock.frozen(at + max(GATHERED.values()) + timedelta(seconds=1)):
            sending.send_due()
        return self.read()

    def read(self) -> list[Read]:
        found = sorted(self.folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        new = [path for path in found if path.name not in self.seen]
        self.seen |= {path.name for path in new}
        return [_read(path) for path in new]

    def one(self, at: datetime = NOW) -> Read:
        found = self.send(at)
        assert len(found) == 1, [one.subject for one in found]
        return found[0]


def _read(path: Path) -> Read:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return Read(
        subject=str(message["Subject"]),
        to=str(message["To"]),
        language=str(message["Content-Language"]),
        text=text.get_content(),
        html=html.get_content(),
    )


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """The demo's own way of sending, into a folder of this test."""
    folder = tmp_path / "mail"
    eml = {"BACKEND": "vendome.config.letters.EmlFiles", "OPTIONS": {"file_path": str(folder)}}
    with override_settings(MAILERS={"default": eml}, SITE="https://shop.example"):
        yield Post(folder)


@pytest.fixture
def french() -> Callable[[object], None]:
    """Let a client read French."""
    from vendome.domains.clients.models import Client

    return lambda client_id: Client.objects.filter(id=client_id).update(language="fr") and None
