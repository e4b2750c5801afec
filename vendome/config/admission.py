"""In front of pages and API: each request passes the gate by its urgency, or is told at once to come again (ADR 0028).

A place at work has a database connection of its own, lent to the thread for as long as it is there. So a process may
have many waiting threads and still asks the database with few connections at once.
"""

from __future__ import annotations

import itertools
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable
from http.client import responses
from typing import Any, Final

from django.core.handlers.wsgi import WSGIRequest
from django.db import DEFAULT_DB_ALIAS, Error, connections

from vendome.config import logs, overrun
from vendome.config.gate import Gate
from vendome.config.middleware import request_id, write_line
from vendome.config.programs import transport_headers
from vendome.config.urgency import Urgency, urgency_of

type StartResponse = Callable[..., Any]
type Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

SECONDS_BETWEEN_LINES: Final = 10.0
TURN_SECONDS: Final = 0.0005
"""How long a thread computes before another has its turn: a till waits for a few pages several times over."""

log = logging.getLogger("vendome.admission")


class Admission:
    """A WSGI application in front of another."""

    def __init__(self, application: Application, *, ordinary: int) -> None:
        self.application = application
        self.teller = Teller()
        self.gate = Gate(ordinary, tell=self.teller.note)
        self.transport = transport_headers()
        self._number = itertools.count()
        self.lent = [connections.create_connection(DEFAULT_DB_ALIAS) for _ in range(self.gate.places)]
        for one in self.lent:
            one.inc_thread_sharing()  # never at the same moment: the gate gives a place to one at a time

    def open(self) -> None:
        """Every place has its connection before anybody comes; what cannot be opened now is when somebody asks."""
        for number, one in enumerate(self.lent):
            try:
                one.ensure_connection()
            except Error as error:
                log.warning(
                    "Only %s of %s connections to the database could be opened (%s). If it has no more: raise its "
                    "max_connections, or serve with fewer --workers or --threads",
                    number, len(self.lent), str(error).strip(),
                )  # fmt: skip
                return

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        urgency = urgency_of(environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""))
        if urgency is Urgency.AT_ONCE:
            return self.application(environ, start_response)
        place = self.gate.enter(urgency)
        if place is None:
            return self._turn_away(environ, start_response, urgency)
        connections[DEFAULT_DB_ALIAS] = self.lent[place]
        try:
            return self.application(environ, start_response)
        finally:
            try:
                del connections[DEFAULT_DB_ALIAS]
            finally:
                self.gate.leave(urgency, place)

    def _turn_away(self, environ: dict[str, Any], start_response: StartResponse, urgency: Urgency) -> Iterable[bytes]:
        """503 with Retry-After, without the database: a page, a word for htmx, or a problem."""
        started = time.perf_counter()
        request: Any = WSGIRequest(environ)
        request.id = request_id(request)
        mark = logs.request_id.set(request.id)
        try:
            # Not all of them at the same moment again; the less urgent later.
            seconds = 1 + urgency + next(self._number) % (1 + 2 * urgency)
            response = overrun.answer(request, seconds)
            headers = [*response.items(), *self.transport]
            headers.append(("Content-Length", str(len(response.content))))
            headers.append(("X-Request-ID", request.id))
            start_response(f"{response.status_code} {responses[response.status_code]}", headers)
            write_line(
                request,
                route=f"turned away: {urgency.name}",
                status=response.status_code,
                started=started,
                level=logging.INFO,  # nothing is broken; the lines of Teller are for whoever watches
            )
            return [response.content]
        finally:
            logs.request_id.reset(mark)


class Teller:
    """Says in the log that requests are turned away, at most every ten seconds, and when it is over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since_last: dict[str, int] = {}
        self._timer: threading.Timer | None = None

    def note(self, urgency: Urgency) -> None:
        with self._lock:
            self._since_last[urgency.name] = self._since_last.get(urgency.name, 0) + 1
            if self._timer is None:
                log.warning("More is asked than can be answered: requests are turned away, the least urgent first")
                self._wind()

    def _wind(self) -> None:
        timer = threading.Timer(SECONDS_BETWEEN_LINES, self._say)
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError:  # no more threads: the next one who is turned away tries again
            self._timer = None
        else:
            self._timer = timer

    def _say(self) -> None:
        with self._lock:
            counts, self._since_last = self._since_last, {}
            if counts:
                log.warning("Requests were turned away", extra={"fields": {"turned_away": counts}})
                self._wind()
            else:
                log.warning("Everybody is answered again")
                self._timer = None


_here: Admission | None = None


def in_front_of(application: Application, *, ordinary: int) -> Admission:
    """The one admission of this process."""
    global _here
    sys.setswitchinterval(TURN_SECONDS)
    _here = Admission(application, ordinary=ordinary)
    return _here


def close() -> None:
    """Give back the connections lent by this process; its admission opens them again when somebody asks."""
    if _here is not None:
        for one in _here.lent:
            one.close()


def told() -> dict[str, Any]:
    """For `/health/ready`: whether this process is overrun now, and whom it has turned away since it started."""
    if _here is None:
        return {"overrun": False, "turned_away": {}}
    gate = _here.gate
    return {
        "overrun": gate.is_overrun,
        "turned_away": {urgency.name: count for urgency, count in gate.turned_away.items() if count},
    }
