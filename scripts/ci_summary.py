"""Prints one line for each suite of a test run and, last, the sum: "N passed, N failed"."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

SUITES = ("unit", "chart", "airflow", "e2e")


def count(report: Path) -> tuple[int, int, int]:
    """Read one JUnit report that pytest wrote.

    Returns:
        Tests that passed, failed (errors included) and were skipped.
    """
    passed = failed = skipped = 0
    for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 - a file that our own pytest wrote
        total, bad, left = (int(suite.get(key, "0")) for key in ("tests", "failures", "skipped"))
        bad += int(suite.get("errors", "0"))
        passed, failed, skipped = passed + total - bad - left, failed + bad, skipped + left
    return passed, failed, skipped


def main(folder: Path) -> int:
    """Sum up the reports in `folder`; a suite without a report counts as one failure."""
    total_passed = total_failed = 0
    for name in SUITES:
        report = folder / f"{name}.xml"
        passed, failed, skipped = count(report) if report.is_file() else (0, 1, 0)
        note = "" if report.is_file() else " (no report: it did not get that far)"
        print(f"{name:8} {passed} passed, {failed + skipped} failed{note}")
        # A skipped test proves nothing: here it counts as a failed one.
        total_passed, total_failed = total_passed + passed, total_failed + failed + skipped
    print(f"{total_passed} passed, {total_failed} failed")
    return 1 if total_failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
