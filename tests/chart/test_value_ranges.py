"""Helm itself refuses what Kubernetes would refuse only after the release has begun to change, and names the key."""

from __future__ import annotations

import pytest

from tests.chart.release import refusal, render, template

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


CONTAINER = "pods.extraContainers[0].name=mine,pods.extraContainers[0]"
VARIABLE = f"{CONTAINER}.env[0].name=A,pods.extraContainers[0].env[0]"
VOLUME = "postgres.extraVolumes[0].name=mine,postgres.extraVolumes[0]"
PROFILE = "workers.profiles.gpu.containers[0].env[0]"


@pytest.mark.parametrize(
    ("values", "key", "found"),
    [
        (
            f"{VARIABLE}.value=1",
            "/pods/extraContainers/0/env/0/value",
            "got number",
        ),
        (f"{CONTAINER}.ports[0].containerPort=http", "/pods/extraContainers/0/ports/0/containerPort", "got string"),
        (f"{CONTAINER}.resources.limits.memory=1GB", "/pods/extraContainers/0/resources/limits/memory", "512Mi or 1G"),
        (f"{VOLUME}.configMap.defaultMode=rw", "/postgres/extraVolumes/0/configMap/defaultMode", "got string"),
        (f"{VOLUME}.secret=mine", "/postgres/extraVolumes/0/secret", "got string, want null or object"),
        ("pods.dnsConfig.options[0].value=2", "/pods/dnsConfig/options/0/value", "got number, want null or string"),
        ("triggerer.tolerations[0].value=true", "/triggerer/tolerations/0/value", "got boolean, want null or string"),
        (
            "flower.podSecurityContext.fsGroup=x",
            "/flower/podSecurityContext/fsGroup",
            "got string, want null or integer",
        ),
        ("envFrom[0].secretRef=mine", "/envFrom/0/secretRef", "got string, want null or object"),
        ("workers.profiles.gpu.nodeSelector.gpu=true", "/workers/profiles/gpu/nodeSelector/gpu", "got boolean"),
        (
            f"{PROFILE}.name=A,{PROFILE}.value=1",
            "/workers/profiles/gpu/containers/0/env/0/value",
            "number",
        ),
    ],
)
def test_helm_refuses_in_a_type_of_kubernetes(values: str, key: str, found: str) -> None:
    told = refusal(values)
    assert f"at '{key}'" in told or f"at '/{key}'" in told
    assert found in told


@pytest.mark.parametrize(
    "values",
    [
        # The API server of a newer Kubernetes may know more fields.
        f"{CONTAINER}.fieldOfTomorrow=1",
        # Merged over the chart's own, which have the rest.
        "pods.podSecurityContext.seccompProfile.localhostProfile=mine.json",
        "workers.profiles.gpu.containers[0].resources.limits.cpu=1",
        "workers.profiles.gpu.dnsConfig=null",
        "pods.extraVolumes[0].name=mine,pods.extraVolumes[0].emptyDir.sizeLimit=1000000",
    ],
)
def test_helm_takes_in_a_type_of_kubernetes(values: str) -> None:
    done = template(sets=(values,))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("port", ["0", "null"])
def test_kubernetes_chooses_the_node_port_of(port: str) -> None:
    (service,) = [s for s in render(sets=(f"{NODE_PORT}{port}",)).all("Service") if s.spec.type == "NodePort"]
    assert service.spec.ports[0].node_port is None
