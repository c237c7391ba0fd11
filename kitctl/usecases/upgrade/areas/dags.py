"""The DAG files: their text, by ruff's rules for Airflow 3 and those of the kit, and their import in the new image."""

from __future__ import annotations

from pathlib import Path

from kitctl.errors import KitError
from kitctl.images import dag_import
from kitctl.images.dag_import import CheckOptions
from kitctl.model.dags.findings import Finding as DagFinding
from kitctl.model.upgrade.findings import Area, Finding, Level, NotPossibleError, area, of_error, unchecked
from kitctl.usecases.dags import against
from kitctl.usecases.dags import check as dags_check
from kitctl.usecases.upgrade.upgrade_facts import Facts

RULES, IMPORTS = "dag-rules", "dag-imports"


def rules(facts: Facts) -> Area:
    """Judge the text of the files."""
    try:
        folder = _folder(facts)
        report = _text(facts, folder)
    except (KitError, NotPossibleError) as error:
        return _failed(RULES, error)
    words = f"DAG files of {folder}: {len(report.files)}, by ruff's AIR rules and those of kitctl"
    return area(RULES, words, [_finding(one) for one in report.findings])


def imports(facts: Facts) -> Area:
    """Import the files in the new image; what their text tells is not told again."""
    try:
        folder = _folder(facts)
        image = facts.image
        known = set(_text(facts, folder).findings)
        options, left_out = _options(facts, image)
        report = dags_check.check(folder, options, facts.note)
    except (KitError, NotPossibleError) as error:
        return _failed(IMPORTS, error)
    words = f"DAG files imported in {image}: {len(report.files)}, with {len(report.dags)} DAGs{left_out}"
    found = [_finding(one) for one in report.findings if one not in known]
    return area(IMPORTS, words, found, complete=not left_out)


def _folder(facts: Facts) -> Path:
    if facts.wish.dags is None:
        raise NotPossibleError("There is no folder dags here; name the folder with the DAGs: --dags PATH")
    return facts.wish.dags


def _text(facts: Facts, folder: Path) -> dags_check.CheckReport:
    options = dag_import.against(facts.user, reference="", requirements=None, import_files=False, executors="", jobs=0)
    return dags_check.check(folder, options, facts.note)


def _options(facts: Facts, image: str) -> tuple[CheckOptions, str]:
    """Return what to check against, and what of it is left out because the chart refuses the values."""
    try:
        return against.against(facts.settings, facts.note, reference=image, requirements=None, executors=""), ""
    except KitError as error:
        plain = dag_import.against(
            facts.user, reference=image, requirements=None, import_files=True, executors="", jobs=0
        )
        return plain, f"; what tasks ask of their pods was not judged, since the values are refused ({error.id})"


def _finding(found: DagFinding) -> Finding:
    place = f"{found.file}:{found.line}" if found.line else found.file
    level: Level = "error" if found.severity == "error" else "warning"
    return Finding(found.rule, level, place, found.message, found.detail or "", found.fix)


def _failed(name: str, error: KitError | NotPossibleError) -> Area:
    if isinstance(error, NotPossibleError):
        return unchecked(name, str(error))
    if error.id in {"dags-missing", "dags-empty"}:
        return area(name, error.message, [of_error(error)])
    return unchecked(name, f"{error.message} ({error.id})")
