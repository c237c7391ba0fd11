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
        ("postgres.storage.size=5 GB", "/postgres/storage/size", "value must be 'a size such as 5Gi"),
        (
            "workers.resources.limits.memory=512MB",
            "/workers/resources/limits/memory",
            "value must be 'a size such as 512Mi",
        ),
        ("postgres.image.tag=", "/postgres/image/tag", "value must be 'a tag such as 1.2.3, because no digest"),
        ("image.repository=My/Airflow", "/image/repository", "value must be 'an image without tag, such as registry."),
        ("image.repository=repo:tag", "/image/repository", "value must be 'an image without tag, such as registry."),
        (
            "workers.resources.requests.cpu=2 cores",
            "/workers/resources/requests/cpu",
            "value must be 'a quantity such as",
        ),
        ("workers.tolerations[0].operator=Exist", "/workers/tolerations/0/operator", "value must be 'Exists or Equal'"),
        ("database.name=", "/database/name", "value must be 'a name such as airflow"),
        ("keys.existingSecret=My_Keys", "/keys/existingSecret", "value must be 'a name such as my-name (lowercase"),
        ("env[0].name=A,env[0].value=1", "/env/0/value", "got number"),
        ("commonLabels.team=a b", "/commonLabels/team", "value must be 'text such as team-a"),
        ("commonLabels.a b=c", "/commonLabels", "'a b' not allowed"),
    ],
)
def test_helm_refuses(values: str, key: str, found: str) -> None:
    told = refusal(values)
    assert f"at '{key}'" in told
    assert found in told
    assert "^" not in told, "a regular expression"


@pytest.mark.parametrize("port", ["0", "null"])
def test_kubernetes_chooses_the_node_port_of(port: str) -> None:
    (service,) = [s for s in render(sets=(f"{NODE_PORT}{port}",)).all("Service") if s.spec.type == "NodePort"]
    assert service.spec.ports[0].node_port is None
