"""The version itself: whether it can be had, and whether this kitctl is made for it."""

from __future__ import annotations

from packaging.version import Version

from kitctl.errors import KitError
from kitctl.model.upgrade.findings import Area, Finding, area
from kitctl.model.versions import pin
from kitctl.usecases.upgrade.upgrade_facts import Facts

NAME = "version"


def look(facts: Facts) -> Area:
    """Judge the version to upgrade to."""
    target, made_for = facts.target, Version(pin("airflow.version"))
    found = []
    if target.release[:2] > made_for.release[:2]:
        found.append(
            Finding(
                "upgrade-target-untested",
                "warning",
                "",
                f"This kitctl is made for Airflow {made_for}; {target} is newer",
                "Its chart and its checks may not know what the newer version needs",
                "Look for a newer kitctl first",
            )
        )
    if target.is_prerelease:
        words = f"Airflow {target} is a pre-release"
        found.append(Finding("upgrade-target-prerelease", "warning", "", words, "It is for tests", "Use a release"))
    try:
        files = facts.published.get(target, [])
    except KitError as error:
        return area(NAME, f"{error.message}: {error.cause}", found, complete=False)
    if files and all(file.yanked for file in files):
        words = f"Airflow {target} was withdrawn by its makers"
        fix = "Choose another version: --to VERSION"
        found.append(Finding("upgrade-target-yanked", "warning", "", words, "It has a serious fault", fix))
    current, source = facts.current
    if current == target:
        found.append(
            Finding("upgrade-not-needed", "info", "", f"{source} Airflow {current}, so there is nothing to upgrade")
        )
    return area(NAME, f"{facts.index.shown} has apache-airflow {target}", found)
