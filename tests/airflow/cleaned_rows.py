"""Fills Airflow's database with old and young rows, or tells what is left; runs with Airflow's Python.

Usage: cleaned_rows.py fill | tell
"""

# ruff: noqa: T201 - the answer goes to stdout

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from airflow.models.dag import DagModel
from airflow.models.dag_version import DagVersion
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagrun import DagRun
from airflow.models.log import Log
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from airflow.settings import Session, configure_orm
from sqlalchemy import func, inspect, select

NOW = datetime.now(UTC)
RUNS = (
    ("busy", "scheduled", 500),
    ("busy", "scheduled", 400),
    ("busy", "manual", 450),
    ("busy", "scheduled", 2),
    ("idle", "scheduled", 600),
)
"""DAG, type of the run, and its age in days."""


def ago(days: int) -> datetime:
    """Return a time that many days ago."""
    return NOW - timedelta(days=days)


def fill(session: Any) -> None:
    """Write DAGs whose only version is old, runs of them, and a task, an XCom and a line of the log of each run."""

    def add(model: Any, **values: Any) -> Any:
        table = model.__table__
        return session.execute(table.insert().values(**values).returning(*table.primary_key.columns)).first()

    add(DagBundleModel, name="dags")
    versions = {}
    for dag in ("busy", "idle"):
        add(
            DagModel,
            dag_id=dag,
            bundle_name="dags",
            last_parsed_time=ago(700),
            max_active_tasks=9,
            max_active_runs=9,
            max_consecutive_failed_dag_runs=0,
            has_task_concurrency_limits=False,
        )
        versions[dag] = uuid4()
        add(DagVersion, id=versions[dag], dag_id=dag, version_number=1, bundle_name="dags", created_at=ago(700))
    for dag, kind, days in RUNS:
        then, name = ago(days), f"{kind}-{days}"
        times = {"logical_date": then, "run_after": then, "start_date": then, "end_date": then}
        (run,) = add(
            DagRun,
            dag_id=dag,
            run_id=name,
            run_type=kind,
            state="success",
            created_dag_version_id=versions[dag],
            **times,
        )
        task = {"dag_id": dag, "run_id": name, "task_id": "t"}
        more = {"state": "success", "start_date": then, "dag_version_id": versions[dag], "pool_slots": 1}
        add(TaskInstance, id=uuid4(), map_index=-1, pool="default_pool", **task, **more)
        add(XComModel, dag_run_id=run, key="k", value=1, timestamp=then, map_index=-1, **task)
        add(Log, dttm=then, event="success", dag_id=dag)
    session.commit()


def tell(session: Any) -> dict[str, Any]:
    """Return what is left."""

    def days(column: Any) -> list[int]:
        return sorted((NOW - then).days for then in session.scalars(select(column)))

    tables = inspect(session.bind).get_table_names()
    return {
        "runs": sorted(f"{dag}/{run}" for dag, run in session.execute(select(DagRun.dag_id, DagRun.run_id))),
        "tasks": days(TaskInstance.start_date),
        "xcoms": days(XComModel.timestamp),
        "log": days(select(Log.dttm).where(Log.event == "success").subquery().c.dttm),
        "versions": session.scalar(select(func.count()).select_from(DagVersion)),
        "archives": sorted(name.split("__")[1] for name in tables if name.startswith("_airflow_deleted__")),
    }


if __name__ == "__main__":
    configure_orm()
    with Session() as opened:
        if sys.argv[1] == "fill":
            fill(opened)
        else:
            print(json.dumps(tell(opened)))
