"""The smoke run against an Airflow that answers from memory."""

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.release.smoke import BUNDLE, DAG, run_smoke
from tests.unit.fake_operation import Clock


class Api:
    """Parsed after `parse_after` looks; the run goes through `states`."""

    def __init__(self, *, parse_after=0, states=("success",), tasks=None, errors=(), log=None):
        self.looks, self.parse_after, self.states = 0, parse_after, list(states)
        self.tasks = tasks or [{"task_id": "give", "state": "success"}, {"task_id": "take", "state": "success"}]
        self.errors, self.log, self.calls, self.clock = list(errors), log, [], Clock()

    def dag(self, dag_id):
        self.looks += 1
        return {"dag_id": dag_id} if self.looks > self.parse_after else None

    def import_errors(self):
        return self.errors

    def unpause(self, dag_id):
        self.calls.append(("unpause", dag_id))

    def trigger(self, dag_id, conf=None, run_id=None):
        self.calls.append(("trigger", run_id))

    def wait_run(self, dag_id, run_id, deadline, seen):
        for state in self.states:
            seen({"state": state})
        return {"dag_run_id": run_id, "state": self.states[-1]}

    def task_instances(self, dag_id, run_id):
        return self.tasks

    def task_log(self, dag_id, run_id, task_id, try_number, map_index):
        if isinstance(self.log, KitError):
            raise self.log
        return self.log, None

    def smoke(self, seconds=60):
        self.told = []
        return run_smoke(self, self.told.append, self.clock.deadline(seconds))


def refusal(api, seconds=60):
    with pytest.raises(KitError) as raised:
        api.smoke(seconds)
    return raised.value


def test_a_green_run():
    api = Api(parse_after=3, states=("queued", "running", "running", "success"))
    report = api.smoke()
    assert report.state == "success"
    assert report.tasks == {"give": "success", "take": "success"}
    assert [name for name, _ in api.calls] == ["unpause", "trigger"]
    assert len(dict.fromkeys(api.told)) == 4, "each state once, and the wait for the parser once"


def test_two_runs_have_two_ids():
    api = Api()
    assert api.smoke().run_id != api.smoke().run_id


def test_a_dag_that_never_shows_up():
    error = refusal(Api(parse_after=10_000), seconds=30)
    assert error.id == "smoke-not-parsed"
    assert error.code == ExitCode.UNHEALTHY
    assert "smoke.enabled=true" in error.fix


def test_an_import_error_of_the_smoke_dag_is_told_at_once():
    api = Api(parse_after=10_000, errors=[{"bundle_name": BUNDLE, "stack_trace": "ImportError: airflow.sdk"}])
    assert "ImportError: airflow.sdk" in refusal(api).cause
    assert api.clock.waits == []


def test_import_errors_of_the_users_dags_are_not_ours():
    api = Api(parse_after=2, errors=[{"bundle_name": "dags-folder", "stack_trace": "x"}])
    assert api.smoke().state == "success"


@pytest.mark.parametrize("flag", ["is_stale", "has_import_errors"])
def test_a_dag_of_an_older_release_does_not_count(flag):
    api = Api()
    api.dag = lambda dag_id: {"dag_id": dag_id, flag: True}
    assert refusal(api, seconds=5).id == "smoke-not-parsed"


def test_a_failed_run_shows_the_end_of_the_failed_tasks_log():
    tasks = [
        {"task_id": "give", "state": "failed", "try_number": 1},
        {"task_id": "take", "state": "upstream_failed", "try_number": 0},
    ]
    log = [{"event": f"line {i}"} for i in range(40)]
    error = refusal(Api(states=("failed",), tasks=tasks, log=log))
    assert (error.id, error.code) == ("smoke-failed", ExitCode.UNHEALTHY)
    assert "give failed, take upstream_failed" in error.cause
    assert "line 39" in error.cause
    assert "line 20" not in error.cause
    assert f"--dag {DAG} --task give" in error.fix


def test_a_failed_task_without_a_log():
    tasks = [{"task_id": "give", "state": "failed", "try_number": 0}]
    error = refusal(Api(states=("failed",), tasks=tasks, log=KitError("api-refused", "404", cause="not found")))
    assert "cannot be read: not found" in error.cause


def test_a_run_that_does_not_end_in_time():
    error = refusal(Api(states=("queued", "running"), tasks=[{"task_id": "give", "state": None}]))
    assert (error.id, error.code) == ("smoke-timeout", ExitCode.TIMEOUT)
    assert "give not scheduled" in error.cause


REMARKS = [{"event": "::group::Log message source details"}, {"event": "no host"}, {"event": "::endgroup::"}]


@pytest.mark.parametrize(("states", "task"), [(("failed",), "failed"), (("queued",), "queued")])
def test_a_task_that_never_ran_says_why(states, task):
    tasks = [{"task_id": "give", "state": task, "try_number": 1}]
    api = Api(states=states, tasks=tasks, log=REMARKS)
    with pytest.raises(KitError) as caught:
        run_smoke(api, lambda line: None, api.clock.deadline(5), lambda found: [f"{found['task_id']} is forbidden"])
    assert "give is forbidden" in caught.value.cause
    assert "no host" not in caught.value.cause
