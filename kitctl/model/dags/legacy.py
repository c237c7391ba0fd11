"""What DAG files of Airflow 1 and 2 still ask for, and what Airflow 3 has in its place."""

from __future__ import annotations

import re
from typing import NamedTuple

from kitctl.model.dags.findings import Severity
from kitctl.model.option_names import renamed


class Replacement(NamedTuple):
    """What to write instead.

    Attributes:
        text: The new place, in words to paste.
        whole: Whether only the imported name is gone, not its module.
    """

    text: str
    whole: bool = False


_POD = "from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator"
_EMPTY = "from airflow.providers.standard.operators.empty import EmptyOperator"
_GROUP = "Use a TaskGroup: from airflow.sdk import task_group"

_MODULES = (
    # The first pattern that matches the module wins.
    (r"airflow\.contrib\.operators\.kubernetes_pod_operator", _POD),
    (r"airflow\.providers\.cncf\.kubernetes\.operators\.kubernetes_pod", _POD),
    (r"airflow\.operators\.kubernetes_pod_operator", _POD),
    (r"airflow\.(contrib\.)?kubernetes\.secret", "from airflow.providers.cncf.kubernetes.secret import Secret"),
    (r"airflow\.kubernetes(\..*)?", "Look below airflow.providers.cncf.kubernetes"),
    (r"airflow\.operators\.dummy(_operator)?", _EMPTY),
    (r"airflow\.operators\.(subdag|subdag_operator)", _GROUP),
    (r"airflow\.operators\.bash_operator", "from airflow.providers.standard.operators.bash import BashOperator"),
    (r"airflow\.operators\.python_operator", "from airflow.providers.standard.operators.python import PythonOperator"),
    (r"airflow\.operators\.\w+_operator", "Look below airflow.providers.standard.operators or in its provider"),
    (r"airflow\.sensors\.base_sensor_operator", "from airflow.sdk import BaseSensorOperator"),
    (r"airflow\.sensors\.\w+_sensor", "Look below airflow.providers.standard.sensors or in its provider"),
    (r"airflow\.hooks\.base_hook", "from airflow.sdk import BaseHook"),
    (r"airflow\.hooks\.\w+_hook", "Look below the hooks of its provider"),
    (r"airflow\.contrib(\..*)?", "Look for the provider package of that service: apache-airflow-providers-…"),
    (r"airflow\.executors\.(sequential|dask|(celery|local)_kubernetes)_executor", "Use the list `executors`"),
)

_NAMES = {
    ("airflow.utils.dates", "days_ago"): "pendulum.datetime(2026, 1, 1), or no start_date at all",
    ("airflow.utils.decorators", "apply_defaults"): "Leave it out: operators apply defaults by themselves",
    ("airflow.utils.helpers", "chain"): "from airflow.sdk import chain",
    ("airflow.utils.helpers", "cross_downstream"): "from airflow.sdk import cross_downstream",
}

RENAMED_ARGUMENTS = {
    "is_delete_operator_pod": (Severity.WARNING, 'on_finish_action="delete_pod", or "keep_pod"'),
    "provide_context": (Severity.ERROR, "Leave it out: the context is always given"),
    "task_concurrency": (Severity.ERROR, "max_active_tis_per_dag"),
}
"""Arguments of operators that Airflow 3 refuses (error) or will refuse (warning)."""

_LIST = "Put several executors into the values (executors: [CeleryExecutor, KubernetesExecutor]) and name one per task"
GONE_EXECUTORS = {
    "SequentialExecutor": "LocalExecutor",
    "DaskExecutor": "KubernetesExecutor",
    "DebugExecutor": "dag.test()",
    "CeleryKubernetesExecutor": _LIST,
    "LocalKubernetesExecutor": _LIST,
}


def replacement(module: str, name: str = "") -> Replacement | None:
    """Return what to import instead, or None for a module that Airflow 3 has.

    Args:
        module: Dotted name, e.g. "airflow.operators.bash_operator".
        name: What is imported from it, or "".
    """
    for pattern, text in _MODULES:
        if re.fullmatch(pattern, module):
            return Replacement(text)
    text = _NAMES.get((module, name), "")
    return Replacement(text, whole=True) if text else None


def renamed_option(section: str, option: str) -> str:
    """Return Airflow 3's "[section] option" for one of Airflow 2, or "" where the name is still right."""
    found = renamed(section, option)
    return f"[{found[0]}] {found[1]}" if found else ""
