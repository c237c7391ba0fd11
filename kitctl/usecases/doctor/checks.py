"""What `kitctl up` needs, checked one by one. Each check is a small function: facts in, one finding out.

`up` refuses with the same reasons; `doctor` tells all of them at once, changes nothing and never stops at the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from kitctl import clusters
from kitctl.clusters import choice
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


def gather(settings: Settings) -> Facts:
    """Find out what `up` would work with. Nothing is made; a cluster that does not answer is a fact, not an error."""
    from kitctl.tools.kube.client import Kube  # noqa: PLC0415

    facts = Facts(settings)
    if settings.provider != choice.AUTO:
        facts.provider = settings.provider  # also where it is unknown, which the check of the provider reports
    try:
        cluster = choice.cluster(settings)
        facts.provider = cluster.provider
        if cluster.made_by_kit:
            # A context may belong to a cluster of the kit with another name than --cluster-name.
            facts.cluster, facts.settings = cluster, replace(settings, cluster=cluster.name)
            if not clusters.made(cluster.provider, cluster.name):
                return facts
        facts.kube = Kube.connect(cluster.context(), settings.kubeconfig)
    except KitError as error:
        facts.trouble = error
    return facts


def examine(facts: Facts) -> Iterator[Finding]:
    """Yield a finding for every check that applies."""
    from kitctl.usecases.doctor.cluster import CHECKS as CLUSTER_CHECKS  # noqa: PLC0415
    from kitctl.usecases.doctor.host import CHECKS as HOST_CHECKS  # noqa: PLC0415

    for on_host in HOST_CHECKS:
        yield on_host(facts)
    yield _context(facts)
    if facts.kube is None:
        return
    for on_cluster in CLUSTER_CHECKS:
        try:
            yield on_cluster(facts, facts.kube)
        except KitError as error:  # a right that is missing for looking is told, and the other checks go on
            yield refused(on_cluster.__name__.replace("_", "-"), error, "warning")


def _context(facts: Facts) -> Finding:
    if facts.kube:
        return good("context", f"The context {facts.kube.context} answers at {facts.kube.server}")
    if facts.trouble and facts.trouble.id == "context-missing" and facts.cluster:
        name = facts.settings.cluster
        return bad("context", "warning", f"The cluster {name} has no kube context", "kitctl up writes it again")
    if facts.trouble and facts.cluster:
        # A node whose processes ended, e.g. with a reboot: `up` starts it again.
        return refused("context", facts.trouble, "warning")
    if facts.trouble:
        return refused("context", facts.trouble)
    return good("context", f"There is no cluster {facts.settings.cluster} yet; up makes it ({facts.provider})")


def report(facts: Facts, findings: list[Finding]) -> Report:
    """Return the report of the findings; only errors make it bad."""
    ok = not any(f.level == "error" and not f.ok for f in findings)
    return Report(ok, facts.provider, facts.kube.context if facts.kube else "", findings)
