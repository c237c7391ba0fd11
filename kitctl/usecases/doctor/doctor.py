"""`kitctl doctor`: run all checks, put right what is safe to, and report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from kitctl.errors import KitError
from kitctl.model.options.purpose import Purpose
from kitctl.model.settings import Settings
from kitctl.tools.deadline import Deadline
from kitctl.usecases.doctor.catalogue import Entry, catalogue, known
from kitctl.usecases.doctor.examine import examine
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Finding, Fix, Report


@dataclass(frozen=True)
class Wish:
    """What the user asks for.

    Attributes:
        purpose: What is checked for.
        ignore: IDs of checks that have no say in the verdict.
        fix: Put right what is safe to.
    """

    purpose: Purpose = Purpose.UP
    ignore: Collection[str] = ()
    fix: bool = False


@dataclass(frozen=True)
class Diagnosis:
    """The report, and the interrupt that ended the checks early, which the caller raises once it was printed."""

    report: Report
    stop: KeyboardInterrupt | None = None


def diagnose(settings: Settings, wish: Wish, note: Callable[[str], None]) -> Diagnosis:
    """Run all checks, and never stop at the first that fails.

    1. all checks side by side; 2. with `fix`, the safe acts for those that failed, and these checks again; 3. verdict.

    Raises:
        KitError: `check-unknown`.
    """
    ignored = known(wish.ignore)
    deadline = Deadline(settings.timeout)
    facts = Facts(settings, wish.purpose)
    found, stop = examine(facts, catalogue(), ignored, deadline, note)
    fixes: list[Fix] = []
    if wish.fix and stop is None:
        fixes = list(mend(facts, found, dry_run=settings.dry_run))
        mended = [entry for entry in catalogue() if any(fix.done and fix.id == entry.id for fix in fixes)]
        again, stop = examine(_anew(facts), mended, ignored, deadline, note) if mended else ([], None)
        newer = {one.id: one for one in again}
        found = [newer.get(one.id, one) for one in found]
    return Diagnosis(report(facts, found, fixes, interrupted=stop is not None), stop)


def mend(facts: Facts, found: Collection[Finding], *, dry_run: bool) -> Iterator[Fix]:
    """Do the safe acts for the checks that failed; one that cannot be done is told, and the others go on."""
    by_id = {entry.id: entry for entry in catalogue()}
    for one in found:
        entry = by_id[one.id]
        if one.ok or one.ignored or entry.mend is None:
            continue
        yield Fix(one.id, entry.check.mends, done=False) if dry_run else _mended(entry, entry.mend, facts)


def _anew(facts: Facts) -> Facts:
    """Return facts that are looked up once more."""
    return Facts(facts.given, facts.purpose, facts.host)


def _mended(entry: Entry, act: Callable[[Facts], str], facts: Facts) -> Fix:
    acts = entry.check.mends
    try:
        return Fix(entry.id, acts, done=True, message=act(facts))
    except KitError as error:
        return Fix(entry.id, acts, done=False, message=f"{error.message}. {error.cause}".strip())


def report(facts: Facts, found: list[Finding], fixes: list[Fix], *, interrupted: bool) -> Report:
    """Return the verdict; only errors that are not ignored make it bad, and questions without an answer."""
    ok = not interrupted and not any(one.level == "error" and not one.ignored for one in found)
    # After an interrupt nobody waits for a cluster that does not answer.
    place = facts.known_place
    provider = place.provider if place else facts.given.provider
    context = place.kube.context if place and place.kube else ""
    return Report(ok, provider, context, facts.purpose.value, interrupted, found, fixes)
