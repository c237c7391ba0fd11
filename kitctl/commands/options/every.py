"""All options that kitctl.yaml may set, as those of one command: each is judged, whichever command runs."""

from __future__ import annotations

import inspect
import re
from dataclasses import make_dataclass
from functools import cache
from typing import Annotated, Any

import typer

from kitctl.commands.console import usage
from kitctl.commands.options.known import BY_VARIABLE, IN_FILE, OWN, Option
from kitctl.commands.options.params import as_typer
from kitctl.commands.options.project import judged
from kitctl.model.project_file import Entry, ProjectFile, wrong


def _name(option: Option) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", option.alias).lower()


Every = make_dataclass("Every", [(_name(one), Annotated[one.kind, one.flag]) for one in OWN.values()], frozen=True)
"""Those that are not global, for `with_options`."""


def judge(file: ProjectFile) -> None:
    """Refuse values that their options do not take, in all environments.

    Raises:
        KitError: `project-value-wrong` (code USAGE), with the words of click.
    """
    command = _command()
    ctx = command.make_context("kitctl", [], resilient_parsing=True)
    params = {BY_VARIABLE[param.envvar[0]]: param for param in command.params if param.envvar}
    for entries in (file.entries, *file.environments.values()):
        for entry in entries.values():
            if (value := judged(file, entry)) is not None:
                _judge(file, entry, params[entry.key], ctx, value)


def _judge(file: ProjectFile, entry: Entry, param: Any, ctx: Any, value: str | list[str]) -> None:
    try:
        param.process_value(ctx, value)
    except typer.BadParameter as exc:
        kind = "true or false" if param.is_bool_flag else "a value that the option takes"
        raise wrong(file.path, entry, kind, f"{entry.key}: …", usage.value_words(exc)) from exc


@cache
def _command() -> Any:
    """Return a command with all options; it is never run."""

    def nothing(**_: Any) -> None:
        pass

    given = [
        as_typer(
            inspect.Parameter(_name(one), inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[one.kind, one.flag])
        )
        for one in IN_FILE.values()
    ]
    nothing.__signature__ = inspect.Signature(given)  # type: ignore[attr-defined]
    nothing.__annotations__ = {p.name: p.annotation for p in given}
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(nothing)
    return typer.main.get_command(app)
