"""Where the house may call, what it does with an answer, and how a signature is checked."""

from __future__ import annotations

import asyncio
import base64
import socket
import time

import pytest

from tests.factories.receiver import receiver
from vendome.connectors.webhooks import signing, transport
from vendome.domains.webhooks import addresses
from vendome.domains.webhooks.errors import UnsafeAddress

OURS = (
    "https://localhost/x", "https://127.0.0.1/", "https://10.1.2.3/", "https://192.168.0.9:8443/a", "https://172.16.0.1/",
    "https://169.254.169.254/latest/meta-data/", "https://[::1]/", "https://[fd00::1]/", "https://[::ffff:127.0.0.1]/",
    "https://[fe80::1]/", "https://0.0.0.0/", "https://db.internal/", "https://printer.local/", "https://postgres/",
    "https://2130706433/", "https://0x7f.1/", "https://127.1/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
    "https://100.64.0.1/", "https://224.0.0.1/", "https://localhost./",
)  # fmt: skip
ODD = (
    "http://erp.example.com/", "ftp://erp.example.com/", "https://", "https://user:pw@erp.example.com/",
    "https://erp.example.com/#part", "https://erp.example.com/a b", "https://erp.example.com/\r\nX: y", "javascript:1",
    "https://erp.example.com:99999/", "https://érp.example.com/", "//erp.example.com/", "", "https://[::1",
    "https://erp.example.com\\@127.0.0.1/",
)  # fmt: skip


@pytest.mark.parametrize("url", [*OURS, *ODD])
def test_an_address_of_our_own_network_or_an_odd_one_is_refused(url: str) -> None:
    with pytest.raises(UnsafeAddress):
        addresses.parse(url, is_local_allowed=False)


@pytest.mark.parametrize(
    "url", ["https://erp.example.com/hooks?a=1", "https://93.184.215.14:8443/", "https://[2606:4700::1111]/"]
)
def test_a_public_address_is_taken(url: str) -> None:
    addresses.parse(url, is_local_allowed=False)


def post(url: str, *, is_local_allowed: bool = True, deadline: float = 1.0):
    return asyncio.run(
        transport.post(url=url, headers={}, body=b"{}", is_local_allowed=is_local_allowed, deadline=deadline)
    )


def test_a_name_that_turns_to_our_network_is_refused_when_it_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: public when it was registered, 127.0.0.1 now. Nothing is connected to."""
    called: list[str] = []

    async def connect(host: str, *args: object, **more: object) -> None:
        called.append(host)
        raise ConnectionRefusedError

    def looked_up(self: object, host: str, port: int, **more: object) -> object:
        async def found() -> list:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

        return found()

    monkeypatch.setattr(asyncio, "open_connection", connect)
    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", looked_up)
    for turned in (["127.0.0.1"], ["93.184.215.14", "10.0.0.1"]):
        numbers = turned
        assert post("https://erp.example.com/", is_local_allowed=False).problem.startswith("the address leads into")
    assert called == []

    numbers = ["93.184.215.14"]
    post("https://erp.example.com/", is_local_allowed=False)
    assert called == ["93.184.215.14"]  # the number that was judged, not the name, which could change again


def test_an_answer_that_trickles_ends_with_the_deadline() -> None:
    """One byte a tenth of a second would keep a time-out of single reads alive for ever."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                for letter in b"HTTP/1.1 200 OK, and so on and on and on and on":
                    writer.write(bytes([letter]))
                    await writer.drain()
                    await asyncio.sleep(0.1)
            except OSError:
                pass
            finally:
                writer.close()

        async def scene() -> tuple:
            async with await asyncio.start_server(trickle, sock=server):
                started = time.monotonic()
                found = await transport.post(
                    url=f"http://127.0.0.1:{server.getsockname()[1]}/", headers={}, body=b"{}",
                    is_local_allowed=True, deadline=0.6,
                )  # fmt: skip
                return found, time.monotonic() - started

        outcome, seconds = asyncio.run(scene())

    assert (outcome.status, outcome.problem) == (None, "no answer in time")
    assert seconds < 2


def test_nobody_there_and_nonsense_are_told_apart_from_an_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert post(f"http://127.0.0.1:{port}/").status is None
    assert post("http://nobody.invalid/").problem == "the name is not known"
    with receiver() as erp:
        assert post(f"{erp.url}/").is_taken
        assert "TLS" in post(erp.url.replace("http:", "https:")).problem


# -- signatures -----------------------------------------------------------------------------------------------------

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
BODY = b'{"id":"msg_1"}'


def signed(at: int = 1_700_000_000, body: bytes = BODY) -> dict[str, str]:
    return signing.headers(message_id="msg_1", timestamp=at, body=body, secrets=[SECRET])


def test_a_signature_is_the_one_standard_webhooks_gives() -> None:
    """Its published example: the same secret, id, moment and body give the same signature everywhere."""
    made = signing.headers(
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
        secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )

    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("change", "now", "body", "why"),
    [
        ({}, 1_700_000_301, BODY, "too old"),
        ({}, 1_699_999_699, BODY, "too old"),
        ({}, 1_700_000_000, BODY + b" ", "does not match"),
        ({"webhook-id": "msg_2"}, 1_700_000_000, BODY, "does not match"),
        ({"webhook-timestamp": "1700000001"}, 1_700_000_000, BODY, "does not match"),
        ({"webhook-signature": "v1,AAAA v2,BBBB"}, 1_700_000_000, BODY, "does not match"),
        ({"webhook-signature": ""}, 1_700_000_000, BODY, "does not match"),
        ({"webhook-timestamp": "soon"}, 1_700_000_000, BODY, "missing or unreadable"),
    ],
)
def test_what_is_not_genuine_is_refused(change: dict[str, str], now: float, body: bytes, why: str) -> None:
    with pytest.raises(signing.NotGenuine, match=why):
        signing.verify(headers=signed() | change, body=body, secret=SECRET, now=now)


def test_what_is_genuine_passes_within_five_minutes() -> None:
    for now in (1_699_999_701, 1_700_000_000, 1_700_000_299):
        assert signing.verify(headers=signed(), body=BODY, secret=SECRET, now=now) == "msg_1"
