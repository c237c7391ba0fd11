"""What `up` asks from inside the cluster (image, repositories, database, …): when, and what a refusal leaves."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.image_choice import Choice
from kitctl.model.options.up import UpOptions
from kitctl.release import image_choice, rollout
from tests.unit.fake_deploy import bring_up

REFUSED = KitError("git-ref-missing", "no such ref", fix="another", code=ExitCode.PREFLIGHT)


@dataclass
class Question:
    """How often it was asked, and whether the next answer is a refusal."""

    off: UpOptions
    calls: list[Any] = field(default_factory=list)
    refuses: bool = False

    def ask(self, *args: Any) -> None:
        self.calls.append(args)
        if self.refuses:
            raise REFUSED


MODULES = {
    "image": rollout.image_check,
    "repo": rollout.repository,
    "database": rollout.database,
    "logs": rollout.log_store,
    "broker": rollout.broker,
}
"""What is asked, by its flag."""


@pytest.fixture(params=MODULES)
def asked(request, monkeypatch):
    """One question, such as that about the image, which nobody has seen; the others are not asked."""
    question = Question(UpOptions(**{f"check_{request.param}": False}))
    for name, module in MODULES.items():
        monkeypatch.setattr(module, "check", question.ask if name == request.param else lambda *_: None)
    monkeypatch.setattr(image_choice, "provide", lambda *_, **__: Choice("example.com/a:1"))
    monkeypatch.setattr(rollout.database, "external", lambda _: True)
    return question


def test_a_refusal_stops_before_keys_and_helm_and_takes_its_namespace_away(world, asked):
    asked.refuses = True
    with pytest.raises(KitError) as caught:
        bring_up()
    assert caught.value is REFUSED
    assert world.helm.calls == []
    assert world.kube.namespace("airflow") is None
    assert world.kube.secret("airflow", "airflow-keys") is None


def test_a_refusal_leaves_a_namespace_that_was_there(world, asked):
    world.kube.ensure_namespace("airflow", {})
    asked.refuses = True
    with pytest.raises(KitError):
        bring_up()
    assert world.kube.namespace("airflow") is not None


def test_a_release_that_stays_the_same_asks_nothing(world, asked):
    bring_up()
    bring_up()
    assert len(asked.calls) == 1


def test_its_flag_leaves_it_out(world, asked):
    bring_up(options=asked.off)
    assert asked.calls == []


@pytest.mark.parametrize("asked", ["image"], indirect=True)
def test_an_image_that_was_seen_on_this_machine_needs_no_second_look(world, asked, monkeypatch):
    monkeypatch.setattr(image_choice, "provide", lambda *_, **__: Choice("example.com/a:1", "3.3.2", looked=True))
    bring_up()
    assert asked.calls == []


@pytest.mark.parametrize("asked", ["database"], indirect=True)
def test_the_database_of_the_release_is_not_asked(world, asked, monkeypatch):
    monkeypatch.setattr(rollout.database, "external", lambda _: False)
    bring_up()
    assert asked.calls == []
