"""The API of the tasks: the kit's image makes versions on demand, the same as the packages as released."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.airflow.environment import deferring, interpreter, run_python


def ask(python: Path, order: list[str] | None = None, **env: str) -> Any:
    script = str(Path(__file__).with_name("api_versions.py"))
    env = {"AIRFLOW__API_AUTH__JWT_SECRET": "for this test only", **env}
    done = run_python([script], json.dumps({"order": order or []}), env, python=python)
    assert done.ok, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


@cache
def released() -> Any:
    return ask(interpreter())


def test_the_first_request_makes_only_the_newest_version() -> None:
    assert released()["made"] == released()["versions"]
    assert len(released()["versions"]) > 1
    assert ask(deferring())["made"] == released()["versions"][:1]


@pytest.mark.parametrize("first", [0, 3, -1], ids=["newest first", "one between first", "oldest first"])
def test_every_version_is_the_same_in_whatever_order_it_is_asked_for(first: int) -> None:
    wanted = released()
    versions = wanted["versions"]
    order = [versions[first], *(v for v in versions if v != versions[first])]
    found = ask(deferring(), order)
    for part in ("versions", "answers", "apis", "unknown"):
        assert found[part] == wanted[part], part
    assert any(wanted["changes"].values())
    assert found["changes"] == wanted["changes"]


def test_the_switch_makes_all_at_once() -> None:
    assert ask(deferring(), AIRFLOW_KIT_DEFER_IMPORTS="False")["made"] == released()["versions"]
