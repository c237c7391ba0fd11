"""Every object is valid by the schema of every supported Kubernetes version."""

from __future__ import annotations

import copy

import pytest

from tests.chart.release import Release, render
from tests.chart.schemas import MINORS, problems


@pytest.mark.parametrize("minor", MINORS)
def test_every_object_is_valid_by_the_schema_of(minor: str, release: Release) -> None:
    found = {f"{d['kind']}/{d['metadata']['name']}": problems(minor, d) for d in release.documents}
    assert {name: p for name, p in found.items() if p} == {}


@pytest.mark.parametrize("minor", MINORS)
def test_worker_templates_are_valid_pods_of(minor: str, release: Release) -> None:
    found = {name: problems(minor, document) for name, document in release.worker_templates.items()}
    assert {name: p for name, p in found.items() if p} == {}


@pytest.mark.parametrize("minor", MINORS)
def test_the_validator_sees_a_misspelt_field_in(minor: str) -> None:
    (document,) = [d for d in render().documents if d["kind"] == "StatefulSet"]
    broken = copy.deepcopy(document)
    broken["spec"]["template"]["spec"]["containers"][0]["imagePullPolice"] = "Always"
    assert "imagePullPolice" in str(problems(minor, broken))
