"""Which statements of a module's top can move out of its import; part of lazy_imports.py."""

from __future__ import annotations

import ast
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Deferred:
    """One top-level statement that moves into a loader, and the names that it binds."""

    node: ast.stmt
    names: set[str]

    @property
    def loader(self) -> str:
        """Name of the function that runs the statement."""
        return f"_kit_load_{self.node.lineno}"


def bound(node: ast.stmt) -> set[str]:
    """Return the names that an import, a class, an assignment, or a try around imports binds."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.Try):
        return set().union(*(bound(inner) for inner in node.body))
    return set()


def wanted(node: ast.stmt, targets: list[str]) -> bool:
    """Tell whether a statement is one that the list names, by module ("sqlalchemy") or by name (".Name")."""
    if isinstance(node, ast.ClassDef | ast.Assign):
        return bool(bound(node)) and all(f".{name}" in targets for name in bound(node))
    if isinstance(node, ast.Try):
        return bool(node.body) and all(wanted(inner, targets) for inner in node.body)
    if isinstance(node, ast.ImportFrom):
        modules = [] if node.level else [node.module or ""]
    elif isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    else:
        return False
    return bool(modules) and all(any(m == t or m.startswith(f"{t}.") for t in targets) for m in modules)


def at_import(tree: ast.Module, skip: list[ast.stmt]) -> set[str]:
    """Return the names that are read while the module is imported, the statements of `skip` left out."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, Function):
            # Its annotations are strings in every module listed (checked in `rewrite`).
            for part in [*node.decorator_list, *node.args.defaults, *node.args.kw_defaults]:
                if part is not None:
                    visit(part)
            return
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for part in node.orelse:
                visit(part)
            return
        elif isinstance(node, ast.AnnAssign) and node in tree.body:  # nobody resolves a module variable's annotation
            if node.value is not None:
                visit(node.value)
            return
        for child in ast.iter_child_nodes(node):
            visit(child)

    for node in tree.body:
        if node not in skip:
            visit(node)
    return found


def choose(tree: ast.Module, targets: list[str]) -> tuple[list[Deferred], set[str]]:
    """Return the statements that can move, and the names that have to stay."""
    nodes = [n for n in tree.body if wanted(n, targets)]
    kept: set[str] = set()
    while True:
        needed = at_import(tree, nodes)
        stay = [n for n in nodes if bound(n) <= needed or (bound(n) & needed and not isinstance(n, ast.ImportFrom))]
        if not stay:
            break
        kept |= set().union(*(bound(n) for n in stay))
        nodes = [n for n in nodes if n not in stay]
    return [Deferred(n, bound(n) - needed) for n in nodes], kept | (set().union(*map(bound, nodes), set()) & needed)
