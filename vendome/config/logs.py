"""Structured logs: one JSON object a line, a request id on each, never personal data.

Exception messages and database details can quote what a client typed, so outside the demo only the class,
the place in the code and PostgreSQL's own code and constraint name are written.
"""

from __future__ import annotations

import logging
import logging.config
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import msgspec

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
request_id: ContextVar[str] = ContextVar("request_id", default="")

type ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


def configure(*, level: str, for_people: bool) -> None:
    """Send every logger to stderr. Repeatable."""
    _skip_what_no_line_shows()
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": PeopleFormatter if for_people else JsonFormatter}},
            "filters": {"route": {"()": RouteInsteadOfPath}},
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["route"]},
            },
            "root": {"handlers": ["stderr"], "level": "WARNING"},
            "loggers": {
                "vendome": {"level": level},
                "vendome.request": {"level": "WARNING" if for_people and level == "INFO" else level},
                "django.request": {"level": "ERROR"},
                "django.security": {"level": "ERROR"},
                "django.server": {"level": "ERROR"},
                "procrastinate": {"level": "ERROR"},
            },
        }
    )


def _skip_what_no_line_shows() -> None:
    """Neither format names the caller's line, thread or process; looking for them cost a third of each record."""
    logging._srcfile = None  # the documented switch has no public name
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


class RouteInsteadOfPath(logging.Filter):
    """Django's own messages quote the path; ours name the route, which holds nothing of the client's."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if record.name.startswith("django.") and request is not None:
            record.msg = "%s answered %s"
            record.args = (route(request), getattr(record, "status_code", 500))
        elif record.name.startswith("django.security"):
            record.msg, record.args = "refused a suspicious request", ()
        return True


def route(request: object) -> str:
    """The name of the address that was asked for, never the address itself."""
    match = getattr(request, "resolver_match", None)
    return match.view_name or match.route or "unnamed" if match else "unknown"


class JsonFormatter(logging.Formatter):
    """One JSON object a line. Fields come from `extra={"fields": {...}}`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if known := request_id.get():
            line["request_id"] = known
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["error"] = _error(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


class PeopleFormatter(logging.Formatter):
    """Short lines for the demo and for development; here messages are shown in full."""

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{name}={value}" for name, value in getattr(record, "fields", {}).items())
        parts = (f"{record.levelname.lower():7}", record.getMessage(), fields, request_id.get()[:8])
        line = " ".join(part for part in parts if part)
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


def _error(exc_info: ExcInfo) -> dict[str, Any]:
    kind, error, trace = exc_info
    told: dict[str, Any] = {
        "class": kind.__qualname__ if kind else "",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-12:]],
    }
    cause: BaseException | None = error
    while cause is not None:
        diagnosis = getattr(cause, "diag", None)
        if diagnosis is not None:
            told |= {"sqlstate": diagnosis.sqlstate, "constraint": diagnosis.constraint_name}
            break
        cause = cause.__cause__
    return told
