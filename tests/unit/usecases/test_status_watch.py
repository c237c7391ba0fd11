"""A release as it changes."""

import itertools
import threading

import pytest

from kitctl.errors import KitError
from kitctl.release.tasks.pods import worker_selector
from kitctl.tools.kube import read
from kitctl.usecases import status_watch
from kitctl.usecases.status import Component
from kitctl.usecases.status_watch import ComponentChange, changes, pictures, watch_task_pods
from tests.unit.fake_operation import Clock
from tests.unit.fake_release import add_pod, add_release, add_workload, make_release

NOTES = {"dag_id": "d", "task_id": "t.x", "run_id": "r+1", "try_number": "2"}


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr(status_watch, "endless", found.deadline)
    return found


@pytest.fixture
def release(fake):
    add_release(fake)
    return make_release(fake)


def nothing(_):
    return None


def test_a_watch_tells_each_change_once(fake, release, monkeypatch):
    pod = add_pod(fake, "worker", "task-1", annotations=NOTES)

    def events(kube, kubeconfig, namespace, selector, lost):
        assert (kubeconfig, namespace, selector, lost) == (None, "airflow", worker_selector(release), nothing)
        for event, phase in (
            ("ADDED", "Pending"),
            ("MODIFIED", "Pending"),
            ("MODIFIED", "Running"),
            ("DELETED", "Running"),
        ):
            pod["status"]["phase"] = phase
            yield event, read.pod(pod)

    monkeypatch.setattr(status_watch, "watch", events)
    assert [p.phase for p in watch_task_pods(release, nothing)] == ["Pending", "Running", "Deleted"]


def test_a_picture_has_components_and_task_pods(fake, release, clock):
    add_pod(fake, "worker", "task-1", annotations=NOTES)
    looks = pictures(release)
    first = next(looks)
    assert first.components["scheduler"] == Component(ready=1, wanted=1, restarts=0)
    assert [pod.task_id for pod in first.task_pods] == ["t.x"]
    add_workload(fake, "scheduler", ready=0)
    assert next(looks).components["scheduler"].ready == 0
    assert clock.waits == [status_watch.PERIOD]


def test_a_cluster_that_goes_away_keeps_the_last_picture_and_comes_back(fake, release, clock):
    looks = pictures(release)
    first = next(looks)
    fake.down = True
    gone = next(looks)
    assert gone.components == first.components
    assert "does not answer" in gone.trouble
    fake.down = False
    assert next(looks) == first


def test_what_does_not_go_by_itself_ends_it(fake, release, clock):
    looks = pictures(release)
    next(looks)
    fake.denied.add(("list", "deployments"))
    with pytest.raises(KitError, match="The right to list"):
        next(looks)


@pytest.mark.parametrize("look", [pictures, lambda release: changes(release, nothing)])
def test_without_a_release_there_is_nothing_to_watch(fake, look):
    with pytest.raises(KitError) as raised:
        next(iter(look(make_release(fake))))
    assert raised.value.id == "release-missing"


def test_changes_are_those_of_components_and_of_task_pods(fake, release, monkeypatch):
    monkeypatch.setattr(status_watch, "PERIOD", 0.05)
    pod = add_pod(fake, "worker", "task-1", annotations=NOTES)
    monkeypatch.setattr(status_watch, "watch", lambda *_: iter([("ADDED", read.pod(pod))]))
    stream = changes(release, nothing)
    first = list(itertools.islice(stream, 6))
    assert [one.name for one in first[:5]] == ["api-server", "dag-processor", "postgres", "scheduler", "triggerer"]
    assert first[5].pod == "task-1"
    fake.down = True
    threading.Timer(0.2, lambda: (add_workload(fake, "scheduler", ready=0), setattr(fake, "down", False))).start()
    assert next(stream) == ComponentChange("scheduler", Component(ready=0, wanted=1, restarts=0))


def test_an_error_of_the_watch_ends_it(release, monkeypatch):
    monkeypatch.setattr(status_watch, "PERIOD", 5.0)

    def forbidden(*_):
        raise KitError("forbidden", "no")
        yield

    monkeypatch.setattr(status_watch, "watch", forbidden)
    with pytest.raises(KitError, match="no"):
        list(changes(release, nothing))
