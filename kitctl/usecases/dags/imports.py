"""Explains imports that fail although the code is there: beside the DAG folder, or under the folder's own name."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath

from kitctl.images.dag_import import CheckOptions, placed
from kitctl.model.dags.findings import Finding
from kitctl.model.values.dags import DagMode

_MISSING = re.compile(r"No module named '([\w.]+)'")


def explained(found: Finding, folder: Path, options: CheckOptions) -> Finding:
    """Return an import error with a fix that fits, if the module lies beside the DAG folder."""
    missing = _MISSING.search(found.message) if found.rule == "dag-import-error" else None
    top = missing[1].partition(".")[0] if missing else ""
    above = folder.resolve().parent
    if not top or not any((above / name).exists() for name in (top, f"{top}.py")):
        return found
    place = placed(folder, options)
    dags = PurePosixPath(place.dags)
    path = f"env: [{{name: PYTHONPATH, value: {dags.parent}}}]"
    if options.mode is DagMode.BUNDLE:
        fix = f"Move {top} into the DAG folder (subPath), which is the only one on Python's path in mode bundle"
    elif top == dags.name:
        fix = f"Import it without `{top}.`: the DAG folder itself is on Python's path.\nOr add the folder above: {path}"
    elif place.target != place.dags:
        fix = f"The repository is in the release, but not on Python's path. Add it: {path}"
    elif options.mode is DagMode.GIT:
        fix = f"{top} is outside of the folder that dags.git.subPath names; check the folder that the release reads"
    else:
        fix = f"{top} lies beside the DAG folder, which alone goes into the release. Move it into the DAG folder"
    return replace(found, fix=f"{fix}\ndocs/shared-code.md shows the layouts that work")
