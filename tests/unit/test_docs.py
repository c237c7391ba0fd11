"""What the pages show is there: links, pages of the index, files, commands with their options, make targets."""

from __future__ import annotations

import os
import re
import shlex
import struct
from functools import cache
from pathlib import Path

import pytest
import typer

from kitctl import cli
from kitctl.cli import app
from tests.unit.test_make import TARGETS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "chart/README.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
SHOWN = [*PAGES, *sorted((ROOT / "values-examples").glob("*.yaml"))]
_OF_THE_TUTORIAL = {"scripts/ci/kubernetes/minikube/start_minikube.sh", "docker/build.sh"}
_PLACES = ("kitctl", "chart", "docs", "scripts", "tests", "docker", "dags", "values-examples")


def named(paths: list[Path]):
    return pytest.mark.parametrize("page", paths, ids=lambda page: str(page.relative_to(ROOT)))


@cache
def anchors(page: Path) -> set[str]:
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    heads = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@named(PAGES)
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        there = page.parent / path if path else page
        if not target.startswith("https://") and not (
            there.exists() and (not anchor or anchor in anchors(there.resolve()))
        ):
            dead.append(target)
    assert dead == []


def guides() -> list[str]:
    """Return the pages of docs/ that readers look for; ADRs are listed by their folder."""
    pages = [str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")]
    assert {"guide.md", "quickstart/kind.md", "reference/cli.md"} <= set(pages)
    return [name for name in pages if name != "index.md" and not name.startswith("adr/")]


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs/index.md").read_text()
    assert [name for name in guides() if f"]({name})" not in index] == []


def test_the_nav_of_the_site_names_every_page() -> None:
    nav = (ROOT / "mkdocs.yml").read_text().partition("\nnav:\n")[2]
    assert [name for name in guides() if not re.search(rf"(- |: ){re.escape(name)}\n", nav)] == []


def test_every_picture_is_shown_and_has_the_size_of_the_others() -> None:
    shown = {name for page in PAGES for name in re.findall(r"!\[[^]]+\]\([^)]*images/([^)]+)\)", page.read_text())}
    pictures = sorted((ROOT / "docs/images").iterdir())
    assert {path.name for path in pictures} == shown
    # Width and height stand at the beginning of a PNG.
    assert {path.name: struct.unpack(">II", path.read_bytes()[16:24]) for path in pictures} == dict.fromkeys(
        (path.name for path in pictures), (1280, 800)
    )


@named(PAGES)
def test_files_that_are_named_exist(page: Path) -> None:
    words = re.findall(r"`([\w.*/-]+)`", page.read_text())
    paths = [word for word in words if word.split("/")[0] in _PLACES and "/" in word and word not in _OF_THE_TUTORIAL]
    assert [path for path in paths if not list(ROOT.glob(path.rstrip("/")))] == []


def shown_commands(page: Path, program: str) -> list[str]:
    """Return the calls of a program in a page, without comments: lines of code blocks, code inside prose."""
    text = page.read_text()
    blocks = "\n".join(re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL))
    if page.suffix == ".yaml":
        blocks = text.replace("#       ", "").replace("# How:  ", "")
    lines = [line.split("  #")[0].strip() for line in blocks.replace("\\\n", " ").splitlines()]
    calls = [*lines, *re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL))]
    calls = [part.strip() for call in calls for part in re.split(r"&&|\||;|>", call)]
    return [call.removeprefix("sudo ") for call in calls if re.match(rf"(sudo )?{program}( |$)", call)]


def unknown(call: str) -> str:
    """Return the first word of a call of kitctl that kitctl does not know, or ""."""
    command = typer.main.get_command(app)
    typed = shlex.split(call.replace("…", "").replace("[", "").replace("]", ""))[1:]
    words = iter(cli.meant(typed))
    for word in words:
        if word == "--":
            break
        if word.startswith("-"):
            options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
            if word.split("=")[0].replace("-vv", "-v") not in {*options, "-h", "--help"}:
                return word
        elif hasattr(command, "list_commands"):
            name = "status" if word == "COMMAND" else word  # any: the global options are all that can follow
            if name not in command.list_commands(None):
                return word
            command = command.get_command(None, name)
    return ""


@named(SHOWN)
def test_commands_that_are_shown_exist_with_their_options(page: Path) -> None:
    calls = shown_commands(page, "kitctl")
    assert {call: unknown(call) for call in calls if "|" not in call and unknown(call)} == {}


@named(SHOWN)
def test_make_targets_that_are_shown_exist(page: Path) -> None:
    wanted = [word for call in shown_commands(page, "make") for word in call.split()[1:] if "=" not in word]
    assert [word for word in wanted if re.fullmatch(r"[a-z.-]+", word) and word not in TARGETS] == []


@named(SHOWN)
def test_variables_of_make_that_are_shown_are_those_of_the_makefile(page: Path) -> None:
    given = [word.split("=")[0] for call in shown_commands(page, "make") for word in call.split() if "=" in word]
    known = (ROOT / "Makefile").read_text()
    assert [name for name in given if re.fullmatch(r"[A-Z_]+", name) and not re.search(rf"\b{name}\b", known)] == []


@named(SHOWN)
def test_scripts_that_are_shown_can_be_run(page: Path) -> None:
    calls = [
        call.split()[0] for folder in ("scripts", "docker") for call in shown_commands(page, rf"{folder}/[\w./-]+")
    ]
    found = [ROOT / call for call in calls if call not in _OF_THE_TUTORIAL and Path(call).suffix in {"", ".sh"}]
    # Other scripts read those of lib/, which nobody runs.
    assert [
        path for path in found if path.parent.name != "lib" and not path.is_dir() and not os.access(path, os.X_OK)
    ] == []


def test_the_looks_find_what_is_wrong() -> None:
    assert {"scripts/bootstrap", "scripts/deploy.sh -d git_mode"} <= set(
        shown_commands(ROOT / "docs/migrating-from-the-tutorial.md", r"scripts/[\w./-]+")
    )
    assert shown_commands(ROOT / "README.md", "kitctl")
    assert shown_commands(ROOT / "docs/guide.md", "make")
    assert shown_commands(ROOT / "values-examples/pvc.yaml", "kitctl")
    assert "kitctl dags push ./dags --timeout 1800" in shown_commands(ROOT / "docs/errors.md", "kitctl")
    assert unknown("kitctl up --dag-mod git") == "--dag-mod"
    assert unknown("kitctl dags pull") == "pull"
    assert unknown("kitctl dags push ./dags --prune -n x") == ""
