"""What people read of the log of `airflow dags test`; the lines are those of Airflow 3.3.2."""

from kitctl.usecases.dags.test_log import for_people

STAMP = "2026-11-30T06:18:30.697327Z"
LOG = f"""\
{STAMP} [info     ] [DAG TEST] starting task_id=square map_index=1 [airflow.sdk.definitions.dag] loc=dag.py:1501
{STAMP} [info     ] [DAG TEST] running task <TaskInstance: x.square m map_index=1> [airflow.sdk.definitions.dag] loc=d
{STAMP} [info     ] ::endgroup::                   [task] loc=task_runner.py:2232
printed by the task
{STAMP} [info     ] Done. Returned value was: [4]  [airflow.task.operators.x._PythonDecoratedOperator] loc=python.py:1
{STAMP} [info     ] ::group::Post Execute          [task] loc=task_runner.py:1580
{STAMP} [info     ] Pushing xcom                   [task] loc=task_runner.py:2280 ti=RuntimeTaskInstance(id=1)
{STAMP} [info     ] [DAG TEST] end task task_id=square map_index=1 [airflow.sdk.definitions.dag] loc=dag.py:1563
{STAMP} [info     ] [DAG TEST] starting task_id=total map_index=-1 [airflow.sdk.definitions.dag] loc=dag.py:1501
{STAMP} [error    ] Task failed with exception     [task] loc=task_runner.py:1662
Traceback (most recent call last):
ValueError: no good
"""


def test_lines_name_their_task_and_lose_the_marks_of_airflow() -> None:
    lines: list[str] = []
    take = for_people(lines.append)
    for line in LOG.splitlines():
        take(line)
    assert lines == [
        "square[1]: started",
        "printed by the task",
        "square[1]: Done. Returned value was: [4]",
        "total: started",
        "total: error: Task failed with exception",
        "Traceback (most recent call last):",
        "ValueError: no good",
    ]
