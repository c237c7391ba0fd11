"""One run of a DAG, against an Airflow that answers from memory."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.tools.airflow.api import AirflowApi
from kitctl.usecases import run as use_case


def task(name: str, state: str | None, *, index: int = -1, tries: int = 1) -> dict[str, Any]:
    return {"task_id": name, "state": state, "map_index": index, "try_number": tries, "dag_id": "d", "dag_run_id": "r"}


class Api:
    """A DAG whose run goes through `looks`, each a state of the run and its tasks."""

    def __init__(self, *looks: tuple[str, list[dict[str, Any]]], dag: dict[str, Any] | None = None) -> None:
        self.looks, self.at = list(looks), -1
        self.found = {"dag_id": "d", "is_paused": False} if dag is None else dag
        self.calls: list[Any] = []
        self.logs: dict[tuple[str, int], list[Any]] = {}

    def dag(self, dag_id: str) -> dict[str, Any] | None:
        return self.found or None

    def dags(self) -> list[dict[str, Any]]:
        return [{"dag_id": "other"}]

    def import_errors(self) -> list[dict[str, Any]]:
        return [
            {"filename": "d.py", "stack_trace": "ImportError: nosuch"},
            {"filename": "x.py", "stack_trace": "other"},
        ]

    def unpause(self, dag_id: str) -> None:
        self.calls.append(("unpause", dag_id))

    def trigger(self, dag_id: str, conf: Any, run_id: str) -> dict[str, Any]:
        self.calls.append(("trigger", dag_id, conf))
        return {"state": "queued"}

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        self.at = min(self.at + 1, len(self.looks) - 1)
        return {"dag_id": dag_id, "dag_run_id": "r", "state": self.looks[self.at][0]}

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        return self.looks[self.at][1]

    def task_log(self, dag_id: str, run_id: str, task_id: str, number: int, index: int) -> tuple[list[Any], None]:
        return self.logs.get((task_id, index), []), None

    wait_run = AirflowApi.wait_run


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(use_case, "reasons", lambda *_, **__: ["the pod has no image"])


def run(api: Api, conf: Any = None, *, unpause: bool = False, **settings: Any) -> tuple[use_case.RunReport, list[str]]:
    told: list[str] = []
    release: Any = SimpleNamespace(api=lambda: api, settings=Settings(**settings))
    return use_case.run(release, "d", conf or {}, told.append, unpause=unpause), told


def refusal(api: Api, **more: Any) -> KitError:
    with pytest.raises(KitError) as caught:
        run(api, **more)
    return caught.value


GREEN = (
    ("queued", []),
    ("running", [task("a", None, tries=0), task("b", None, index=3, tries=0)]),
    ("running", [task("a", "running"), task("b", None, index=3, tries=0)]),
    ("running", [task("a", "success"), task("b", "up_for_retry", index=3)]),
    ("success", [task("a", "success"), task("b", "success", index=3, tries=2)]),
)


def test_each_change_is_told_once_and_the_report_has_the_end() -> None:
    api = Api(*GREEN)
    report, told = run(api, {"x": 1})
    run_id = report.run
    assert told == [
        f"run {run_id}: started; it goes on if kitctl ends",
        f"run {run_id}: queued",
        f"run {run_id}: running",
        "a: running",
        "a: success",
        "b[3]: up_for_retry",
        f"run {run_id}: success",
        "b[3]: success",
    ]
    assert api.calls == [("trigger", "d", {"x": 1})]
    assert (report.dag, report.state) == ("d", "success")
    assert report.tasks == [use_case.TaskState("a", -1, "success", 1), use_case.TaskState("b", 3, "success", 2)]


def test_a_failed_run_shows_the_logs_of_the_tasks_that_failed() -> None:
    end = [task("a", "failed", index=2), task("b", "failed"), task("c", "upstream_failed", tries=0)]
    api = Api(("running", []), ("failed", end))
    api.logs["a", 2] = [{"event": f"line {n}"} for n in range(40)]
    error = refusal(api)
    assert (error.id, error.code) == ("run-failed", ExitCode.FAILURE)
    assert "Its tasks: a[2] failed, b failed, c upstream_failed" in error.cause
    assert "line 39" in error.cause
    assert "line 20" not in error.cause
    assert "b, try 1:\n  the pod has no image" in error.cause
    assert error.fix == "kitctl logs --dag d --task a --run r --map-index 2"


def test_of_many_failed_tasks_a_few_are_shown() -> None:
    error = refusal(Api(("failed", [task("a", "failed", index=n) for n in range(9)])))
    assert "and 4 more failed tasks" in error.cause
    assert error.cause.count("try 1:") == 5


def test_a_run_that_takes_longer_goes_on() -> None:
    error = refusal(Api(("running", [task("a", "queued")])), timeout=0.0)
    assert (error.id, error.code) == ("run-timeout", ExitCode.TIMEOUT)
    assert "the pod has no image" in error.cause


@pytest.mark.parametrize("unpause", [True, False])
def test_a_paused_dag_runs_only_by_an_explicit_wish(unpause: bool) -> None:
    api = Api(*GREEN, dag={"dag_id": "d", "is_paused": True})
    if unpause:
        run(api, unpause=True)
        assert api.calls[0] == ("unpause", "d")
        return
    assert refusal(api).id == "dag-paused"
    assert api.calls == []


def test_a_dag_that_runs_already_is_not_unpaused() -> None:
    api = Api(*GREEN)
    run(api, unpause=True)
    assert [call[0] for call in api.calls] == ["trigger"]


@pytest.mark.parametrize("dag", [{}, {"dag_id": "d", "is_stale": True}])
def test_an_unknown_dag_names_those_that_there_are(dag: dict[str, Any]) -> None:
    api = Api(dag=dag)
    error = refusal(api)
    assert (error.id, error.cause) == ("dag-missing", "DAGs of the release: other")


def test_a_dag_that_no_longer_imports_shows_the_traceback() -> None:
    api = Api(dag={"dag_id": "d", "has_import_errors": True, "relative_fileloc": "d.py"})
    error = refusal(api)
    assert (error.id, error.cause) == ("dag-not-imported", "ImportError: nosuch")
    assert api.calls == []


def test_no_wait_only_starts_it() -> None:
    report, told = run(Api(*GREEN), wait=False)
    assert (report.state, report.tasks, told) == ("queued", [], [])


def test_a_dry_run_starts_nothing() -> None:
    api = Api(*GREEN, dag={"dag_id": "d", "is_paused": True})
    report, told = run(api, unpause=True, dry_run=True)
    assert (report.run, told, api.calls) == ("", ["would run d and unpause it"], [])
