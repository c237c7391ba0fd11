"""`make bench`: measures the running release and prints each figure beside its target.

The release needs two DAGs for it. Where it lacks them it is brought to an image that holds them, on top of its own, and
back to its own image afterwards. What needs a cluster of its own is measured with --cluster only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import commands, modes, release, runs
from tests.bench.figures import Figure, table
from tests.bench.node import PodUsage
from tests.bench.wide import wide
from tests.e2e.kit import Kit

DAGS = Path(__file__).parent / "dags"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("-n", "--namespace", default="airflow")
    parser.add_argument("--release", default="airflow")
    parser.add_argument("--context", default="", help="kube context (default: the kit's own cluster)")
    parser.add_argument("--cluster", action="store_true", help="also make, use and delete a cluster of its own")
    parser.add_argument(
        "--modes", nargs="*", metavar="MODE", help="only compare the DAG modes (image pvc git bundle cache), elsewhere"
    )
    parser.add_argument("--chart-tests", action="store_true", help="also run the chart tests")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="where the JSON goes")
    return parser.parse_args()


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"cores": os.cpu_count(), "memory_gib": round(memory, 1), "system": platform.platform()}


@contextmanager
def _with_dags(kit: Kit) -> Iterator[list[str]]:
    """Give the release the bench DAGs for as long as the block runs; yields the arguments of a repeated `up`."""
    if kit.api().dag("bench_wide"):
        yield []
        return
    image = kit.helm("get", "values", kit.release, "-o", "json").ok().json["image"]
    own = f"{image['repository']}:{image['tag']}"
    arguments = ["--dags", str(DAGS), "--image", own]
    print(f"bench: the release gets an image with the bench DAGs on top of {own}", file=sys.stderr)
    kit("up", "--no-smoke", "-o", "json", *arguments, timeout=900).ok()
    try:
        yield arguments
    finally:
        print(f"bench: the release goes back to {own}", file=sys.stderr)
        kit("up", "--no-smoke", "--image", own, timeout=900).ok()


def measure(kit: Kit, cluster: str, *, with_cluster: bool, with_chart_tests: bool) -> Iterator[Figure]:
    """Yield every figure as it is measured."""
    yield from commands.local(kit)
    usage = PodUsage(cluster)
    with _with_dags(kit) as arguments:
        yield release.ready_times(kit)
        yield commands.second_up(kit, *arguments)
        mode = kit("status", "-o", "json").ok().json["dag_mode"]
        yield from runs.chain(kit, mode)
        release.settled(kit)
        yield from release.memory(kit, usage)
        cores, figure = release.idle(usage)
        yield figure
        yield from runs.fan_out(kit.api(), usage, cores)
        yield from wide(kit, kit.api())
    if with_cluster:
        yield from commands.new_cluster(kit, "kitctl-bench", DAGS)
    if with_chart_tests:
        yield from commands.chart_tests()


def main() -> int:
    """Measure, print the table, write the JSON; exit code 0 whatever the figures are."""
    options = _options()
    env = {"KITCTL_YES": "true", **({"KITCTL_CONTEXT": options.context} if options.context else {})}
    with tempfile.TemporaryDirectory() as work:
        if options.modes is not None:
            return _report(modes.measure(Path(work), options.modes), options.json)
        kit = Kit(Path(work), env, options.namespace, options.release)
        context = kit("status", "-o", "json").ok().json["context"]
        kit = Kit(Path(work), {**env, "KITCTL_CONTEXT": context}, options.namespace, options.release, context)
        found = measure(kit, context, with_cluster=options.cluster, with_chart_tests=options.chart_tests)
        return _report(found, options.json)


def _report(found: Iterable[Figure], path: Path) -> int:
    """Take figures as they are measured, print the table, write the JSON."""
    figures = []
    for figure in found:
        print(f"bench: {figure.name}: {figure.value}", file=sys.stderr)
        figures.append(figure)
    report = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": _machine(),
        "figures": [f.as_dict() for f in figures],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2) + "\n")
    print(table(figures))
    print(json.dumps(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
