"""What a check of `kitctl doctor` looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from kitctl.errors import KitError
from kitctl.model.settings import Settings
from kitctl.tools.host import Host

if TYPE_CHECKING:
    from kitctl.clusters.base import Cluster
    from kitctl.tools.kube.client import Kube

Level = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Finding:
    """The outcome of one check.

    Attributes:
        id: Stable name of the check.
        ok: Whether all is well.
        level: How much a failure counts; "info" when all is well.
        message: One sentence.
        fix: What to do; empty when all is well.
    """

    id: str
    ok: bool
    level: Level
    message: str
    fix: str = ""


@dataclass
class Facts:
    """What the checks look at.

    Attributes:
        settings: Options.
        host: This machine.
        provider: Name of the cluster provider that `up` would take.
        cluster: That cluster, None for an existing context.
        kube: The cluster's API, None where it does not answer or is not made yet.
        trouble: Why there is no `kube`, None where the cluster is only not made yet.
    """

    settings: Settings
    host: Host = field(default_factory=Host)
    provider: str = "existing"
    cluster: Cluster | None = None
    kube: Kube | None = None
    trouble: KitError | None = None


@dataclass(frozen=True)
class Report:
    """The report of `kitctl doctor -o json`; `context` is "" if no cluster answers."""

    ok: bool
    provider: str
    context: str
    checks: list[Finding]


HostCheck = Callable[[Facts], Finding]
ClusterCheck = Callable[[Facts, "Kube"], Finding]


def good(check: str, message: str) -> Finding:
    """All is well."""
    return Finding(check, True, "info", message)


def bad(check: str, level: Level, message: str, fix: str = "") -> Finding:
    """Something is not."""
    return Finding(check, False, level, message, fix)


def refused(check: str, error: KitError, level: Level = "error") -> Finding:
    """A refusal of another part of the kit as a finding."""
    cause = f": {' '.join(error.cause.split())}" if error.cause else ""
    return Finding(check, False, level, f"{error.message}{cause}", error.fix)
