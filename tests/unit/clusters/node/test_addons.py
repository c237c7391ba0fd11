"""Readiness counts only what happened since the node's start."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kitctl.clusters.node import addons
from kitctl.clusters.node.layout import FILES, Layout
from kitctl.errors import ExitCode, KitError
from kitctl.model.versions import data_dir
from kitctl.tools.process import Result

START = 1_800_000_000.0


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(START + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def cluster(heartbeat: float = 5, started: float = 5, ready: bool = True) -> list[dict[str, Any]]:
    def pod(namespace: str, key: str, value: str) -> dict[str, Any]:
        status = {"ready": ready, "state": {"running": {"startedAt": stamp(started)}}}
        metadata = {"namespace": namespace, "labels": {key: value}}
        return {"kind": "Pod", "metadata": metadata, "status": {"containerStatuses": [status]}}

    condition = {"type": "Ready", "status": "True", "lastHeartbeatTime": stamp(heartbeat)}
    return [
        {"kind": "Node", "metadata": {"name": "n"}, "status": {"conditions": [condition]}},
        {"kind": "ServiceAccount", "metadata": {"namespace": "default"}},
        {"kind": "Pod", "metadata": {"namespace": "kube-system", "labels": {}}, "status": {}},
        pod("kube-system", "k8s-app", "kube-dns"),
        pod("local-path-storage", "app.kubernetes.io/name", "local-path-provisioner"),
    ]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    monkeypatch.setattr(addons, "run", lambda *_, **__: Result(0, json.dumps({"items": items}), ""))
    monkeypatch.setattr(addons, "tool", lambda name: Path("/bin") / name)
    return items


def test_a_cluster_with_all_its_parts_is_ready(answer: list[dict[str, Any]]) -> None:
    answer += cluster()
    addons.wait_ready(Layout("n"), START, seconds=0)


@pytest.mark.parametrize(
    ("state", "missing"),
    [
        ({"heartbeat": -60}, "the kubelet has not reported Ready"),
        ({"started": -60}, "kube-dns is not ready"),
        ({"ready": False}, "local-path-provisioner is not ready"),
    ],
)
def test_what_the_api_server_remembers_of_a_former_life_does_not_count(
    answer: list[dict[str, Any]], state: dict[str, Any], missing: str
) -> None:
    answer += cluster(**state)
    with pytest.raises(KitError) as caught:
        addons.wait_ready(Layout("n"), START, seconds=0)
    assert (caught.value.id, caught.value.code) == ("node-not-ready", ExitCode.TIMEOUT)
    assert missing in caught.value.cause


def test_a_pod_that_was_not_started_yet_is_not_ready(answer: list[dict[str, Any]]) -> None:
    answer += cluster()
    answer[3]["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": "ContainerCreating"}}
    with pytest.raises(KitError):
        addons.wait_ready(Layout("n"), START, seconds=0)


def test_another_pod_does_not_stand_for_dns(answer: list[dict[str, Any]]) -> None:
    answer += cluster()
    answer[3]["metadata"]["labels"] = {"component": "etcd"}
    with pytest.raises(KitError):
        addons.wait_ready(Layout("n"), START, seconds=0)


def test_without_a_way_out_dns_answers_for_the_cluster_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []

    def kubectl(_: Layout, *__: str, input_text: str = "") -> Result:
        sent.append(input_text)
        return Result(0, "", "")

    monkeypatch.setattr(addons, "kubectl", kubectl)
    from kitctl.clusters.node.layout import Network  # noqa: PLC0415

    addons.apply(Layout("n"), Network(1), upstream=False)
    addons.apply(Layout("n"), Network(1), upstream=True)
    assert "forward ." not in sent[0]
    assert "forward . /etc/resolv.conf" in sent[1]
    assert "loop" not in sent[1].split("Corefile")[1].split("---")[0]


def test_the_dns_server_is_built_with_every_plugin_that_its_corefile_names() -> None:
    corefile = (FILES / "coredns.yaml").read_text().partition("Corefile: |")[2].partition("---")[0] + addons._FORWARD
    named = set(re.findall(r"^ {8}([a-z_0-9]+)", corefile, re.MULTILINE))
    main = (data_dir("scripts") / "tools" / "coredns" / "main.go").read_text()
    linked = set(re.findall(r"coredns/plugin/([a-z_0-9]+)", main))
    assert {"kubernetes", "cache", "forward"} <= named
    assert named <= linked
