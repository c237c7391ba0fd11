"""Git bundles that a deploy takes away while runs need them.

Airflow goes on with a run at the commit that it began with, and looks for that in the bundle of that name. Where the
configuration lists it no longer, the run's next task fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.values import DagMode
from kitctl.release.handle import Release, setting
from kitctl.release.operation import Ask, Steps

_PATIENCE = 10.0
"""Seconds for the API to answer; a release that is down is no reason not to mend it."""


def ask(release: Release, before: Mapping[str, Any], after: Mapping[str, Any], steps: Steps, question: Ask) -> None:
    """Ask before runs under way lose the bundle that holds their commit.

    Args:
        release: The release as it runs.
        before: The user's values of it.
        after: Those that will replace them.
        steps: Take a line where nobody could be asked about runs.
        question: Puts questions to the user.

    Raises:
        KitError: `declined`, and what `question` raises.
    """
    gone = _bundles(before) - _bundles(after)
    if not gone:
        return
    try:
        runs = release.api(_PATIENCE).active_runs()
    except KitError as exc:
        steps.note(f"Warning: whether runs under way need {_named(gone)} could not be asked: {exc.message}")
        return
    hit = Counter(str(run["dag_id"]) for run in runs if gone & _of(run))
    if not hit:
        return
    told = ", ".join(f"{dag} ({count})" if count > 1 else dag for dag, count in sorted(hit.items()))
    warning = f"Runs under way need {_named(gone)}, and their next task will fail: {told}"
    if not question(f"{warning}. Go on?"):
        raise KitError(
            "declined",
            "Nothing was changed",
            cause="The question was answered with no",
            fix="kitctl status    # shows its task pods; when the runs have ended, the same command asks nothing",
            code=ExitCode.PREFLIGHT,
        )
    steps.note(f"Warning: {warning}. Clear those tasks with the latest version of the DAG")  # --yes saw no question


def _bundles(values: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the git bundles that values configure."""
    if setting(values, "dags", "mode") != DagMode.BUNDLE:
        return frozenset()
    return frozenset(str(item["name"]) for item in setting(values, "dags", "bundle", "items") or [])


def _of(run: Mapping[str, Any]) -> frozenset[str]:
    """Return the bundles that a run is bound to; without a commit Airflow takes the DAG from wherever it is now."""
    return frozenset(str(v["bundle_name"]) for v in run.get("dag_versions") or [] if v.get("bundle_version"))


def _named(bundles: frozenset[str]) -> str:
    return f"the bundle{'s' if len(bundles) > 1 else ''} {', '.join(sorted(bundles))}"
