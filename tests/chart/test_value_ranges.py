"""Helm itself refuses what Kubernetes would refuse only after the release has begun to change, and names the key."""

from __future__ import annotations

import pytest

from tests.chart.release import refusal, render

NODE_PORT = "apiServer.service.type=NodePort,apiServer.service.nodePort="


@pytest.mark.parametrize(
    ("values", "key", "found"),
    [
        (f"{NODE_PORT}80", "/apiServer/service/nodePort", "got 80, want 30,000"),
        ("scheduler.replicas=-1", "/scheduler/replicas", "got -1, want 0"),
        ("database.port=99999", "/database/port", "got 99,999, want 65,535"),
        ("dags.git.periodSeconds=0", "/dags/git/periodSeconds", "got 0, want 1"),
        ("postgres.storage.size=5 GB", "/postgres/storage/size", "'5 GB' does not match"),
        ("workers.resources.limits.memory=512MB", "/workers/resources/limits/memory", "'512MB' does not match"),
        ("postgres.image.tag=", "/postgres/image/tag", "minLength"),
        ("image.repository=My/Airflow", "/image/repository", "'My/Airflow' does not match"),
        ("keys.existingSecret=My_Keys", "/keys/existingSecret", "'My_Keys' does not match"),
        ("env[0].name=A,env[0].value=1", "/env/0/value", "got number"),
        ("commonLabels.team=a b", "/commonLabels/team", "'a b' does not match"),
        ("commonLabels.a b=c", "/commonLabels", "'a b' not allowed"),
    ],
)
def test_helm_refuses(values: str, key: str, found: str) -> None:
    told = refusal(values)
    assert f"at '{key}'" in told
    assert found in told


@pytest.mark.parametrize("port", ["0", "null"])
def test_kubernetes_chooses_the_node_port_of(port: str) -> None:
    (service,) = [s for s in render(sets=(f"{NODE_PORT}{port}",)).all("Service") if s.spec.type == "NodePort"]
    assert service.spec.ports[0].node_port is None
