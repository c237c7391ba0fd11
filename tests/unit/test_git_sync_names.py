"""The chart and the stand-in use names of git-sync v4 only: the real one ignores a misspelt name without a word."""

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
KNOWN = set(json.loads((ROOT / "tests/data/git-sync-v4.json").read_text())["names"])
STANDIN = ROOT / "tests/images/git-sync-standin"


def test_the_list_has_each_name_once_and_none_of_v3_or_out_of_use():
    listed = json.loads((ROOT / "tests/data/git-sync-v4.json").read_text())
    names = listed["names"]
    assert len(names) == len(set(names))
    assert all(n.startswith("GITSYNC_") for n in names)
    assert not KNOWN & set(listed["deprecated"])


def test_every_name_in_the_chart_is_one_of_v4() -> None:
    files = [path for path in sorted((ROOT / "chart/templates").rglob("*.*")) if path.is_file()]
    used = {path.name: set(re.findall(r"\bGIT_?SYNC_[A-Z_]+[A-Z]", path.read_text())) for path in files}
    assert any(used.values())
    assert {name: unknown for name, names in used.items() if (unknown := names - KNOWN)} == {}


@pytest.fixture
def contract(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    module = runpy.run_path(str(STANDIN / "contract.py"))
    monkeypatch.setattr(module["os"], "getuid", lambda: 65533)
    return module


GOOD = {"GITSYNC_REPO": "https://x/dags.git", "GITSYNC_ROOT": "/git"}


def test_the_stand_in_takes_the_defaults_of_v4(contract: dict[str, Any]):
    settings = contract["Settings"](GOOD, KNOWN)
    assert (settings.ref, settings.depth, settings.period, settings.timeout) == ("HEAD", 1, 10.0, 120.0)
    assert (settings.max_failures, settings.stale, settings.link.name) == (0, 0.0, "dags.git")


@pytest.mark.parametrize(
    "env",
    [
        {"GITSYNC_BRANCH": "main"},
        {"GIT_SYNC_REPO": "x"},
        {"GITSYNC_SSH": "true"},
        {"GITSYNC_PERIOD": "60"},
        {"GITSYNC_ONE_TIME": "yes"},
        {"GITSYNC_DEPTH": "-1"},
        {"GITSYNC_SUBMODULES": "none"},
        {"GITSYNC_USERNAME": "me"},
        {"GITSYNC_PASSWORD": "a", "GITSYNC_PASSWORD_FILE": "b"},
        {"GITSYNC_HTTP_METRICS": "true"},
        {"GITSYNC_ROOT": ""},
        {"GITSYNC_WEBHOOK_URL": "http://x"},
    ],
    ids=lambda e: next(iter(e)),
)
def test_the_stand_in_refuses_what_v4_refuses_or_would_ignore(contract: dict[str, Any], env: dict[str, str]):
    with pytest.raises(SystemExit):
        contract["Settings"](GOOD | env, KNOWN)


def test_the_stand_in_says_what_it_is_in_its_first_line():
    for name in ("standin.py", "Dockerfile"):
        assert "STAND-IN" in (STANDIN / name).read_text().splitlines()[0]
    assert "git-sync-standin" not in (ROOT / "chart/values.yaml").read_text()
