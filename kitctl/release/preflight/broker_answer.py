"""What docker/broker/ask.py says of an external broker, with what is known of the release that asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kitctl.release.preflight.source import Source

_SCHEMES = {"redis": "redis", "rediss": "redis", "amqp": "amqp", "amqps": "amqp", "pyamqp": "amqp"}
"""Scheme of a URL → protocol of its server."""
_WITH_TLS = {"rediss": "redis", "amqps": "amqp"}
"""Scheme with TLS → the same without."""


class Answer(NamedTuple):
    """One answer of docker/broker/ask.py, which has its fields; `secret` holds the URL or the password, if any does."""

    said: str
    address: Mapping[str, Any]
    server: Mapping[str, Any]
    secret: Source | None
    by_url: bool
    namespace: str

    @property
    def where(self) -> str:
        """Return host and port."""
        host, port = self.address.get("host"), self.address.get("port")
        return f"{host}:{port}" if host else "that the URL names"

    @property
    def scheme(self) -> str:
        """Return the scheme of the URL, "" where there is none."""
        return str(self.address.get("scheme") or "")

    @property
    def protocol(self) -> str:
        """Return the protocol that the URL means: "redis", "amqp", or "" for another one."""
        return _SCHEMES.get(self.scheme, "")

    @property
    def plain(self) -> str:
        """Return the scheme without TLS of a URL with TLS; "" where the URL has none."""
        return _WITH_TLS.get(self.scheme, "")

    @property
    def place(self) -> str:
        """Return where its address stands, for people."""
        if self.by_url and self.secret:
            return f"the URL in the Secret {self.secret.name} (key {self.secret.key})"
        return "broker.external"


def address_of(report: Mapping[str, Any]) -> str:
    """Return the broker of a report, for example "redis://redis.example.com:6379/0"; without user and password."""
    a = report["address"]
    return f"{a['scheme']}://{a['host']}:{a['port']}/{a['database'].removeprefix('/')}"
