"""Build step: defer imports that a worker pod pays for and never uses.

Airflow's modules import at their top what only some of their functions need: the database layer, a source parser, a
table printer. A component pays once; the KubernetesExecutor pays in every pod. This rewrites the modules listed in
lazy_imports.toml in place. Each listed import moves into a loader, and each function that uses one of its names calls
the loader first. Everywhere but in a worker pod the loader is also called where the import stood, so that components
behave as before.

A name that is needed while its module is being imported (a base class, a decorator, a default) stays where it is, with
a line that says so. Usage: lazy_imports.py LIST SITE-PACKAGES
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deferrable import Deferred, Function, choose

EAGER = '__import__("os").environ.get("AIRFLOW_IS_K8S_EXECUTOR_POD") != "True"'


@dataclass
class Edit:
    """Lines `start` to `end` (1-based, inclusive; end < start inserts before start) become `text`."""

    start: int
    end: int
    text: list[str] = field(default_factory=list)


def outer_functions(body: list[ast.stmt]) -> Iterator[Function]:
    """Yield the functions of a module and of its classes, not those inside of functions."""
    for node in body:
        if isinstance(node, Function):
            yield node
        elif isinstance(node, ast.ClassDef | ast.If | ast.Try | ast.With):
            yield from outer_functions(node.body + getattr(node, "orelse", []))


def uses(node: ast.AST, names: set[str]) -> bool:
    """Tell whether any of the names occurs in a statement; a local variable of that name costs a call in vain."""
    return any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(node))


def guards(node: ast.AST, deferred: list[Deferred], own: Deferred | None = None) -> list[str]:
    """Return the calls that a statement needs before it."""
    return [f"{d.loader}()" for d in deferred if d is not own and uses(node, d.names)]


def moved(item: Deferred, source: list[str], deferred: list[Deferred]) -> list[str]:
    """Return the loader that takes the place of a statement."""
    node, end = item.node, item.node.end_lineno or item.node.lineno
    lines = source[node.lineno - 1 : end]
    left: list[str] = []
    if isinstance(node, ast.ImportFrom):
        stay = _aliases(node, item.names, False)
        left = [ast.unparse(ast.ImportFrom(node.module, stay, 0))] if stay else []
        lines = [ast.unparse(ast.ImportFrom(node.module, _aliases(node, item.names, True), 0))]
    first = [f"    {guard}" for guard in guards(node, deferred, item)]
    head = [f"def {item.loader}():", f"    global {', '.join(sorted(item.names))}", *first]
    return [*left, *head, *(f"    {line}" for line in lines), f"if {EAGER}:", f"    {item.loader}()"]


def _aliases(node: ast.ImportFrom, names: set[str], inside: bool) -> list[ast.alias]:
    return [a for a in node.names if ((a.asname or a.name) in names) is inside]


def rewrite(text: str, targets: list[str]) -> tuple[str, set[str], set[str]]:
    """Return a module's new text, the names that were deferred, and those that have to stay."""
    tree = ast.parse(text)
    source = text.splitlines()
    if "from __future__ import annotations" not in source:
        return text, set(), {"everything (annotations are evaluated)"}
    deferred, kept = choose(tree, targets)
    if not deferred:
        return text, set(), kept
    edits = [Edit(d.node.lineno, d.node.end_lineno or 0, moved(d, source, deferred)) for d in deferred]
    for function in outer_functions([n for n in tree.body if n not in [d.node for d in deferred]]):
        if calls := [call for statement in function.body for call in guards(statement, deferred)]:
            first = function.body[1 if ast.get_docstring(function) and len(function.body) > 1 else 0]
            line = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
            if line == function.lineno:
                return text, set(), {f"everything (a function on one line, {line})"}
            edits.append(Edit(line, line - 1, [" " * first.col_offset + call for call in dict.fromkeys(calls)]))
    for edit in sorted(edits, key=lambda e: e.start, reverse=True):
        source[edit.start - 1 : edit.end] = edit.text
    names = set().union(*(d.names for d in deferred))
    return "\n".join([*source, *_getattr(deferred)]) + "\n", names, kept


def _getattr(deferred: list[Deferred]) -> list[str]:
    """Return the lines that serve `from module import name` and `module.name` of others."""
    table = ", ".join(f"{name!r}: {d.loader}" for d in deferred for name in sorted(d.names))
    return [
        "",
        "",
        f"_KIT_LOADERS = {{{table}}}",
        '_kit_getattr = globals().get("__getattr__")',
        "",
        "",
        "def __getattr__(name):",
        "    if name in _KIT_LOADERS:",
        "        _KIT_LOADERS[name]()",
        "        return globals()[name]",
        "    if _kit_getattr is not None:",
        "        return _kit_getattr(name)",
        '    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")',
    ]


def _file(site: Path, module: str) -> Path:
    path = site.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def main() -> None:
    """Rewrite every module of the list; one that this version of Airflow lacks is passed over."""
    listed, site = tomllib.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    for module, lines in listed.get("after", {}).items():
        path = _file(site, module)
        if path.is_file() and lines not in (text := path.read_text()):
            path.write_text(f"{text.rstrip()}\n\n{lines}")
            sys.stdout.write(f"lazy_imports: {module}: lines added\n")
    for module, targets in listed["modules"].items():
        path = _file(site, module)
        if not path.is_file():
            sys.stdout.write(f"lazy_imports: {module}: not in this version\n")
            continue
        text, names, kept = rewrite(path.read_text(), targets)
        ast.parse(text)
        path.write_text(text)
        stays = "".join(f", {name} stays" for name in sorted(kept))
        sys.stdout.write(f"lazy_imports: {module}: {', '.join(sorted(names)) or 'nothing'} deferred{stays}\n")


if __name__ == "__main__":
    main()
