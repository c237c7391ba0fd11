"""One finding of `kitctl dags check`, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """An error would break a run or hide a DAG; a warning would not today."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong, where, and what to write instead.

    Attributes:
        file: Path inside the DAG folder, with forward slashes.
        line: Line, from 1; 0 where it is not known.
        rule: Stable kebab-case name, or ruff's code.
        severity: Error or warning.
        message: One sentence.
        fix: What to write instead; may be empty.
        detail: More text, e.g. a traceback; may be empty.
    """

    file: str
    line: int
    rule: str
    severity: Severity
    message: str
    fix: str = ""
    detail: str = ""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Finding:
        """Make a finding of its JSON shape."""
        return cls(**{**data, "severity": Severity(data["severity"])})

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON shape: {"rule", "file", "line", "severity", "message", "fix"}, and "detail" if any."""
        keys = ("rule", "file", "line", "severity", "message", "fix", "detail")
        body = asdict(self)
        return {key: body[key] for key in keys if key != "detail" or body[key]}
