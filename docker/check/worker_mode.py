"""The mode in which a worker pod imports DAG files, for the checks before they are deployed."""

import os

MARK = {"AIRFLOW_IS_K8S_EXECUTOR_POD": "True"}
"""What the KubernetesExecutor puts into the environment of a worker pod."""


def become() -> None:
    """Bring this process to where a task's process stands before it reads the DAG file."""
    if os.environ.get("AIRFLOW_KIT_DEFER_IMPORTS", "True").lower() != "false":
        try:
            import airflow_kit_deferral  # noqa: PLC0415 - only in the kit's image
        except ImportError:
            pass
        else:
            airflow_kit_deferral.start()
    from airflow.sdk.execution_time import supervisor  # noqa: PLC0415

    supervisor.block_orm_access()
