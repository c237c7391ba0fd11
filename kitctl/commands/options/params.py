"""How a parameter of a command becomes one of typer's."""

from __future__ import annotations

import inspect
from collections.abc import Set
from copy import copy
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from kitctl.commands.options import read
from kitctl.commands.options.flag import Flag

PATHS = (Path, Path | None)
LISTS = (list[Path], list[Path] | None)


def flag_of(parameter: inspect.Parameter) -> Flag | None:
    """Return the flag that a parameter is annotated with; None for an argument."""
    notes = getattr(parameter.annotation, "__metadata__", ())
    return next((note for note in notes if isinstance(note, Flag)), None)


def as_typer(
    parameter: inspect.Parameter, *, panel: str | None = None, taken: Set[str] = frozenset()
) -> inspect.Parameter:
    """Return a parameter of a command as typer wants it.

    Args:
        parameter: Annotated with a flag, or with an argument of typer's; or typer's context, which stays as it is.
        panel: Heading of the help under which the option stands.
        taken: Names that belong to another option of the command.
    """
    if parameter.annotation is typer.Context:
        return parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
    kind, *notes = get_args(parameter.annotation) or (None,)
    flag = flag_of(parameter)
    default: Any = parameter.default
    if flag is None:
        note = copy(notes[0])
    else:
        names = [name for name in flag.names if name not in taken]
        note = typer.Option(*names, help=flag.text, envvar=list(flag.env), rich_help_panel=panel, **flag.more)
        default = flag.default
    # An option with several paths keeps typer's own reading, which splits its variable at colons; see read.values.
    if kind in PATHS or (kind in LISTS and flag is None):
        note.parser = read.path
    elif kind is str and flag is None:
        note.callback = read.named
    return inspect.Parameter(
        parameter.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, note]
    )
