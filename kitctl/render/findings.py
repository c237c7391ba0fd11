"""What a check found in a text: the place, the rule, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kitctl.errors import ExitCode, KitError

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        field: Where, as people write it: `spec.containers[0].image`, `[core] executor`, or `line 7`.
        rule: What is wrong, and what to do about it.
        level: "error" stops a deployment, "warning" is only told.
    """

    field: str
    rule: str
    level: Level = "error"

    def __str__(self) -> str:
        """Return one line for people."""
        return f"{self.field}: {self.rule}"


def warnings(found: Iterable[Finding]) -> list[Finding]:
    """Return the findings that do not stop anything."""
    return [finding for finding in found if finding.level == "warning"]


def refuse(found: Iterable[Finding], *, error_id: str, what: str, fix: str) -> None:
    """Raise when there is an error among the findings.

    Args:
        found: The findings of a check.
        error_id: Id of the error.
        what: Name of the text, e.g. a file.
        fix: What to do next.

    Raises:
        KitError: `error_id`, with a line for each error.
    """
    errors = [finding for finding in found if finding.level == "error"]
    if errors:
        raise KitError(
            error_id,
            f"{what} has {len(errors)} {'mistake' if len(errors) == 1 else 'mistakes'}",
            cause="\n".join(str(finding) for finding in errors),
            fix=fix,
            code=ExitCode.PREFLIGHT,
        )
