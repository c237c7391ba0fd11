"""For which chart a values file was written, by its keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kitctl.model.values.keys.allowed import exists
from kitctl.model.values.keys.peers import PEERS, Names, names, peer

KIT = "airflow-kit"
CHARTS = (*PEERS, KIT)

_OWN = """
commonLabels commonAnnotations image executors envFrom plugins pods dags.mode dags.plugins dags.loadExamples
dags.refreshSeconds dags.pvc dags.git dags.bundle templates keys database postgres logs.level logs.format logs.remote
logs.persistence.retention auth admin migrations apiServer.baseUrl apiServer.trustedProxies
apiServer.webserverConfig workers.profiles
workers.templates workers.podOperatorRights workers.cleanup workers.namespace workers.celery.groups
workers.celery.autoscaling workers.celery.concurrency broker flower.urlPrefix httpRoute networkPolicy smoke
clusterDomain extraObjects ingress.ui objects pgbouncer.settings
"""
OWN = tuple(names(key) for key in _OWN.split())
"""Keys that none of the other charts has; all that is below belongs to them."""

_CERTAIN = 3
"""Keys of one chart alone from which on a file was certainly written for it, if the next one has half of them."""


@dataclass(frozen=True)
class Origin:
    """For which chart a file was written.

    Attributes:
        chart: One of CHARTS; "" if several are as likely.
        sure: `certain` or `likely`.
        reason: How many keys of each chart it has.
        likely: All charts with the most keys, if `chart` is empty.
    """

    chart: str
    sure: str
    reason: str
    likely: tuple[str, ...] = ()


def origin(keys: Sequence[Names]) -> Origin:
    """Count the keys that only one chart has in this form."""
    counts = {name: sum(_of(name, key) for key in keys) for name in PEERS}
    counts[KIT] = sum(any(key[: len(own)] == own for own in OWN) for key in keys)
    order = sorted(CHARTS, key=lambda name: -counts[name])
    best, second = order[0], order[1]
    reason = "keys of its own: " + ", ".join(f"{name} {counts[name]}" for name in order)
    if counts[best] == counts[second]:
        return Origin("", "", reason, tuple(name for name in order if counts[name] == counts[best]))
    certain = counts[best] >= _CERTAIN and counts[second] * 2 <= counts[best]
    return Origin(best, "certain" if certain else "likely", reason)


def _of(name: str, key: Names) -> bool:
    """Say whether a key is one of a chart and not of this one; what stands for a whole section says too little."""
    answer = peer(name).lookup(key)
    if answer is None or exists(key):
        return False
    return not (answer.change and len(key) > 1 and "." not in answer.old)
