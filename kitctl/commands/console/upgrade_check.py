"""The report of `kitctl upgrade-check` for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kitctl.commands.console.report import paint
from kitctl.model.settings import Settings

if TYPE_CHECKING:
    from kitctl.model.upgrade.findings import Area, Finding, UpgradeReport
    from kitctl.model.upgrade.packages import PackageChange

_COLORS = {"ok": "green", "warning": "yellow", "error": "red", "not-checked": "yellow", "info": "dim"}
_STATUS, _NAME = 11, 11
_SHOWN = 10
"""Findings of one kind in an area from which on the rest is only counted; -v and -o json show all."""


def as_text(report: UpgradeReport, settings: Settings) -> str:
    """Lay out areas with their findings, the packages, and the verdict."""
    today = f"{report.current_from} Airflow {report.current}" if report.current else "The version of today is not known"
    lines = [f"{today}. Upgrade to {report.target}{f' in {report.image}' if report.image else ''}", ""]
    for area in report.areas:
        lines += _area(area, settings)
        if area.name == "packages":
            lines += _packages(report.packages, settings)
    return "\n".join([*lines, "", _verdict(report, settings)])


def _area(area: Area, settings: Settings) -> Iterator[str]:
    word = area.status.replace("-", " ")
    yield f"{paint(f'{word:<{_STATUS}}', _COLORS[area.status], settings)}  {area.name:<{_NAME}}  {area.message}"
    counts = Counter[str]()
    for one in area.findings:
        counts[one.id] += 1
        if counts[one.id] <= _SHOWN or settings.verbose:
            yield from _finding(one, settings)
    for name, count in counts.items():
        if count > _SHOWN and not settings.verbose:
            yield f"    … {count - _SHOWN} more [{name}] (-v shows them)"


def _finding(one: Finding, settings: Settings) -> Iterator[str]:
    place = f"{one.place}: " if one.place else ""
    yield f"    {place}{paint(one.level, _COLORS[one.level], settings)}: {one.message} [{one.id}]"
    # Long causes are tracebacks, whose last line says what failed.
    if cause := one.cause.strip().splitlines():
        yield from (f"      {line}" for line in (cause if settings.verbose else cause[-1:]))
    for number, line in enumerate(one.fix.splitlines()):
        yield f"      {'→ ' if not number else '  '}{line}"


def _packages(changes: list[PackageChange], settings: Settings) -> Iterator[str]:
    for one in changes if settings.verbose else []:
        yield f"    {one.name}: {one.old or '(none)'} → {one.new or '(none)'}"
    if changes and not settings.verbose:
        words = {"major": "newer with another major version"}
        counts = Counter(words.get(one.change, one.change) for one in changes)
        yield f"    {', '.join(f'{count} {change}' for change, count in counts.items())} (-v lists them)"


def _verdict(report: UpgradeReport, settings: Settings) -> str:
    counts = Counter(one.level for area in report.areas for one in area.findings)
    left = [area.name for area in report.areas if area.status == "not-checked"]
    parts = [_counted(counts["error"], "error"), _counted(counts["warning"], "warning")]
    parts += [f"not or not fully checked: {', '.join(left)}"] if left else []
    if report.ok:
        words, color = f"Nothing that was found forbids the upgrade to {report.target}", "green"
    else:
        words, color = f"Do not upgrade to {report.target} yet", "red"
    return paint(f"{words}: {'; '.join(parts)}.", color, settings)


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
