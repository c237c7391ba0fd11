"""Every error has its section in docs/errors.md, since the page is read from the code."""

import ast
import re
from pathlib import Path

import pytest

import kitctl
from kitctl.generate.errors_page import of_chart, of_code, render
from kitctl.model.versions import data_dir

PACKAGE = Path(kitctl.__file__).parent
SECTIONS = set(re.findall(r"^## (\S+)$", render(), re.MULTILINE))


def source(tmp_path, text):
    (tmp_path / "a.py").write_text(text)
    return of_code(tmp_path)


def test_every_id_in_the_code_has_a_section():
    text = "\n".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    ids = set(re.findall(r'KitError\(\s*"([a-z0-9-]+)"', text)) | set(re.findall(r'error_id="([a-z0-9-]+)"', text))
    assert len(ids) > 80
    assert ids <= SECTIONS


def test_every_rule_of_the_chart_has_a_section():
    templates = data_dir("chart") / "templates"
    text = "\n".join(path.read_text() for path in templates.rglob("*.tpl"))
    ids = set(re.findall(r'"id" "([a-z0-9-]+)"', text))
    assert ids
    assert ids <= SECTIONS
    assert all(entry.message and entry.code == "PREFLIGHT" for entry in of_chart())


def test_every_kit_error_gets_an_id_that_can_be_found():
    """A KitError whose id is neither literal nor handed over by a caller would be missing from the page."""
    found = {entry.id for entry in of_code()}
    for path in PACKAGE.rglob("*.py"):
        for call in (c for c in ast.walk(ast.parse(path.read_text())) if isinstance(c, ast.Call)):
            if getattr(call.func, "id", "") == "KitError" and isinstance(call.args[0], ast.Constant):
                assert call.args[0].value in found


def test_ids_look_alike():
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in SECTIONS)


def test_literals_keep_their_words_and_the_rest_becomes_a_placeholder(tmp_path):
    (entry,) = source(
        tmp_path,
        'KitError("a-b", f"The {x.name} of {y!r} is {z:.0f}", '
        'cause=", ".join(k), fix="do " + f"{q}", code=ExitCode.USAGE)',
    )
    assert entry.message == "The {name} of {y} is {z}"
    assert (entry.cause, entry.fix, entry.code) == ("{list}", "do {q}", "USAGE")


def test_an_id_that_a_caller_hands_over_is_found_there(tmp_path):
    entries = source(
        tmp_path,
        "def refuse(error_id, message):\n    return KitError(error_id, message)\n"
        'refuse("one-two", "First")\nrefuse("three-four", message="Second")\n',
    )
    assert [(e.id, e.message) for e in entries] == [("one-two", "First"), ("three-four", "Second")]


@pytest.mark.parametrize(
    "name", ["cluster-unreachable", "pod-unschedulable", "dags-git-invalid", "release-name-invalid"]
)
def test_some_that_people_will_look_up(name):
    assert name in SECTIONS
