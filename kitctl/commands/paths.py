"""Options and arguments that take a path refuse an empty one: to Python that is the working folder."""

from __future__ import annotations

import inspect
from copy import copy
from pathlib import Path
from typing import Annotated, get_args

import typer

_PATHS = (Path, Path | None)


def path(text: str) -> Path:
    """Return the path that a word of the command line means."""
    if not text:
        raise typer.BadParameter("it is empty, as a shell variable is that was never set; leave it out, or give a path")
    return Path(text)


def checked(parameter: inspect.Parameter) -> inspect.Parameter:
    """Return a parameter of a command, with this check where it is a single path."""
    kind, *notes = get_args(parameter.annotation) or (None,)
    if kind not in _PATHS or not notes:
        return parameter
    note = copy(notes[0])
    note.parser = path
    return parameter.replace(annotation=Annotated[kind, note])
