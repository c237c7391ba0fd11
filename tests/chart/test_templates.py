"""Rules for the text of the templates: each helper is documented, rules stand in _validate.tpl, a variant is a file."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from kitctl.model.values import DagMode, Executor
from kitctl.model.versions import pin
from tests.chart.release import CHART

TEMPLATES = CHART / "templates"
MOST_INPUTS = 5
# Components whose object and pod template are the chart's own; worker pods come from kitctl's pod template.
WORKLOADS = {
    "api-server/deployment.yaml": ("replicas", "strategy", "selector"),
    "scheduler/deployment.yaml": ("replicas", "strategy", "selector"),
    "dag-processor/deployment.yaml": ("replicas", "strategy", "selector"),
    "triggerer/deployment.yaml": ("replicas", "strategy", "selector"),
    "postgres/statefulset.yaml": ("replicas", "selector"),
    "redis/statefulset.yaml": ("replicas", "selector"),
    "rabbitmq/statefulset.yaml": ("replicas", "selector"),
    "pgbouncer/deployment.yaml": ("replicas", "strategy", "selector"),
    "celery/statefulset.yaml": ("replicas", "selector"),
    "flower/deployment.yaml": ("replicas", "selector"),
    "migrate/job.yaml": ("backoffLimit",),
    "keys/job.yaml": ("backoffLimit",),
}
_DEFINE = re.compile(r'(?P<comment>\{\{/\*(?:(?!\*/\}\}).)*\*/\}\}\n)?\{\{- define "(?P<name>[^"]+)" -\}\}', re.DOTALL)
_SLOT = re.compile(
    r"kit\.dags\.[a-z]+\.(env|volumes|mounts|longLived|once|validate)$"
    r"|kit\.broker\.[a-z]+\.(env|sources|component|port)$"
)
_FAIL = re.compile(r"\{\{-? *(?:[^{}]*[(|] *)?fail\b")
_RULES = re.compile(r"_validate(_[a-z]+)?\.tpl$")
_DICT = re.compile(r'include (?:\(printf )?"kit\.[^"]+"[^(\n]*\)? \(dict ')


def files(*endings: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each template, relative to their folder, and its text."""
    for path in sorted(TEMPLATES.rglob("*")):
        if path.is_file() and path.suffix in endings:
            yield str(path.relative_to(TEMPLATES)), path.read_text(encoding="utf-8")


def entries(text: str, start: int) -> int:
    """Count the entries of the `dict` call whose arguments begin at `start`."""
    depth, words, inside, quoted = 0, 0, False, ""
    for character in text[start:]:
        if quoted:
            quoted = "" if character == quoted else quoted
        elif character in '"`':
            quoted = character
            words += depth == 0 and not inside
            inside = True
        elif character == ")" and depth == 0:
            return words // 2
        elif character.isspace():
            inside = inside and depth > 0
        else:
            words += depth == 0 and not inside
            inside = True
            depth += (character == "(") - (character == ")")
    raise AssertionError(text[start : start + 80])


def test_entries_are_counted() -> None:
    assert entries('"a" 1 "b c" (list "x" "y") "d" `e f`) "g" 2', 0) == 3


def test_every_helper_says_what_goes_in_and_what_comes_out() -> None:
    silent = [
        f"{name}: {found['name']}"
        for name, text in files(".tpl", ".yaml", ".txt")
        for found in _DEFINE.finditer(text)
        if not _SLOT.match(found["name"]) and not re.search(r"Input: .*Output:\s", found["comment"] or "", re.DOTALL)
    ]
    assert silent == []


def test_every_helper_has_the_prefix_of_the_chart() -> None:
    names = [found["name"] for _, text in files(".tpl", ".yaml", ".txt") for found in _DEFINE.finditer(text)]
    assert len(names) > 80
    assert [name for name in names if not name.startswith("kit.")] == []


def test_a_helper_takes_few_inputs() -> None:
    calls = [(name, text, found) for name, text in files(".tpl", ".yaml", ".txt") for found in _DICT.finditer(text)]
    assert len(calls) > 80
    assert [f"{name}: {f[0]}" for name, text, f in calls if entries(text, f.end()) > MOST_INPUTS] == []


def test_objects_define_no_helpers() -> None:
    assert [name for name, text in files(".yaml", ".txt") if "define " in text] == []


def test_only_rules_and_checks_of_arguments_end_a_render() -> None:
    ending = {name for name, text in files(".tpl", ".yaml", ".txt") if _FAIL.search(text)}
    assert {name for name in ending if not _RULES.search(name)} == {"_secrets.tpl"}
    assert {"_validate.tpl", "workers/_validate.tpl"} <= ending


def test_only_rules_note_problems() -> None:
    noting = {name for name, text in files(".tpl", ".yaml", ".txt") if 'include "kit.problem" (' in text}
    assert {name for name in noting if not _RULES.search(name)} == set()


def test_the_rules_of_every_folder_are_called() -> None:
    folders = {str(path.parent.relative_to(TEMPLATES)) for path in TEMPLATES.glob("*/_validate.tpl")}
    text = (TEMPLATES / "_validate.tpl").read_text(encoding="utf-8")
    (called,) = re.findall(r"range list\s([^}]*?) ?-\}\}", text)
    assert set(re.findall(r'"([^"]+)"', called)) == folders


@pytest.mark.parametrize("name", sorted(WORKLOADS))
def test_a_workload_reads_from_top_to_bottom(name: str) -> None:
    lines = (TEMPLATES / name).read_text(encoding="utf-8").splitlines()
    keys = [found[1] for line in lines if (found := re.match(r"(?:  )?([a-zA-Z]+):", line))]
    wanted = ["apiVersion", "kind", "metadata", "spec", *WORKLOADS[name], "template"]
    assert [key for key in keys if key in wanted] == wanted
    (start,) = [number for number, line in enumerate(lines) if line == "  template:"]
    assert re.match(r"    \{\{- (include \"kit\.|\$pod)[^|]* \| nindent 4 \}\}$", lines[start + 1])


def test_an_executor_is_a_file() -> None:
    found = {path.stem.removeprefix("_") for path in (TEMPLATES / "env").glob("_*Executor.tpl")}
    assert found == {str(executor) for executor in Executor}


def test_a_dag_mode_is_a_file() -> None:
    assert {mode.value for mode in DagMode} <= {p.stem.removeprefix("_") for p in (TEMPLATES / "dags").glob("_*.tpl")}


def test_the_oldest_airflow_is_the_one_of_versions_toml() -> None:
    text = (TEMPLATES / "release" / "_validate.tpl").read_text(encoding="utf-8")
    assert f'{{{{- define "kit.minimumAirflow" -}}}}{pin("airflow.minimum")}{{{{- end -}}}}' in text
