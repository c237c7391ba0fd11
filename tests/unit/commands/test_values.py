"""`kitctl values migrate` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from kitctl.commands import values as command

GOOD = "executor: KubernetesExecutor\nwebserver: {replicas: 2}\nuid: 50000\n"
BAD = GOOD + "kerberos: {enabled: true}\nfernetKey: hunter2-fernet\n"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def run(*argv: object) -> Result:
    return CliRunner().invoke(command.app, ["migrate", *map(str, argv)])


def test_the_file_goes_to_stdout_and_the_report_to_stderr(old: Path) -> None:
    done = run(old)
    assert done.exit_code == 0
    assert yaml.safe_load(done.stdout)["apiServer"] == {"replicas": 2}
    assert f"{old}:2: carried: webserver.replicas → apiServer.replicas" in done.stderr
    assert done.stderr.endswith(
        "2 carried, 1 changed, 0 not carried, 0 to decide, 0 empty or switched off; the chart takes the new file\n"
    )


def test_what_is_not_carried_and_what_needs_somebody_ends_with_1(old: Path) -> None:
    old.write_text(BAD, encoding="utf-8")
    done = run(old, "--no-check")
    assert done.exit_code == 1
    assert f"{old}:4: not carried: kerberos.enabled\n    this chart has no Kerberos client" in done.stderr
    assert f"{old}:5: decide: fernetKey → keys.existingSecret" in done.stderr
    assert (
        f"Create before the install: Secret my-airflow-keys, key fernet-key: the value of fernetKey ({old}:5)"
        in done.stderr
    )
    assert "hunter2" not in done.stdout + done.stderr


def test_what_the_chart_refuses_ends_with_1(old: Path) -> None:
    old.write_text(GOOD + "scheduler: {replicas: many}\n", encoding="utf-8")
    done = run(old)
    assert done.exit_code == 1
    assert "The chart refuses the new file: scheduler.replicas is not valid" in done.stderr
    assert f"  from {old}:4 scheduler.replicas" in done.stderr
    assert yaml.safe_load(done.stdout)["scheduler"] == {"replicas": "many"}


def test_the_report_as_json(old: Path) -> None:
    old.write_text(BAD, encoding="utf-8")
    done = run(old, "-o", "json", "--no-check")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["ok"], report["chart"], report["sure"], report["check"]) == (
        1,
        False,
        "official",
        "certain",
        "skipped",
    )
    assert report["lines"][1] == {
        "file": str(old),
        "line": 2,
        "key": "webserver.replicas",
        "verdict": "carried",
        "to": ["apiServer.replicas"],
        "why": "",
    }
    assert report["secrets"][0] == {
        "name": "my-airflow-keys",
        "key": "admin-password",
        "source": "new: openssl rand -hex 8",
    }
    assert yaml.safe_load(report["values"])["apiServer"] == {"replicas": 2}
    assert "hunter2" not in done.stdout


def test_out_leaves_stdout_empty(old: Path, tmp_path: Path) -> None:
    out = tmp_path / "new.yaml"
    done = run(old, "--out", out, "--no-check")
    assert (done.exit_code, done.stdout) == (0, "")
    assert yaml.safe_load(out.read_text())["apiServer"] == {"replicas": 2}


def test_a_dry_run_says_what_it_would_write(old: Path, tmp_path: Path) -> None:
    done = run(old, "--out", tmp_path / "new.yaml", "--dry-run", "--no-check")
    assert f"would write {tmp_path}/new.yaml" in done.stderr
    assert not (tmp_path / "new.yaml").exists()


def test_quiet_prints_the_file_alone(old: Path) -> None:
    done = run(old, "-q", "--no-check")
    assert (done.exit_code, done.stderr) == (0, "")


@pytest.mark.parametrize("argv", [["--from", "bitnami"], []])
def test_a_chart_that_is_not_known_and_no_file_are_usage_errors(argv: list[str], old: Path) -> None:
    assert run(*([old, *argv] if argv else [])).exit_code == 2
