"""Which addresses the house may call: never its own network (server-side request forgery)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from vendome.domains.webhooks.errors import UnsafeAddress

LONGEST = 2000
INNER_NAMES = ("localhost", ".localhost", ".local", ".internal", ".home.arpa", ".lan", ".intranet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An endpoint's address, taken apart."""

    host: str
    port: int
    target: str  # path and query, as they stand in the request line
    is_tls: bool
    authority: str  # for the Host header


def parse(url: str, *, is_local_allowed: bool) -> Address:
    """An address the house may try; what its name stands for is looked at again when it connects.

    Raises UnsafeAddress.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UnsafeAddress() from error
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise UnsafeAddress()
    if parts.scheme not in ({"https", "http"} if is_local_allowed else {"https"}):
        raise UnsafeAddress("The address must begin with https://, so that nobody on the way can read what we send.")
    if not parts.hostname or parts.username is not None or parts.password is not None or parts.fragment:
        raise UnsafeAddress("Write the address without a user name, a password or a # part.")
    host = parts.hostname.rstrip(".")
    if not is_local_allowed and is_inner_name(host):
        raise UnsafeAddress("This address lies inside our own network; write a public one.")
    is_tls = parts.scheme == "https"
    return Address(
        host=host,
        port=port or (443 if is_tls else 80),
        target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        is_tls=is_tls,
        authority=parts.netloc,
    )


def is_inner_name(host: str) -> bool:
    """Whether a host is plainly ours: a private or reserved number, a name without a dot, or one kept for inside."""
    try:
        return not is_public_number(host)
    except ValueError:
        pass
    is_number_in_disguise = host.replace(".", "").replace("x", "").isalnum() and host.rpartition(".")[2][:1].isdigit()
    return "." not in host or host.endswith(INNER_NAMES) or is_number_in_disguise


def is_public_number(number: str) -> bool:
    """Whether an IP address belongs to the public internet. Raises ValueError for what is not one."""
    found = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if inner is not None:
            found = inner
        elif found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.is_global and not found.is_multicast and not found.is_reserved


_NAT64 = ipaddress.ip_network("64:ff9b::/96")
