"""How long the commands take that people wait for."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from kitctl.model.versions import pin
from kitctl.tools.toolbox import tool
from tests.bench.figures import Figure
from tests.e2e.kit import ROOT, Done, Kit, run

ROUNDS = 7


def _median(work: Callable[[], Done]) -> float:
    work().ok()  # warm: the first one reads the program from disk
    return statistics.median(work().ok().seconds for _ in range(ROUNDS))


def local(kit: Kit) -> Iterator[Figure]:
    """Measure what needs no cluster."""
    chart: list[str | Path] = [
        tool("helm"),
        "template",
        "airflow",
        ROOT / "chart",
        "--kube-version",
        pin("kubernetes.version"),
    ]
    how = f"median of {ROUNDS}"
    version = _median(lambda: run([tool("helm"), "version"], timeout=60))
    yield Figure("helm version", version, "s", note=f"{how}; tells how fast the machine is")
    drawn = _median(lambda: run(chart, timeout=60))
    yield Figure("helm template, default values", drawn, "s", 2.5 * version, note=f"{how}; target 2.5 x helm version")
    told = _median(lambda: kit("--help", timeout=60))
    yield Figure("kitctl --help", told, "s", 2 * version, note=f"{how}; target 2 x helm version")


def second_up(kit: Kit, *arguments: str | Path) -> Figure:
    """Measure an `up` that has nothing to change."""
    done = kit("up", "--no-smoke", "-o", "json", *arguments, timeout=900).ok()
    assert done.json["changed"] is False, "the release changed: this was no second up"
    return Figure("second up without a change", done.seconds, "s", 5.0)


def new_cluster(kit: Kit, name: str, dags: Path) -> Iterator[Figure]:
    """Measure a cluster from nothing to a green run, and its end; images and tools are there."""
    own = Kit(kit.cwd, {**kit.env, "KITCTL_CLUSTER_NAME": name, "KITCTL_PROVIDER": "node", "KITCTL_YES": "true"})
    try:
        created = own("cluster", "create", timeout=600).ok()
        yield Figure("kitctl cluster create", created.seconds, "s", 12, note="to Ready with DNS and storage")
        start = time.monotonic()
        own("up", "--dags", dags, "--no-smoke", timeout=900).ok()
        note = "`kitctl up` on the new cluster, images loaded within"
        yield Figure("up to healthy, images built", time.monotonic() - start, "s", 45, note=note)
        own("up", "--dags", dags, "--smoke", timeout=900).ok()
        yield Figure("up to the first green run", time.monotonic() - start, "s", 60, note=note)
    finally:
        deleted = own("cluster", "delete", timeout=300)
    yield Figure("kitctl cluster delete", deleted.ok().seconds, "s", 3)


def chart_tests() -> Iterator[Figure]:
    """Count and time the tests over `helm template`."""
    argv: list[str | Path] = [
        sys.executable,
        "-m",
        "pytest",
        ROOT / "tests" / "chart",
        "-q",
        "-n",
        "auto",
        "--dist",
        "loadgroup",
        "-p",
        "no:cacheprovider",
    ]
    done = run(argv, timeout=600, cwd=ROOT).ok()
    passed = int(done.out.strip().splitlines()[-1].split(" passed")[0].split()[-1])
    yield Figure("chart tests: cases", passed, "cases", 500, "high")
    yield Figure("chart tests: time", done.seconds, "s", 60)
