"""Why a task has no log: what Airflow, its pod, the pod's events and the scheduler say."""

import json
from typing import Any

import pytest

from kitctl.errors import KitError
from kitctl.release.tasks.reasons import event_words, reasons
from tests.unit.fake_kube import FakeKube
from tests.unit.fake_release import FakeApi, add_pod, add_release, make_release

TASK = {"dag_id": "d", "dag_run_id": "r+1", "task_id": "t", "map_index": -1, "try_number": 2, "state": "failed"}
IDS = {"dag_id": "d", "task_id": "t", "run_id": "r+1", "try_number": "2"}
KEY = "TaskInstanceKey(dag_id='d', task_id='t', run_id='r+1', try_number=2, map_index=-1)"
FORBIDDEN = 'pods "d-t-x1" is forbidden: violates PodSecurity "restricted:latest": it\'s privileged'
BODY = json.dumps({"kind": "Status", "status": "Failure", "message": FORBIDDEN, "code": 403})
TIME = "2026-11-29T03:34:51.068397Z [warning  ]"
WHERE = "[airflow.providers.cncf.kubernetes.executors.kubernetes_executor] loc=kubernetes_executor.py:857"
REPORTED = "Executor K reported that the task instance X finished with state failed, but its attribute is queued. "
HEAD = "(403)\nReason: Forbidden\nHTTP response headers: <CIMultiDictProxy('Date': 'x')>\nHTTP response body: "


def row(extra: str, event: str = "state mismatch", **more: Any) -> dict[str, Any]:
    ids = {"dag_id": "d", "task_id": "t", "run_id": "r+1", "map_index": -1, "try_number": 2}
    return {"event": event, "extra": extra, "when": "2026-01-01T00:00:00Z", **ids, **more}


def told(fake: FakeKube, rows: Any = (), *, log: bool = False, task: dict[str, Any] = TASK) -> list[str]:
    api = FakeApi(rows=rows if isinstance(rows, KitError) else list(rows))
    return reasons(make_release(fake, api=api), api, task, 2, log=log)  # type: ignore[arg-type]


def add_event(fake: FakeKube, pod: str, reason: str, message: str, kind: str = "Warning", time: str = "") -> None:
    meta = {"name": f"{pod}.{reason}"}
    about = {"kind": "Pod", "name": pod}
    body = {"apiVersion": "v1", "kind": "Event", "metadata": meta, "involvedObject": about}
    fake.add({**body, "type": kind, "reason": reason, "message": message, "lastTimestamp": time})


@pytest.fixture(autouse=True)
def there(fake: FakeKube) -> None:
    add_release(fake)


@pytest.mark.parametrize("body", [BODY, repr(BODY.encode())], ids=["text", "bytes of kubernetes_asyncio"])
def test_what_the_api_server_refused_is_its_own_sentence(fake: FakeKube, body: str):
    assert told(fake, [row(f"{REPORTED}Extra info: {HEAD}{body}\n")]) == [FORBIDDEN]


def test_a_refusal_that_is_no_json_keeps_its_words():
    assert event_words(row(f"x Extra info: {HEAD}quota service is down\n")) == "Forbidden: quota service is down"


@pytest.mark.parametrize("extra", ["x Learn more: https://x", "x Extra info: Pod failed because of None"])
def test_a_row_without_a_reason_gives_none(extra: str):
    assert event_words(row(extra)) == ""


def test_a_task_that_waited_too_long():
    words = "Task was requeued more than 2 times and will be failed."
    assert event_words(row(words, "stuck in queued tries exceeded")) == words


def test_rows_of_other_tries_do_not_count(fake: FakeKube):
    assert told(fake, [row("x Extra info: Pod failed because of Evicted", try_number=1)]) == []


def test_who_may_not_read_the_event_log_gets_the_rest(fake: FakeKube):
    add_pod(fake, "worker", "d-t-x1", annotations=IDS, status={"phase": "Failed", "reason": "Evicted"})
    assert told(fake, KitError("api-refused", "403")) == ["pod d-t-x1: Evicted"]
    with pytest.raises(KitError, match="gone"):
        told(fake, KitError("api-unreachable", "gone"))


def test_an_evicted_pod_says_so_whatever_its_containers_ended_with(fake: FakeKube):
    ended = {"name": "base", "state": {"terminated": {"exitCode": 137, "reason": "Error"}}}
    message = 'Usage of EmptyDir volume "tmp" exceeds the limit "64Mi". '
    status = {"phase": "Failed", "reason": "Evicted", "message": message, "containerStatuses": [ended]}
    add_pod(fake, "worker", "d-t-x1", annotations=IDS, status=status)
    assert told(fake, log=True) == [f"pod d-t-x1: Evicted: {message}"]


@pytest.mark.parametrize("log", [True, False])
def test_an_evicted_pod_that_is_gone_is_in_the_events_and_the_schedulers_log(fake: FakeKube, log: bool):
    gone = f"{TIME} Task {KEY} failed in pod airflow/d-t-x1. Pod phase: Failed, reason: "
    fake.logs["airflow-scheduler-0"] = (
        f"{TIME} Creating kubernetes pod for job is {KEY}, with pod name d-t-x1, annotations: <omitted>\n"
        f"{gone}Evicted, message: disk low. , container_type: main, container_name: base, container_state: terminated, "
        f"container_reason: Error, container_message: None, exit_code: 137 {WHERE}\n"
        f"{gone}None, message: None, container_reason: ContainerStatusUnknown, container_message: x {WHERE}\n"
        f"{TIME} Task {KEY} failed in pod airflow/d-t-x1 (no details available) {WHERE}\n"
    )
    add_event(fake, "d-t-x1", "Evicted", 'Usage of EmptyDir volume "tmp" exceeds the limit "64Mi".')
    add_event(fake, "d-t-x1", "Started", "Started container base", "Normal")
    add_event(fake, "other", "Failed", "not mine")
    found = told(fake, [row("x Extra info: Pod failed because of Evicted")], log=log)
    assert found == [
        "Pod failed because of Evicted",
        'event of pod d-t-x1: Evicted: Usage of EmptyDir volume "tmp" exceeds the limit "64Mi".',
        "scheduler: pod d-t-x1: reason Evicted, message disk low., container_name base, "
        "container_reason Error, exit_code 137",
    ]


def test_an_image_that_cannot_be_pulled(fake: FakeKube):
    fake.logs["airflow-scheduler-0"] = (
        f"{TIME} Creating kubernetes pod for job is {KEY}, with pod name d-t-x1, annotations: <omitted>\n"
        f"{TIME} Event: d-t-x1 has container base with fatal reason ErrImagePull, task: d.t.2 {WHERE}\n"
        f"{TIME} Event: d-t-x1 has container base with fatal reason ErrImagePull, task: d.t.2 {WHERE}\n"
        "[warning] Event: d-u-x2 has container base with fatal reason ErrImagePull, task: d.u.1\n"
    )
    add_event(fake, "d-t-x1", "Failed", 'Failed to pull image "nope": not found')
    found = told(fake, [row("x Learn more")])
    assert found == [
        'event of pod d-t-x1: Failed: Failed to pull image "nope": not found',
        "scheduler: Event: d-t-x1 has container base with fatal reason ErrImagePull, task: d.t.2",
    ]


def test_an_init_container_that_failed_has_the_last_word(fake: FakeKube):
    ended = {"name": "git-sync-init", "state": {"terminated": {"exitCode": 1, "reason": "Error"}}}
    add_pod(fake, "worker", "d-t-x1", annotations=IDS, status={"phase": "Failed", "initContainerStatuses": [ended]})
    stderr = "fatal: unable to access 'https://git/x': Could not resolve host: git"
    error = f'Run(git fetch https://git/x): exit status 128: {{ stdout: "", stderr: {json.dumps(stderr)} }}'
    fake.logs["d-t-x1"] = "INFO: detected pid 1\n" + "".join(
        json.dumps({"level": 0, "msg": msg, "error": error}) + "\n"
        for msg in ("error syncing repo", "too many failures")
    )
    (found,) = told(fake)
    assert found.splitlines() == [
        "container git-sync-init of pod d-t-x1: Error: exit code 1",
        f"  error syncing repo: {stderr}",
        f"  too many failures: {stderr}",
    ]


def test_a_pod_that_waits_tells_its_events(fake: FakeKube):
    add_pod(fake, "worker", "d-t-x1", annotations=IDS, ready=False, status={"phase": "Pending"})
    add_event(fake, "d-t-x1", "FailedMount", 'secret "nope" not found')
    add_event(fake, "d-t-x1", "FailedScheduling", "0/1 nodes are available")
    assert [text.split(": ")[1] for text in told(fake)] == ["FailedMount", "FailedScheduling"]


def test_a_task_that_ended_by_itself_has_no_reason_and_asks_little(fake: FakeKube):
    add_event(fake, "d-t-x1", "FailedScheduling", "0/1 nodes are available")
    add_pod(fake, "worker", "d-t-x1", annotations=IDS, status={"phase": "Succeeded"})
    before = len(fake.requests)
    assert told(fake, log=True) == []
    assert [path for _, path in fake.requests[before:]] == ["/api/v1/namespaces/airflow/pods"]


def test_pods_of_other_instances_are_not_this_one(fake: FakeKube):
    status = {"phase": "Failed", "reason": "Evicted"}
    for n, other in enumerate(({"try_number": "1"}, {"map_index": "0"}, {"run_id": "r"}, {"task_id": "u"})):
        add_pod(fake, "worker", f"p{n}", annotations={**IDS, **other}, status=status)
    assert told(fake) == []
    assert told(fake, task={**TASK, "map_index": 0}) == ["pod p1: Evicted"]


def test_a_viewer_without_rights_gets_what_airflow_knows(fake: FakeKube):
    fake.denied |= {("list", "pods"), ("list", "events")}
    assert told(fake, [row(f"x Extra info: {HEAD}{BODY}")]) == [FORBIDDEN]


def test_an_init_container_that_tries_again_says_why(fake: FakeKube):
    add_pod(fake, "worker", "d-t-x1", annotations=IDS, ready=False, status={"phase": "Pending"})
    assert told(fake) == []
    fake.logs["d-t-x1"] = json.dumps({"msg": "error syncing repo, will retry", "error": "no route", "failCount": 12})
    assert told(fake) == ["container git-sync-init of pod d-t-x1: error syncing repo, will retry: no route"]


LONG = {**TASK, "dag_id": "My.Dag", "task_id": "group.t_1" + "x" * 60, "queued_when": "2026-01-01T10:00:00Z"}


@pytest.mark.parametrize(
    ("name", "time", "known"),
    [
        ("my-dag-group-t-1" + "x" * 38 + "-0abc1234", "2026-01-01T10:00:30Z", True),
        ("my-dag-group-t-1" + "x" * 38 + "-0abc1234", "2026-01-01T08:00:30Z", False),
        ("my-dag-group-t-1" + "x" * 38 + "-0abc1234", "2026-01-01T11:00:30Z", False),
        ("my-dag-group-t-1" + "x" * 38 + "y-0abc1234", "2026-01-01T10:00:30Z", False),
        ("other-0abc1234", "2026-01-01T10:00:30Z", False),
    ],
    ids=["fits", "before", "after", "longer name", "other name"],
)
def test_a_pod_that_is_gone_is_found_by_its_events_where_the_scheduler_began_later(
    fake: FakeKube, name: str, time: str, known: bool
):
    add_event(fake, name, "Failed", "no such image", time=time)
    found = told(
        fake, [row("x", dag_id="My.Dag", task_id=LONG["task_id"])], task={**LONG, "end_date": "2026-01-01T10:05:00Z"}
    )
    assert found == ([f"event of pod {name}: Failed: no such image"] if known else [])
