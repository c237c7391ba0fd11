"""All refusals of the values and templates are found, each once."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from kitctl.model.settings import Settings
from kitctl.usecases.upgrade import check as story
from kitctl.usecases.upgrade import refusals
from kitctl.usecases.upgrade.upgrade_facts import Facts
from kitctl.usecases.upgrade.wish import Wish
from tests.unit.fake_operation import Steps, as_json

BAD = {
    "schedulr": {"replicas": 2},
    "scheduler": {"replcas": 2, "replicas": "many"},
    "dags": {"mode": "persistent_mode"},
    "triggerer": None,
    "env": [{"name": "A", "value": 5}, {"name": "B", "value": 6}],
    "workers": {
        "allowExec": True,
        "profiles": {"default": {}, "gpu": {"containers": [{"name": "base", "volumeMounts": [{"name": "x"}]}]}},
        "templates": {"one": "kind: Foo", "two": "kind: Bar"},
    },
    "config": {"core": {"dag_concurrency": 5, "executor": "x"}},
}
ALL = [
    "values-wrong-type: triggerer must not be null",
    "values-wrong-type: scheduler.replicas is not valid",
    "values-unknown-key: The chart has no value scheduler.replcas",
    "values-unknown-key: The chart has no value schedulr",
    "values-wrong-type: dags.mode is not a DAG mode",
    "values-wrong-type: env.0.value is not valid",
    "values-wrong-type: env.1.value is not valid",
    "pod-template-invalid: workers.profiles.gpu has an entry",
    "pod-template-invalid: workers.templates.one is not of kind Pod",
    "pod-template-invalid: workers.templates.two is not of kind Pod",
    "worker-profile-default: workers.profiles contains a profile named default",
    "exec-without-rights: workers.allowExec is true",
    "config-option-renamed: config.core.dag_concurrency is called",
    "config-owned-by-chart: config.core.executor is set by the chart",
]


def facts(tmp_path: Path, values: Any, **wish: Any) -> Facts:
    file = tmp_path / "values.yaml"
    file.write_text(values if isinstance(values, str) else json.dumps(values))
    asked = {"use_cluster": False, "use_image": False, **wish}
    return Facts(Settings(values=(file,)), Wish("3.3.2", **asked), lambda _: None)


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")


def test_schema_worker_pods_and_rules_are_all_told_each_once(tmp_path: Path) -> None:
    found = [f"{one.id}: {one.message}" for one in refusals.find(facts(tmp_path, BAD))]
    missing = [words for words in ALL if not any(told.startswith(words) for told in found)]
    assert (missing, len(found)) == ([], len(ALL)), found
    assert all(one.level == "error" and one.fix for one in refusals.find(facts(tmp_path, BAD)))


def test_values_that_fit_are_not_refused(tmp_path: Path) -> None:
    assert refusals.find(facts(tmp_path, {"scheduler": {"replicas": 1}})) == []


def test_what_is_missing_only_because_a_wrong_value_was_left_out_is_not_told(tmp_path: Path) -> None:
    found = refusals.find(facts(tmp_path, {"dags": {"mode": "git", "git": {"repo": 5}}}))
    assert [(one.id, "dags.git.repo" in one.message) for one in found] == [("values-wrong-type", True)]


def test_each_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    known = facts(tmp_path, "a: [")
    known.settings = Settings(values=(*known.settings.values, tmp_path / "gone.yaml"), sets=("a",))
    assert Counter(one.id for one in refusals.find(known)) == {
        "values-invalid": 1,
        "values-missing": 1,
        "set-invalid": 1,
    }


def test_the_templates_are_judged_as_a_deploy_does(tmp_path: Path) -> None:
    (tmp_path / "t" / "pod_template").mkdir(parents=True)
    (tmp_path / "t" / "airflow.cfg.j2").write_text("[core]\na = 5%\nb = 6%\n")
    (tmp_path / "t" / "pod_template" / "base.yaml.j2").write_text("{% block %}")
    found = refusals.find(facts(tmp_path, {}, template_dir=tmp_path / "t"))
    assert [(one.id, one.place.rpartition(" (")[2]) for one in found] == [
        ("airflow-cfg-invalid", "[core] a)"),
        ("airflow-cfg-invalid", "[core] b)"),
        ("template-invalid", ""),
    ]
    gone = refusals.find(facts(tmp_path, {"scheduler": {"replicas": "x"}}, template_dir=tmp_path / "gone"))
    assert [one.id for one in gone] == ["template-dir-missing", "values-wrong-type"]


def test_a_pod_of_the_users_template_that_only_kitctl_refuses_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "t" / "pod_template").mkdir(parents=True)
    block = "{% block placement %}\n  tolerations: [{key: 5}]\n{% endblock %}"
    mine = '{% extends "kit/pod_template/base.yaml.j2" %}' + block
    (tmp_path / "t" / "pod_template" / "base.yaml.j2").write_text(mine)
    values = {"workers": {"profiles": {"big": {"nodeSelector": {"a": "b"}}}}}
    found = refusals.find(facts(tmp_path, values, template_dir=tmp_path / "t"))
    assert [(one.id, one.place) for one in found] == [("pod-template-invalid", "worker pod default")], found


def test_an_option_that_the_chart_refuses_is_told_once_and_as_an_error(tmp_path: Path) -> None:
    values = {"config": {"scheduler": {"dag_dir_list_interval": 5}}}
    known = facts(tmp_path, values)
    report = as_json(story.check(known.settings, known.wish, Steps()))  # type: ignore[no-untyped-call]
    told = [(one["id"], one["level"]) for area in report["areas"] for one in area["findings"] if one["level"] != "info"]
    assert told == [("option-renamed", "error")]
    assert report["ok"] is False


def test_values_that_cannot_be_read_do_not_hide_the_other_areas(tmp_path: Path) -> None:
    known = facts(tmp_path, "a: [")
    report = as_json(story.check(known.settings, known.wish, Steps()))  # type: ignore[no-untyped-call]
    areas = {area["name"]: area for area in report["areas"]}
    assert [one["id"] for one in areas["values"]["findings"]] == ["values-invalid"]
    assert (report["current"], areas["helm"]["status"]) == ("", "ok")
