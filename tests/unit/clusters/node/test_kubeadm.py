"""What kubeadm is told: a control plane that fits a small machine."""

from __future__ import annotations

import json

import pytest
import yaml

from kitctl.clusters.node import kubeadm
from kitctl.clusters.node.layout import Layout, Network


@pytest.fixture
def written(tmp_path, monkeypatch):
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path))
    monkeypatch.setattr(Layout, "snapshotter", lambda _: "native")
    kubeadm.write(Layout("kitctl-unit"), Network(7), upstream=False)
    return tmp_path / "kitctl-unit" / "etc" / "kitctl"


def container(written, component):
    (found,) = json.loads((written / "patches" / f"{component}+strategic.json").read_text())["spec"]["containers"]
    assert found["name"] == component
    return found


@pytest.mark.parametrize("component", ["etcd", "kube-apiserver", "kube-scheduler"])
def test_readiness_is_not_asked_every_second(written, component):
    assert container(written, component)["readinessProbe"] == {"periodSeconds": 10}


def test_the_controller_manager_gets_no_half_probe(written):
    assert "readinessProbe" not in container(written, "kube-controller-manager")


def test_an_etcd_alone_is_not_told_every_100_ms_that_it_lives(written):
    documents = list(yaml.safe_load_all((written / "kubeadm.yaml").read_text()))
    (etcd,) = [d["etcd"]["local"] for d in documents if "etcd" in d]
    arguments = {a["name"]: a["value"] for a in etcd["extraArgs"]}
    # etcd refuses an election time-out below five heartbeats.
    assert int(arguments["election-timeout"]) >= 5 * int(arguments["heartbeat-interval"]) > 500
