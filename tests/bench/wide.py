"""A burst of a hundred tasks while somebody looks at the UI: what the API answers, and how soon."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from kitctl.tools.airflow.api import AirflowApi
from tests.bench.figures import Figure, percentile
from tests.bench.runs import run_tasks, span
from tests.e2e.kit import Kit

LOOKED_AT = "/api/v2/dags"
ANSWERED = re.compile(r"request finished.*status_code=(\d+)")
"""A line of the API server's access log, which has every request: those of tasks, of probes and of people."""


@dataclass
class Looks:
    """Answers to one GET a second.

    Attributes:
        seconds: How long each took.
        failed: What those said that were no 200: a status, or the name of an error.
    """

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@contextmanager
def looking(base_url: str, headers: dict[str, str]) -> Iterator[Looks]:
    """Ask for the list of DAGs each second for as long as the block runs, also while an earlier answer is awaited."""
    looks, over = Looks(), threading.Event()
    with (
        httpx.Client(base_url=base_url, headers=headers, timeout=60, trust_env=False) as client,
        ThreadPoolExecutor(60) as pool,
    ):

        def look() -> None:
            start = time.monotonic()
            try:
                status = client.get(LOOKED_AT).status_code
                if status != httpx.codes.OK:
                    looks.failed.append(str(status))
            except httpx.HTTPError as exc:
                looks.failed.append(type(exc).__name__)
            looks.seconds.append(time.monotonic() - start)

        def tick() -> None:
            while not over.wait(1):
                pool.submit(look)

        ticker = threading.Thread(target=tick)
        ticker.start()
        try:
            yield looks
        finally:
            over.set()
            ticker.join()


def statuses(log: str) -> list[int]:
    """Return the status of every answer in the access log of an API server."""
    return [int(found[1]) for line in log.splitlines() if (found := ANSWERED.search(line))]


def _failed_probes(kit: Kit, since: datetime) -> list[str]:
    """Return pod and words of each probe that failed since then."""
    events = kit.kubectl("get", "events", "--field-selector", "reason=Unhealthy", "-o", "json").ok().json["items"]
    return [
        f"{event['involvedObject']['name']}: {event['message']}"
        for event in events
        if (last := event.get("lastTimestamp") or event.get("eventTime")) and datetime.fromisoformat(last) >= since
    ]


def _restarts(kit: Kit) -> int:
    return sum(
        status["restartCount"] for pod in kit.pods() for status in pod.get("status", {}).get("containerStatuses", [])
    )


def wide(kit: Kit, api: AirflowApi) -> Iterator[Figure]:
    """Measure a run of a hundred mapped no-op tasks, and the API beside it.

    Args:
        kit: The release.
        api: Its REST API.
    """
    start, restarts = datetime.now(UTC).replace(microsecond=0), _restarts(kit)
    with looking(api.base_url, api.authorization()) as looks:
        tasks = run_tasks(api, "bench_wide", 1800)
    log = kit.kubectl(
        *("logs", "-l", f"app.kubernetes.io/instance={kit.release},app.kubernetes.io/component=api-server"),
        *("--tail=-1", f"--since-time={start.isoformat()}"),
    )
    answers = statuses(log.ok().out)
    bad = [status for status in answers if status >= 500]
    probes = _failed_probes(kit, start)
    failed = [t for t in tasks if t["state"] != "success" or t["try_number"] != 1]
    how = f"{len(tasks)} no-op tasks in {span(tasks):.0f} s"
    looked = f"GET {LOOKED_AT} each second, {len(looks.seconds)} times" + (
        f"; no 200: {', '.join(looks.failed)}" if looks.failed else ""
    )
    yield Figure("wide: tasks a minute", 60 * len(tasks) / span(tasks), "tasks", best="high", note=how)
    yield Figure("wide: failed or repeated", len(failed), "tasks", 0, note=how)
    yield Figure("wide: a look at the UI, p50", percentile(looks.seconds, 0.5), "s", note=looked)
    yield Figure("wide: a look at the UI, p95", percentile(looks.seconds, 0.95), "s", 1.0, note=looked)
    yield Figure("wide: a look at the UI, p99", percentile(looks.seconds, 0.99), "s", 3.0, note=looked)
    told = f"of {len(answers)} in the access log" if answers else "the access log has no line of the known form"
    yield Figure("wide: answers of 5xx", len(bad) if answers else None, "answers", 0, note=told)
    yield Figure("wide: probes that failed", len(probes), "probes", 0, note="; ".join(probes)[:200])
    yield Figure("wide: containers restarted", _restarts(kit) - restarts, "restarts", 0)
