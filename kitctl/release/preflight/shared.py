"""Whether another release of the cluster uses the same broker or database outside of it.

The chart asks the same within the namespace; most who run plain Helm may not look at others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.objects import INSTANCE, PART_OF
from kitctl.tools.kube.rights import unless_forbidden

_SELECTOR = f"{PART_OF}=airflow-kit,app.kubernetes.io/component=scheduler"
_PREFIX = "airflow-kit.io/"
"""Of the annotations that the chart gives to a scheduler (kit.shared in release/_validate_shared.tpl)."""


def servers_own(kube: Kube, namespace: str, objects: Iterable[dict[str, Any]]) -> None:
    """Refuse servers that another release uses; who may not list the Deployments of the cluster is not stopped.

    Args:
        kube: The cluster.
        namespace: Namespace of the release.
        objects: The objects of the release.

    Raises:
        KitError: `broker-shared`, `database-shared`.
    """
    mine = next((o for o in objects if _is_scheduler(o)), None)
    wanted = _addresses(mine) if mine else {}
    if not (mine and wanted):
        return
    me = (namespace, mine["metadata"]["labels"][INSTANCE])
    for other in unless_forbidden(lambda: kube.list("Deployment", selector=_SELECTOR), []):
        them = (other["metadata"]["namespace"], other["metadata"]["labels"].get(INSTANCE))
        for server, address in _addresses(other).items():
            if them != me and wanted.get(server) == address:
                raise _refusal(server, f"{them[0]}/{them[1]}", address)


def _refusal(server: str, other: str, address: str) -> KitError:
    message = f"The release {other} uses the {server} of this release: {address}"
    if server == "broker":
        return KitError(
            "broker-shared",
            message,
            cause="Celery workers of each release would take tasks of the other, and fail them",
            fix="--set broker.external.database=1, or a URL with a virtual host of its own (broker.external.urlSecret)",
            code=ExitCode.PREFLIGHT,
        )
    return KitError(
        "database-shared",
        message,
        cause="Each scheduler would run the DAGs of the other release, whose connections its keys do not open",
        fix="--set database.name=…, or the URL of a database of its own (database.urlSecret)",
        code=ExitCode.PREFLIGHT,
    )


def _is_scheduler(obj: dict[str, Any]) -> bool:
    labels = obj["metadata"].get("labels") or {}
    return obj["kind"] == "Deployment" and labels.get("app.kubernetes.io/component") == "scheduler"


def _addresses(scheduler: dict[str, Any]) -> dict[str, str]:
    notes = scheduler["metadata"].get("annotations") or {}
    return {server: notes[key] for server in ("broker", "database") if (key := f"{_PREFIX}{server}") in notes}
