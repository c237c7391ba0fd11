"""What a check of `kitctl doctor` finds, and the report of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from kitctl.errors import KitError

Level = Literal["error", "warning", "info"]
Status = Literal["ok", "warning", "error", "not-applicable"]


@dataclass(frozen=True)
class Outcome:
    """What one check found.

    Attributes:
        status: How it went; "not-applicable" where there was nothing to check.
        message: One sentence: what was found, or why the check does not apply.
        cause: More about the reason; "" if the message says it all.
        fix: What to do; "" unless something is wrong.
        error: ID of the error by which `up` or `deploy` would end (docs/errors.md); "" if there is none.
    """

    status: Status
    message: str
    cause: str = ""
    fix: str = ""
    error: str = ""


@dataclass(frozen=True)
class Finding:
    """The outcome of one check in the report.

    Attributes:
        id: Stable name of the check, for --ignore.
        group: What is looked at: host, tools, cluster, release or inside.
        ok: Whether nothing is wrong; also true where the check does not apply.
        level: How much a failure counts; "info" when all is well.
        status: ok, warning, error or not-applicable.
        message: One sentence.
        cause: As in Outcome.
        fix: What to do; empty when all is well.
        error: As in Outcome.
        ignored: Whether --ignore names the check, so that it has no say in the verdict.
    """

    id: str
    group: str
    ok: bool
    level: Level
    status: Status
    message: str
    cause: str = ""
    fix: str = ""
    error: str = ""
    ignored: bool = False


@dataclass(frozen=True)
class Fix:
    """What --fix did, or would do with --dry-run.

    Attributes:
        id: The check that asked for it.
        act: What is done, as a sentence.
        done: Whether it was done.
        message: What came of it; "" for a dry run.
    """

    id: str
    act: str
    done: bool
    message: str = ""


@dataclass(frozen=True)
class Report:
    """The report of `kitctl doctor -o json`.

    Attributes:
        ok: Whether no check that counts has found an error, and all had their say.
        provider: Cluster provider that is meant.
        context: Kube context; "" if no cluster answers.
        purpose: What was checked for: up, deploy or build.
        interrupted: Whether Ctrl-C ended it, so that some checks had no time.
        checks: All findings.
        fixes: What --fix did.
    """

    ok: bool
    provider: str
    context: str
    purpose: str
    interrupted: bool
    checks: list[Finding]
    fixes: list[Fix] = field(default_factory=list)

    @property
    def purpose_words(self) -> str:
        """The command that this is about."""
        return "image build" if self.purpose == "build" else self.purpose


def good(message: str) -> Outcome:
    """All is well."""
    return Outcome("ok", message)


def error(message: str, fix: str, cause: str = "") -> Outcome:
    """Something stops `up`."""
    return Outcome("error", message, cause, fix)


def warning(message: str, fix: str, cause: str = "") -> Outcome:
    """Something may cause trouble."""
    return Outcome("warning", message, cause, fix)


def absent(reason: str) -> Outcome:
    """There is nothing to check."""
    return Outcome("not-applicable", reason)


def refused(problem: KitError, status: Status = "error") -> Outcome:
    """Return the error of another part of the kit as an outcome."""
    return Outcome(status, problem.message, " ".join(problem.cause.split()), problem.fix, problem.id)


def judged(preflight: Callable[[], object], fine: str) -> Outcome:
    """Ask a check of preflight, whose refusal is an error.

    Args:
        preflight: Raises a KitError where it refuses.
        fine: What is true if it does not.
    """
    try:
        preflight()
    except KitError as error:
        return refused(error)
    return good(fine)


def finding(check: str, group: str, outcome: Outcome, *, ignored: bool = False) -> Finding:
    """Return an outcome as it is reported."""
    o, fine = outcome, outcome.status in {"ok", "not-applicable"}
    level: Level = "error" if o.status == "error" else "info" if fine else "warning"
    return Finding(check, group, fine, level, o.status, o.message, o.cause, o.fix, o.error, ignored)
