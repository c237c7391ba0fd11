"""What `kitctl up` needs, checked one by one. Each check is a small function: facts in, one finding out.

`up` refuses with the same reasons; `doctor` tells all of them at once, changes nothing and never stops at the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kitctl import clusters
from kitctl.clusters import choice
from kitctl.errors import KitError
from kitctl.model.settings import Settings
from kitctl.tools.kube.client import Kube
from kitctl.usecases.doctor.cluster import CHECKS as CLUSTER_CHECKS
from kitctl.usecases.doctor.findings import Facts, Finding, Report, bad, good, refused
from kitctl.usecases.doctor.host import CHECKS as HOST_CHECKS


def gather(settings: Settings) -> Facts:
    """Find out what `up` would work with. Nothing is made; a cluster that does not answer is a fact, not an error."""
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
