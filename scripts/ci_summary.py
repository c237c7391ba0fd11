"""Prints the seconds of each part of a test run beside its budget, the counts of each suite, and last their sum."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

SUITES = ("unit", "chart", "airflow", "e2e")
BUDGET = 30 * 60
"""Seconds of a whole run with a warm cache on two quiet cores. CI has a hard limit, and a cold start comes on top."""


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


def times(table: Path) -> Iterator[str]:
    """Yield a line for each part of the run, with a mark at those over budget.

    Args:
        table: What scripts/test wrote: lines of name, seconds and budget in seconds, separated by tabs.
    """
    cells = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()]
    rows = [(name, int(seconds), int(budget)) for name, seconds, budget in cells]
    rows.append(("total", sum(seconds for _, seconds, _ in rows), BUDGET))
    for name, seconds, budget in rows:
        over = f"  over budget by {seconds - budget} s" if seconds > budget else ""
        yield f"{name:24}{seconds:6} s of {budget:5} s{over}"


def main(folder: Path) -> int:
    """Sum up the reports in `folder`; a suite without a report counts as one failure, time over budget as none."""
    if (folder / "seconds.tsv").is_file():
        print("\n".join(times(folder / "seconds.tsv")), end="\n\n")
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
