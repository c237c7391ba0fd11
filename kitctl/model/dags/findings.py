"""One finding of `kitctl dags check`, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """An error would break a run or hide a DAG; a warning would not today."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class DagOfFile:
    """A DAG and the file that defines it.

    Attributes:
        dag_id: Its ID.
        file: Path inside the DAG folder, with forward slashes.
        tasks: Number of its tasks; None if the file was only read, not imported.
    """

    dag_id: str
    file: str
    tasks: int | None = None


@dataclass(frozen=True)
class Finding:
    """What is wrong, where, and what to write instead.

    Attributes:
        rule: Stable kebab-case name, or ruff's code.
        file: Path inside the DAG folder, with forward slashes.
        line: Line, from 1; 0 where it is not known.
        severity: Error or warning.
        message: One sentence.
        fix: What to write instead; may be empty.
        detail: More text, e.g. a traceback.
    """

    rule: str
    file: str
    line: int
    severity: Severity
    message: str
    fix: str = ""
    detail: str | None = None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Finding:
        """Make a finding of its JSON shape."""
        return cls(**{**data, "severity": Severity(data["severity"]), "detail": data.get("detail") or None})


def by_place(finding: Finding) -> tuple[str, int, str, str, str]:
    """Return what findings are sorted by: file, line, and for those of one line what they say."""
    return finding.file, finding.line, finding.rule, finding.severity, finding.message
