"""Following a commit: until git-sync or the bundle has it, and Airflow has read its files."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kitctl.errors import ExitCode, KitError
from kitctl.release.dag_source import read_now
from kitctl.release.git_sync import Sync, look_now, syncs
from kitctl.release.handle import Release, setting
from kitctl.tools.deadline import Deadline
from kitctl.tools.process import run
from kitctl.usecases.dags.checkout import Checkout
from kitctl.usecases.dags.parsed import FileError, Parsed, Wanted, expected, last_line, poke, wait_parsed, when

if TYPE_CHECKING:
    from kitctl.tools.airflow.api import AirflowApi

Note = Callable[[str], None]
_PERIOD, _REFRESH_SECONDS = 2.0, 60.0


def checkout(release: Release, path: Path) -> Checkout:
    """Return the checkout of a folder, with the repositories that the release reads."""
    items = setting(release.values, "dags", "bundle", "items") or []
    sections = [setting(release.values, "dags", "git") or {}, *items]
    return Checkout(path, [str(section["repo"]) for section in sections if section.get("repo")])


def follow_git_sync(release: Release, commit: str, path: Path, note: Note, deadline: Deadline) -> Parsed:
    """Wait until the dag-processor's git-sync has the commit, or a later one, and its files were read.

    Raises:
        KitError: `commit-not-synced` (code TIMEOUT), `dags-not-parsed`.
    """
    look_now(release)
    work = checkout(release, path)
    at = read_now([])

    def arrived() -> bool | None:
        nonlocal at
        # While pods roll, nobody can be asked for a moment; what kubectl said last is told when the time is over.
        found = syncs(release)
        at = next((sync for sync in _readers(found) if not work.carries(sync.commit, commit)), read_now(found))
        if work.carries(at.commit, commit):
            return True
        note(f"git-sync of {at.component} is at {at.commit[:12] or 'no commit'}, waiting for {commit[:12]}")
        return None

    if not deadline.until(arrived, every=_PERIOD):
        raise KitError(
            "commit-not-synced",
            f"git-sync of {at.component} is at {at.commit[:12] or 'no commit'}, not at {commit[:12]}",
            cause="It follows dags.git.ref of dags.git.repo"
            + (f"\nIts last sync failed: {at.error}" if at.error else "")
            + (f"\nIts pod could not be asked: {at.trouble}" if at.trouble else ""),
            fix=f"kitctl logs {at.component}    # git-sync's lines: was the commit pushed to that branch?",
            code=ExitCode.TIMEOUT,
        )
    sub_path = str(setting(release.values, "dags", "git", "subPath") or "")
    # The commit may have come a while ago; unchanged files are parsed again only each min_file_process_interval.
    wanted = Wanted(expected(work.top() / sub_path.strip("/")), at.since)
    if at.commit != commit:
        note(f"git-sync is at {at.commit[:12]} already, which came after {commit[:12]}")
        with work.files_at(at.commit, sub_path) as folder:
            wanted = Wanted(expected(folder), at.since, exact=False)
    return wait_parsed(release.api(deadline.left(at_least=20.0)), wanted, note, deadline)


def follow_bundle(release: Release, commit: str, path: Path, note: Note, deadline: Deadline) -> tuple[Parsed, str]:
    """Wait until every DAG of the checkout's bundle was read at the commit or a later one, or does not import there.

    Returns:
        What was read, and the name of the bundle.

    Raises:
        KitError: `commit-not-synced` (code TIMEOUT).
    """
    bundle, work, fresh = _bundle(release, path), checkout(release, path), 0.0
    item = next(i for i in setting(release.values, "dags", "bundle", "items") if i["name"] == bundle)
    promised = {file for file, ids in expected(work.top() / str(item.get("subPath") or "").strip("/")).items() if ids}
    late = time.time() + float(item.get("refreshSeconds") or _REFRESH_SECONDS)
    api = release.api(deadline.left(at_least=20.0))
    behind: list[str] = []

    def look() -> Parsed | None:
        nonlocal fresh, behind
        known = [d for d in api.dags(bundle_name=bundle, exclude_stale=False) if not d.get("is_stale")]
        there = [d for d in known if work.carries(str(d.get("bundle_version") or ""), commit)]
        # A reading at the commit proves that the bundle is there; errors of before may be those of the old files.
        fresh = fresh or min((when(d.get("last_parsed_time")) for d in there), default=0.0)
        broken = _broken(api, bundle, fresh or late)
        behind = [d["dag_id"] for d in known if d not in there and d.get("relative_fileloc") not in broken]
        if not behind and (there or (broken and broken >= promised)):
            return Parsed(tuple(sorted(d["dag_id"] for d in known)), _errors(api, bundle))
        note(f"waiting until {len(behind) or 'the'} DAGs of bundle {bundle} are at {commit[:12]}")
        poke(api, known)
        return None

    if found := deadline.until(look, every=_PERIOD):
        return found, bundle
    raise KitError(
        "commit-not-synced",
        f"The bundle {bundle} has {len(behind)} DAGs that are not at {commit[:12]}: {', '.join(behind[:5])}",
        cause="Airflow fetches the bundle each refreshSeconds and then reads its files; it did not get there",
        fix="kitctl logs dag-processor    # was the commit pushed to the branch that the bundle follows?",
        code=ExitCode.TIMEOUT,
    )


def _readers(found: list[Sync]) -> list[Sync]:
    """Return the git-syncs whose files are parsed or run: of the dag-processor, and of a scheduler that runs tasks."""
    return [read_now(found), *(sync for sync in found if sync.component == "scheduler")]


def _bundle(release: Release, path: Path) -> str:
    """Return the name of the bundle that follows the checkout's repository."""
    items = setting(release.values, "dags", "bundle", "items") or []
    remotes = run(["git", "-C", str(path), "remote", "-v"], check=False, timeout=20).stdout.split()
    fitting = [i["name"] for i in items if i.get("repo") in remotes] or [i["name"] for i in items]
    if len(fitting) != 1:
        raise KitError(
            "bundle-ambiguous",
            f"No remote of this checkout matches exactly one bundle ({', '.join(fitting)})",
            cause="`git remote -v` is compared with dags.bundle.items[].repo, letter by letter",
            fix="git remote add kit URL    # the bundle's dags.bundle.items[].repo",
            code=ExitCode.USAGE,
        )
    return str(fitting[0])


def _broken(api: AirflowApi, bundle: str, since: float) -> set[str]:
    """Return the files that did not import since a time (seconds since 1970)."""
    found = [e for e in api.import_errors() if e.get("bundle_name") == bundle]
    return {str(e["filename"]) for e in found if when(e["timestamp"]) >= since}


def _errors(api: AirflowApi, bundle: str) -> tuple[FileError, ...]:
    found = [e for e in api.import_errors() if e.get("bundle_name") == bundle]
    return tuple(FileError(e["filename"], last_line(e["stack_trace"])) for e in found)
