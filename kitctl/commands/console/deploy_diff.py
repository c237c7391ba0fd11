"""The report of `kitctl deploy --diff` and `kitctl up --diff`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import typer

from kitctl.commands.console.paste import pasteable
from kitctl.commands.console.report import emit, paint
from kitctl.errors import ExitCode
from kitctl.model.settings import Settings

if TYPE_CHECKING:
    from kitctl.release.upgrade.changes import Change
    from kitctl.release.upgrade.effects import Restart
    from kitctl.release.upgrade.fields import Field
    from kitctl.usecases.deploy_diff import DeployDiff

_MARKS = {
    "create": ("+", "green", ""),
    "change": ("~", "yellow", ""),
    "delete": ("-", "red", ""),
    "keep": ("-", "yellow", " (stays in the cluster)"),
    "repair": ("~", "yellow", " (was changed in the cluster)"),
    "repeat": ("~", "yellow", " (failed, and runs again)"),
}
_HOW = {
    "rolling": "one after the other",
    "recreate": "all end before new ones start",
    "on-delete": "when you delete them",
}
_EVERYWHERE = 3
"""Objects from which on a label that changes alike in all of them is shown once."""
_WIDTH, _LINES = 100, 40


def show(found: DeployDiff, settings: Settings) -> None:
    """Print the report, and end with the exit code for differences if there are any."""
    report = replace(found, refused=[replace(one, fix=pasteable(one.fix)) for one in found.refused])
    emit(report, settings.output, lambda: as_text(report, settings))
    if report.changed:
        raise typer.Exit(int(ExitCode.DIFFERENT))


def as_text(report: DeployDiff, settings: Settings) -> str:
    """Lay out the differences, then what they mean for pods and volumes."""
    common = _common(report.objects)
    lines = []
    for change in report.objects:
        shown = [field for field in change.fields if _same_label(field) not in common]
        if not shown and change.fields:
            continue
        mark, color, words = _MARKS[change.action]
        place = "" if change.namespace == report.namespace else f" in {change.namespace}"
        lines.append(paint(f"{mark} {change.kind} {change.name}{place}{words}", color, settings))
        lines += [line for field in shown for line in _field(field, settings)]
    lines += [f"~ {count} objects: {path}: {old} → {new}" for (path, old, new), count in common.items()]
    effects = [*_restarts(report), *_refused(report), *_volumes(report), *report.notes]
    if not report.changed:
        return "\n".join([*effects, "No differences."])
    counts = Counter(change.action for change in report.objects)
    total = ", ".join(f"{count} to {action}" for action, count in counts.items()) or "no object changes"
    first = " (first install)" if not report.revision else f" (compared with revision {report.revision})"
    return "\n".join([*lines, *([""] if lines else []), *effects, f"{total}{first}"])


def _same_label(field: Field) -> tuple[str, str, str] | None:
    path = field.path.removeprefix("metadata.labels")
    return None if path == field.path else (field.path, str(field.old), str(field.new))


def _common(changes: list[Change]) -> dict[tuple[str, str, str], int]:
    """Return the labels that change alike in many objects, such as the version of the chart."""
    labels = Counter(label for change in changes for field in change.fields if (label := _same_label(field)))
    return {label: count for label, count in labels.items() if count >= _EVERYWHERE}


def _field(field: Field, settings: Settings) -> list[str]:
    if not field.lines:
        return [f"    {field.path}: {_value(field.old)} → {_value(field.new)}"]
    colors = {"+": "green", "-": "red", "@": "dim"}
    shown = [(line[:1], _cut(line)) for line in field.lines[:_LINES]]
    lines = [f"    {field.path}:"]
    lines += ["      " + (paint(text, colors[sign], settings) if sign in colors else text) for sign, text in shown]
    if (more := len(field.lines) - _LINES) > 0:
        lines.append(f"      … {more} more lines (-o json shows all)")
    return lines


def _value(value: Any) -> str:
    if value is None:
        return "(none)"
    return _cut(value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def _restarts(report: DeployDiff) -> list[str]:
    lines = [f"Restarts: {one.kind} {one.name}{_pods(one)}" for one in report.restarts]
    if report.worker_template:
        lines.append("New worker pods are made from the changed template; running tasks and their pods go on.")
    elif report.restarts:
        lines.append("Worker pods that run are not restarted.")
    return lines


def _pods(one: Restart) -> str:
    if one.pods is None:
        return f": its pods, {_HOW[one.how]}"
    return f": {one.pods} {'pod' if one.pods == 1 else 'pods'}" + (
        f", {_HOW[one.how]}" if one.pods > 1 else _alone(one)
    )


def _alone(one: Restart) -> str:
    return {"recreate": ", which ends before the new one starts", "on-delete": ", when you delete it"}.get(one.how, "")


def _refused(report: DeployDiff) -> list[str]:
    lines = []
    for one in report.refused:
        what = f"{one.kind} {one.name}"
        fields = ", ".join(one.recreate)
        lines.append(
            f"Must be recreated: {what}: {fields} cannot change" if fields else f"Refused: {what}: {one.reason}"
        )
        lines += [f"    {line}" for line in one.fix.splitlines()]
    return lines


def _volumes(report: DeployDiff) -> list[str]:
    words = {"deleted": "Data are deleted", "shrinks": "Volume at risk", "recreate": "Volume at risk"}
    return [f"{words.get(one.risk, 'Volume no longer used')}: {one.claim}: {one.reason}" for one in report.volumes]
