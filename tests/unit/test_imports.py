"""No circles among the modules of kitctl: imports for type checking and inside functions count, too."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def modules() -> dict[str, Path]:
    """Return every module of kitctl by its dotted name."""
    paths = sorted((ROOT / "kitctl").rglob("*.py"))
    return {".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in paths}


def imported(text: str, known: set[str]) -> set[str]:
    """Return the modules of kitctl that a source imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {
                f"{node.module}.{a.name}" if f"{node.module}.{a.name}" in known else node.module for a in node.names
            }
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & known


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules of a circle; [] where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_there_are_no_circles() -> None:
    known = modules()
    names = set(known) - {"kitctl"}
    assert len(names) > 150
    assert circle({name: imported(known[name].read_text(encoding="utf-8"), names) for name in names}) == []


def test_a_circle_that_a_function_or_type_checking_hides_is_found() -> None:
    names = {"kitctl.a", "kitctl.b"}
    inside = imported("def f():\n    from kitctl import b\n", names)
    typed = imported("if TYPE_CHECKING:\n    from kitctl.a import A\n", names)
    assert circle({"kitctl.a": inside, "kitctl.b": typed}) != []
