"""Keys that the chart does not have: what somebody meant by them."""

from __future__ import annotations

import re

import pytest

from kitctl.model.values.allowed import keys
from kitctl.model.values.unknown import _GONE, _RENAMED, meant


@pytest.mark.parametrize(
    ("pointer", "name", "said"),
    [
        ("", "apiserver", "Did you mean apiServer?"),
        ("", "api_server", "Did you mean apiServer?"),
        ("/dags/git", "period-seconds", "Did you mean dags.git.periodSeconds?"),
        ("/scheduler", "replicaz", "Did you mean scheduler.replicas?"),
        ("", "postgresql", "postgresql is now: postgres for the kit's own database"),
        ("/dags", "git_repo", "dags.git_repo is now: dags.git.repo"),
        ("/flower", "url_prefix", "flower.url_prefix is now: flower.urlPrefix"),
        ("/flower", "password", "flower.password is now: the key flower-password of the keys Secret"),
        ("", "rabbitmq", "rabbitmq is now: broker.rabbitmq with broker.kind: rabbitmq"),
        ("", "redis", "redis is now: broker.redis for the kit's own broker, broker.external for one of yours"),
    ],
)
def test_what_was_meant(pointer: str, name: str, said: str) -> None:
    assert meant(pointer, name).startswith(said)


@pytest.mark.parametrize(("pointer", "name"), [("", "frobnicate"), ("/nowhere", "replicas")])
def test_of_what_is_like_nothing_nothing_is_said(pointer: str, name: str) -> None:
    assert meant(pointer, name) == ""


@pytest.mark.parametrize("new", _RENAMED.values())
def test_the_new_place_is_there(new: str) -> None:
    """Each key that a hint names is one of the model's."""
    named = re.findall(r"\b([a-z][A-Za-z]+(?:\.[A-Za-z]+)+)\b", new.replace("airflow.cfg", ""))
    for dotted in named:
        place, _, name = dotted.rpartition(".")
        assert name in keys("/" + place.replace(".", "/")), dotted
    assert named or re.match(r"\w+", new)[0] in keys("")  # type: ignore[index]


@pytest.mark.parametrize("old", [*_RENAMED, *_GONE])
def test_what_is_old_is_not_there(old: str) -> None:
    place, _, name = f"/{old}".rpartition("/")
    assert name not in keys(place)
