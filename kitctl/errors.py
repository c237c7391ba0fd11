"""The one shape of every error that a user can meet.

An error is a value: an id that stays the same from release to release, what happened, why, and what to type next.
`kitctl.cli` prints it once, for people or as JSON; nothing else prints errors.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every kitctl command (a contract for scripts)."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    PREFLIGHT = 3
    UNREACHABLE = 4
    TIMEOUT = 5
    UNHEALTHY = 6
    DIFFERENT = 7
    INTERRUPTED = 130
    TERMINATED = 143


@dataclass
class KitError(Exception):
    """A failure that the user can act upon.

    Attributes:
        id: Stable kebab-case name, e.g. `dags-missing`; the page docs/errors.md has a section for each.
        message: One sentence: what is wrong, with the offending name in it.
        cause: Why it is so, or the words of the tool that refused. May be empty.
        fix: What to type or paste next. A test holds that each raise in the kit gives one.
        code: Exit code of the process.
    """

    id: str
    message: str
    cause: str = ""
    fix: str = ""
    code: ExitCode = ExitCode.FAILURE

    def __str__(self) -> str:
        """Return the message with its id, as logs want it."""
        return f"{self.message} [{self.id}]"

    def as_dict(self) -> dict[str, object]:
        """Return the JSON shape: {"error": {"id", "message", "cause", "fix", "page", "exit_code"}}."""
        body: dict[str, object] = {k: v for k, v in asdict(self).items() if k != "code"}
        body["page"] = f"docs/errors.md#{self.id}"
        body["exit_code"] = int(self.code)
        return {"error": body}
