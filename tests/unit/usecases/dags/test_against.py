"""`kitctl dags check` without a named image: what the release runs, and what if nobody can tell."""

import json
import threading
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pytest

from kitctl.errors import KitError
from kitctl.images.dag_import import CheckOptions
from kitctl.model.settings import Settings
from kitctl.render.pod_override import STAND_IN
from kitctl.usecases.dags import against

VALUES = {
    "image": {"repository": "example.com/chart", "tag": "1"},
    "executors": ["LocalExecutor", "KubernetesExecutor"],
    "workers": {"profiles": {"gpu": {}}, "templates": {"own": STAND_IN}},
}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A release, and a machine that has its image."""
    seen = SimpleNamespace(asked=0, here=True)

    def attach(settings: Settings) -> Any:
        seen.asked += 1
        return SimpleNamespace(values=VALUES)

    monkeypatch.setattr(against, "attach", attach)
    monkeypatch.setattr(against.image_origin, "running", lambda release: "kitctl.local/dags:abc")
    monkeypatch.setattr(against.image_origin, "here", lambda tool, name: seen.here)
    monkeypatch.setattr(against.builder, "find", lambda: None)
    return seen


def choose(told: list[str], values: dict[str, Any] | None = None, **flags: Any) -> CheckOptions:
    given = {"reference": "", "requirements": None, "import_files": True, "executors": "", "jobs": 0} | flags
    with TemporaryDirectory() as folder:
        file = Path(folder, "values.yaml")
        file.write_text(json.dumps(values or {}))
        return against.against(Settings(values=(file,)), told.append, **given)


def test_the_image_that_runs_is_taken_with_its_executors_and_templates(cluster: SimpleNamespace):
    told: list[str] = []
    options = choose(told)
    assert options.image == "kitctl.local/dags:abc"
    assert options.executors == ["LocalExecutor", "KubernetesExecutor"]
    assert options.templates == ("default", "gpu", "own")
    assert list(options.pods) == ["default", "gpu", "own"]
    assert "kitctl.local/dags:abc, which the release airflow runs" in told[0]


def test_the_users_values_win_over_those_of_the_release(cluster: SimpleNamespace):
    assert choose([], {"executors": ["LocalExecutor"]}).executors == ["LocalExecutor"]
    assert choose([], executors="A").executors == ["A"]


@pytest.mark.parametrize(
    ("values", "flags"),
    [
        ({"image": {"repository": "example.com/a", "tag": "1"}}, {}),
        ({}, {"reference": "example.com/a:1"}),
        ({}, {"import_files": False}),
    ],
)
def test_no_cluster_is_asked_where_no_image_is_missing(
    cluster: SimpleNamespace, values: dict[str, Any], flags: dict[str, Any]
):
    told: list[str] = []
    choose(told, values, **flags)
    assert (cluster.asked, told) == (0, [])


def test_an_image_that_is_not_to_be_had_gives_way_to_the_kits_own(cluster: SimpleNamespace):
    cluster.here = False
    told: list[str] = []
    options = choose(told)
    assert (options.image, options.executors[0]) == ("", "LocalExecutor")
    assert "cannot get" in told[0]


def test_values_of_another_chart_leave_the_pod_template_of_this_one(cluster: SimpleNamespace, monkeypatch: Any):
    monkeypatch.setitem(VALUES, "gone", {"key": 1})
    told: list[str] = []
    assert list(choose(told).pods) == ["default"]
    assert "do not fit this chart" in told[0]
    with pytest.raises(KitError, match="mine"):
        choose([], {"mine": 1})


def test_tasks_have_no_pods_without_the_kubernetes_executor(cluster: SimpleNamespace):
    assert choose([], {"executors": ["LocalExecutor"]}).pods == {}


def test_a_cluster_that_is_away_fails_no_check(monkeypatch: pytest.MonkeyPatch):
    def attach(settings: Settings) -> Any:
        raise KitError("cluster-unreachable", "The cluster does not answer")

    monkeypatch.setattr(against, "attach", attach)
    told: list[str] = []
    options = choose(told)
    assert list(options.pods) == ["default"]
    assert replace(options, pods={}) == CheckOptions(
        executors=["KubernetesExecutor"], env={"AIRFLOW__CORE__EXECUTOR": "KubernetesExecutor"}
    )
    assert "(The cluster does not answer); taking the kit's own" in told[0]


def test_a_cluster_that_hangs_is_waited_for_only_a_moment(monkeypatch: pytest.MonkeyPatch):
    end = threading.Event()

    def attach(settings: Settings) -> Any:
        end.wait(30)
        raise KitError("cluster-unreachable", "too late")

    monkeypatch.setattr(against, "attach", attach)
    assert "did not answer" in against.ask(Settings(), 0.05).why
    end.set()


CELERY = {"workers": {"celery": {"groups": [{"name": "big", "queues": ["big"]}]}}}


@pytest.mark.parametrize(
    ("values", "flags", "queues"),
    [
        ({**CELERY, "executors": ["fast:CeleryExecutor"]}, {}, ["default", "big"]),
        # A flag alone names no release, whose queues could be known.
        ({}, {"executors": "CeleryExecutor", "reference": "a:1"}, []),
        ({**CELERY, "executors": ["KubernetesExecutor"]}, {}, []),
    ],
)
def test_queues_are_known_from_values_that_list_the_executor(
    cluster: SimpleNamespace, values: dict[str, Any], flags: dict[str, Any], queues: list[str]
):
    assert list(choose([], values, **flags).queues) == queues


def test_queues_of_the_release_are_known(cluster: SimpleNamespace, monkeypatch: pytest.MonkeyPatch):
    values = {**CELERY, "executors": ["CeleryExecutor"], "config": {"operators": {"default_queue": "main"}}}
    monkeypatch.setattr(against, "attach", lambda settings: SimpleNamespace(values=values))
    options = choose([])
    assert list(options.queues) == ["main", "big"]
    assert options.env["AIRFLOW__OPERATORS__DEFAULT_QUEUE"] == "main"
