"""`kitctl status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from kitctl.commands.console import live
from kitctl.commands.console.report import emit, one, paint, plain, table
from kitctl.commands.options import flags
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Output, Settings

if TYPE_CHECKING:
    from kitctl.release.handle import Release
    from kitctl.release.health.cronjobs import CronState
    from kitctl.release.tasks.failures import PodFailure
    from kitctl.usecases.status import Status, TaskPod
    from kitctl.usecases.status_watch import ComponentChange

app = make_app()

_PODS = ("pod", "dag_id", "task_id", "run_id", "try_number", "phase", "reason", "age_seconds")
_FAILURES = ("killed or not started", "dag_id", "task_id", "run_id", "try", "reason")
_CRON = ("CronJob", "schedule", "last run", "result", "next run")
_SHOWN, _REASON = 10, 160
"""How many failures the text shows, and how many characters of a reason."""
_POD = "{phase:<11} {pod}  {dag_id} {task_id} {run_id} try {try_number}  {reason}"


@app.command(epilog="Example: kitctl status --watch")
@with_settings
def status(
    settings: Settings,
    *,
    watch: flags.Watch,
) -> None:
    """Show the health of the release. Exit code 0 if healthy, otherwise 6."""
    from kitctl.release.handle import attach  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.status import read_status  # noqa: PLC0415

    release = attach(settings)
    if watch:
        _watch(release, settings)
    report = read_status(release)
    emit(report, settings.output, lambda: as_text(report, settings))
    if not report.healthy:
        raise typer.Exit(int(ExitCode.UNHEALTHY))


def _watch(release: Release, settings: Settings) -> None:
    """Show each change until interrupted: a live table, plain lines, or one document each with -o json and yaml."""
    from kitctl.usecases import status_watch  # noqa: PLC0415

    if settings.output is not Output.TEXT:
        for pod in status_watch.watch_task_pods(release, _lost):
            typer.echo(one(pod, settings.output))
    elif live.can_draw():
        where = f"in namespace {settings.namespace} of context {release.kube.context}"
        live.show(f"Release {settings.release} {where}", status_watch.pictures(release), settings)
    else:
        for change in status_watch.changes(release, _lost):
            typer.echo(_change(change))


def _lost(error: KitError | None) -> None:
    """Say that the cluster stopped answering, or answers again."""
    typer.echo(f"{error.message}; trying again" if error else "The cluster answers again", err=True)


def _change(change: ComponentChange | TaskPod) -> str:
    from kitctl.usecases.status_watch import ComponentChange  # noqa: PLC0415

    if isinstance(change, ComponentChange):
        now = change.now
        word = "Ready" if now.ready >= now.wanted else "NotReady"
        return f"{word:<11} {change.name}  {now.ready}/{now.wanted} ready, {now.restarts} restarts"
    return _POD.format(**plain(change)).rstrip()


def as_text(report: Status, settings: Settings) -> str:
    """Lay out a status report for people."""
    verdict = paint("healthy", "green", settings) if report.healthy else paint("not healthy", "red", settings)
    lines = [
        f"Release {report.release} in namespace {report.namespace} of context {report.context}: {verdict}",
        f"Airflow {report.airflow_version or '?'}, {', '.join(report.executors) or 'executor unknown'}, "
        f"DAGs by {report.dag_mode or '?'}, log-in by {report.auth_manager}"
        + (f", {report.url}" if report.url else ""),
        *(f"  {s.name}: {s.repo} {s.ref} at {s.commit[:12] or '?'}" for s in report.sources),
        "",
        table(
            ("component", "ready", "restarts"),
            [(name, f"{c.ready}/{c.wanted}", c.restarts) for name, c in report.components.items()],
        ),
    ]
    if report.claims:
        volumes = [(c.name, c.phase, ", ".join(c.modes), c.size) for c in report.claims]
        lines += ["", table(("claim", "phase", "access modes", "size"), volumes)]
    if report.cron_jobs:
        lines += ["", table(_CRON, [_cron_row(one) for one in report.cron_jobs])]
    if report.problems:
        lines += ["", *(paint(f"! {p}", "yellow", settings) for p in report.problems)]
    if report.import_errors:
        rows = [(e.file, e.error) for e in report.import_errors]
        lines += ["", table(("file that does not import", "error"), rows)]
    if report.pod_failures:
        failures = [
            (f.time[:19], f.dag_id, _instance(f), f.run_id, f.try_number, _short(f))
            for f in report.pod_failures[:_SHOWN]
        ]
        lines += ["", table(_FAILURES, failures)]
        if (more := len(report.pod_failures) - _SHOWN) > 0:
            lines.append(f"… and {more} more: kitctl status -o json")
    if report.task_pods:
        lines += ["", table(_PODS, [[getattr(p, k) for k in _PODS] for p in report.task_pods])]
    return "\n".join(lines)


def _cron_row(one: CronState) -> tuple[str, ...]:
    """Return a CronJob's row; times are in UTC."""
    schedule = f"{one.schedule} {one.time_zone}".strip()
    due = "suspended" if one.suspended else _minute(one.next_run)
    return one.component, schedule, _minute(one.last_run) or "never", one.result or "-", due or "?"


def _minute(time: str) -> str:
    return f"{time[:16].replace('T', ' ')} UTC" if time else ""


def _instance(failure: PodFailure) -> str:
    """Return a task's id, with its map index if it has one."""
    return failure.task_id if failure.map_index < 0 else f"{failure.task_id}[{failure.map_index}]"


def _short(failure: PodFailure) -> str:
    """Return the first line of a reason; `kitctl logs` shows all that is known."""
    text = (failure.reason.splitlines() or [""])[0]
    if not text:
        return f"kitctl logs --dag {failure.dag_id} --task {failure.task_id}"
    return f"{text[:_REASON]}…" if len(text) > _REASON else text
