"""The right that DAGs need when their tasks launch pods; worker pods do not have it unless the values say so."""

from __future__ import annotations

import re
from pathlib import Path

from kitctl.model.image_ref import files

KEY = ("workers", "podOperatorRights")
"""Path of the value that gives the right."""

_LAUNCHES = re.compile(r"\bKubernetesPodOperator\(|^\s*@task\.kubernetes\b", re.MULTILINE)
_NAMED = 5


def hint(folder: Path, *, granted: bool) -> str:
    """Return a line about DAG files whose tasks would fail for want of the right, "" where there is nothing to say.

    Args:
        folder: The DAG folder.
        granted: Whether the release has `workers.podOperatorRights`.
    """
    if granted:
        return ""
    found = [
        path.relative_to(folder).as_posix()
        for path in files(folder)
        if path.suffix == ".py" and _LAUNCHES.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    if not found:
        return ""
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    verb = "launches" if len(found) == 1 else "launch"
    return (
        f"{', '.join(found[:_NAMED])}{more} {verb} pods, and worker pods may not: "
        "give them the right with --set workers.podOperatorRights=true"
    )
