"""Logs of components and of tasks."""

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.release.tasks.logs import find_task, lines, read
from kitctl.usecases.logs import Wanted, component_argv, task_log
from tests.unit.fake_operation import Clock
from tests.unit.fake_release import add_pod, add_release, make_release


@pytest.fixture(autouse=True)
def kubectl(monkeypatch):
    monkeypatch.setattr("kitctl.tools.toolbox.tool", lambda name: name)


def refusal(call, *args, **more):
    with pytest.raises(KitError) as raised:
        call(*args, **more)
    return raised.value


# What was asked for.
@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted("scheduler", dag="d", task="t"),
        Wanted(dag="d"),
        Wanted(task="t"),
        Wanted(dag="d", task="t", previous=True),
        Wanted("scheduler", run="r"),
        Wanted("scheduler", try_number=1),
        Wanted("scheduler", map_index=0),
    ],
)
def test_what_does_not_go_together_is_refused(wanted):
    error = refusal(wanted.check)
    assert (error.id, error.code) == ("logs-of-what", ExitCode.USAGE)


@pytest.mark.parametrize("wanted", [Wanted("scheduler", follow=True), Wanted(dag="d", task="t", map_index=0, tail=3)])
def test_what_goes_together(wanted):
    wanted.check()


# Components.
@pytest.fixture
def argv(fake):
    add_release(fake)
    return lambda *args, **more: component_argv(make_release(fake), Wanted(*args, **more))


def test_one_ready_pod_shows_its_main_container(argv):
    assert argv("scheduler", follow=True, tail=5) == [
        *("kubectl", "--context", "test", "-n", "airflow", "logs", "-f", "--tail=5"),
        *("airflow-scheduler-0", "-c", "scheduler"),
    ]


def test_all_lines_without_a_tail(argv):
    assert "--tail=-1" in argv("scheduler")


def test_several_pods_are_shown_together(fake, argv):
    add_pod(fake, "scheduler", "airflow-scheduler-1")
    words = argv("scheduler")
    assert "--prefix" in words
    assert (
        "app.kubernetes.io/part-of=airflow-kit,app.kubernetes.io/instance=airflow,app.kubernetes.io/component=scheduler"
        in words
    )


def test_a_pod_that_does_not_start_shows_its_init_containers(fake, argv):
    add_pod(fake, "scheduler", "airflow-scheduler-0", ready=False, status={"phase": "Pending"})
    assert "--all-containers" in argv("scheduler")


def test_previous_takes_the_pod_that_restarted(fake, argv):
    add_pod(fake, "scheduler", "airflow-scheduler-1", status={"containerStatuses": [{"name": "x", "restartCount": 3}]})
    assert argv("scheduler", previous=True)[-4:] == ["--previous", "airflow-scheduler-1", "-c", "scheduler"]


def test_an_unknown_component_names_the_known_ones(argv):
    error = refusal(argv, "webserver")
    assert (error.id, error.code) == ("component-unknown", ExitCode.USAGE)
    assert "api-server, dag-processor" in error.cause


def test_a_component_scaled_to_nothing(fake, argv):
    del fake.objects["/api/v1/namespaces/airflow/pods/airflow-triggerer-0"]
    assert refusal(argv, "triggerer").id == "component-not-running"


# Lines of a task's log.
def test_a_line_has_time_level_message_and_what_else_it_carries():
    event = {"timestamp": "2026-11-22T13:02:52.326123Z", "level": "info", "event": "hi", "dag_id": "d", "bundle": "b"}
    assert lines(event) == ["2026-11-22T13:02:52.326 INFO hi bundle=b"]


def test_a_line_that_airflow_could_not_parse_is_shown_as_it_is():
    assert lines("raw text") == ["raw text"]
    assert lines({"event": "a\nb"}) == ["a", "b"]


def test_a_traceback_is_printed_as_python_does_cause_first():
    frames = [{"filename": "x.py", "lineno": 3, "name": "f"}]
    detail = [
        {"exc_type": "ValueError", "exc_value": "outer", "frames": frames},
        {"exc_type": "KeyError", "exc_value": "'k'"},
    ]
    assert lines({"event": "Task failed", "error_detail": detail}) == [
        "Task failed",
        "Traceback (most recent call last):",
        "KeyError: 'k'",
        "Traceback (most recent call last):",
        '  File "x.py", line 3, in f',
        "ValueError: outer",
    ]


# Tasks.
def instance(task_id="t", map_index=-1, try_number=2, state="success"):
    return {
        "dag_id": "d",
        "dag_run_id": "r2",
        "task_id": task_id,
        "map_index": map_index,
        "try_number": try_number,
        "state": state,
    }


class Api:
    def __init__(self, instances=None, pieces=(), rows=()):
        self.rows = list(rows)
        self.instances = instances or [instance(), instance("m", 0), instance("m", 1)]
        self.pieces, self.asked, self.slept = list(pieces), [], 0

    def dag(self, dag_id):
        return {} if dag_id == "d" else None

    def dags(self):
        return [{"dag_id": "d"}]

    def runs(self, dag_id, limit=1):
        return [{"dag_run_id": "r2"}, {"dag_run_id": "r1"}]

    def find_run(self, dag_id, run_id):
        return {"dag_run_id": run_id} if run_id == "old" else None

    def task_instances(self, dag_id, run_id):
        self.asked.append(run_id)
        return self.instances

    def event_logs(self, events, **query):
        return [row for row in self.rows if query.items() <= row.items()]

    def task_log(self, dag_id, run_id, task_id, try_number, map_index=-1, token=None):
        self.asked.append((run_id, task_id, try_number, map_index, token))
        return self.pieces.pop(0)


def shown_of(fake, api, wanted):
    """Return the lines of the log, and what is noted beside it."""
    shown, noted = [], []
    task_log(make_release(fake, api=api), wanted, shown.append, noted.append)
    return shown, noted


def test_the_newest_run_and_the_last_try_are_meant(fake):
    api = Api(pieces=[([{"event": "x"}], None)])
    shown, noted = shown_of(fake, api, Wanted(dag="d", task="t"))
    assert api.asked == ["r2", ("r2", "t", 2, -1, None)]
    assert (shown, noted) == (["x"], [])


def test_an_old_run_is_found_by_its_id():
    assert find_task(Api(), "d", "t", "old", None)["task_id"] == "t"


@pytest.mark.parametrize(
    ("args", "error", "known"),
    [
        (("x", "t", None, None), "dag-missing", "d"),
        (("d", "t", "nope", None), "run-missing", "r2, r1"),
        (("d", "x", None, None), "task-missing", "m, t"),
        (("d", "m", None, None), "map-index-needed", "0, 1"),
        (("d", "m", None, 7), "map-index-needed", "0, 1"),
        (("d", "t", None, 3), "map-index-needed", "-1"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(args, error, known):
    found = refusal(find_task, Api(), *args)
    assert found.id == error
    assert known in found.cause


def test_a_mapped_instance_is_found():
    assert find_task(Api(), "d", "m", None, 1)["map_index"] == 1


@pytest.mark.parametrize("state", ["queued", "scheduled", None])
def test_a_task_that_waits_has_no_log(fake, state):
    waiting = Api([instance(try_number=1, state=state)], pieces=[([{"event": "::group::"}], None)])
    error = refusal(shown_of, fake, waiting, Wanted(dag="d", task="t"))
    assert (error.id, error.code) == ("task-not-started", ExitCode.FAILURE)
    assert (state or "not scheduled yet") in error.message


def test_the_try_before_a_waiting_one_has_its_log(fake):
    def waiting():
        return Api([instance(try_number=2, state="queued")], pieces=[([{"event": "x"}], None)])

    assert "--try 1" in refusal(shown_of, fake, waiting(), Wanted(dag="d", task="t")).fix
    assert shown_of(fake, waiting(), Wanted(dag="d", task="t", try_number=1)) == (["x"], [])


REMARKS = [
    {"event": "::group::Log message source details"},
    {"event": "Could not read served logs: Hostname not available"},
    {"event": "::endgroup::"},
]
MISMATCH = {"event": "state mismatch", "extra": "x Extra info: no", "dag_id": "d", "task_id": "t", "run_id": "r2"}
MISMATCH |= {"map_index": -1, "try_number": 2}


@pytest.mark.parametrize("state", ["failed", "up_for_retry", "success", "skipped"])
def test_a_try_without_a_log_is_a_failure_that_tells_the_reason(fake, state):
    api = Api([instance(state=state)], pieces=[(REMARKS, None)], rows=[MISMATCH])
    error = refusal(shown_of, fake, api, Wanted(dag="d", task="t"))
    assert (error.id, error.code, error.cause) == ("task-log-missing", ExitCode.FAILURE, "no")


@pytest.mark.parametrize(
    ("host", "words"), [("pod-1", "It ran in pod-1"), ("", "the state failed and keeps no reason")]
)
def test_a_try_without_a_log_of_which_nothing_is_known(fake, host, words):
    api = Api([{**instance(state="failed"), "hostname": host}], pieces=[(REMARKS, None)])
    assert words in refusal(shown_of, fake, api, Wanted(dag="d", task="t")).cause


@pytest.mark.parametrize("state", ["running", "deferred"])
def test_a_try_that_runs_may_be_silent(fake, state):
    api = Api([instance(state=state)], pieces=[(REMARKS, "token")], rows=[MISMATCH])
    assert shown_of(fake, api, Wanted(dag="d", task="t")) == ([], [])


def test_what_ended_a_task_from_outside_follows_its_log(fake):
    api = Api([instance(state="failed")], pieces=[([*REMARKS, {"event": "x"}], None)], rows=[MISMATCH])
    shown, noted = shown_of(fake, api, Wanted(dag="d", task="t"))
    assert (shown[-1], noted) == ("x", ["no"])
    api = Api([instance(state="success")], pieces=[([{"event": "x"}], None)], rows=[MISMATCH])
    assert shown_of(fake, api, Wanted(dag="d", task="t")) == (["x"], [])


def test_a_waiting_task_tells_what_it_waits_for(fake):
    status = {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "message": "no cpu"}]}
    ids = {"dag_id": "d", "task_id": "t", "run_id": "r2", "try_number": "2"}
    add_pod(fake, "worker", "d-t-x1", annotations=ids, status=status)
    error = refusal(shown_of, fake, Api([instance(state="queued")]), Wanted(dag="d", task="t"))
    assert "pod d-t-x1: Unschedulable: no cpu" in error.cause


@pytest.mark.parametrize("error", ["api-unreachable", "api-refused"])
def test_other_errors_of_the_api_are_not_taken_for_a_missing_run(error):
    """Airflow answers 403 to who may not read it, and 500 where it fails: neither says that there is none."""
    api = Api()

    def down(dag_id, run_id):
        raise KitError(error, "down")

    api.find_run = down
    assert refusal(find_task, api, "d", "t", "nope", None).id == error


def show(api, task=None, try_number=None, **more):
    shown = []

    clock = Clock()
    read(api, task or instance(), try_number, shown.append, deadline=clock.deadline(), **more)
    api.slept = len(clock.waits)
    return shown


def test_an_earlier_try():
    api = Api(pieces=[([{"event": "first"}], None)])
    assert show(api, try_number=1) == ["first"]
    assert api.asked[0][2] == 1


@pytest.mark.parametrize("number", [0, 3])
def test_a_try_that_never_was(number):
    if number:
        assert refusal(show, Api(), try_number=number).id == "try-missing"
    else:
        assert refusal(show, Api(), task=instance(try_number=0, state=None)).id == "task-not-started"


def test_follow_goes_on_until_the_end_of_the_log():
    api = Api(pieces=[([{"event": "a"}], "t1"), ([], "t2"), ([{"event": "b"}], "t3"), ([{"event": "c"}], None)])
    assert show(api, follow=True) == ["a", "b", "c"]
    assert [a[4] for a in api.asked] == [None, "t1", "t2", "t3"]
    assert api.slept == 3


def test_follow_waits_for_the_first_line():
    api = Api(pieces=[(REMARKS, "t1"), ([*REMARKS, {"event": "a"}], None)])
    assert show(api, follow=True)[-1] == "a"
    assert api.slept == 1


def test_without_follow_a_running_task_shows_what_is_there():
    assert show(Api(pieces=[([{"event": "a"}], "t1")])) == ["a"]


@pytest.mark.parametrize(("tail", "seen"), [(2, ["b", "c"]), (0, []), (9, ["a", "b", "c"]), (None, ["a", "b", "c"])])
def test_a_tail(tail, seen):
    assert show(Api(pieces=[([{"event": e} for e in "abc"], None)]), tail=tail) == seen
