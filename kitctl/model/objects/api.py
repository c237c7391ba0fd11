"""The calls to Airflow that compare, write and delete objects; kitctl's client and the chart's Job have them."""

from __future__ import annotations

from typing import Any, Protocol

from kitctl.model.objects.rules import Call, Section


class Api(Protocol):
    """The calls to Airflow."""

    def object(self, section: Section, name: str) -> dict[str, Any] | None:
        """Return an object, or None."""

    def objects(self, section: Section) -> list[dict[str, Any]]:
        """Return all objects of a section."""

    def write(self, call: Call) -> str:
        """Send a request; return why Airflow refused it, or ""."""

    def takes_password(self, name: str, password: str) -> bool | None:
        """Whether a user logs in with this password; None if that cannot be told."""
