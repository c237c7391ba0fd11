"""The CronJobs of a release, which delete what is old: when each ran last, how that ended, and when it is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from kitctl.model.cron import next_time
from kitctl.release.handle import Release
from kitctl.tools.kube.objects import CronJob, Job
from kitctl.tools.kube.rights import unless_forbidden

FAILED = "failed"


@dataclass(frozen=True)
class CronState:
    """One CronJob in reports.

    Attributes:
        component: For example "clean-logs".
        schedule: Its schedule.
        time_zone: Its time zone; "" means that of the cluster.
        suspended: Whether it starts no further runs.
        last_run: When its last run started, in UTC (RFC 3339); "" if it never ran, or no Job of it is kept.
        result: "succeeded", "failed" or "running"; "" without a last run.
        message: Why it failed, in Kubernetes' words.
        next_run: When it is due, in UTC; "" while it is suspended.
    """

    component: str
    schedule: str
    time_zone: str
    suspended: bool
    last_run: str
    result: str
    message: str
    next_run: str


def cron_jobs(release: Release, now: datetime | None = None) -> list[CronState]:
    """Return the CronJobs of a release; [] without the right to read them."""
    where, name = release.settings.namespace, release.settings.release
    found = release.cron_jobs
    jobs = unless_forbidden(lambda: release.kube.jobs(where, name), []) if found else []
    return [_state(one, [job for job in jobs if job.owner == one.name], now or datetime.now(UTC)) for one in found]


def warnings(states: list[CronState]) -> list[str]:
    """Return a line for each CronJob whose last run failed, with the command that shows its log."""
    return [
        f"{one.component}: its last run failed{f': {one.message}' if one.message else ''}; kitctl logs {one.component}"
        for one in states
        if one.result == FAILED
    ]


def _state(one: CronJob, jobs: list[Job], now: datetime) -> CronState:
    last = max(jobs, key=lambda job: job.created, default=None)
    due = None if one.suspended else next_time(one.schedule, now, one.time_zone)
    return CronState(
        component=one.component,
        schedule=one.schedule,
        time_zone=one.time_zone,
        suspended=one.suspended,
        last_run=last.created if last else one.last_scheduled,
        result=_result(last, one),
        message=last.message if last and last.failed else "",
        next_run=due.strftime("%Y-%m-%dT%H:%M:%SZ") if due else "",
    )


def _result(last: Job | None, one: CronJob) -> str:
    if last is None:  # a history of 0 runs keeps no Job
        return "succeeded" if one.last_scheduled and one.last_successful >= one.last_scheduled else ""
    if last.complete:
        return "succeeded"
    return FAILED if last.failed else "running"
