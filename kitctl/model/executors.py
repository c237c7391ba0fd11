"""How Airflow reads the list of executors: an entry is a name, a class by its path, or one of both behind an alias."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_PATHS = {
    "CeleryExecutor": "airflow.providers.celery.executors.celery_executor.CeleryExecutor",
    "KubernetesExecutor": "airflow.providers.cncf.kubernetes.executors.kubernetes_executor.KubernetesExecutor",
    "LocalExecutor": "airflow.executors.local_executor.LocalExecutor",
}
"""Executors with a name of their own, and their classes. Source: ExecutorLoader of Airflow."""
_NAMES = {path: name for name, path in _PATHS.items()}

OF_AIRFLOW_2 = {
    "CeleryKubernetesExecutor": ["CeleryExecutor", "KubernetesExecutor"],
    "LocalKubernetesExecutor": ["LocalExecutor", "KubernetesExecutor"],
    "SequentialExecutor": ["LocalExecutor"],
    "DebugExecutor": ["LocalExecutor"],
}
"""Executors of Airflow 2, and what does their work in Airflow 3; the chart refuses them with the same words."""


def without_alias(entry: str) -> str:
    """Return the executor of an entry: "CeleryExecutor" and the like, or the path of another class.

    Args:
        entry: For example "CeleryExecutor", "fast:LocalExecutor" or "eks:my_company.executors.EksExecutor".
    """
    executor = entry.rpartition(":")[2]
    return _NAMES.get(executor, executor)


def selectable(entries: Iterable[str]) -> set[str]:
    """Return what a task may write in `executor=`: alias, name, path and the class's own name of each entry."""
    found: set[str] = set()
    for entry in entries:
        executor = without_alias(entry)
        path = _PATHS.get(executor, executor)
        found |= {path, path.rpartition(".")[2]} | {alias for alias in [entry.rpartition(":")[0]] if alias}
    return found


def selecting(entries: Sequence[str], executor: str) -> set[str]:
    """Return by which names tasks select one executor of a list.

    Args:
        entries: The list, the default executor first.
        executor: For example "CeleryExecutor".

    Returns:
        The names, and "" if it is the one of tasks that name none.
    """
    own = [entry for entry in entries if without_alias(entry) == executor]
    return selectable(own) | ({""} if own and own[0] == entries[0] else set())
