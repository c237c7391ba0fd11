"""Helm runs only when the cluster differs from the plan, and always when it does."""

import pytest
import yaml

from kitctl.release import drift
from kitctl.tools.helm.client import Plan
from kitctl.tools.helm.records import records

MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "1"}}
PLAN = Plan(yaml.safe_dump(MAP), {"x": 1})


def record(fake, **more):
    fake.add_record(more.pop("status", "deployed"), **{"manifest": PLAN.manifest, "config": PLAN.config, **more})
    return records(fake.kube, "airflow", "airflow")[-1]


def live(**data):
    return {**MAP, "metadata": {"name": "c", "uid": "1", "annotations": {"added": "by the server"}}, "data": data}


def test_the_same_plan_on_an_untouched_cluster_changes_nothing(fake):
    fake.add(live(a="1"))
    assert drift.unchanged(fake.kube, "airflow", record(fake), PLAN)


@pytest.mark.parametrize(
    "more", [{"manifest": "other: 1"}, {"config": {"x": 2}}, {"status": "failed"}, {"status": "superseded"}]
)
def test_another_record_means_change(fake, more):
    fake.add(live(a="1"))
    assert not drift.unchanged(fake.kube, "airflow", record(fake, **more), PLAN)


def test_a_record_that_helm_calls_failed_means_change_whatever_its_label_says(fake):
    # Helm, interrupted while it ended, may write one state into the label and another one into the contents.
    fake.add(live(a="1"))
    assert not drift.unchanged(fake.kube, "airflow", record(fake, info={"status": "failed"}), PLAN)
    assert drift.unchanged(fake.kube, "airflow", record(fake, info={"status": "deployed"}), PLAN)


def test_no_record_means_change(fake):
    assert not drift.unchanged(fake.kube, "airflow", None, PLAN)


def test_an_object_that_was_edited_or_deleted_means_change(fake):
    assert drift.drifted(fake.kube, "airflow", PLAN) == ["ConfigMap c"]
    fake.add(live(a="2"))
    assert not drift.unchanged(fake.kube, "airflow", record(fake), PLAN)
    fake.add(live(a="1"))
    assert drift.drifted(fake.kube, "airflow", PLAN) == []


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ({"a": 1, "b": 2}, {"a": 1}),
        ({"cpu": "1"}, {"cpu": "1000m"}),
        ({"memory": "1Gi"}, {"memory": "1024Mi"}),
        ({}, {"env": [], "x": {}, "y": "", "z": None, "off": False}),
        ([{"a": 1, "uid": 2}], [{"a": 1}]),
    ],
)
def test_what_the_server_adds_or_spells_otherwise_is_no_drift(now, wanted):
    assert drift.holds(now, wanted)


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ({"replicas": 0}, {"replicas": 1}),
        ({"replicas": 1}, {"replicas": 0}),
        ({"a": [1, 2]}, {"a": [1]}),
        ({}, {"a": [1]}),
        ({"cpu": "2"}, {"cpu": "1000m"}),
        ({"a": "x"}, {"a": {"b": 1}}),
        ({"on": True}, {"on": False}),
    ],
)
def test_real_differences_are_found(now, wanted):
    assert not drift.holds(now, wanted)
