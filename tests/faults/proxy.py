"""A bad network on loopback: passes requests on, and does to their replies what networks do.

One connection is one request (clients of these tests close after each), so a fault is chosen for each connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import os
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Fault(enum.Enum):
    NONE = "NONE"
    CUT = "CUT"  # the request arrives and takes effect, its reply never does
    HALF = "HALF"  # the reply breaks off in its middle
    RESET = "RESET"  # the request arrives; the connection is reset (RST)
    SLOW = "SLOW"  # the reply comes late
    TRICKLE = "TRICKLE"  # the reply comes byte by byte
    GARBAGE = "GARBAGE"  # something else comes in its place
    REFUSED = "REFUSED"  # the request never arrives


type Choose = Callable[[int], Fault]


class Proxy:
    """`choose` gets the number of the connection, from nought, and says what happens to it."""

    def __init__(
        self, upstream: tuple[str, int], choose: Choose, *, delay: float = 0.3, per_byte: float = 0.05
    ) -> None:
        self.upstream = upstream
        self.choose = choose
        self.delay = delay
        self.per_byte = per_byte
        self.done: Counter[Fault] = Counter()
        self.port = 0
        self._number = 0

    async def serve(self, ready: threading.Event, stop: asyncio.Event) -> None:
        async with await asyncio.start_server(self._connection, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            await stop.wait()
            server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = self.choose(self._number)
        self._number += 1
        self.done[fault] += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if fault is Fault.REFUSED:
                await self._reset(writer)
                return
            reply = await self._pass_on(await _one_message(reader))
            await self._answer(fault, reply, writer)
        with contextlib.suppress(OSError):
            writer.close()

    async def _pass_on(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*self.upstream)
        try:
            writer.write(request)
            await writer.drain()
            return await _one_message(reader, is_reply=True)
        finally:
            writer.close()

    async def _answer(self, fault: Fault, reply: bytes, writer: asyncio.StreamWriter) -> None:
        if fault is Fault.CUT:
            return
        if fault is Fault.RESET:
            await self._reset(writer)
            return
        if fault is Fault.SLOW:
            await asyncio.sleep(self.delay)
        if fault is Fault.GARBAGE:
            reply = os.urandom(len(reply))
        if fault is Fault.HALF:
            reply = reply[: len(reply) // 2]
        if fault is Fault.TRICKLE:
            for byte in reply:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(self.per_byte)
            return
        writer.write(reply)
        await writer.drain()

    @staticmethod
    async def _reset(writer: asyncio.StreamWriter) -> None:
        wire = writer.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()


async def _one_message(reader: asyncio.StreamReader, *, is_reply: bool = False) -> bytes:
    """One HTTP message, head and body; a reply without a length goes to the end."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")),
        None,
    )
    if length is None:
        return head + (await reader.read() if is_reply else b"")
    return head + await reader.readexactly(length)


@contextmanager
def proxy(upstream: tuple[str, int], choose: Choose, **how: float) -> Iterator[Proxy]:
    """A proxy before `upstream`, on a port of its own, until the block ends."""
    made = Proxy(upstream, choose, **how)
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run() -> None:
        loop.run_until_complete(made.serve(ready, stop))
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
