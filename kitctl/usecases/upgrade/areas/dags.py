"""The DAG files: their text, by ruff's rules for Airflow 3 and those of the kit, and their import in the new image."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kitctl.errors import KitError
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
        report = dags_check.check(folder, _options(facts, image), facts.note)
    except (KitError, NotPossibleError) as error:
        return _failed(IMPORTS, error)
    words = f"DAG files imported in {image}: {len(report.files)}, with {len(report.dags)} DAGs"
    return area(IMPORTS, words, [_finding(one) for one in report.findings if one not in known])


def _folder(facts: Facts) -> Path:
    if facts.wish.dags is None:
        raise NotPossibleError("There is no folder dags here; name the folder with the DAGs: --dags PATH")
    return facts.wish.dags


def _text(facts: Facts, folder: Path) -> dags_check.CheckReport:
    return dags_check.check(folder, replace(_options(facts, ""), import_files=False), facts.note)


def _options(facts: Facts, image: str) -> CheckOptions:
    return against.against(
        facts.settings, facts.note, reference=image, requirements=None, executors="", import_files=bool(image)
    )


def _finding(found: DagFinding) -> Finding:
    place = f"{found.file}:{found.line}" if found.line else found.file
    level: Level = "error" if found.severity == "error" else "warning"
    return Finding(found.rule, level, place, found.message, found.detail or "", found.fix)


def _failed(name: str, error: KitError | NotPossibleError) -> Area:
    if isinstance(error, NotPossibleError):
        return unchecked(name, str(error))
    if error.id.startswith("dags-"):
        return area(name, error.message, [of_error(error)])
    return unchecked(name, f"{error.message} ({error.id})")
