"""House rules that no linter knows: sizes, no skipped tests, no stubs, documentation that points at what is there."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kitctl.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
WARN_LINES, FAIL_LINES, FUNCTION_LINES = 250, 400, 40
TEMPLATE_LINES, TEMPLATE_WIDTH = 200, 140
FOLDER_FILES = 25
# Modules that may be longer than FAIL_LINES, each with its reason: a subject is not cut in pieces to please a number.
LONG_MODULES: dict[str, str] = {}
# Modules that read the monotonic clock or sleep themselves, each with its reason; all others wait by a Deadline.
OWN_CLOCKS = {
    "kitctl/tools/deadline.py": "it is the clock of all others",
    "kitctl/commands/console/progress.py": "measures how long a step took, and waits for nothing",
}
_WAITING = ("monotonic", "monotonic_ns", "sleep")
# Tables and generated texts may be as long as they are.
GENERATED = ("chart/values.yaml", "chart/values.schema.json", "chart/files/", "docs/reference/")
_FOLDERS = ("kitctl", "chart", "docker", "scripts", "dags", "tests", "docs", "values-examples", ".ci")
_STUB = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError")
_SKIP = re.compile(r"pytest\.(skip|xfail|importorskip)|mark\.(skip|skipif|xfail)|unittest\.skip")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_THIS = "tests/unit/test_architecture.py"
# Airflow's REST API begins with /api/v2, which is not meant.
_KUBERNETES_PATH = re.compile(r"/apis/|/api/v1\b|/namespaces/")


def files(*endings: str) -> Iterator[Path]:
    """Yield the texts of the checkout with these endings, relative to it; generated ones are left out."""
    for top in _FOLDERS:
        for path in sorted((ROOT / top).rglob("*")):
            name = str(path.relative_to(ROOT))
            if (
                path.suffix in endings
                and path.is_file()
                and "__pycache__" not in name
                and not name.startswith(GENERATED)
            ):
                yield path.relative_to(ROOT)


def text(path: Path) -> str:
    """Return a file of the checkout."""
    return (ROOT / path).read_text(encoding="utf-8")


def long_functions(path: Path) -> list[str]:
    """Return functions with more than FUNCTION_LINES lines of code; docstring and signature do not count."""
    found = []
    for node in ast.walk(ast.parse(text(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if lines > FUNCTION_LINES:
                found.append(f"{path}:{node.name} has {lines} lines")
    return found


def too_long(sizes: dict[str, int], allowed: dict[str, str]) -> dict[str, int]:
    """Return the modules that must become shorter, and warn of those that nearly must.

    Args:
        sizes: Lines by file name.
        allowed: The files that may be long, with the reason.
    """
    for name, lines in sizes.items():
        if WARN_LINES < lines <= FAIL_LINES:
            warnings.warn(f"{name} has {lines} lines: does it hold more than one subject?", stacklevel=2)
    return {name: lines for name, lines in sizes.items() if lines > FAIL_LINES and name not in allowed}


def test_no_module_is_longer_than_the_house_likes() -> None:
    scripts = [p for p in files(".sh", "") if p.parts[0] in {"scripts", "docker", "chart", ".ci"}]
    modules = [p for p in files(".py") if p.parts[0] in {"kitctl", "scripts"}]
    sizes = {str(p): len(text(p).splitlines()) for p in [*modules, *scripts]}
    assert "scripts/lib/tools.sh" in sizes
    assert too_long(sizes, LONG_MODULES) == {}
    assert {name for name in LONG_MODULES if sizes.get(name, 0) <= FAIL_LINES} == set(), "no reason needed any more"


def test_a_long_module_is_warned_of_and_one_that_is_too_long_needs_a_reason() -> None:
    sizes = {"short": WARN_LINES, "long": FAIL_LINES, "too long": FAIL_LINES + 1, "a table": FAIL_LINES + 1}
    with pytest.warns(UserWarning, match="^long has 400 lines"):
        assert too_long(sizes, {"a table": "one subject"}) == {"too long": FAIL_LINES + 1}


def test_no_folder_holds_more_files_than_one_can_survey() -> None:
    counts = Counter(str(p.parent) for p in files(".py") if p.parts[0] == "kitctl")
    assert counts["kitctl/release"] > 1
    assert {folder: count for folder, count in counts.items() if count > FOLDER_FILES} == {}


def test_no_function_is_longer_than_the_house_likes() -> None:
    assert [found for p in files(".py") if p.parts[0] == "kitctl" for found in long_functions(p)] == []


def templates() -> list[Path]:
    """Return the templates of the chart and those of kitctl."""
    found = [p for p in files(".yaml", ".tpl", ".j2", ".txt") if "templates" in p.parts and p.parts[0] != "tests"]
    assert {p.parts[0] for p in found} == {"chart", "kitctl"}
    return found


def test_no_template_is_longer_than_the_house_likes() -> None:
    sizes = {str(p): len(text(p).splitlines()) for p in templates()}
    assert {name: lines for name, lines in sizes.items() if lines > TEMPLATE_LINES} == {}


def test_no_line_of_a_template_is_wider_than_the_house_likes() -> None:
    lines = [(f"{p}:{n}", line) for p in templates() for n, line in enumerate(text(p).splitlines(), 1)]
    assert {place: len(line) for place, line in lines if len(line) > TEMPLATE_WIDTH} == {}


def rest_paths(source: str) -> list[int]:
    """Return the lines of Python code that hold a path of Kubernetes' REST API in a text; docstrings do not count."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in prose
        and _KUBERNETES_PATH.search(node.value)
    ]


def test_paths_of_the_kubernetes_api_stand_in_its_client_only() -> None:
    modules = [p for p in files(".py") if p.parts[0] == "kitctl" and p.parts[:3] != ("kitctl", "tools", "kube")]
    assert [f"{p}:{line}" for p in modules for line in rest_paths(text(p))] == []


def test_a_path_of_the_kubernetes_api_is_seen() -> None:
    source = (
        '"""Says /api/v1/pods."""\nairflow = "/api/v2/dags"\nplain = "/api/v1"\nparts = f"{base}/namespaces/{name}"\n'
    )
    assert rest_paths(source) == [3, 4]


def clocks(source: str) -> list[int]:
    """Return the lines of Python code that take `monotonic` or `sleep` from Python's `time`, by whatever name."""
    tree = ast.parse(source)
    imports = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    from_time = [n for n in imports if isinstance(n, ast.ImportFrom) and n.module == "time"]
    names = {a.asname or a.name for n in imports if isinstance(n, ast.Import) for a in n.names if a.name == "time"}
    taken = [n.lineno for n in from_time if {a.name for a in n.names} & {*_WAITING, "*"}]
    return taken + [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in _WAITING
        and isinstance(node.value, ast.Name)
        and node.value.id in names
    ]


def test_every_wait_is_one_of_a_deadline() -> None:
    modules = [p for p in files(".py") if p.parts[0] == "kitctl" and str(p) not in OWN_CLOCKS]
    assert [f"{p}:{line}" for p in modules for line in clocks(text(p))] == []
    assert [name for name in OWN_CLOCKS if not clocks(text(Path(name)))] == [], "no reason needed any more"


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.sleep(1)",
        "import time as t\nend = t.monotonic() + 5",
        "import time\ndef wait(clock=time.monotonic): ...",
        "from time import sleep",
        "from time import time, monotonic as now",
        "def wait():\n    from time import *",
    ],
)
def test_a_clock_of_its_own_is_seen(source: str) -> None:
    assert len(clocks(source)) == 1


def test_the_time_of_day_is_no_wait() -> None:
    assert clocks("import time\nfrom time import strftime\nage = time.time() - 5\nthread.sleep(1)") == []


def test_nothing_is_left_for_later() -> None:
    found = [p for p in files(".py", ".yaml", ".tpl", ".j2", ".sh", ".md", "") if str(p) != _THIS]
    assert [str(p) for p in found if p.suffix != "" and _STUB.search(text(p))] == []


def test_no_test_is_skipped() -> None:
    tests = [p for p in files(".py") if p.parts[0] == "tests" and str(p) != _THIS]
    assert [str(p) for p in tests if _SKIP.search(text(p))] == []


def test_links_of_the_documentation_lead_somewhere() -> None:
    pages = [*files(".md"), *(p.relative_to(ROOT) for p in ROOT.glob("*.md"))]
    broken = [
        f"{page}: {target}"
        for page in pages
        for target in _LINK.findall(text(page))
        if "://" not in target
        and not target.startswith(("#", "mailto:"))
        and not (ROOT / page.parent / target.split("#")[0]).exists()
    ]
    assert broken == []


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs/testing.md", "docs/performance.md"]
)
def test_a_page_that_everybody_looks_for_is_there(name: str) -> None:
    assert len(text(Path(name))) > 200


def test_programs_are_executable() -> None:
    for folder in ("scripts", ".ci"):
        for path in (ROOT / folder).iterdir():
            if path.is_file() and path.read_bytes().startswith(b"#!"):
                assert os.access(path, os.X_OK), path


def test_a_folder_of_templates_for_each_component() -> None:
    folders = {p.name for p in (ROOT / "chart" / "templates").iterdir() if p.is_dir()}
    assert {
        "api-server",
        "scheduler",
        "dag-processor",
        "triggerer",
        "postgres",
        "workers",
        "dags",
        "keys",
        "migrate",
    } <= folders


def test_help_is_answered_without_what_is_slow() -> None:
    slow = {"kubernetes", "httpx", "jinja2", "pydantic", "yaml", "rich", "urllib.request"}
    code = "import sys, kitctl.cli; print(*sorted(m for m in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert slow & set(loaded) == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_module(command: str) -> None:
    assert (ROOT / "kitctl" / "commands" / f"{COMMANDS[command][0]}.py").is_file()
