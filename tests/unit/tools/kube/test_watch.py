"""Watching pods."""

import itertools
import json
from pathlib import Path

import pytest

from kitctl.errors import KitError
from kitctl.tools.kube import watch as pod_watch
from kitctl.tools.kube.watch import documents, watch
from kitctl.tools.process import Result
from tests.unit.fake_operation import Clock


def event(kind, name, what="Pod"):
    pod = {"kind": what, "metadata": {"name": name, "uid": name, "namespace": "n"}, "status": {"phase": "Running"}}
    return {"type": kind, "object": pod}


def test_json_over_several_lines_is_read_object_by_object():
    text = "\n".join(json.dumps(event("ADDED", n), indent=4) for n in "ab") + "\n" + json.dumps(event("ADDED", "c"))
    assert [d["object"]["metadata"]["name"] for d in documents(text.splitlines())] == ["a", "b", "c"]


@pytest.fixture
def kubectl(monkeypatch):
    """Let kubectl print these events, one list for each call, and end with these results; returns its calls."""
    calls, clock = [], Clock()

    def set_to(*rounds, code=0, stderr=""):
        left = list(rounds)

        def stream(argv, end):
            calls.append(argv)
            for item in left.pop(0) if left else ():
                if callable(item):
                    item()
                else:
                    yield from json.dumps(item, indent=4).splitlines()
            end(Result(code, "", stderr))

        monkeypatch.setattr(pod_watch, "stream_lines", stream)
        return calls

    monkeypatch.setattr(pod_watch, "kubectl_argv", lambda context, kubeconfig: ["kubectl", context, str(kubeconfig)])
    monkeypatch.setattr(pod_watch, "endless", clock.deadline)
    set_to.clock = clock
    return set_to


def seen(kube, count, lost=lambda _: None):
    found = watch(kube, Path("/k"), "ns", "a=b", lost)
    return [(kind, pod.name) for kind, pod in itertools.islice(found, count)]


def present(fake, *names):
    for name in names:
        fake.add({"kind": "Pod", "metadata": {"name": name, "uid": name, "labels": {"a": "b"}}}, "ns")


def test_a_watch_that_ended_begins_again(fake, kubectl):
    present(fake, "p1", "p2", "p3")
    error = {"type": "ERROR", "object": {"kind": "Status", "message": "too old resource version"}}
    calls = kubectl(*([event("ADDED", f"p{n}"), error] for n in (1, 2, 3)))
    assert seen(fake.kube, 3) == [("ADDED", "p1"), ("ADDED", "p2"), ("ADDED", "p3")]
    assert calls[0][:7] == ["kubectl", "test", "/k", "-n", "ns", "get", "pods"]
    assert "--output-watch-events" in calls[0]
    assert len(kubectl.clock.waits) == 2


def test_a_cluster_that_goes_away_is_told_once_and_taken_up_again(fake, kubectl, monkeypatch):
    present(fake, "p1", "p2")
    told, answer = [], fake.answer

    def after_three_questions(request):
        fake.down = fake.down and len(fake.requests) < 4
        return answer(request)

    monkeypatch.setattr(fake, "answer", after_three_questions)
    kubectl([event("ADDED", "p1"), lambda: setattr(fake, "down", True)], [event("ADDED", "p2")], code=1)
    found = seen(fake.kube, 2, lambda error: told.append(error and error.id))
    assert found == [("ADDED", "p1"), ("ADDED", "p2")]
    assert told == ["cluster-unreachable", None]
    assert fake.requests == [("GET", "/api/v1/namespaces/ns/pods")] * 5


def test_pods_that_went_meanwhile_are_deleted(fake, kubectl):
    present(fake, "p1", "p2")
    kubectl([event("ADDED", "p1"), event("ADDED", "p2"), lambda: fake.objects.pop("/api/v1/namespaces/ns/pods/p1")])
    assert seen(fake.kube, 3)[2] == ("DELETED", "p1")


def test_a_kubectl_that_fails_again_and_again_is_an_error(fake, kubectl):
    calls = kubectl(code=1, stderr="error: no such flag")
    with pytest.raises(KitError) as raised:
        seen(fake.kube, 1)
    assert (raised.value.id, raised.value.cause, len(calls)) == ("watch-failed", "error: no such flag", 3)


def test_a_right_that_is_missing_is_told_as_one(fake, kubectl):
    kubectl(code=1, stderr='User "bob" cannot watch resource "pods" in API group "" in the namespace "ns"')
    with pytest.raises(KitError) as raised:
        seen(fake.kube, 1)
    assert raised.value.id == "forbidden"
