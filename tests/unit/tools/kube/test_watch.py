"""Watching pods."""

import itertools
import json
from pathlib import Path

from kitctl.tools.kube import watch as pod_watch
from kitctl.tools.kube.watch import documents, watch
from tests.unit.fake_operation import Clock


def event(kind, name, what="Pod"):
    pod = {"kind": what, "metadata": {"name": name, "uid": name, "namespace": "n"}, "status": {"phase": "Running"}}
    return {"type": kind, "object": pod}


def test_json_over_several_lines_is_read_object_by_object():
    text = "\n".join(json.dumps(event("ADDED", n), indent=4) for n in "ab") + "\n" + json.dumps(event("ADDED", "c"))
    assert [d["object"]["metadata"]["name"] for d in documents(text.splitlines())] == ["a", "b", "c"]


def test_a_watch_that_ended_begins_again(monkeypatch):
    calls, clock = [], Clock()

    def stream(argv):
        calls.append(argv)
        error = {"type": "ERROR", "object": {"kind": "Status", "message": "too old resource version"}}
        for item in (event("ADDED", f"p{len(calls)}"), error):
            yield from json.dumps(item, indent=4).splitlines()

    monkeypatch.setattr(pod_watch, "stream_lines", stream)
    monkeypatch.setattr(
        pod_watch, "kubectl_argv", lambda context, kubeconfig: ["kubectl", context or "", str(kubeconfig)]
    )
    monkeypatch.setattr(pod_watch, "endless", clock.deadline)
    found = list(itertools.islice(watch("ctx", Path("/k"), "ns", "a=b"), 3))
    assert [(kind, pod.name) for kind, pod in found] == [("ADDED", "p1"), ("ADDED", "p2"), ("ADDED", "p3")]
    assert calls[0][:7] == ["kubectl", "ctx", "/k", "-n", "ns", "get", "pods"]
    assert "--output-watch-events" in calls[0]
    assert len(clock.waits) == 2
