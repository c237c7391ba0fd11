"""Every object and worker template of every story is valid by the schemas of all supported Kubernetes versions."""

from __future__ import annotations

import copy

import pytest

from tests.chart.release import STORIES, render, story
from tests.chart.schemas import MINORS, problems
from tests.chart.walk import walk


@pytest.mark.parametrize("minor", MINORS)
def test_every_object_and_worker_template_is_valid_by_the_schema_of(minor: str) -> None:
    def check(name: str) -> None:
        release = story(name)
        found = {f"{d['kind']}/{d['metadata']['name']}": problems(minor, d) for d in release.documents}
        found |= {f"template {name}": problems(minor, document) for name, document in release.worker_templates.items()}
        assert {name: p for name, p in found.items() if p} == {}

    walk(STORIES, check)


@pytest.mark.parametrize("minor", MINORS)
def test_the_validator_sees_a_misspelt_field_in(minor: str) -> None:
    (document,) = [d for d in render().documents if d["kind"] == "StatefulSet"]
    broken = copy.deepcopy(document)
    broken["spec"]["template"]["spec"]["containers"][0]["imagePullPolice"] = "Always"
    assert "imagePullPolice" in str(problems(minor, broken))
