"""Checks a user's template folder: a file or a block that nothing asks for would change nothing, without a word."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from kitctl.errors import ExitCode, KitError
from kitctl.model.values import DagMode
from kitctl.render.environment import environment

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.nodes import Node, Template

CFG, BASE = "airflow.cfg.j2", "pod_template/base.yaml.j2"
PLACES = (CFG, BASE, *(f"pod_template/{mode.value}.yaml.j2" for mode in DagMode))
"""The names that the kit asks for; a template of another name is reached from one of them."""

_SUFFIXES = {".j2", ".jinja", ".jinja2", ".cfg", ".yaml", ".yml"}


def check(folder: Path, mode: DagMode | None = None) -> None:
    """Refuse a folder with templates that would change nothing.

    Args:
        folder: The user's templates.
        mode: The DAG mode that is rendered; None where only airflow.cfg is.

    Raises:
        KitError: `template-dir-missing`, `template-unused`, `template-block-unknown`, `template-circular`. Broken
            syntax and a parent that is missing are left to the rendering, which tells the place.
    """
    from jinja2 import TemplateError  # noqa: PLC0415 - only rendering pays for it

    try:
        _check(environment(folder), folder, mode)
    except TemplateError:
        return


def sources(folder: Path, name: str = CFG) -> dict[str, str]:
    """Return the user's files that a template is made of: text by path, the template itself last.

    Raises:
        KitError: `template-dir-missing`.
    """
    from jinja2 import TemplateError  # noqa: PLC0415 - only rendering pays for it

    try:
        reached, _ = _reached(environment(folder), [name])
    except TemplateError:  # broken syntax, of which the rendering tells
        reached = {name}
    names = sorted(reached, key=lambda one: one == name)
    return {str(path): path.read_text(encoding="utf-8") for one in names if (path := folder / one).is_file()}


def _check(env: Environment, folder: Path, mode: DagMode | None) -> None:
    mine = {path.relative_to(folder).as_posix() for path in _templates(folder)}
    reached, dynamic = _reached(env, sorted(mine.intersection(PLACES)))
    if (unused := sorted(mine - reached)) and not dynamic:
        raise _unused(folder, unused)
    pods = {name for name in mine.intersection(PLACES) if name != CFG}
    if mode and pods and not pods & {BASE, f"pod_template/{mode.value}.yaml.j2"}:
        raise _other_mode(folder, sorted(pods), mode)
    for name in sorted(mine & reached):
        tree = _parse(env, name)
        if parent := _parent(tree):
            known = _blocks(env, parent, (name,))
            if unknown := [block for block in _own_blocks(tree) if block not in known]:
                raise _unknown(f"{folder}/{name}", unknown, parent, known)


def _templates(folder: Path) -> Iterator[Path]:
    """Yield the files that look like templates; notes and hidden files may lie beside them."""
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in _SUFFIXES and path.is_file() and not hidden:
            yield path


def _parse(env: Environment, name: str) -> Template:
    loader = env.loader
    assert loader is not None  # noqa: S101 - environment() gives one
    source, file, _ = loader.get_source(env, name)
    return env.parse(source, name, file)


def _reached(env: Environment, names: list[str]) -> tuple[set[str], bool]:
    """Return all templates that some lead to, and whether one of them computes a name."""
    from jinja2 import TemplateNotFound, meta  # noqa: PLC0415

    found, todo, dynamic = set[str](), list(names), False
    while todo:
        name = todo.pop()
        if name in found:
            continue
        try:
            asked = list(meta.find_referenced_templates(_parse(env, name)))
        except TemplateNotFound:
            continue  # rendering tells it, unless it is optional
        found.add(name)
        dynamic = dynamic or None in asked
        todo += [other for other in asked if other]
    return found, dynamic


def _parent(tree: Template) -> str:
    from jinja2 import nodes  # noqa: PLC0415

    named = tree.find(nodes.Extends)
    name = named.template if named else None
    return str(name.value) if isinstance(name, nodes.Const) else ""


def _blocks(env: Environment, name: str, seen: tuple[str, ...]) -> set[str]:
    """Return the blocks of a template and of all that it extends."""
    from jinja2 import nodes  # noqa: PLC0415

    if name in seen:
        raise _circular((*seen, name))
    tree = _parse(env, name)
    found = {block.name for block in tree.find_all(nodes.Block)}
    parent = _parent(tree)
    return found | (_blocks(env, parent, (*seen, name)) if parent else set())


def _own_blocks(node: Node) -> Iterator[str]:
    """Yield the outer blocks: one inside another is new, and written where it stands."""
    from jinja2 import nodes  # noqa: PLC0415

    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Block):
            yield child.name
        else:
            yield from _own_blocks(child)


def _unused(folder: Path, unused: list[str]) -> KitError:
    return KitError(
        "template-unused",
        f"The template folder {folder} contains {', '.join(unused)}, which nothing uses",
        cause=f"The kit reads {', '.join(PLACES)}, and what these extend or include",
        fix="Rename it to one of these, or move it out of the folder",
        code=ExitCode.USAGE,
    )


def _other_mode(folder: Path, pods: list[str], mode: DagMode) -> KitError:
    return KitError(
        "template-unused",
        f"The template folder {folder} has no pod template for the DAG mode {mode.value}",
        cause=f"It contains {', '.join(pods)}; tasks would run in the kit's own pod instead",
        fix=f"Name it pod_template/{mode.value}.yaml.j2, or {BASE} for every mode; or choose the mode by --dag-mode",
        code=ExitCode.USAGE,
    )


def _unknown(where: str, unknown: list[str], parent: str, known: set[str]) -> KitError:
    near = [match for block in unknown for match in get_close_matches(block, known, n=1)]
    return KitError(
        "template-block-unknown",
        f"{where} overrides the block {', '.join(unknown)}, which {parent} does not have",
        cause=f"Its blocks are {', '.join(sorted(known)) or 'none'}",
        fix=f"Did you mean {', '.join(near)}?" if near else "Use one of these; docs/pod-templates.md explains each",
        code=ExitCode.USAGE,
    )


def _circular(names: tuple[str, ...]) -> KitError:
    return KitError(
        "template-circular",
        f"The template {names[0]} extends itself",
        cause=" → ".join(names),
        fix=f'{{% extends "kit/{names[0]}" %}}    # extends the kit\'s template of that name',
        code=ExitCode.USAGE,
    )
