"""`kitctl run` on the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kitctl.commands import run as command
from kitctl.release import handle
from kitctl.usecases import run as use_case


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def story(release: Any, dag: str, conf: Any, note: Any, *, unpause: bool) -> use_case.RunReport:
        seen.update(dag=dag, conf=conf, unpause=unpause)
        tasks = [use_case.TaskState("a", -1, "success", 1)]
        return use_case.RunReport(dag, "kitctl__1", "success", 12.3, tasks)

    monkeypatch.setattr(handle, "attach", lambda settings: settings)
    monkeypatch.setattr(use_case, "run", story)
    return seen


def run(*argv: str) -> Result:
    return CliRunner().invoke(command.app, list(argv))


def test_the_options_reach_the_use_case(given: dict[str, Any]) -> None:
    done = run("example", "--conf", '{"day": "2026-01-31"}', "--unpause")
    assert (done.exit_code, done.stdout) == (0, "run kitctl__1: success after 12 s\n")
    assert given == {"dag": "example", "conf": {"day": "2026-01-31"}, "unpause": True}


def test_the_report_as_json(given: dict[str, Any]) -> None:
    assert json.loads(run("example", "-o", "json").stdout) == {
        "dag": "example",
        "run": "kitctl__1",
        "state": "success",
        "seconds": 12.3,
        "tasks": [{"task": "a", "map_index": -1, "state": "success", "try_number": 1}],
    }
    assert given["conf"] == {}


@pytest.mark.parametrize("conf", ["{", "[1]", "3"])
def test_what_is_no_object_is_a_usage_error(given: dict[str, Any], conf: str) -> None:
    done = run("example", "--conf", conf)
    assert done.exit_code == 2
    assert given == {}


def test_the_help_ends_with_an_example() -> None:
    assert "Example: kitctl run example" in run("--help").stdout
