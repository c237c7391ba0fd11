"""NetworkPolicies: every component has one, and each flow of the release is let through at both ends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chart.release import Release, render, story
from tests.chart.walk import every_story

FLOWS = [
    ("api-server", "postgres", 5432),
    ("scheduler", "postgres", 5432),
    ("dag-processor", "postgres", 5432),
    ("triggerer", "postgres", 5432),
    ("migrate", "postgres", 5432),
    ("worker", "api-server", 8080),
    ("api-server", "triggerer", 8794),
]
FORBIDDEN = [("worker", "postgres", 5432), ("keys", "postgres", 5432), ("worker", "scheduler", 8974)]


def policy(release: Release, component: str) -> Any:
    """Return the spec of a component's NetworkPolicy."""
    return release.one("NetworkPolicy", f"-{component}").spec


def takes(peers: list[Any] | None, labels: dict[str, str]) -> bool:
    """Whether a rule's peers include a pod; no peers means everybody."""
    return not peers or any(p.pod_selector and p.pod_selector.match_labels.items() <= labels.items() for p in peers)


def has_port(rule: Any, port: int) -> bool:
    """Whether a rule opens a port; no ports means all."""
    return not rule.ports or any(p.port == port for p in rule.ports)


def lets_in(release: Release, source: str, target: str, port: int) -> bool:
    """Whether `target` takes connections of `source`."""
    labels = release.pod(source).labels
    return any(takes(r._from, labels) and has_port(r, port) for r in policy(release, target).ingress or [])


def lets_out(release: Release, source: str, target: str, port: int) -> bool:
    """Whether `source` may call `target`."""
    labels = release.pod(target).labels
    return any(takes(r.to, labels) and has_port(r, port) for r in policy(release, source).egress or [])


@pytest.mark.parametrize("variant", ["defaults", "egress-restricted"])
@pytest.mark.parametrize("flow", FLOWS, ids=lambda f: f"{f[0]}-to-{f[1]}")
def test_a_flow_of_the_release_passes_both_ends(flow: tuple[str, str, int], variant: str) -> None:
    release = story(variant)
    assert lets_in(release, *flow)
    assert lets_out(release, *flow)


@pytest.mark.parametrize("flow", FORBIDDEN, ids=lambda f: f"{f[0]}-to-{f[1]}")
def test_what_nobody_needs_is_shut(flow: tuple[str, str, int]) -> None:
    assert not lets_in(render(), *flow)


@every_story
def test_every_component_has_a_policy(release: Release) -> None:
    for pod in release.pods:
        policies = [
            n.metadata.name
            for n in release.all("NetworkPolicy")
            if n.spec.pod_selector.match_labels.items() <= pod.labels.items()
        ]
        assert len(policies) == 1, pod.owner


@pytest.mark.parametrize("component", ["api-server", "scheduler", "keys", "migrate"])
def test_restricted_egress_still_resolves_names(component: str) -> None:
    rules = policy(story("egress-restricted"), component).egress
    assert any(p.port == 53 and p.protocol == "UDP" for r in rules for p in r.ports or [])


def test_policies_can_be_left_out() -> None:
    assert render(sets=("networkPolicy.enabled=false",)).all("NetworkPolicy") == []
