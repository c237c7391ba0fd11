"""Which commit of which repository a release reads now, in the modes git and bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kitctl.errors import KitError
from kitctl.release.git_sync import Sync
from kitctl.release.handle import Release, setting

if TYPE_CHECKING:
    from kitctl.tools.airflow.api import AirflowApi


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


def sources(release: Release, api: AirflowApi | None, found: list[Sync]) -> list[Source]:
    """Return what the release follows, and how far it is.

    Args:
        release: The release.
        api: A session with its API; None where it does not answer.
        found: The git-syncs of the release.

    Returns:
        One for each repository; [] in the modes that read none.
    """
    mode = setting(release.values, "dags", "mode")
    if mode == "git":
        section = setting(release.values, "dags", "git") or {}
        return [_source("dags", section, "HEAD", read_now(found).commit)]
    if mode != "bundle":
        return []
    items = setting(release.values, "dags", "bundle", "items") or []
    return [_source(str(item.get("name")), item, "main", parsed(api, str(item.get("name")))) for item in items]


def read_now(found: list[Sync]) -> Sync:
    """Return the git-sync whose files the dag-processor reads, of all in the release.

    While pods roll there are two, and the new one has no commit yet.
    """
    mine = [sync for sync in found if sync.component == "dag-processor"]
    return max(
        mine, key=lambda sync: sync.since, default=Sync("dag-processor", "", trouble="It has no pod with git-sync")
    )


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
