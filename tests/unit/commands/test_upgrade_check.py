"""`kitctl upgrade-check` on the command line: exit codes, and the text for people."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kitctl.commands import upgrade_check as command
from kitctl.commands.console.upgrade_check import as_text
from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.model.upgrade.findings import Finding, UpgradeReport, area, unchecked
from kitctl.model.upgrade.packages import PackageChange
from kitctl.model.versions import pin
from kitctl.usecases.upgrade import check

GONE = Finding("option-removed", "error", "config.core.x", "It is gone", "first line\nlast line", "Remove it\nand more")
SAME = UpgradeReport(
    ok=True,
    complete=True,
    current="3.2.2",
    current_from="The release airflow runs",
    target="3.3.2",
    image="a:1",
    areas=[area("values", "The values fit")],
    packages=[],
)
BAD = replace(
    SAME,
    ok=False,
    complete=False,
    areas=[
        area("options", "2 options", [GONE]),
        area("dag-rules", "many", [Finding("AIR311", "warning", f"a.py:{n}", "old name") for n in range(12)]),
        area("packages", "some differ"),
        unchecked("database", "nobody answers"),
    ],
    packages=[PackageChange("a", "1", "2", "major"), PackageChange("b", "", "2", "added")],
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Replace the use case by a report."""
    found: dict[str, Any] = {"report": SAME}

    def told(settings: Settings, wish: object, _: object) -> UpgradeReport:
        found["wish"] = wish
        report: UpgradeReport = found["report"]
        return report

    monkeypatch.setattr(check, "check", told)
    return found


def run(*argv: str) -> Result:
    done = CliRunner().invoke(command.app, [*argv])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_the_exit_code_is_that_of_a_check(asked: dict[str, Any]) -> None:
    assert run("--to", "3.3.2").exit_code == 0
    asked["report"] = BAD
    assert run("--to", "3.3.2").exit_code == ExitCode.PREFLIGHT == 3


def test_a_refused_version_keeps_its_own_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise KitError("airflow-version-unknown", "no", code=ExitCode.USAGE)

    monkeypatch.setattr(check, "check", refuse)
    with pytest.raises(KitError) as raised:
        run("--to", "9")
    assert raised.value.code == ExitCode.USAGE


def test_options_become_the_wish(asked: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run()
    wish = asked["wish"]
    assert (wish.to, wish.dags, wish.use_image, wish.use_cluster) == (pin("airflow.version"), None, True, True)
    (tmp_path / "dags").mkdir()
    words = ("--no-image", "--no-cluster", "--strict", "--image", "a:1", "--new-image", "a:2")
    run("--to", "3.4.0", *words, "--template-dir", "templates")
    wish = asked["wish"]
    assert (wish.to, wish.dags, wish.image, wish.new_image) == ("3.4.0", Path("dags"), "a:1", "a:2")
    assert (wish.use_image, wish.use_cluster, wish.strict) == (False, False, True)
    assert wish.template_dir == Path("templates")


def test_as_json(asked: dict[str, Any]) -> None:
    asked["report"] = BAD
    report = json.loads(run("-o", "json").stdout)
    assert report["areas"][0]["findings"][0]["id"] == "option-removed"
    assert report["packages"][0] == {"name": "a", "old": "1", "new": "2", "change": "major"}


def test_people_read_areas_findings_and_a_verdict() -> None:
    lines = as_text(BAD, Settings()).splitlines()
    assert lines[0] == "The release airflow runs Airflow 3.2.2. Upgrade to 3.3.2 in a:1"
    assert "    config.core.x: error: It is gone [option-removed]" in lines
    assert lines[4:7] == ["      last line", "      → Remove it", "        and more"]
    assert "    … 2 more [AIR311] (-v shows them)" in lines
    assert "    1 newer with another major version, 1 added (-v lists them)" in lines
    assert any(line.startswith("not checked  database") and "nobody answers" in line for line in lines)
    verdict = "Do not upgrade to 3.3.2 yet: 1 error; 12 warnings; not or not fully checked: database."
    assert lines[-1] == verdict
    assert (
        as_text(SAME, Settings()).splitlines()[-1].startswith("Nothing that was found forbids the upgrade to 3.3.2: 0")
    )


def test_v_shows_all_of_it() -> None:
    text = as_text(BAD, Settings(verbose=1))
    assert all(words in text for words in ("first line", "a.py:11", "b: (none) → 2"))
