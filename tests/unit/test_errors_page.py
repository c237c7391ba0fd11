"""docs/errors.md has one section for each error id: what you see, why it happens, what to do."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
import yaml

from kitctl.commands.options import every
from kitctl.model import project_file
from kitctl.model.values.root import Values

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("You see", "Why", "What to do")
_ID = r"[a-z0-9]+(?:-[a-z0-9]+)*"
# A function that makes an error takes the id as its first argument, or as `error_id=`; both are given as literals.
_MAKER = re.compile(r"def (\w+)\(\s*error_id\b")
_BY_NAME = re.compile(rf'\berror_id(?:: str)? ?= ?"({_ID})"')
_MADE = re.compile(r"(?<!class )\bKitError\(\s*(\S+)")
_CHART = re.compile(rf'"id" "({_ID})"|"(dags-[a-z]+-invalid)"')
_IN_POD = re.compile(rf"\[({_ID})\] ")
_SCRIPT = re.compile(r'" ([a-z]+(?:-[a-z]+)+)(?: ;;)?$|:-([a-z]+(?:-[a-z]+)+)\}\]', re.MULTILINE)
_SECTION = re.compile(rf"^### `({_ID})`\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
PAGE = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
SECTIONS = _SECTION.findall(PAGE)


def texts(top: str, pattern: str) -> list[str]:
    """Return the texts of the files below a folder of the checkout."""
    return [path.read_text(encoding="utf-8") for path in sorted((ROOT / top).rglob(pattern)) if path.is_file()]


def ids_of_kitctl() -> set[str]:
    """Return the ids that the Python code raises."""
    found = set()
    for text in texts("kitctl", "*.py") + texts("scripts", "*.py"):
        makers = "|".join(["KitError", *_MAKER.findall(text)])
        found |= {*re.findall(rf'\b(?:{makers})\(\s*"({_ID})"', text), *_BY_NAME.findall(text)}
    return found


def ids(pattern: re.Pattern[str], found: list[str]) -> set[str]:
    """Return the ids that a pattern finds, whichever of its groups holds them."""
    return {"".join(groups) for text in found for groups in pattern.findall(text)}


def known_ids() -> dict[str, set[str]]:
    """Return every id, by the part of the kit that raises it."""
    return {
        "kitctl": ids_of_kitctl(),
        "chart": ids(_CHART, texts("chart/templates", "*.tpl")),
        "pods": {
            found for text in texts("chart/files", "*.[ps][yh]") for found in _IN_POD.findall(text) if "-" in found
        }
        | {found for text in texts("chart/files", "*.py") for found in re.findall(rf'KitError\(\s*"({_ID})"', text)},
        "scripts": ids(_SCRIPT, [text for text in texts("scripts", "*") if "die " in text]),
    }


@pytest.mark.parametrize(("part", "least"), [("kitctl", 130), ("chart", 20), ("pods", 2), ("scripts", 10)])
def test_the_search_finds_the_ids(part: str, least: int) -> None:
    assert len(known_ids()[part]) > least


def test_every_error_of_kitctl_is_made_with_an_id_that_the_search_can_find() -> None:
    starts = {start for text in texts("kitctl", "*.py") for start in _MADE.findall(text)}
    assert {start for start in starts if not re.match(r'"|error_id,', start)} == set()


def test_every_id_has_one_section_and_every_section_an_id() -> None:
    assert sorted(name for name, _ in SECTIONS) == sorted(set().union(*known_ids().values()))


def test_every_section_stands_in_an_area() -> None:
    areas = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert len(areas) > 5
    assert PAGE.index("## ") < PAGE.index("### ")


@pytest.mark.parametrize("part", PARTS)
def test_every_section_says(part: str) -> None:
    said = re.compile(rf"^- \*\*{part}:\*\* .+", re.MULTILINE)
    assert [name for name, text in SECTIONS if len(said.findall(text)) != 1] == []


def test_every_section_shows_examples_instead_of_placeholders() -> None:
    assert [name for name, text in SECTIONS if re.search(r"(?<!\$)\{[\w…]+\}|\{what|<unicode", text)] == []


def test_every_section_tells_the_exit_code() -> None:
    assert [name for name, text in SECTIONS if not re.search(r"\(exit code \d( or \d)*\)", text)] == []


def test_a_section_is_short_enough_to_be_read_at_night() -> None:
    assert [name for name, text in SECTIONS if len(text.strip().splitlines()) > 16] == []


def test_what_is_to_be_pasted_into_the_values_is_valid() -> None:
    blocks = re.findall(r"^ *```yaml\n(.*?)^ *```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 25
    for block in map(textwrap.dedent, blocks):
        if not block.startswith("# kitctl.yaml"):
            Values.model_validate(yaml.safe_load(block))


def test_what_is_to_be_pasted_into_a_project_file_is_valid(tmp_path: Path) -> None:
    blocks = re.findall(r"^ *```yaml\n( *# kitctl\.yaml\n.*?)^ *```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 2
    for block in blocks:
        (tmp_path / "kitctl.yaml").write_text(textwrap.dedent(block), encoding="utf-8")
        every.judge(project_file.read(tmp_path / "kitctl.yaml"))
