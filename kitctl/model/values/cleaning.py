"""Values of the CronJobs that delete what is old: task logs, rows of the database, finished worker pods."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kitctl.model.values._base import knob, requests
from kitctl.model.values.kube import Resources
from kitctl.model.values.types import Count, OptionalSize, Positive, Schedule, Seconds, TableName, TimeZone
from kitctl.model.values.workload import OwnPod, ServiceAccount

_TABLES = [
    "asset_event",
    "callback",
    "celery_taskmeta",
    "celery_tasksetmeta",
    "connection_test_request",
    "dag_run",
    "dag_version",
    "deadline",
    "import_error",
    "job",
    "log",
    "partitioned_asset_key_log",
    "revoked_token",
    "session",
    "task_instance",
    "task_instance_history",
    "task_reschedule",
    "task_state_store",
    "trigger",
    "xcom",
]


class Cleaner(OwnPod):
    """A CronJob that deletes what is old."""

    schedule: Schedule = knob("@daily", "When it runs, in the syntax of cron.")
    time_zone: TimeZone = knob(
        "", "Time zone of the schedule, for example `Europe/Lisbon`; empty means that of the cluster, usually UTC."
    )
    suspend: bool = knob(False, "Start no further runs. One that is running goes on.")
    active_deadline_seconds: Seconds = knob(
        3600,
        "Time after which a run is ended and counts as failed, whatever it does. What it has deleted by then is gone, "
        "and the next run goes on.",
        why="A pod that can never start would hold up all later runs, since two never run at the same time.",
    )
    successful_jobs_history_limit: Count = knob(1, "Successful runs whose pod and log are kept.", unit="runs")
    failed_jobs_history_limit: Count = knob(1, "Failed runs whose pod and log are kept.", unit="runs")
    service_account: ServiceAccount = knob(ServiceAccount(), "ServiceAccount of the CronJob.")
    resources: Resources = knob(requests("50m", "64Mi"), "CPU and memory of the CronJob.")


class LogsRetention(Cleaner):
    """The CronJob that deletes old task logs from the claim."""

    enabled: bool | None = knob(
        None,
        "Delete old task logs from the claim; empty means on for a claim of the chart, and off for `existingClaim`.",
        why="A full claim loses new logs. A claim of yours may hold other files, so its cleaning is your decision.",
    )
    schedule: Schedule = knob(
        "17 * * * *",
        "When it runs, in the syntax of cron.",
        why="Between two runs the logs may grow by a fifth of the claim. A run on a small claim takes a second.",
    )
    days: Positive | None = knob(
        365,
        "Age from which the logs of a DAG run are deleted, counted from the last line that one of its tasks wrote; "
        "empty deletes none by age.",
        unit="days",
        why="After a year databaseCleanup has deleted the run itself, so that the UI could no longer show its logs.",
    )
    max_size: OptionalSize = knob(
        "",
        "Total size of the logs above which those of the oldest DAG runs are deleted, but none that were written to in "
        "the last 24 hours. Empty means 80 % of `size`, and no limit for `existingClaim`.",
        why="A full claim loses new logs, which are worth more than the oldest ones.",
    )


class DatabaseCleanup(Cleaner):
    """The CronJob that deletes old rows from the database with `airflow db clean`."""

    enabled: bool | None = knob(
        None,
        "Delete old rows from the database; empty means on for the chart's own PostgreSQL, and off for a database of "
        "yours.",
        why="Without it the kit's small database grows until its claim is full. Who owns a database decides about it.",
    )
    schedule: Schedule = knob(
        "43 2 * * 0",
        "When it runs, in the syntax of cron.",
        why="Once a week: there is little to delete in a day, and each run imports Airflow (about 10 CPU-seconds).",
    )
    retention_days: Positive = knob(
        365,
        "Age from which rows are deleted. The last scheduled run of each DAG stays, whatever its age, without its task "
        "instances.",
        unit="days",
        why="Deleted history cannot be brought back, and a year of it suits most reports.",
    )
    archive: Literal["none", "next-run", "keep"] = knob(
        "none",
        "What becomes of deleted rows: `none` deletes them at once; `next-run` keeps them in tables named "
        "`_airflow_deleted__…` until the next run; `keep` never deletes these tables.",
        why="Archive tables take the space that the cleaning is meant to free.",
    )
    tables: Annotated[list[TableName], Field(min_length=1)] = knob(
        _TABLES,
        "Tables to clean. `airflow db clean` also cleans the tables that depend on them.",
        why="All but `dag`: deleting the row of an old DAG fails while tasks of it are younger (apache/airflow#71864).",
    )
    batch_size: Positive | None = knob(
        10000,
        "Rows that one transaction deletes at most; empty deletes all old rows of a table at once.",
        unit="rows",
        why="Airflow copies rows to another table before it deletes them, so a batch bounds the space that this takes.",
    )
    resources: Resources = knob(requests("100m", "384Mi"), "CPU and memory of the CronJob.")


class WorkerCleanup(Cleaner):
    """The CronJob that deletes finished worker pods that no scheduler deleted."""

    enabled: bool | None = knob(
        None,
        "Delete finished worker pods that are left over, for example after a crash of the scheduler. Failed ones are "
        "kept if `workers.deletePodsOnFailure` is false. Empty means on with the KubernetesExecutor, unless "
        "`workers.deletePods` is false.",
        why="A finished pod still has its name and its share of a quota; logs and results of its task are elsewhere.",
    )
    schedule: Schedule = knob("*/30 * * * *", "When it runs, in the syntax of cron.")
    min_age_minutes: Positive = knob(
        60,
        "Time since the end of a pod after which it is deleted.",
        unit="minutes",
        why="The scheduler deletes finished pods itself within seconds, and reads the reason of a failure from them.",
    )
