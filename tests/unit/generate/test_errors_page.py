"""Every error has its section in docs/errors.md, since the page is read from the code."""

import ast
import re
from pathlib import Path

import pytest

import kitctl
from kitctl.generate.errors_chart import of_chart
from kitctl.generate.errors_code import of_code
from kitctl.generate.errors_page import render
from kitctl.model.versions import data_dir

PACKAGE = Path(kitctl.__file__).parent
PLACEHOLDER = re.compile(r"\{[\w…]*\}")
MESSAGE_SAYS_WHY = {"claim-read-only", "image-missing", "requirements-missing"}
"""Ids whose message is the cause as well: what is not there, or why nobody can write."""
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


def test_no_kit_error_leaves_the_user_without_a_fix():
    """A fix that a caller hands over by a parameter is looked at below, where it stands in the page."""
    without = []
    for path in PACKAGE.rglob("*.py"):
        for call in (c for c in ast.walk(ast.parse(path.read_text())) if isinstance(c, ast.Call)):
            if getattr(call.func, "id", "") == "KitError":
                given = [k.value for k in call.keywords if k.arg == "fix"] or call.args[3:4]
                if not given or getattr(given[0], "value", "words") == "":
                    without.append(f"{path.relative_to(PACKAGE)}:{call.lineno}")
    assert without == []


def test_every_entry_of_the_page_has_a_fix_that_says_something():
    found = [*of_code(), *of_chart()]
    assert len(found) > 200
    assert sorted({e.id for e in found if not PLACEHOLDER.sub("", e.fix).strip()}) == []


def test_every_entry_of_the_page_has_a_cause():
    assert {e.id for e in [*of_code(), *of_chart()] if not e.cause.strip()} == MESSAGE_SAYS_WHY


def test_every_section_of_the_page_shows_a_fix():
    sections = re.split(r"^## ", render(), flags=re.MULTILINE)[1:]
    assert len(sections) > 100
    assert [s.split("\n")[0] for s in sections if "\nFix:\n\n```\n" not in s] == []


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


def test_a_fix_is_told_in_its_own_words_wherever_these_stand(tmp_path):
    entries = source(
        tmp_path,
        'AGAIN = "Run it again"\n'
        'def advice(verb):\n    return f"kit {verb} x"\n'
        'def one():\n    fix = "first"\n    KitError("a-a", "m", fix=fix)\n    fix = "second"\n'
        '    KitError("b-b", "m", fix=fix)\n'
        'KitError("c-c", "m", fix=AGAIN)\n'
        'KitError("d-d", "m", fix=advice("make") + "!")\n'
        'KitError("e-e", "m", fix="one" if y else "two")\n'
        'def run(*, error_id="x-x", fix=""):\n    KitError(error_id, "m", fix=fix or AGAIN)\n'
        'run(error_id="f-f")\nrun(error_id="g-g", fix="Look")\n',
    )
    assert {e.id: e.fix for e in entries} == {
        "a-a": "first",
        "b-b": "second",
        "c-c": "Run it again",
        "d-d": "kit make x!",
        "e-e": "one\nor: two",
        "f-f": "Run it again",
        "g-g": "Look",
    }


def test_a_rule_of_the_chart_shows_what_to_paste():
    by_id = {entry.id: entry for entry in of_chart()}
    assert by_id["exec-without-rights"].fix == "workers:\n  podOperatorRights: true\n  allowExec: true"
    assert "# instead of core.executor:\nexecutors: [KubernetesExecutor]" in by_id["config-owned-by-chart"].fix
    assert "# instead of LocalKubernetesExecutor:" in by_id["executor-of-airflow-2"].fix
    keys = {e.message.removesuffix(" does not fit") for e in of_chart() if e.id == "dags-bundle-invalid"}
    assert {"dags.bundle.items", "dags.bundle.items[N].name", "dags.bundle.items[N].credentials.type"} <= keys
