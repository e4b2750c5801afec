"""One port for everything: `/live/` is answered here, all else by the WSGI application in a few threads."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from a2wsgi import WSGIMiddleware

from vendome.config import environment, gate
from vendome.config.wsgi import application as pages
from vendome.kit.sse import Receive, Scope, Send

THREADS = gate.threads_for(environment.threads()) if environment.turns_away() else environment.threads()


class OnePort:
    """Sends each request to the part that answers it; start and end of the process belong to the live part."""

    def __init__(self) -> None:
        from vendome.config.liveport import LivePort  # needs the apps, which importing the pages has set up

        self.live = LivePort()
        wsgi: Any = pages  # the two typings of WSGI differ in words, not in substance
        self.pages: Any = WSGIMiddleware(wsgi, workers=THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or str(scope.get("path", "")).startswith("/live/"):
            await self.live(scope, receive, send)
        else:

            async def body() -> MutableMapping[str, Any]:
                return await receive()  # the bridge asks from its threads, which takes a coroutine

            await self.pages(scope, body, send)


application = OnePort()
