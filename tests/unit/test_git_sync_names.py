"""The chart and the stand-in use names of git-sync v4 only: the real one ignores a misspelt name without a word."""

import json
import re
import runpy
from pathlib import Path
from types import SimpleNamespace
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
    assert (settings.init_period, settings.init_max_failures, settings.error_file) == (10.0, 0, "")


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
        {"GITSYNC_FILTER": "blob:none"},
        {"GITSYNC_INIT_PERIOD": "5"},
    ],
    ids=lambda e: next(iter(e)),
)
def test_the_stand_in_refuses_what_v4_refuses_or_would_ignore(contract: dict[str, Any], env: dict[str, str]):
    with pytest.raises(SystemExit):
        contract["Settings"](GOOD | env, KNOWN)


def test_the_stand_in_keeps_its_last_error_and_counts_the_initial_phase_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.syspath_prepend(str(STANDIN))
    standin = runpy.run_path(str(STANDIN / "standin.py"))
    report, seen = tmp_path / ".error", []
    settings = SimpleNamespace(root=tmp_path, error_file=".error", one_time=False, max_failures=2, init_max_failures=-1)
    settings.period, settings.init_period = 0.0, 0.0
    syncer = standin["Syncer"](settings)
    outcomes = ["no", "no", "no", False, "no", "no"]

    def sync() -> bool:
        seen.append(report.exists())
        if outcome := outcomes.pop(0):
            raise RuntimeError(outcome)
        return False

    monkeypatch.setattr(syncer, "sync", sync)
    with pytest.raises(SystemExit):
        syncer.loop()
    assert seen == [False, True, True, True, False, True]
    assert json.loads(report.read_text())["Err"] == "no"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["failCount"] for line in lines] == [1, 2, 3, 1, 2, 2]
    assert lines[-1]["msg"] == "too many failures, aborting"


def test_the_stand_in_says_what_it_is_in_its_first_line():
    for name in ("standin.py", "Dockerfile"):
        assert "STAND-IN" in (STANDIN / name).read_text().splitlines()[0]
    assert "git-sync-standin" not in (ROOT / "chart/values.yaml").read_text()
