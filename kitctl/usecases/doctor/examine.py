"""Runs all checks side by side, and makes one verdict of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from kitctl.errors import KitError
from kitctl.tools.deadline import Deadline
from kitctl.usecases.doctor import findings
from kitctl.usecases.doctor.catalogue import Entry
from kitctl.usecases.doctor.facts import Facts, StopError
from kitctl.usecases.doctor.findings import Finding, Outcome

_PERIOD = 0.05
_TIDY_SECONDS = 10.0
"""How long an interrupted doctor waits for checks to remove their pods."""
_QUIET = 3.0
"""Seconds without a word about what is under way; most checks end within one."""
_SOON = 30.0
"""Seconds beyond its limit within which a check that has pods in the cluster removes them."""


@dataclass
class Run:
    """One check that runs.

    Attributes:
        entry: The check.
        began: When, on the clock of the deadline.
        outcome: What it found; None while it runs.
    """

    entry: Entry
    began: float
    outcome: Outcome | None = None
    thread: threading.Thread = field(init=False)

    def start(self, facts: Facts) -> None:
        """Let it look in a thread of its own, which does not keep the program from ending."""
        self.thread = threading.Thread(target=self._look, args=(facts,), daemon=True, name=self.entry.id)
        self.thread.start()

    def _look(self, facts: Facts) -> None:
        try:
            self.outcome = outcome(self.entry, facts)
        finally:
            # Nothing may end a thread without a word, or the doctor would wait for it.
            self.outcome = self.outcome or findings.warning("The check did not end", "")


def outcome(entry: Entry, facts: Facts) -> Outcome:
    """Return what a check finds; whatever goes wrong in it is a finding, too."""
    if facts.purpose not in entry.check.purposes:
        return findings.absent(f"Not needed for {facts.purpose}")
    try:
        return entry.look(facts)
    except StopError as stop:
        return findings.absent(str(stop))
    except KitError as error:
        # A right that is missing for looking, for example; the other checks go on.
        return findings.refused(error, "warning")
    except Exception as bug:  # noqa: BLE001 - one check with a bug must not cost the answers of the others
        words = f"{type(bug).__name__}: {bug}"
        return findings.warning("This check has a bug, and could not look", "Report it, with this output", words)


def examine(
    facts: Facts, entries: Sequence[Entry], ignored: Collection[str], deadline: Deadline, note: Callable[[str], None]
) -> tuple[list[Finding], KeyboardInterrupt | None]:
    """Run the checks, each within its own time limit and all within the deadline.

    Args:
        facts: What they look at.
        entries: The checks.
        ignored: IDs that have no say in the verdict.
        deadline: The time for all of them.
        note: Takes one line about what is still under way.

    Returns:
        A finding for each check, in their order, and the interrupt that ended them early.
    """
    runs = [Run(entry, deadline.now()) for entry in entries]
    stop: KeyboardInterrupt | None = None
    try:
        for run in runs:
            run.start(facts)
        deadline.until(lambda: _over(runs, deadline, note), every=_PERIOD)
    except KeyboardInterrupt as interrupt:
        stop = interrupt
    found = [run.outcome or _silent(run, deadline, interrupted=stop is not None) for run in runs]
    facts.stopped.set()
    if facts.pods_were_allowed:
        # Checks whose time is over may still be removing their pods.
        tidy = Deadline(_TIDY_SECONDS)
        tidy.until(lambda: None if any(_in_cluster(run) for run in runs) else True, every=_PERIOD)
    facts.close()
    told = [
        findings.finding(entry.id, entry.group, one, ignored=entry.id in ignored)
        for entry, one in zip(entries, found, strict=True)
    ]
    return told, stop


def _over(runs: Sequence[Run], deadline: Deadline, note: Callable[[str], None]) -> bool | None:
    """Return True once every check has ended or is over its limit."""
    now = deadline.now()
    began = runs[0].began if runs else now
    missing = [run for run in runs if run.outcome is None and now - run.began < _limit(run)]
    if not missing:
        return True
    if now - began < _QUIET:
        return None
    shown = ", ".join(run.entry.id for run in missing[:3])
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""  # noqa: PLR2004
    note(f"waiting for {shown}{more}")
    return None


def _limit(run: Run) -> float:
    # A check that asks from inside keeps its own limit, and says then what it waited for.
    return run.entry.check.seconds + (_SOON if run.entry.group == "inside" else 0.0)


def _in_cluster(run: Run) -> bool:
    return run.entry.group == "inside" and run.thread.is_alive()


def _silent(run: Run, deadline: Deadline, *, interrupted: bool) -> Outcome:
    if interrupted:
        return findings.absent("Interrupted before it had an answer")
    waited = min(run.entry.check.seconds, deadline.now() - run.began)
    return findings.warning(
        f"No answer within {waited:.0f} s",
        f"kitctl doctor --timeout 900    # once more; or leave it out: --ignore {run.entry.id}",
    )
