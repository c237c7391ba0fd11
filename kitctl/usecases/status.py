"""Health of a release: its workloads, what Airflow says of itself, files that do not import, task pods."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kitctl.errors import KitError
from kitctl.release.claims import ClaimState, claims
from kitctl.release.dag_source import Source, sources
from kitctl.release.git_sync import syncs
from kitctl.release.handle import Release, setting
from kitctl.release.health.airflow_health import ailing
from kitctl.release.health.cronjobs import CronState, cron_jobs, warnings
from kitctl.release.health.jobs import failures
from kitctl.release.tasks.failures import PodFailure, recent_failures
from kitctl.release.tasks.pods import task_pods

if TYPE_CHECKING:
    from kitctl.tools.airflow.api import AirflowApi
    from kitctl.tools.kube.objects import Pod, Workload

_NEEDED = {"api-server", "scheduler", "dag-processor"}  # without one of them no task runs, however ready the rest is
_PATIENCE = 5.0  # seconds: `status` is asked most when something is wrong, so it must not hang on it


@dataclass(frozen=True)
class Component:
    """A component of the release: pods of its newest revision that are ready, wanted, restarted."""

    ready: int
    wanted: int
    restarts: int


@dataclass(frozen=True)
class ImportFailure:
    """A DAG file that does not import, and the last line of its traceback."""

    file: str
    error: str


@dataclass(frozen=True)
class TaskPod:
    """A task's pod; the IDs are those of Airflow, not the shortened ones of labels.

    Attributes:
        pod: Its name.
        dag_id: DAG.
        task_id: Task.
        run_id: Run.
        try_number: From 1; 0 if unknown.
        phase: In Kubernetes, or "Terminating" while it is deleted; when watched, "Deleted" at last.
        reason: Why it does not start; "" otherwise.
        age_seconds: Since its creation.
    """

    pod: str
    dag_id: str
    task_id: str
    run_id: str
    try_number: int
    phase: str
    reason: str
    age_seconds: int


@dataclass(frozen=True)
class Status:
    """The report of `kitctl status -o json`; docs/cli.md says what the fields mean."""

    healthy: bool
    context: str
    namespace: str
    release: str
    url: str
    airflow_version: str
    auth_manager: str
    executors: list[str]
    dag_mode: str
    sources: list[Source]
    components: dict[str, Component]
    claims: list[ClaimState]
    cron_jobs: list[CronState]
    import_errors: list[ImportFailure]
    pod_failures: list[PodFailure]
    task_pods: list[TaskPod]
    problems: list[str]


@dataclass(frozen=True)
class _Answer:
    """What Airflow said of itself; empty where it did not answer."""

    url: str = ""
    version: str = ""
    import_errors: list[ImportFailure] = field(default_factory=list)
    pod_failures: list[PodFailure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    api: AirflowApi | None = None


def read_status(release: Release) -> Status:
    """Look at a release once.

    Raises:
        KitError: `release-missing` (code UNHEALTHY), or what the cluster answered.
    """
    workloads = release.workloads
    unknown = _read_values(release)
    problems = [_problem(w) for w in workloads if not w.is_healthy]
    problems += [f"{w.component}: scaled to 0" for w in workloads if w.component in _NEEDED and w.wanted == 0]
    problems += failures(release)
    followed = syncs(release)
    problems += [f"{s.component}: git-sync fails: {s.error}" for s in followed if s.error]
    seen = _ask_airflow(release, {w.component for w in workloads if w.wanted > 0}, problems)
    periodic = cron_jobs(release)
    return Status(
        healthy=not problems,
        context=release.kube.context,
        namespace=release.settings.namespace,
        release=release.settings.release,
        url=seen.url,
        airflow_version=seen.version or str(setting(release.values, "airflowVersion") or ""),
        auth_manager=release.auth.name,
        executors=executors(release),
        dag_mode=str(setting(release.values, "dags", "mode") or ""),
        sources=sources(release, seen.api, followed),
        components=count(workloads),
        claims=claims(release),
        cron_jobs=periodic,
        import_errors=seen.import_errors,
        pod_failures=seen.pod_failures,
        task_pods=[task_pod(p) for p in task_pods(release)],
        problems=problems + seen.notes + unknown + warnings(periodic) + _open(release),
    )


def _open(release: Release) -> list[str]:
    if not release.auth.open:
        return []
    return ["everyone who can open the UI is an administrator, without a log-in (auth.simple.allAdmins)"]


def count(workloads: Iterable[Workload]) -> dict[str, Component]:
    """Count the pods of each component; groups of Celery workers are one."""
    found: dict[str, Component] = {}
    for one in workloads:
        known = found.get(one.component, Component(0, 0, 0))
        found[one.component] = Component(
            known.ready + one.ready, known.wanted + one.wanted, known.restarts + one.restarts
        )
    return found


def _read_values(release: Release) -> list[str]:
    """Read Helm's values, or go on without them and return why: a viewer's rights seldom include Secrets."""
    try:
        release.values  # noqa: B018 - cached
    except KitError as exc:
        release.values = {}
        return [f"Helm's values are not known: {exc.message}"]
    return []


def executors(release: Release) -> list[str]:
    """Return the executors, the first one being the default; read from the scheduler where Helm knows no values."""
    named = setting(release.values, "executors")
    if named:
        return [str(e) for e in named]
    scheduler = next((w for w in release.workloads if w.component == "scheduler"), None)
    if scheduler is None:
        return []
    deployment = release.kube.get("Deployment", release.settings.namespace, scheduler.name)
    spec = setting(deployment or {}, "spec", "template", "spec") or {}
    env = {e["name"]: e.get("value", "") for c in spec.get("containers", []) for e in c.get("env") or []}
    return [e for e in str(env.get("AIRFLOW__CORE__EXECUTOR", "")).split(",") if e]


def task_pod(pod: Pod, now: datetime | None = None) -> TaskPod:
    """Return what reports say of a task pod; the executor writes the raw ids into annotations, labels are shortened."""
    notes = pod.annotations
    return TaskPod(
        pod=pod.name,
        dag_id=notes.get("dag_id", ""),
        task_id=notes.get("task_id", ""),
        run_id=notes.get("run_id", ""),
        try_number=int(notes.get("try_number") or 0),
        phase=pod.phase,
        reason=pod.reason,
        age_seconds=age(pod.created, now),
    )


def age(created: str, now: datetime | None = None) -> int:
    """Return the seconds since an RFC 3339 time, never negative: clocks differ a little."""
    if not created:
        return 0
    passed = (now or datetime.now(UTC)) - datetime.fromisoformat(created)
    return max(0, int(passed.total_seconds()))


def _problem(workload: Workload) -> str:
    rolling = "" if workload.current else ", a roll-out is under way"
    why = f": {workload.message}" if workload.message else ""
    return f"{workload.component}: {workload.ready} of {workload.wanted} ready{rolling}{why}"


def _ask_airflow(release: Release, running: set[str], problems: list[str]) -> _Answer:
    """Ask Airflow itself.

    Args:
        release: The release.
        running: Components that are wanted; the others may be silent.
        problems: Gets a line for each part that is not healthy.
    """
    if any(w.component == "api-server" and w.ready == 0 for w in release.workloads):
        return _Answer()  # already a problem; asking would only take time
    url = version = ""
    try:
        url = release.url()
        api = release.api(_PATIENCE)
        version = api.version()
        health = api.health()
    except KitError as exc:
        problems.append(f"api-server: {exc.message}")
        return _Answer(url, version)
    problems += [f"{component}: Airflow says {said}" for component, said in ailing(health, running).items()]
    seen = _Answer(url, version, api=api)
    seen = _with(seen, "import errors", lambda: replace(seen, import_errors=_import_errors(api)))
    return _with(seen, "failures of pods", lambda: replace(seen, pod_failures=recent_failures(api)))


def _with(seen: _Answer, what: str, look: Callable[[], _Answer]) -> _Answer:
    """Add what one more question brings, or a note that Airflow did not answer it."""
    try:
        return look()
    except KitError as exc:
        return replace(seen, notes=[*seen.notes, f"{what} are not known: {exc.message}"])


def _import_errors(api: AirflowApi) -> list[ImportFailure]:
    return [_import_error(e) for e in api.import_errors()]


def _import_error(error: dict[str, Any]) -> ImportFailure:
    """Return file and reason; the last line of a traceback says what went wrong."""
    trace = [line for line in str(error.get("stack_trace") or "").splitlines() if line.strip()]
    return ImportFailure(str(error.get("filename")), trace[-1].strip() if trace else "")
