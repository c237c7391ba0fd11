"""Runs under way are told of before a deploy takes their bundle away."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from kitctl.errors import KitError
from kitctl.release.preflight import bundles as bundles_gone


def bundles(*names: str) -> dict[str, Any]:
    return {"dags": {"mode": "bundle", "bundle": {"items": [{"name": name, "repo": "r"} for name in names]}}}


def run(dag: str, bundle: str, version: str | None = "abc") -> dict[str, Any]:
    return {"dag_id": dag, "dag_versions": [{"bundle_name": bundle, "bundle_version": version}]}


class World:
    """A release with these runs under way; `answer` is what the user says."""

    def __init__(self, *runs: dict[str, Any], answer: bool = True, down: bool = False) -> None:
        self.runs, self.answer, self.down = list(runs), answer, down
        self.asked: list[str] = []
        self.notes: list[str] = []

    def active_runs(self) -> list[dict[str, Any]]:
        if self.down:
            raise KitError("api-unreachable", "The API does not answer")
        return self.runs

    def note(self, line: str) -> None:
        self.notes.append(line)

    def question(self, text: str) -> bool:
        self.asked.append(text)
        return self.answer

    def change(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        release: Any = SimpleNamespace(api=lambda _: self)
        steps: Any = self
        bundles_gone.ask(release, before, after, steps, self.question)


@pytest.mark.parametrize("after", [{"dags": {"mode": "git"}}, {}, bundles("other"), {**bundles(), "x": 1}])
def test_runs_of_a_bundle_that_goes_are_asked_about(after: dict[str, Any]) -> None:
    world = World(run("sales", "team"), run("sales", "team"), run("etl", "team"), run("else", "other"))
    world.change(bundles("team"), after)
    assert world.asked == ["Runs under way need the bundle team, and their next task will fail: etl, sales (2). Go on?"]


def test_no_is_an_answer() -> None:
    world = World(run("sales", "one"), answer=False)
    with pytest.raises(KitError) as raised:
        world.change(bundles("one", "two"), {})
    assert raised.value.id == "declined"
    assert world.asked[0].startswith("Runs under way need the bundles one, two,")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (bundles("team"), bundles("team", "more")),
        ({"dags": {"mode": "git"}}, bundles("team")),
        ({"dags": {"mode": "pvc", "bundle": {"items": [{"name": "team"}]}}}, {}),
        ({}, {}),
    ],
)
def test_without_a_bundle_that_goes_not_even_the_api_is_asked(before: dict[str, Any], after: dict[str, Any]) -> None:
    world = World(run("sales", "team"), down=True)
    world.change(before, after)
    assert (world.asked, world.notes) == ([], [])


def test_runs_without_a_commit_go_on_with_the_dag_as_it_is_now() -> None:
    world = World(run("sales", "team", None), run("etl", "dags-folder"))
    world.change(bundles("team"), {})
    assert world.asked == []


def test_an_api_that_is_down_stops_nothing() -> None:
    world = World(down=True)
    world.change(bundles("team"), {})
    assert world.asked == []
    assert "bundle team" in world.notes[0]
    assert "does not answer" in world.notes[0]
