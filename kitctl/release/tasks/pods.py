"""The pods of tasks: where they are, and which task each one belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kitctl.release.handle import Release, setting
from kitctl.tools.kube.rights import unless_forbidden

if TYPE_CHECKING:
    from kitctl.tools.kube.objects import Pod


def executor_namespace(release: Release) -> str:
    """Return the namespace of the task pods."""
    return str(setting(release.values, "workers", "namespace") or release.settings.namespace)


def worker_selector(release: Release) -> str:
    """Return the label selector of the task pods."""
    return f"{release.selector},app.kubernetes.io/component=worker"


def task_pods(release: Release) -> list[Pod]:
    """Return the pods of tasks, oldest first; [] where the caller may not list them."""
    found = unless_forbidden(lambda: release.kube.pods(executor_namespace(release), worker_selector(release)), [])
    return sorted(found, key=lambda p: (p.created, p.name))


def pods_of_try(release: Release, task: dict[str, Any], number: int) -> list[Pod]:
    """Return the pods of one try that still exist, oldest first.

    Args:
        release: The release.
        task: A task instance of Airflow's API.
        number: The try.
    """
    # The executor writes the raw ids into annotations; labels are shortened. Only mapped tasks have a map_index.
    wanted = {"dag_id": task["dag_id"], "task_id": task["task_id"], "run_id": task["dag_run_id"]}
    wanted |= {"try_number": str(number), "map_index": str(task["map_index"])}

    def fits(pod: Pod) -> bool:
        notes = {"map_index": "-1", **pod.annotations}
        return all(notes.get(key) == value for key, value in wanted.items())

    return [pod for pod in task_pods(release) if fits(pod)]
