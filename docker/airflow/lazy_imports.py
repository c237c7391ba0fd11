"""Build step: defer imports that a worker pod pays for and never uses.

Airflow's modules import at their top what only some of their functions need: the database layer, a source parser, a
table printer. A component pays once; the KubernetesExecutor pays in every pod. For each module in lazy_imports.toml
this compiles a second version, in which each listed import moves into a loader, and each function that uses one of its
names calls the loader first. The files themselves stay as they are; airflow_kit_deferral.py runs the second version, in
the process of a worker pod that starts the task.

A name that is needed while its module is being imported (a base class, a decorator, a default) stays where it is, with
a line that says so. Usage: lazy_imports.py LIST SITE-PACKAGES
"""

from __future__ import annotations

import ast
import marshal
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path
from typing import Any

from deferrable import Deferred, Function, choose

DATA = "airflow_kit_deferral.data"


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


def guards(nodes: list[ast.stmt], deferred: list[Deferred], own: Deferred | None = None) -> list[ast.stmt]:
    """Return the calls that statements need before them, at the place of the first."""
    calls = [f"{d.loader}()" for d in deferred if d is not own and any(uses(node, d.names) for node in nodes)]
    return [ast.copy_location(node, nodes[0]) for node in parsed("\n".join(calls), nodes[0])]


def parsed(text: str, place: ast.stmt) -> list[ast.stmt]:
    """Return statements as if they stood in the first line of another."""
    body = ast.parse(text).body
    for node in (inner for outer in body for inner in ast.walk(outer)):
        if isinstance(node, ast.stmt | ast.expr | ast.alias):
            node.lineno = node.end_lineno = place.lineno
            node.col_offset = node.end_col_offset = place.col_offset
    return body


def moved(item: Deferred, deferred: list[Deferred]) -> list[ast.stmt]:
    """Return what takes the place of a statement: the names of an import that stay, and the loader of the others.

    The loader runs once, and leaves a name alone that somebody has set in the meantime.
    """
    node = item.node
    left: list[ast.stmt] = []
    if isinstance(node, ast.ImportFrom):
        stay = _aliases(node, item.names, False)
        left = [ast.copy_location(ast.ImportFrom(node.module, stay, 0), node)] if stay else []
        node = ast.copy_location(ast.ImportFrom(node.module, _aliases(node, item.names, True), 0), node)
    names = sorted(item.names)
    function: Any
    (function,) = parsed(
        f"def {item.loader}():\n"
        f"    global {', '.join([*names, item.loader])}\n"
        f"    _kit_set = {{name: globals()[name] for name in {names} if name in globals()}}\n"
        f"    globals().update(_kit_set)\n"
        f"    {item.loader} = bool\n",
        node,
    )
    function.body[2:2] = [*guards([node], deferred, item), node]
    return [*left, function]


def _aliases(node: ast.ImportFrom, names: set[str], inside: bool) -> list[ast.alias]:
    return [a for a in node.names if ((a.asname or a.name) in names) is inside]


def rewrite(text: str, targets: list[str]) -> tuple[ast.Module, set[str], set[str]]:
    """Return a module's second version, the names that were deferred, and those that have to stay."""
    tree = ast.parse(text)
    if "from __future__ import annotations" not in text.splitlines():
        return tree, set(), {"everything (annotations are evaluated)"} if targets else set()
    deferred, kept = choose(tree, targets)
    if not deferred:
        return tree, set(), kept
    by_node = {item.node: item for item in deferred}
    for function in outer_functions([node for node in tree.body if node not in by_node]):
        start = 1 if ast.get_docstring(function) is not None and len(function.body) > 1 else 0
        if calls := guards(function.body[start:], deferred):
            function.body[start:start] = calls
    tree.body = [new for node in tree.body for new in (moved(by_node[node], deferred) if node in by_node else [node])]
    loaders = {name: item.loader for item in deferred for name in item.names}
    table = ", ".join(f"{name!r}: {loader}" for name, loader in sorted(loaders.items()))
    tree.body += parsed(f"_KIT_LOADERS = {{{table}}}", tree.body[-1])
    return tree, set(loaders), kept


def _file(site: Path, module: str) -> Path:
    path = site.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def main() -> None:
    """Compile the second version of every module of the list; one that this version of Airflow lacks is passed over."""
    listed, site = tomllib.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    after: dict[str, str] = listed.get("after", {})
    compiled = {}
    for module in {**after, **listed["modules"]}:
        path = _file(site, module)
        if not path.is_file():
            sys.stdout.write(f"lazy_imports: {module}: not in this version\n")
            continue
        source = path.read_bytes()
        tree, names, kept = rewrite(source.decode(), listed["modules"].get(module, []))
        tree.body += ast.parse(after.get(module, "")).body
        if names or module in after:
            compiled[module] = source_hash(source), compile(tree, str(path), "exec", dont_inherit=True)
        stays = "".join(f", {name} stays" for name in sorted(kept))
        lines = ", lines added" if module in after else ""
        sys.stdout.write(f"lazy_imports: {module}: {', '.join(sorted(names)) or 'nothing'} deferred{stays}{lines}\n")
    (site / DATA).write_bytes(marshal.dumps((MAGIC_NUMBER, compiled, {})))


if __name__ == "__main__":
    main()
