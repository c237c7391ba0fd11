"""The end of a test run: seconds beside budgets, and a last line that counts every test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SUITES = ("unit", "chart", "airflow", "e2e")


def report(folder: Path, name: str, *, tests: int, failures: int = 0, errors: int = 0, skipped: int = 0) -> None:
    """Write a report as pytest does."""
    counts = f'tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}"'
    (folder / f"{name}.xml").write_text(f'<testsuites><testsuite name="pytest" {counts}></testsuite></testsuites>')


def summary(folder: Path) -> tuple[int, list[str]]:
    """Return the exit code and the lines that are printed."""
    argv = [sys.executable, ROOT / "scripts" / "ci_summary.py", folder]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


@pytest.fixture
def green(tmp_path: Path) -> Path:
    for number, name in enumerate(SUITES, 1):
        report(tmp_path, name, tests=number * 10)
    return tmp_path


def test_the_last_line_counts_the_tests_of_every_suite(green: Path) -> None:
    code, lines = summary(green)
    assert (code, lines[-1]) == (0, "100 passed, 0 failed")


def test_failures_errors_skipped_tests_and_a_suite_without_a_report_count_as_failed(green: Path) -> None:
    report(green, "unit", tests=10, failures=1, errors=2, skipped=3)
    (green / "e2e.xml").unlink()
    code, lines = summary(green)
    assert (code, lines[-1]) == (1, "54 passed, 7 failed")
    assert any(line.startswith("e2e") and "no report" in line for line in lines)


def test_the_seconds_of_each_part_stand_beside_its_budget_and_over_budget_is_no_failure(green: Path) -> None:
    (green / "seconds.tsv").write_text("unit tests\t170\t150\ne2e tests\t840\t840\n")
    code, lines = summary(green)
    assert (code, lines[-1]) == (0, "100 passed, 0 failed")
    told = {line.split("  ")[0]: line for line in lines}
    assert told["unit tests"].endswith("170 s of   150 s  over budget by 20 s")
    assert told["e2e tests"].endswith("840 s of   840 s")
    assert told["total"].endswith("1010 s of  1800 s")


def test_every_part_of_a_run_has_a_budget_and_together_they_keep_the_whole_one() -> None:
    lines = (ROOT / "scripts" / "test").read_text(encoding="utf-8").splitlines()
    parts = [line.split('"')[1:] for line in lines if line.startswith('part "')]
    budgets = {name: int(rest.split()[0]) for name, rest, *_ in parts}
    assert {"check", "unit tests", "chart tests", "tests against Airflow", "e2e tests"} <= set(budgets)
    assert sum(budgets.values()) <= 1800
