"""HTTPRoutes are judged by the Gateway API's own schema, Ingresses by those of each Kubernetes version."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from kitctl.model.versions import pin
from kitctl.tools.helm.client import documents
from kitctl.tools.toolbox import tool
from tests.chart import gateway, schemas
from tests.chart.release import CHART

ROUTE = {"enabled": True, "hostnames": ["a.example.com"], "parentRefs": [{"name": "public"}]}
FULL = {
    **ROUTE,
    "path": "/airflow",
    "hostnames": ["a.example.com", "*.example.org"],
    "annotations": {"note": "mine"},
    "labels": {"zone": "public"},
    "parentRefs": [{"name": "public", "namespace": "gateways", "sectionName": "https"}],
    "filters": [{"type": "ResponseHeaderModifier", "responseHeaderModifier": {"set": [{"name": "X", "value": "y"}]}}],
}


def rendered(values: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    sets = [word for key, value in values.items() for word in ("--set-json", f"{key}={json.dumps(value)}")]
    argv = [str(tool("helm")), "template", "airflow", str(CHART), "-n", "airflow", *sets]
    argv += ["--kube-version", pin("kubernetes.version")]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    return [d for d in documents(done.stdout) if d["kind"] == kind]


@pytest.mark.parametrize("own", [ROUTE, FULL, {**ROUTE, "hostnames": []}])
def test_a_route_is_one_of_the_gateway_api(own: dict[str, Any]) -> None:
    (found,) = rendered(
        {"httpRoute.ui": own, "apiServer.baseUrl": "" if own["hostnames"] else "http://10.0.0.1"}, "HTTPRoute"
    )
    assert gateway.problems(found) == []


def test_the_schema_finds_mistakes() -> None:
    (found,) = rendered({"httpRoute.ui": {**ROUTE, "parentRefs": [{"name": "a", "gateway": "b"}]}}, "HTTPRoute")
    assert [p for p in gateway.problems(found) if "gateway" in p]
    found["spec"]["rules"][0]["matches"][0]["path"]["type"] = "Prefix"
    assert [p for p in gateway.problems(found) if "Prefix" in p]


@pytest.mark.parametrize("minor", schemas.MINORS)
def test_an_ingress_and_a_service_with_every_field_are_those_of_kubernetes(minor: str) -> None:
    service = {
        "type": "LoadBalancer",
        "clusterIP": "10.96.0.7",
        "loadBalancerClass": "example.com/nlb",
        "loadBalancerIP": "192.0.2.7",
        "loadBalancerSourceRanges": ["10.0.0.0/8"],
        "externalTrafficPolicy": "Local",
        "internalTrafficPolicy": "Cluster",
        "sessionAffinity": "ClientIP",
    }
    ingress = {
        "enabled": True,
        "className": "nginx",
        "hosts": ["a.example.com", "*.example.org"],
        "path": "/airflow",
        "tls": [{"secretName": "one", "hosts": ["a.example.com"]}, {}],
    }
    values = {"apiServer.service": service, "ingress.ui": ingress}
    found = [*rendered(values, "Ingress"), *rendered(values, "Service")]
    assert [problem for document in found for problem in schemas.problems(minor, document)] == []
