"""Logs of a component (kubectl) or of a task (Airflow's REST API, so also after its pod is gone)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.release.components import pods_of
from kitctl.release.handle import Release
from kitctl.release.tasks.logs import find_task, lines, number_of, read
from kitctl.release.tasks.pods import executor_namespace
from kitctl.release.tasks.reasons import reasons

_RUNS = frozenset({"running", "deferred", "restarting"})
"""States of a try that goes on."""

_ENDED_BADLY = frozenset({"failed", "up_for_retry"})


@dataclass(frozen=True)
class Wanted:
    """What the user asked for.

    Attributes:
        component: Component, "" for a task.
        dag: DAG id.
        task: Task id.
        run: Run id, None for the newest.
        try_number: Try, None for the last.
        map_index: Mapped instance, None for the only one.
        follow: Go on as new lines come.
        tail: Number of lines from the end of the log; None for all.
        previous: The log of the container before its last restart.
    """

    component: str = ""
    dag: str = ""
    task: str = ""
    run: str | None = None
    try_number: int | None = None
    map_index: int | None = None
    follow: bool = False
    tail: int | None = None
    previous: bool = False

    def check_bundle(self) -> None:
        """Refuse what belongs to a single log: an archive has all of them.

        Raises:
            KitError: `logs-of-what` (code USAGE).
        """
        if replace(self, component="") != Wanted():
            raise KitError(
                "logs-of-what",
                "--bundle goes with no option of a single log",
                cause="A support archive contains the logs of all components, and of tasks that failed lately",
                fix="kitctl logs --bundle",
                code=ExitCode.USAGE,
            )

    def check(self) -> None:
        """Refuse what does not go together.

        Raises:
            KitError: `logs-of-what` (code USAGE).
        """
        of_task = bool(self.dag or self.task)
        wrong = ""
        if self.component and of_task:
            wrong = "Name either a component or a task (--dag and --task), not both"
        elif not self.component and not of_task:
            wrong = "Name a component, or a task with --dag and --task"
        elif of_task and not (self.dag and self.task):
            wrong = "The log of a task needs both --dag and --task"
        elif of_task and self.previous:
            wrong = "--previous is for components; for an earlier try of a task use --try N"
        elif self.component and (self.run or self.try_number is not None or self.map_index is not None):
            wrong = "--run, --try and --map-index are for tasks"
        if wrong:
            raise KitError(
                "logs-of-what",
                wrong,
                cause="A log belongs to a component, or to one try of a task",
                fix="kitctl logs scheduler -f\nkitctl logs --dag example --task extract",
                code=ExitCode.USAGE,
            )


def component_argv(release: Release, wanted: Wanted, *, prefix: bool = False) -> list[str]:
    """Return the kubectl command line that shows a component's log.

    With several pods all are shown, each line behind its pod's name; all containers that belong to the component are
    in, init containers too, since a pod that does not start has nothing else to tell.

    Args:
        release: The release.
        wanted: Names the component.
        prefix: Begin each line with `[pod/NAME/CONTAINER] ` even if there is one container only.

    Raises:
        KitError: `component-unknown`, `component-not-running` where it has no pod at all, `release-missing`.
    """
    from kitctl.tools.kube.contexts import kubectl_argv  # noqa: PLC0415

    found = pods_of(release, wanted.component)
    periodic = next((one.name for one in release.cron_jobs if one.component == wanted.component), "")
    if not found:
        raise _no_pod(release.settings.namespace, wanted.component, periodic)
    argv = [*kubectl_argv(release.kube.context, release.settings.kubeconfig), "-n", found[0].namespace, "logs"]
    argv += [*(["-f"] if wanted.follow else []), f"--tail={-1 if wanted.tail is None else wanted.tail}"]
    argv += ["--prefix"] if prefix else []
    if periodic:  # of its runs the last one
        last = max(found, key=lambda p: p.created)
        return [*argv, last.name, "--all-containers", "--ignore-errors", *([] if prefix else ["--prefix"])]
    if wanted.previous:
        restarted = max(found, key=lambda p: p.restarts)
        return [*argv, "--previous", restarted.name, "-c", wanted.component]
    if len(found) == 1 and found[0].ready:
        return [*argv, found[0].name, "-c", wanted.component]
    selector = f"{release.selector},app.kubernetes.io/component={wanted.component}"
    return [
        *argv,
        "-l",
        selector,
        "--all-containers",
        "--ignore-errors",
        *([] if prefix else ["--prefix"]),
        "--max-log-requests=20",
    ]


def _no_pod(namespace: str, component: str, periodic: str) -> KitError:
    """Make the error of a component without pods; `periodic` is the name of its CronJob, "" if it keeps running."""
    events = f"kubectl -n {namespace} get events --sort-by=.lastTimestamp"
    run = f"kubectl -n {namespace} create job --from=cronjob/{periodic} {periodic}-now    # runs it now"
    return KitError(
        "component-not-running",
        f"{component} has no pod",
        cause="It has not run yet, or its runs are not kept"
        if periodic
        else "Its replicas are 0, or Kubernetes refuses to create the pod",
        fix=f"{run}\n{events}" if periodic else events,
        code=ExitCode.UNHEALTHY,
    )


def split_prefix(line: str) -> dict[str, str]:
    """Return {"pod", "container", "line"} of a line that kubectl wrote behind `[pod/NAME/CONTAINER] `."""
    head, _, text = line.partition("] ")
    _, pod, container = (*head.removeprefix("[").split("/", 2), "", "")[:3]
    return {"pod": pod, "container": container, "line": text}


def task_log(
    release: Release,
    wanted: Wanted,
    write: Callable[[str], object],
    note: Callable[[str], object],
    form: Callable[[Any], list[str]] = lines,
) -> None:
    """Write a task's log line by line; what ended the task from outside goes to `note`.

    Args:
        release: The release.
        wanted: Names the task.
        write: Takes one line of the log without its end.
        note: Takes one line of what is known beside the log.
        form: Turns one event of the log into the lines to write.

    Raises:
        KitError: `dag-missing`, `run-missing`, `task-missing`, `map-index-needed`, `try-missing`, `task-not-started`,
            `task-log-missing`; the last two give the reason, as far as it is known.
    """
    api = release.api()
    task = find_task(api, wanted.dag, wanted.task, wanted.run, wanted.map_index)
    try:
        number = number_of(task, wanted.try_number)
    except KitError as error:
        if error.id != "task-not-started" or not task["try_number"]:
            raise
        known = reasons(release, api, task, int(task["try_number"]), log=False)
        raise replace(error, cause="\n".join([error.cause, *known])) from error
    found = read(api, task, number, write, follow=wanted.follow, tail=wanted.tail, form=form)
    task = find_task(api, wanted.dag, wanted.task, str(task["dag_run_id"]), wanted.map_index) if wanted.follow else task
    last = number == int(task["try_number"])
    if last and task["state"] in _RUNS:
        return
    if not found:
        raise _no_log(release, task, number, reasons(release, api, task, number, log=False))
    if not last or task["state"] in _ENDED_BADLY:
        for text in reasons(release, api, task, number, log=True):
            note(text)


def _no_log(release: Release, task: dict[str, Any], number: int, known: list[str]) -> KitError:
    """Make the error of a try without a log."""
    namespace = executor_namespace(release)
    host, state = str(task.get("hostname") or ""), task["state"]
    unknown = (
        f"It ran in {host}, and nothing kept its log: see `logs` in the values"
        if host
        else f"Airflow gave it the state {state} and keeps no reason; a pod that ran would have written a log"
    )
    return KitError(
        "task-log-missing",
        f"Try {number} of task {task['task_id']} has no log; the task is {state}",
        cause="\n".join(known) or unknown,
        fix=f"kitctl logs scheduler\nkubectl -n {namespace} get events --sort-by=.lastTimestamp    # of the last hour",
    )
