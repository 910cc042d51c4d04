"""Addresses of other parties in values of variables. Credentials and queries are dropped at once."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.text.patterns import lazily
from rollsafe.workspace.system.facts import Address

_LONGEST: Final = 2_000
_MOST: Final = 16
_HOST: Final = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{1,63}){0,8}"
_URL = lazily(
    rf"(?P<scheme>[a-z][a-z0-9+.-]{{1,30}})://(?:[^\s/@,]{{0,300}}@)?(?P<host>{_HOST})(?::(?P<port>\d{{1,5}}))?"
    r"(?=[/?#,\s\"')]|\Z)",
    re.I,
)
_HOST_PORT = lazily(rf"(?:\A|,\s*)(?P<host>{_HOST}):(?P<port>\d{{2,5}})(?=\Z|,|/)")
_BARE = lazily(rf"(?P<host>{_HOST})\Z")
_TELLING = lazily(
    r"(?:^|_)(?:host|hostname|hosts|addr|address|url|uri|endpoint|server|servers|broker|brokers|dsn|upstream)"
    r"(?:$|_)",
    re.I,
)
_NOBODY: Final = frozenset({"localhost", "example", "example.com", "host", "hostname", "true", "false"})
_CREDENTIALS = lazily(r"[^\s,\"']*@")
"""What follows an address that was none: the part of a password before a sign that ends it."""

_DIGITS = lazily(r"[\d.]+\Z")


def addresses_in(name: str, value: str) -> tuple[Address, ...]:
    """Return the addresses in the value of the variable `name`, each once; this machine is none."""
    found: dict[Address, None] = {}
    for address in _read(name, value[:_LONGEST]):
        if not _is_nobody(address.host):
            found.setdefault(address)
        if len(found) == _MOST:
            break
    return tuple(found)


def _read(name: str, value: str) -> Iterator[Address]:
    if "://" in value:
        for match in _URL.finditer(value):
            if _CREDENTIALS.match(value, match.end()) is None:
                yield Address(match["scheme"].lower(), match["host"], _port(match["port"]), is_sure=True)
        return
    pairs = [] if "@" in value else list(_HOST_PORT.finditer(value))
    for match in pairs:
        yield Address("", match["host"], _port(match["port"]), is_sure=_TELLING.search(name) is not None)
    bare = _BARE.match(value) if not pairs and _TELLING.search(name) else None
    if bare is not None:
        yield Address("", bare["host"], None, is_sure=False)


def _port(text: str | None) -> int | None:
    return int(text) if text and int(text) < 65_536 else None


def _is_nobody(host: str) -> bool:
    lower = host.lower()
    if lower in _NOBODY or _DIGITS.match(host) is not None:
        return True
    return lower.endswith((".localhost", ".example", ".invalid", "host.docker.internal"))
