"""The reference page has what `--help` has: each command with its text, arguments, options, defaults and variables."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
import typer

from kitctl.cli import app
from kitctl.commands.console import reference
from kitctl.commands.console.help import GLOBAL

PAGE = reference.render()
SECTIONS = dict(re.findall(r"^##+ `?([^`\n]+)`?\n(.*?)(?=^##+ |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def walk(command: Any, path: str = "kitctl") -> dict[str, Any]:
    found = {}
    for name in command.list_commands(None) if hasattr(command, "list_commands") else []:
        below = command.get_command(None, name)
        found |= {f"{path} {name}": below, **walk(below, f"{path} {name}")}
    return found


TREE = walk(typer.main.get_command(app))


def rows(section: str) -> dict[str, list[str]]:
    """Return the cells of the tables of a section by the first one."""
    lines = [line.replace("\\|", "¦").strip("| ") for line in section.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for line in lines if (cells := [c.strip() for c in line.split("|")])}


def test_each_command_has_a_section_and_no_other_does() -> None:
    assert set(SECTIONS) == {GLOBAL, *TREE}
    assert {"kitctl dags push", "kitctl up"} <= set(TREE)


@pytest.mark.parametrize("path", TREE)
def test_a_section_has_all_that_the_help_has(path: str) -> None:
    command, section = TREE[path], SECTIONS[path]
    assert inspect.cleandoc(command.help) in section
    assert f"`{command.epilog.removeprefix('Example: ')}`" in section
    context = command.context_class(command)
    records = {p: p.get_help_record(context)[0].replace("|", "¦") for p in command.params}
    own = {name for p, name in records.items() if p.rich_help_panel != GLOBAL}
    assert set(rows(section)) == own
    shared = {name for p, name in records.items() if p.rich_help_panel == GLOBAL}
    assert {name.split(", ")[-1] for name in shared} - {
        name.split(", ")[-1] for name in rows(SECTIONS[GLOBAL])
    } == set()


def test_defaults_and_variables_are_those_of_the_declarations() -> None:
    shared, up, logs = rows(SECTIONS[GLOBAL]), rows(SECTIONS["kitctl up"]), rows(SECTIONS["kitctl logs"])
    assert shared["-n, --namespace <str>"][1:] == ["`airflow`", "`KITCTL_NAMESPACE`"]
    assert shared["-o, --output <text¦json¦yaml>"][1] == "`text`"
    assert shared["--wait / --no-wait"][1] == "`--wait`"
    assert shared["--timeout <float>"][1] == "`900`"
    assert shared["-y, --yes"][1] == ""
    assert up["--git-ref <str>"][1:] == ["", "`KITCTL_GIT_REF`, `CONFIGMAP_BRANCH`"]
    assert "`-f` is an option of the command itself" in SECTIONS["kitctl logs"]
    assert "-f, --follow" in logs
    assert rows(SECTIONS["kitctl run"])["dag <str>"][1] == "required"


def test_the_usage_names_what_must_be_typed() -> None:
    assert "\nkitctl run [OPTIONS] {dag}\n" in SECTIONS["kitctl run"]
