"""Every command of the tree, found by walking it: a new one is held to the same rules without being named here."""

import pytest
import typer
from typer.testing import CliRunner

from kitctl.cli import COMMANDS, app

# They speak of the program itself, not of a release; typer makes the last two.
_OF_THE_PROGRAM = {"--version", "--install-completion", "--show-completion"}


def walk(command, path=()):
    """Yield (words, command) of the whole tree."""
    yield path, command
    if hasattr(command, "list_commands"):
        for name in command.list_commands(None):
            yield from walk(command.get_command(None, name), (*path, name))


TREE = list(walk(typer.main.get_command(app)))
WITHOUT_PROJECT = {("init",), ("version",)}
"""`init` writes a project and reads none; `version` answers also where the project file is broken."""


def test_the_walk_finds_groups_and_commands():
    names = {path for path, _ in TREE}
    assert {(name,) for name in COMMANDS} <= names
    assert {("dags", "push"), ("render", "pod"), ("cluster", "delete")} <= names


@pytest.mark.parametrize("path", [path for path, _ in TREE], ids=" ".join)
def test_every_help_ends_with_an_example(path):
    last = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "80"}).stdout.strip().splitlines()[-1].strip()
    assert last.startswith(f"Example: {' '.join(['kitctl', *path])} ")


@pytest.mark.parametrize("columns", ["40", "100"])
def test_no_help_is_wider_than_the_terminal(columns):
    wide = {}
    for path, _ in TREE:
        lines = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": columns}).stdout.splitlines()
        wide.update({(*path, line): len(line) for line in lines if len(line) > int(columns)})
    assert wide == {}


def test_every_option_has_a_twin_in_the_environment():
    without = []
    for path, command in TREE:
        for option in command.params:
            if option.param_type_name != "option" or _OF_THE_PROGRAM.intersection(option.opts):
                continue
            names = [option.envvar] if isinstance(option.envvar, str) else option.envvar or [""]
            if not names[0].startswith("KITCTL_"):
                without.append((*path, option.opts[0]))
    assert without == []


def test_help_tells_own_options_from_the_global_ones():
    own, shared = CliRunner().invoke(app, ["down", "--help"]).stdout.split("Global options:")
    assert "--volumes" in own
    assert "--namespace" not in own
    assert "--namespace" in shared
    assert "--volumes" not in shared.split("Example:")[0]


def test_a_groups_list_says_whole_sentences():
    shown = [CliRunner().invoke(app, [group, "--help"]).stdout for group in ("image", "render", "dags", "cluster")]
    assert [text for text in shown if "..." in text.split("Commands:")[1]] == []
