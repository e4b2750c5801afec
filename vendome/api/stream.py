"""`GET /live/events`: the stream of events as server-sent events, for programs that would rather hear than ask.

The same events in the same order as `GET /api/v1/events`, each with its cursor as `id`; a program that was away comes
back with `Last-Event-ID` (or `after`) and misses nothing. It is served beside the pages' own live updates.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

import psycopg
from django.db import Error, connection

from vendome.api import problems
from vendome.api.v1.events import position
from vendome.api.v1.shapes import write_cursor
from vendome.domains.people import queries as people
from vendome.domains.webhooks.queries import stream
from vendome.domains.webhooks.types import StreamPage
from vendome.kit.actors import Actor
from vendome.kit.errors import Busy, DomainError
from vendome.kit.policy import SignInNeeded
from vendome.kit.sse import HEARTBEAT_SECONDS, STREAM_HEADERS, Receive, Scope, Send, answer

PATH = "/live/events"
LOOK_EVERY_SECONDS = 0.5
MOST_LISTENERS = 50
A_PAGE = 200


class EventStream:
    """The ASGI application at `/live/events`. `is_closing` tells that the server is being stopped."""

    def __init__(self, is_closing: Callable[[], bool] = lambda: False) -> None:
        self.is_closing = is_closing
        self.listeners = 0
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="event-stream")  # one connection for all listeners

    def stop(self) -> None:
        """Give the thread and its connection back."""
        self._threads.submit(lambda: connection.close())
        self._threads.shutdown(wait=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if self.listeners >= MOST_LISTENERS or self.is_closing():
                raise Busy()
            kinds, after = _asked(scope)
            actor, begin, page = await self._ask(lambda: _first(_token(scope), after, kinds))
        except DomainError as error:
            await _refuse(send, error)
            return
        self.listeners += 1
        try:
            await self._stream(actor, kinds, begin, page, receive, send)
        finally:
            self.listeners -= 1

    async def _stream(
        self, actor: Actor, kinds: list[str], begin: int, page: StreamPage, receive: Receive, send: Send
    ) -> None:
        gone = asyncio.create_task(_disconnected(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
            await _say(send, f"retry: 1000\nid: {write_cursor(begin)}\n\n")
            spoke = time.monotonic()
            while not gone.done() and not self.is_closing():
                if page.events:
                    await _say(send, "".join(map(_frame, page.events, page.places)))
                    spoke = time.monotonic()
                elif time.monotonic() - spoke > HEARTBEAT_SECONDS:
                    await _say(send, ":\n\n")
                    spoke = time.monotonic()
                if not page.has_more:
                    await asyncio.wait([gone], timeout=LOOK_EVERY_SECONDS)
                known = page
                page = await self._ask(lambda: _next(actor, known, kinds))  # noqa: B023  # asked before it changes
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (DomainError, OSError, RuntimeError):  # a right that ended, a listener that went away: it may come back
            pass
        finally:
            gone.cancel()

    async def _ask(self, question: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, _asking, question)


def _asking(question: Callable[[], Any]) -> Any:
    """In a thread, with that thread's own connection. A database that is away is a Busy."""
    try:
        return question()
    except (Error, psycopg.Error) as error:
        connection.close()
        raise Busy() from error


def _first(token: str, after: str, kinds: list[str]) -> tuple[Actor, int, StreamPage]:
    actor = people.actor_for_token(token)
    if not actor.is_known:
        raise SignInNeeded()
    begin = position(actor, after)
    page = stream.read(actor=actor, after=begin, kinds=kinds, size=A_PAGE)
    return actor, begin if begin is not None else 0, page


def _next(actor: Actor, known: StreamPage, kinds: list[str]) -> StreamPage:
    return stream.read(actor=actor, after=known.position, kinds=kinds, size=A_PAGE)


def _asked(scope: Scope) -> tuple[list[str], str]:
    given = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    kinds = [kind.strip() for kind in given.get("kinds", [""])[0].split(",") if kind.strip()]
    return kinds, _header(scope, b"last-event-id") or given.get("after", [""])[0]


def _token(scope: Scope) -> str:
    scheme, _space, token = _header(scope, b"authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope.get("headers", ()) if name == wanted), "")


def _frame(event: dict[str, Any], place: int) -> str:
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return f"id: {write_cursor(place)}\nevent: {event['type']}\ndata: {body}\n\n"


async def _say(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, error: DomainError) -> None:
    status = problems.status_of(type(error))
    body = {
        "type": f"{problems.DOCS}#{error.code}", "title": problems.title_of(error.code), "status": status,
        "code": error.code, "detail": error.message, "details": error.details(), "request_id": "",
    }  # fmt: skip
    await answer(send, status, json.dumps(body, ensure_ascii=False), problems.CONTENT_TYPE)
