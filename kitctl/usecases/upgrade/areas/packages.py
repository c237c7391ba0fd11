"""The packages: what the new image has in other versions, or what the new Airflow asks for."""

from __future__ import annotations

from packaging.version import Version

from kitctl.errors import KitError
from kitctl.model.upgrade import packages
from kitctl.model.upgrade.findings import Area, Finding, Level, NotPossibleError, area, unchecked
from kitctl.model.upgrade.packages import PackageChange
from kitctl.usecases.upgrade.upgrade_facts import PROJECT, Facts

NAME = "packages"
_PROVIDER = "apache-airflow-providers-"
_ASKING = (PROJECT, "apache-airflow-core")


def look(facts: Facts) -> tuple[Area, list[PackageChange]]:
    """Compare the packages of both images, or else what both versions ask for on the index."""
    try:
        old, new = facts.old_image, facts.new
    except (KitError, NotPossibleError) as error:
        why = error.message if isinstance(error, KitError) else str(error)
        return _by_index(facts, why)
    found = packages.installed(old.packages, new.packages)
    words = f"Packages that differ between an image with Airflow {old.airflow} and one with {new.airflow}: {len(found)}"
    return area(NAME, words, _findings(found)), found


def _findings(changes: list[PackageChange]) -> list[Finding]:
    found = []
    for one in changes:
        if one.change == "removed":
            words = f"{one.name} {one.old} is not in the new image"
            fix = f"If DAGs import it, add it to the requirements: {one.name}"
            # Libraries of libraries come and go; DAGs import providers.
            level: Level = "warning" if one.name.startswith(_PROVIDER) else "info"
            found.append(Finding("package-removed", level, one.name, words, "Nothing asks for it there", fix))
        elif one.change in {"major", "older"} and one.name.startswith(_PROVIDER):
            words = f"{one.name} goes from {one.old} to {one.new}"
            cause = "Another major version may have removed operators or arguments"
            fix = f"Read its changelog: https://airflow.apache.org/docs/{one.name}/stable/changelog.html"
            found.append(Finding(f"package-{one.change}", "warning", one.name, words, cause, fix))
    return found


def _by_index(facts: Facts, why: str) -> tuple[Area, list[PackageChange]]:
    """Compare what both versions of Airflow itself ask for. Providers and other packages are not known then."""
    current = facts.current[0]
    if current is None:
        return unchecked(NAME, why), []
    if current == facts.target:
        return unchecked(NAME, f"{why}. Both versions are {current}"), []
    try:
        changes = [one for project in _ASKING for one in _asked(facts, project, current)]
    except (KitError, NotPossibleError) as error:
        told = error.message if isinstance(error, KitError) else str(error)
        return unchecked(NAME, f"{why}. {told}"), []
    words = f"Only what Airflow {current} and {facts.target} ask for on the package index was compared: {why}"
    return area(NAME, words, complete=False), changes


def _asked(facts: Facts, project: str, current: Version) -> list[PackageChange]:
    files = facts.published if project == PROJECT else facts.index.files(project)
    if current not in files or facts.target not in files:
        return []
    both = [facts.index.metadata(files[version]) for version in (current, facts.target)]
    before, after = ((one or {}).get("requires_dist", []) for one in both)
    return packages.required(before, after)
