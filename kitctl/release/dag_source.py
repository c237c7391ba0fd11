"""Which commit of which repository a release reads now, in the modes git and bundle."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kitctl.errors import KitError
from kitctl.release.components import exec_argv
from kitctl.release.handle import Release, setting
from kitctl.tools.process import run

if TYPE_CHECKING:
    from kitctl.tools.airflow.api import AirflowApi

_SECONDS = 15.0
_LOOK = """
import json, os, sys
link = sys.argv[1]
print(json.dumps([os.path.realpath(link), os.lstat(link).st_mtime if os.path.lexists(link) else 0]))
"""


@dataclass(frozen=True)
class Head:
    """Where the dag-processor's git-sync is.

    Attributes:
        commit: What it checked out last; "" while there is none, or nobody can be asked.
        since: When its link was swapped to that, in seconds since 1970 by that pod's clock; 0 where that is not known.
        trouble: Why nobody can be asked; "" where the question was answered.
    """

    commit: str
    since: float = 0.0
    trouble: str = ""


@dataclass(frozen=True)
class Source:
    """A repository that a release follows.

    Attributes:
        name: Name of the bundle; "dags" in mode git.
        repo: Its URL.
        ref: Branch, tag or commit that is followed.
        commit: What the DAG processor reads now; "" while it is not known.
    """

    name: str
    repo: str
    ref: str
    commit: str


def sources(release: Release, api: AirflowApi | None) -> list[Source]:
    """Return what the release follows, and how far it is.

    Args:
        release: The release.
        api: A session with its API; None where it does not answer.

    Returns:
        One for each repository; [] in the modes that read none.
    """
    mode = setting(release.values, "dags", "mode")
    if mode == "git":
        section = setting(release.values, "dags", "git") or {}
        return [_source("dags", section, "HEAD", head(release).commit)]
    if mode != "bundle":
        return []
    items = setting(release.values, "dags", "bundle", "items") or []
    return [_source(str(item.get("name")), item, "main", parsed(api, str(item.get("name")))) for item in items]


def head(release: Release) -> Head:
    """Ask the dag-processor which commit its git-sync has linked."""
    link = f"{setting(release.values, 'dags', 'path') or '/opt/airflow/dags'}/repo"
    try:
        argv = exec_argv(release, "dag-processor", ["python3", "-I", "-c", _LOOK, link], stdin=False, tty=False)
        answer = run(argv, check=False, timeout=min(_SECONDS, release.settings.timeout))
    except KitError as error:  # it does not run, or kubectl took too long
        return Head("", trouble=error.message)
    if not answer.ok:
        return Head("", trouble=answer.stderr.strip()[-500:])
    target, since = json.loads(answer.stdout)
    name = Path(target).name
    return Head(name if name != "repo" else "", since)  # a link that is not there yet resolves to itself


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


def _source(name: str, section: Any, ref: str, commit: str) -> Source:
    return Source(name, str(section.get("repo") or ""), str(section.get("ref") or ref), commit)
