"""Everything below `/live/`: the pages' live updates, and the stream of events for programs."""

from __future__ import annotations

from vendome.api.stream import PATH, EventStream
from vendome.kit.sse import Live, Receive, Scope, Send


class LivePort:
    """Sends each request below `/live/` to the part that answers it."""

    def __init__(self) -> None:
        self.pages = Live()
        self.events = EventStream(is_closing=self._is_closing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == PATH:
            await self.pages.begin()  # it hears when streams are to end
            await self.events(scope, receive, send)
        else:
            await self.pages(scope, receive, send)

    def _is_closing(self) -> bool:
        return self.pages.hub is not None and self.pages.hub.is_closing
