"""An upgrade that does not become ready may have stopped the scheduler: say so, and how to go back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.release.operation import Operation
from kitctl.tools.helm.client import documents
from kitctl.tools.helm.records import Record
from kitctl.tools.kube.objects import COMPONENT, INSTANCE, OURS

_VERSION = "app.kubernetes.io/version"


def explained(op: Operation, before: Record | None, objects: list[dict[str, Any]], error: KitError) -> KitError:
    """Return the error of an upgrade that did not become ready, completed with what it means for tasks.

    Where somebody can answer, the old revision is brought back if they want it.

    Args:
        op: The operation.
        before: Helm's record of the revision that ran and scheduled before; None where there was none.
        objects: What the upgrade wrote.
        error: Why it did not become ready.
    """
    if before is None or before.status != "deployed" or error.code not in {ExitCode.UNHEALTHY, ExitCode.TIMEOUT}:
        return error
    if schedules(op):
        return error
    stopped = (
        "Scheduling has stopped: the old scheduler has ended, and no new one runs. Running tasks go on, new ones wait"
    )
    old, new = (airflow_version(found) for found in (documents(before.manifest), objects))
    release, where = op.settings.release, op.namespace
    command = f"helm -n {where} rollback {release} {before.revision}"
    if old != new:
        # The migration may have run, and the old image refuses a database that is ahead of it.
        stopped += f". Going back from Airflow {new} to {old} may also need the backup of the database"
    elif _wanted(op, before):
        op.helm.rollback(release, where, before.revision)
        done = f"{stopped}, until the old revision is ready again: kitctl went back to revision {before.revision}"
        return replace(error, cause=_lines(error.cause, done), fix=f"kitctl status    # the old revision\n{error.fix}")
    back = f"{command}    # goes back to the revision that ran before"
    return replace(error, cause=_lines(error.cause, stopped), fix=f"{back}\n{error.fix}")


def _wanted(op: Operation, before: Record) -> bool:
    """Ask whether to go back; --yes means the upgrade, and answers nothing here."""
    if op.settings.yes:
        return False
    try:
        return op.ask(f"The upgrade is not ready, and scheduling has stopped. Go back to revision {before.revision}?")
    except KitError:  # nobody can be asked
        return False


def schedules(op: Operation) -> bool:
    """Whether a scheduler of the release is ready; true as well where the cluster does not answer."""
    selector = f"{INSTANCE}={op.settings.release},{OURS},{COMPONENT}=scheduler"
    try:
        return any(pod.ready for pod in op.kube.pods(op.namespace, selector))
    except KitError:  # whatever stopped the upgrade is the error that counts
        return True


def airflow_version(objects: list[dict[str, Any]]) -> str:
    """Return the version of Airflow that rendered objects are for."""
    labels: list[Mapping[str, str]] = [(obj.get("metadata") or {}).get("labels") or {} for obj in objects]
    return next((str(found[_VERSION]) for found in labels if _VERSION in found), "")


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
