"""The shapes in docs/cli.md are those of the dataclasses that the commands print."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from kitctl.commands.image import Loaded, Prepared, Pushed, Restored, Saved
from kitctl.commands.open import Address
from kitctl.commands.options.sources import ConfigReport
from kitctl.commands.render import Cfg, Checked, PodText
from kitctl.commands.version import Versions
from kitctl.images.building import Built
from kitctl.model.objects.export import ObjectsExport
from kitctl.model.objects.write import ObjectsReport
from kitctl.model.upgrade.findings import UpgradeReport
from kitctl.release.rollout import Would
from kitctl.usecases.bundle.bundle import BundleReport
from kitctl.usecases.cluster import Created, Deleted
from kitctl.usecases.credentials import Credentials
from kitctl.usecases.dags.check import CheckReport
from kitctl.usecases.dags.push import PushReport
from kitctl.usecases.dags.test import DagTestReport
from kitctl.usecases.deploy_diff import DeployDiff
from kitctl.usecases.doctor.findings import Report
from kitctl.usecases.down import DownReport
from kitctl.usecases.init import InitReport
from kitctl.usecases.migrate_values import MigrateReport
from kitctl.usecases.project_tests import TestsReport
from kitctl.usecases.run import RunReport
from kitctl.usecases.scale import ScaleReport
from kitctl.usecases.status import Status
from kitctl.usecases.up import UpReport

PAGE = (Path(__file__).parents[3] / "docs" / "cli.md").read_text(encoding="utf-8")
KITCTL = Path(__file__).parents[3] / "kitctl"
DOCUMENTS = {
    "show": ["objects_of", "values"],
    "claim": ["dag_processor", "writer"],
    "facts": ["objects", "config"],
    "bundle": ["pods"],
    "kube_objects": ["collect", "without_secrets"],
}
"""Functions of use cases that return documents of others: the values, and objects of Kubernetes."""
SHAPES = [
    ("up", 0, UpReport),
    ("up", 2, DeployDiff),
    ("down", 0, DownReport),
    ("credentials", 0, Credentials),
    ("version", 0, Versions),
    ("status", 0, Status),
    ("doctor", 0, Report),
    ("upgrade-check", 0, UpgradeReport),
    ("open", 0, Address),
    ("scale", 0, ScaleReport),
    ("cluster", 0, Created),
    ("cluster", 1, Deleted),
    ("cluster", 2, Would),
    ("render", 0, Cfg),
    ("render", 1, PodText),
    ("render", 2, Checked),
    ("dags check", 0, CheckReport),
    ("dags test", 0, DagTestReport),
    ("pytest", 0, TestsReport),
    ("image", 0, Built),
    ("image", 1, Prepared),
    ("image", 2, Loaded),
    ("image", 3, Pushed),
    ("image", 4, Saved),
    ("image", 5, Restored),
    ("run", 0, RunReport),
    ("logs", 2, BundleReport),
    ("config", 0, ConfigReport),
    ("values migrate", 0, MigrateReport),
    ("objects", 0, ObjectsReport),
    ("objects", 1, ObjectsExport),
    ("init", 0, InitReport),
    ("init", 1, Would),
]


def documented(command: str) -> list[dict[str, Any]]:
    """Return the JSON documents in the section of a command, in blocks and in the text."""
    section = PAGE.split(f"## `kitctl {command}`")[1].split("\n## ")[0]
    found = re.findall(r"```json\n(.*?)```|`(\{.*?\})`", section, re.DOTALL)
    return [json.loads(block or inline) for block, inline in found]


def differences(kind: type, shown: dict[str, Any], place: str = "") -> list[str]:
    """Return the places at which a document has other keys, or an other order, than a dataclass."""
    names = [f.name for f in fields(kind)]
    if list(shown) != names:
        return [f"{place or kind.__name__}: {list(shown)} in the page, {names} in {kind.__name__}"]
    found = []
    for name, hint in get_type_hints(kind, vars(__import__(kind.__module__, fromlist=["x"]))).items():
        inner = next((arg for arg in (hint, *get_args(hint)) if is_dataclass(arg)), None)
        value = shown[name]
        some = value if isinstance(value, list) else [v for v in value.values() if v] if inner else []
        found += [line for one in some if inner for line in differences(inner, one, f"{place}.{name}")]
    return found


def test_the_page_shows_keys_of_a_push() -> None:
    (shown, *_) = documented("dags push")
    names = [f.name for f in fields(PushReport)]
    assert [name for name in names if name in shown] == list(shown)


def test_a_dry_run_of_up_says_first_that_it_is_one() -> None:
    assert [f.name for f in fields(Would)] == ["dry_run", "would"]


@pytest.mark.parametrize(
    ("command", "number", "kind"), SHAPES, ids=lambda value: str(getattr(value, "__name__", value))
)
def test_the_page_shows_what_the_command_prints(command: str, number: int, kind: type) -> None:
    assert differences(kind, documented(command)[number]) == []


def printed_dicts(source: str) -> list[int]:
    """Return the lines of a command that print a mapping written there, which no dataclass describes."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    printed = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "emit"]
    return [call.lineno for call in printed if isinstance(call.args[0], ast.Dict)]


def returned_dicts(source: str) -> list[str]:
    """Return the public functions that return a mapping of anything, which says nothing of its keys."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    public = [f for f in functions if not f.name.startswith("_") and f.returns]
    return [f.name for f in public if f.returns and "dict[str, Any]" in ast.unparse(f.returns)]


def test_reports_are_dataclasses() -> None:
    printed = {p.name: len(printed_dicts(p.read_text(encoding="utf-8"))) for p in (KITCTL / "commands").glob("*.py")}
    assert {name: count for name, count in printed.items() if count} == {"render.py": 1}  # `manifests`: a List
    found = {p.stem: returned_dicts(p.read_text(encoding="utf-8")) for p in (KITCTL / "usecases").rglob("*.py")}
    assert {name: names for name, names in found.items() if names} == DOCUMENTS


def test_a_report_without_a_dataclass_is_seen() -> None:
    assert printed_dicts("emit(report, output)\nemit({'a': 1}, output)") == [2]
    assert returned_dicts(
        "def f() -> list[dict[str, Any]]: ...\ndef g() -> Report: ...\ndef _h() -> dict[str, Any]: ..."
    ) == ["f"]


def test_a_difference_is_seen() -> None:
    shown = documented("status")[0]
    shown["task_pods"][0].pop("reason")
    assert len(differences(Status, shown)) == 1
    assert len(differences(Pushed, {"pushed": True, "image": "x", "digest": ""})) == 1
