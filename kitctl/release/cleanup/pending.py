"""Brings a release back into a state in which Helm works: what a killed `up` leaves behind."""

from __future__ import annotations

from dataclasses import dataclass

from kitctl.errors import ExitCode, KitError
from kitctl.release.operation import Ask, Operation
from kitctl.tools.helm.records import Record, record_kind, records

SETTLE = 30.0
"""Seconds without a sign of life after which an operation of kitctl counts as dead: Helm outlives a killed kitctl for a
moment, and without --wait it is done within seconds."""

FOREIGN = 300.0
"""Seconds for which a pending operation of another tool is left alone: Helm's own default time-out."""


@dataclass(frozen=True)
class History:
    """Helm's records of a release, oldest first.

    Attributes:
        living: Those of operations that ended.
        dead: Those that interrupted operations left pending; with them, Helm refuses to begin another one.
    """

    living: tuple[Record, ...] = ()
    dead: tuple[Record, ...] = ()

    @property
    def newest(self) -> Record | None:
        """The newest record of an operation that ended."""
        return self.living[-1] if self.living else None


def settle(op: Operation) -> History:
    """Return the records of the release once no operation on it is alive. Nothing is changed.

    Raises:
        KitError: `release-busy` when another tool's operation may still be alive.
    """
    namespace, release = op.namespace, op.settings.release
    while True:
        known = records(op.kube, namespace, release)
        dead: list[Record] = []
        # One of another chart is refused by `preflight.release_ours`, and nothing of it is touched.
        while known and known[-1].pending and known[-1].is_kit:
            last = known.pop()
            if last.ours and last.age < SETTLE:
                op.note(f"revision {last.revision} is {last.status}: waiting whether it ends by itself")
                op.deadline.rest(1.0)
                break
            if not last.ours and last.age < FOREIGN and not _go_on(last, release, op.ask):
                raise _busy(last, release, namespace)
            dead.insert(0, last)
        else:
            return History(tuple(known), tuple(dead))


def forget(op: Operation, history: History) -> None:
    """Remove Helm's records of dead operations. Objects that the next upgrade writes stay, so that no pod restarts."""
    for record in history.dead:
        op.note(f"revision {record.revision} was interrupted ({record.status}): removing Helm's record of it")
        op.kube.delete(record_kind(), op.namespace, record.name)


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
