"""Keys that the chart does not have: what somebody meant by them."""

from __future__ import annotations

import re

import pytest

from kitctl.model.values.keys.allowed import keys
from kitctl.model.values.keys.peers import names
from kitctl.model.values.keys.unknown import _RENAMED, meant


def told(*given: str, unknown: tuple[str, ...] = ()) -> list[str]:
    return meant([names(key) for key in unknown or given], [names(key) for key in given])


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("apiserver", "Did you mean apiServer?"),
        ("api_server", "Did you mean apiServer?"),
        ("dags.git.period-seconds", "Did you mean dags.git.periodSeconds?"),
        ("scheduler.replicaz", "Did you mean scheduler.replicas?"),
        ("postgresql", "postgresql is now: postgres"),
        ("dags.git_repo", "dags.git_repo is now: dags.git.repo"),
        ("rabbitmq", "rabbitmq is now: broker.rabbitmq with broker.kind: rabbitmq"),
        ("redis", "redis is now: broker.redis"),
        ("flower.url_prefix", "flower.url_prefix is now: flower.urlPrefix"),
        ("flower.password", "flower.password is now: keys.existingSecret (the key `flower-password` of that Secret"),
    ],
)
def test_what_was_meant(key: str, said: str) -> None:
    assert told(key)[0].startswith(said)


@pytest.mark.parametrize("key", ["frobnicate", "nowhere.replicas"])
def test_of_what_is_like_nothing_nothing_is_said(key: str) -> None:
    assert told(key) == []


def test_a_slip_in_an_unknown_section_is_told_for_the_section() -> None:
    assert told("apiserver.replicas", "apiserver.workers", unknown=("apiserver",)) == ["Did you mean apiServer?"]


def test_a_reason_for_a_whole_section_is_told_once() -> None:
    assert len(told("statsd.enabled", "statsd.args", "statsd.cache.size", unknown=("statsd",))) == 1


def test_the_chart_that_knows_most_keys_of_a_file_answers() -> None:
    """The same key means Celery workers in one chart, and also worker pods in another."""
    official = told("webserver.replicas", "workers.resources", unknown=("webserver", "workers.resources"))
    community = told("web.replicas", "workers.resources", unknown=("web", "workers.resources"))
    assert official[1] == "workers.resources is now: workers.resources, workers.celery.resources"
    assert community[1] == "workers.resources is now: workers.celery.resources"


def test_a_key_that_means_something_else_in_the_chart_of_the_file_is_told() -> None:
    """The kit has it, too: `workers` are Celery workers in that chart, and the pods of the KubernetesExecutor here."""
    old = ("web.replicas", "externalDatabase.host", "serviceAccount.name")
    given = [names(key) for key in (*old, "workers.resources", "scheduler.replicas")]
    said = meant([names(key) for key in old], given)
    assert said[3:] == ["workers.resources is now: workers.celery.resources, if the file is for the community chart"]
    assert len(meant([names("web")], given)) == 1


def test_charts_that_know_a_key_equally_well_are_named() -> None:
    both = told("workers.extraVolumes")
    assert [line.rpartition(", ")[2] for line in both] == [
        "if the file is for the official chart",
        "if the file is for the community chart",
    ]


@pytest.mark.parametrize("new", _RENAMED.values())
def test_the_new_place_is_there(new: str) -> None:
    """Each key that a hint names is one of the model's."""
    named = re.findall(r"\b([a-z][A-Za-z]+(?:\.[A-Za-z]+)+)\b", new.replace("airflow.cfg", ""))
    for dotted in named:
        place, _, name = dotted.rpartition(".")
        assert name in keys("/" + place.replace(".", "/")), dotted
    assert named or re.match(r"\w+", new)[0] in keys("")  # type: ignore[index]


@pytest.mark.parametrize("old", _RENAMED)
def test_what_is_old_is_not_there(old: str) -> None:
    place, _, name = f"/{old}".rpartition("/")
    assert name not in keys(place)
