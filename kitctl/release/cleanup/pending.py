"""Brings a release back into a state in which Helm works: what a killed `up` leaves behind."""

from __future__ import annotations

from kitctl.errors import ExitCode, KitError
from kitctl.release.operation import Ask, Operation
from kitctl.tools.helm.records import Record, record_kind, records

SETTLE = 30.0
"""Seconds without a sign of life after which an operation of kitctl counts as dead: Helm outlives a killed kitctl for a
moment, and without --wait it is done within seconds."""

FOREIGN = 300.0
"""Seconds for which a pending operation of another tool is left alone: Helm's own default time-out."""


def unlock(op: Operation) -> Record | None:
    """Return the release's newest record. One that an interrupted operation left pending is removed first.

    Only Helm's record of the dead operation is removed. The objects stay, and the next upgrade takes them over, so that
    no pod restarts for it.

    Raises:
        KitError: `release-busy` when another tool's operation may still be alive.
    """
    namespace, release = op.namespace, op.settings.release
    while True:
        known = records(op.kube, namespace, release)
        if not known or not known[-1].pending:
            return known[-1] if known else None
        last = known[-1]
        if not last.is_kit:
            return last  # another chart's: `preflight.release_ours` refuses it, and nothing of it is touched
        if last.ours and last.age < SETTLE:
            op.note(f"revision {last.revision} is {last.status}: waiting whether it ends by itself")
            op.deadline.rest(1.0)
            continue
        if not last.ours and last.age < FOREIGN and not _go_on(last, release, op.ask):
            raise _busy(last, release, namespace)
        op.note(f"revision {last.revision} was interrupted ({last.status}): removing Helm's record of it")
        op.kube.delete(record_kind(), namespace, last.name)


def _go_on(last: Record, release: str, ask: Ask) -> bool:
    try:
        return ask(
            f"Helm is working on the release {release} ({last.status} for {last.age:.0f} s). Is that process dead?"
        )
    except KitError:  # nobody can be asked: `release-busy` says how to answer by an option
        return False


def _busy(last: Record, release: str, namespace: str) -> KitError:
    return KitError(
        "release-busy",
        f"Another Helm operation is running on the release {release} ({last.status} for {last.age:.0f} s)",
        cause="It was not started by kitctl, so it may still be alive",
        fix=f"helm -n {namespace} history {release}    # wait for it; if its process is dead, repeat with --yes",
        code=ExitCode.PREFLIGHT,
    )
