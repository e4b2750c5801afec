"""One POST to an address outside: no redirect followed, one deadline for all of it, never into our own network.

The name is looked up here and the connection goes to the very number that was judged, so an answer that changes
between the look and the call (DNS rebinding) leads nowhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Mapping
from functools import cache

from vendome.domains.webhooks import addresses
from vendome.domains.webhooks.errors import UnsafeAddress
from vendome.domains.webhooks.types import Outcome

DEADLINE_SECONDS = 15.0
MOST_HEAD_BYTES = 16 * 1024
USER_AGENT = "Vendome-Webhooks/1"


async def post(
    *, url: str, headers: Mapping[str, str], body: bytes, is_local_allowed: bool, deadline: float = DEADLINE_SECONDS
) -> Outcome:
    """What came of it; this never raises for what the other side does."""
    started = time.monotonic()
    status, problem = None, ""
    try:
        async with asyncio.timeout(deadline):
            status = await _post(url, headers, body, is_local_allowed)
        if not 200 <= status < 300:
            problem = f"it answered {status}"
    except TimeoutError:
        problem = "no answer in time"
    except UnsafeAddress:
        problem = "the address leads into our own network, or is not https"
    except ssl.SSLError as error:
        problem = f"no trustworthy TLS: {error.reason or type(error).__name__}"
    except socket.gaierror:
        problem = "the name is not known"
    except ConnectionRefusedError:
        problem = "nobody answers at this address"
    except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        problem = f"no usable answer: {type(error).__name__}"
    return Outcome(status=status, problem=problem[:200], milliseconds=round((time.monotonic() - started) * 1000))


async def _post(url: str, headers: Mapping[str, str], body: bytes, is_local_allowed: bool) -> int:
    place = addresses.parse(url, is_local_allowed=is_local_allowed)
    number = await _number_of(place, is_local_allowed)
    reader, writer = await asyncio.open_connection(
        number,
        place.port,
        limit=MOST_HEAD_BYTES,
        ssl=_tls() if place.is_tls else None,
        server_hostname=place.host if place.is_tls else None,
    )
    try:
        sent = {
            "Host": place.authority,
            "User-Agent": USER_AGENT,
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "Content-Length": str(len(body)),
            "Connection": "close",
            **headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        writer.write(f"POST {place.target} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body)
        await writer.drain()
        line = await reader.readuntil(b"\r\n")
        while line.startswith((b"HTTP/1.1 1", b"HTTP/1.0 1")):  # 100 Continue and its like come before the answer
            await reader.readuntil(b"\r\n\r\n")
            line = await reader.readuntil(b"\r\n")
        return _status(line)
    finally:
        writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            writer.transport.abort()


async def _number_of(place: addresses.Address, is_local_allowed: bool) -> str:
    """The number to call; refused when any that the name stands for is ours."""
    found = await asyncio.get_running_loop().getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    numbers = [str(entry[4][0]) for entry in found]
    if not is_local_allowed and not all(map(addresses.is_public_number, numbers)):
        raise UnsafeAddress()
    return sorted(numbers, key=lambda number: ":" in number)[0]


def _status(line: bytes) -> int:
    version, _, rest = line.partition(b" ")
    if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
        raise ValueError("not HTTP")
    return int(rest[:3])


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
