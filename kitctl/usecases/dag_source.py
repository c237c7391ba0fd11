"""Which commit of which repository a release reads now, in the modes git and bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kitctl.errors import KitError
from kitctl.tools.process import run
from kitctl.usecases.exec_in import exec_argv
from kitctl.usecases.release import Release, setting

if TYPE_CHECKING:
    from kitctl.tools.airflow_api import AirflowApi

_SECONDS = 15.0
_LINK = "import os, sys; print(os.path.basename(os.path.realpath(sys.argv[1])))"


def sources(release: Release, api: AirflowApi | None) -> list[dict[str, str]]:
    """Return what the release follows, and how far it is.

    Args:
        release: The release.
        api: A session with its API; None where it does not answer.

    Returns:
        One {"name", "repo", "ref", "commit"} for each repository; `commit` is "" while it is not known. [] in the
        modes that read no repository.
    """
    mode = setting(release.values, "dags", "mode")
    if mode == "git":
        section = setting(release.values, "dags", "git") or {}
        return [_source("dags", section, "HEAD", synced(release))]
    if mode != "bundle":
        return []
    items = setting(release.values, "dags", "bundle", "items") or []
    return [_source(str(item.get("name")), item, "main", parsed(api, str(item.get("name")))) for item in items]


def synced(release: Release) -> str:
    """Return the commit that the dag-processor's git-sync checked out last; "" where nobody can be asked."""
    link = f"{setting(release.values, 'dags', 'path') or '/opt/airflow/dags'}/repo"
    try:
        argv = exec_argv(release, "dag-processor", ["python3", "-I", "-c", _LINK, link], stdin=False, tty=False)
        answer = run(argv, check=False, timeout=_SECONDS)
    except KitError:  # it does not run, or it may not be entered: the components tell of that
        return ""
    name = answer.stdout.strip()
    return name if answer.ok and name != "repo" else ""  # a link that is not there yet resolves to itself


def parsed(api: AirflowApi | None, bundle: str) -> str:
    """Return the commit of a bundle that the dag-processor read last; "" while it has no DAG."""
    if api is None:
        return ""
    try:
        found = api.dags(bundle_name=bundle)
    except KitError:
        return ""
    newest = max(found, key=lambda dag: str(dag.get("last_parsed_time") or ""), default={})
    return str(newest.get("bundle_version") or "")


def _source(name: str, section: Any, ref: str, commit: str) -> dict[str, str]:
    return {
        "name": name,
        "repo": str(section.get("repo") or ""),
        "ref": str(section.get("ref") or ref),
        "commit": commit,
    }
