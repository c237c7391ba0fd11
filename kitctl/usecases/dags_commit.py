"""Following a commit: until git-sync or the bundle has it, and Airflow has read its files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kitctl.errors import ExitCode, KitError
from kitctl.tools.process import run
from kitctl.usecases.dags_parsed import Wanted, expected, last_line, poke, wait_parsed
from kitctl.usecases.exec_in import exec_argv, pods_of
from kitctl.usecases.release import Release, setting

if TYPE_CHECKING:
    from kitctl.tools.airflow_api import AirflowApi

Note = Callable[[str], None]
_LOOK = "import json, os, sys, time; print(json.dumps([os.path.realpath(sys.argv[1]), time.time()]))"
_PERIOD = 2.0


def pushed_commit(path: Path, note: Note) -> str:
    """Return the commit of a checkout that the cluster is to follow.

    Raises:
        KitError: `git-checkout-missing`, `git-not-pushed` (code USAGE).
    """

    def git(*words: str) -> str:
        answer = run(["git", "-C", str(path), *words], check=False, timeout=20)
        return answer.stdout.strip() if answer.ok else ""

    head = git("rev-parse", "--verify", "HEAD")
    if not head:
        raise KitError(
            "git-checkout-missing",
            f"{path} is in no git checkout",
            cause="In this DAG mode the cluster reads a repository, not a folder of this machine",
            fix="Name a folder of the checkout, after git push",
            code=ExitCode.USAGE,
        )
    upstream = git("rev-parse", "--verify", "@{upstream}")
    if upstream and upstream != head:
        raise KitError(
            "git-not-pushed",
            f"The checkout is at {head[:12]}, its upstream branch at {upstream[:12]}",
            cause="kitctl does not push for you",
            fix="git push",
            code=ExitCode.USAGE,
        )
    if git("status", "--porcelain", "--", "."):
        note("the checkout has changes that are in no commit; the cluster will not see them")
    return head


def follow_git_sync(release: Release, commit: str, path: Path, note: Note, deadline: float) -> dict[str, Any]:
    """Wait until the dag-processor's git-sync has the commit and its files were read.

    Raises:
        KitError: `commit-not-synced` (code TIMEOUT), `dags-not-parsed`.
    """
    link = f"{setting(release.values, 'dags', 'path') or '/opt/airflow/dags'}/repo"
    _ask_git_sync(release)
    seen = ""
    while True:
        # While pods roll, nobody can be asked for a moment; what kubectl said last is told when the time is over.
        argv = exec_argv(release, "dag-processor", ["python3", "-c", _LOOK, link], stdin=False, tty=False)
        answer = run(argv, check=False, timeout=30)
        target, now = json.loads(answer.stdout) if answer.ok else ("", 0.0)
        seen = Path(target).name
        if seen == commit:
            break
        if time.monotonic() > deadline:
            raise KitError(
                "commit-not-synced",
                f"git-sync is at {seen[:12] or 'no commit'}, not at {commit[:12]}",
                cause="It follows dags.git.ref of dags.git.repo"
                + ("" if answer.ok else f"\nIts pod could not be asked: {answer.stderr.strip()[-500:]}"),
                fix="kubectl logs deploy/NAME-dag-processor -c git-sync; was the commit pushed to that branch?",
                code=ExitCode.TIMEOUT,
            )
        note(f"git-sync is at {seen[:12] or 'no commit'}, waiting for {commit[:12]}")
        time.sleep(_PERIOD)
    sub_path = str(setting(release.values, "dags", "git", "subPath") or "")
    # The commit may have come a while ago: a parse since its link was swapped would do, but that moment is not known.
    wanted = Wanted(expected(_folder(path, sub_path)), now)
    return wait_parsed(release.api(max(20.0, deadline - time.monotonic())), wanted, note, deadline)


def follow_bundle(release: Release, commit: str, path: Path, note: Note, deadline: float) -> dict[str, Any]:
    """Wait until every DAG of the checkout's bundle was read at the commit.

    Raises:
        KitError: `commit-not-synced` (code TIMEOUT).
    """
    bundle = _bundle(release, path)
    api = release.api(max(20.0, deadline - time.monotonic()))
    while True:
        known = [d for d in api.dags(bundle_name=bundle, exclude_stale=False) if not d.get("is_stale")]
        behind = [d["dag_id"] for d in known if d.get("bundle_version") != commit]
        if known and not behind:
            return {"dags": sorted(d["dag_id"] for d in known), "import_errors": _errors(api, bundle), "bundle": bundle}
        if time.monotonic() > deadline:
            raise KitError(
                "commit-not-synced",
                f"The bundle {bundle} has {len(behind)} DAGs that are not at {commit[:12]}: {', '.join(behind[:5])}",
                fix="kitctl logs dag-processor; was the commit pushed to the branch that the bundle follows?",
                code=ExitCode.TIMEOUT,
            )
        note(f"waiting until {len(behind) or 'the'} DAGs of bundle {bundle} are at {commit[:12]}")
        poke(api, known)
        time.sleep(_PERIOD)


def _ask_git_sync(release: Release) -> None:
    """Ask git-sync for a look at once (SIGHUP). Its image may have no program for that: then its period decides."""
    argv = exec_argv(release, "dag-processor", ["kill", "-HUP", "1"], stdin=False, tty=False)
    for pod in pods_of(release, "dag-processor"):
        words = [pod.name if word == pod.name else word for word in argv]
        words[words.index("-c") + 1] = "git-sync"
        run(words, check=False, timeout=30)


def _folder(path: Path, sub_path: str) -> Path:
    """Return the folder of the DAGs: the checkout's, or PATH itself where it is that folder already."""
    top = run(["git", "-C", str(path), "rev-parse", "--show-toplevel"], timeout=20).stdout.strip()
    return Path(top) / sub_path.strip("/")


def _bundle(release: Release, path: Path) -> str:
    """Return the name of the bundle that follows the checkout's repository."""
    items = setting(release.values, "dags", "bundle", "items") or []
    remotes = run(["git", "-C", str(path), "remote", "-v"], check=False, timeout=20).stdout.split()
    fitting = [i["name"] for i in items if i.get("repo") in remotes] or [i["name"] for i in items]
    if len(fitting) != 1:
        raise KitError(
            "bundle-ambiguous",
            f"None of the checkout's remotes is the repository of exactly one bundle ({', '.join(fitting)})",
            fix="git remote add kit URL    # the bundle's dags.bundle.items[].repo",
            code=ExitCode.USAGE,
        )
    return str(fitting[0])


def _errors(api: AirflowApi, bundle: str) -> list[dict[str, str]]:
    found = [e for e in api.import_errors() if e.get("bundle_name") == bundle]
    return [{"file": e["filename"], "message": last_line(e["stack_trace"])} for e in found]
