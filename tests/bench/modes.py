"""What each way costs that a DAG can arrive: time from a push to a run, and what a worker pod pays.

On the cluster of the e2e tests (made here, and deleted again, where it is not there), with a release of its own and the
git server of the tests. git-sync is the labelled stand-in of tests/images/git-sync-standin.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from kitctl import clusters
from kitctl.tools.airflow.api import AirflowApi
from tests.bench.figures import Figure
from tests.bench.mode_pods import Cost, costs
from tests.bench.mode_repo import fill, story
from tests.e2e.git import images
from tests.e2e.git.server import NAMESPACE, GitServer, server
from tests.e2e.git.stories import quick, remove, result, seen, values_file
from tests.e2e.kit import CLUSTER, RESULTS, Kit, finish, start_run, wait_for

DAG = "bench_story"
ROUNDS = {"image": 2}
"""Pushes of a mode whose push takes long; others three."""
RUNS = 4
"""Runs of one version, whose pods are compared."""


@dataclass
class Bench:
    """The release, the server, and the version that was made last."""

    kit: Kit
    git: GitServer
    folder: Path
    version: int = 0
    parsed: list[float] = field(default_factory=list)
    ran: list[float] = field(default_factory=list)

    def by_git(self) -> None:
        """Push a commit; the release finds it by itself."""
        self.git.push()

    def by_kitctl(self) -> None:
        """Let kitctl bring the folder, by the way of the release's mode."""
        self.kit("dags", "push", self.git.work, timeout=600).ok()

    def push(self, way: Callable[[], None], api: AirflowApi) -> None:
        """Bring a new version, and time it until it is parsed and until its first task ends."""
        self.version += 1
        name = f"v{self.version}"
        (self.git.work / f"{DAG}.py").write_text(story(name))
        self.git.git("commit", "-q", "-a", "-m", name)
        start = time.time()
        way()
        seen(api, name, DAG)
        self.parsed.append(time.time() - start)
        run_id = start_run(api, DAG)
        assert finish(api, DAG, run_id, timeout=240) == "success"
        assert result(api, run_id, "tell", DAG) == name
        self.ran.append(_ended(api, run_id) - start)

    def sent(self) -> int:
        """Return the bytes that the git server has sent."""
        words = ["exec", "deploy/git", "--", "cat", "/proc/net/dev"]
        text = self.kit.kubectl(*words, namespace=NAMESPACE).ok().out
        return sum(int(line.split(":")[1].split()[8]) for line in text.splitlines() if "eth" in line)


def _ended(api: AirflowApi, run_id: str) -> float:
    (task,) = api.task_instances(DAG, run_id)
    return datetime.fromisoformat(task["end_date"]).timestamp()


def _newest(pods: dict[str, Cost], since: float) -> Cost | None:
    return max((c for c in pods.values() if c.created >= since), key=lambda c: c.created, default=None)


def measure(work: Path, wanted: Sequence[str] = ()) -> Iterator[Figure]:
    """Yield the figures of one mode after the other; `wanted` names those to measure, empty means all."""
    with _bench(work) as bench:
        bundle = {"name": "dags", "repo": bench.git.https, "ref": "main", "refreshSeconds": 5}
        bundle["credentials"] = {"type": "https", "secret": "git-https"}
        plain: dict[str, Any] = {"dags": {"mode": "bundle", "bundle": {"items": [bundle]}}}
        cached = {"dags": {**plain["dags"], "bundle": {"items": [bundle], "cache": {"size": "2Gi"}}}}
        repo = ["--git-repo", bench.git.https, "--git-ref", "main", "--git-secret", "git-https", "--git-auth", "https"]
        files = {name: values_file(_new(work / name), v) for name, v in (("plain", plain), ("cached", cached))}
        base = bench.kit.env["KITCTL_VALUES"]
        stories: dict[str, tuple[list[Any], Callable[[], None]]] = {
            "image": (["--dag-mode", "image", "--dags", bench.git.work], bench.by_kitctl),
            "pvc": (["--dag-mode", "pvc"], bench.by_kitctl),
            "git": (["--dag-mode", "git", *repo], bench.by_git),
            "bundle": (["-f", base, "-f", files["plain"]], bench.by_git),
            "cache": (["-f", base, "-f", files["cached"]], bench.by_git),
        }
        for mode in wanted or stories:
            words, way = stories[mode]
            yield from _mode(bench, mode, words, way)


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _mode(bench: Bench, mode: str, words: list[Any], way: Callable[[], None]) -> Iterator[Figure]:
    """Bring the release into a mode and measure it."""
    bench.git.push()  # what the modes before brought by kitctl is in no repository yet
    bench.kit("up", "--no-smoke", "-o", "json", *words, timeout=900).ok()
    if mode == "pvc":
        bench.by_kitctl()
    api = bench.kit.api()
    seen(api, f"v{bench.version}", DAG)
    bench.parsed, bench.ran = [], []
    for _ in range(ROUNDS.get(mode, 3)):
        bench.push(way, api)
    before, spent = bench.sent(), []
    with costs(bench.kit, CLUSTER) as pods:
        for _ in range(RUNS):
            own = partial(_newest, pods, time.time())
            run_id = start_run(api, DAG)
            assert finish(api, DAG, run_id, timeout=240) == "success"
            # One run at a time: the newest pod is its own.
            cost = wait_for("the run's pod to be seen", own, timeout=20)
            spent.append((cost, _ended(api, run_id) - cost.created))
    sent = (bench.sent() - before) / RUNS
    load = f"median of {len(bench.parsed)}, load {os.getloadavg()[0]:.1f}"
    yield Figure(f"{mode}: push until parsed", median(bench.parsed), "s", note=load)
    yield Figure(f"{mode}: push until the first task ended", median(bench.ran), "s", note=load)
    pod = f"median of {RUNS} pods"
    yield Figure(
        f"{mode}: pod created until its task's container ran", median(c.waited for c, _ in spent), "s", note=pod
    )
    yield Figure(f"{mode}: pod created until its task ended", median(s for _, s in spent), "s", note=pod)
    yield Figure(f"{mode}: CPU of a worker pod", median(c.cpu for c, _ in spent), "CPU-s", note=pod)
    yield Figure(
        f"{mode}: sent by the git server for a run", sent / 1e6, "MB", note="polls of the dag-processor within"
    )


@contextmanager
def _bench(work: Path) -> Iterator[Bench]:
    """Make cluster (where it is not there), git server and values; take all of it away again."""
    env = {"KUBECONFIG": str(RESULTS / "kubeconfig"), "KITCTL_CLUSTER_NAME": CLUSTER, "KITCTL_PROVIDER": "node"}
    RESULTS.mkdir(parents=True, exist_ok=True)
    owner = Kit(work, {**env, "KITCTL_YES": "true", "NO_COLOR": "1"})
    made_here = not clusters.made("node", CLUSTER)
    owner("cluster", "create", timeout=900).ok()
    kit = owner.sibling("bench-modes", "bench")
    try:
        git = server(kit, work / "git")
        standin = images.git_sync_standin()
        images.load(CLUSTER, standin)
        values = values_file(_new(work / "values"), quick(standin))
        kit.env = {**owner.env, "KITCTL_VALUES": str(values), "KITCTL_NODE_PORT": "30839"}
        kit.kubectl("create", "namespace", kit.namespace, namespace="default")
        git.credentials(kit.namespace)
        fill(git, "v0")
        sys.stderr.write("bench: the repository is there\n")
        yield Bench(kit, git, work)
    finally:
        remove(kit)
        kit.kubectl("delete", "namespace", NAMESPACE, "--timeout=60s", namespace="default", timeout=90)
        if made_here:
            owner("cluster", "delete", timeout=300)
