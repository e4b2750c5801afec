"""A server process ends with the one that started it, even if that one was killed without a word."""

from __future__ import annotations

import os
import signal
import threading
import time

VARIABLE = "VENDOME_SUPERVISOR"
LOOK_EVERY_SECONDS = 1.0
MERCY_SECONDS = 10.0


def end_while_starting() -> None:
    """Until the server listens for SIGTERM itself, the signal simply ends this process: it serves nobody yet.

    A forked server process inherits a handler that only tells the first process, and would go on starting.
    """
    if VARIABLE in os.environ and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda number, frame: os._exit(0))


def watch() -> None:
    """Start watching the supervisor named in the environment; without one, do nothing."""
    supervisor = int(os.environ.get(VARIABLE, "0"))
    if supervisor and supervisor != os.getpid():
        threading.Thread(target=_watch, args=(supervisor,), name="parent-watch", daemon=True).start()


def _watch(supervisor: int) -> None:
    while _is_alive(supervisor):
        time.sleep(LOOK_EVERY_SECONDS)
    group = os.getpgrp()  # the supervisor gave each server a process group of its own
    os.killpg(group, signal.SIGTERM)
    time.sleep(MERCY_SECONDS)
    os.killpg(group, signal.SIGKILL)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
