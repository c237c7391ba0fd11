"""How commands print their help: their own options first, those that every command has below a heading of their own."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from kitctl.commands.console import usage
from kitctl.commands.table import COMMANDS

GLOBAL = "Global options"
_NARROW = 60
"""Columns below which a description stands under its option: beside it, words would be wider than their column."""


def narrow() -> int | None:
    """Return the width for help on a narrow terminal; None leaves it to click, which never goes below 50 columns."""
    columns = shutil.get_terminal_size().columns
    return max(columns - 2, 20) if columns < _NARROW else None


def definitions(formatter: Any, records: list[tuple[str, str]]) -> None:
    """Write names with their descriptions."""
    formatter.write_dl(records, **({"col_max": 4} if formatter.width < _NARROW - 2 else {}))


def load(name: str) -> Any:
    """Import the module of a command, and build the command."""
    command = typer.main.get_command(importlib.import_module(f"kitctl.commands.{COMMANDS[name][0]}").app)
    command.name = name
    return command


class Command(TyperCommand):
    """A command whose help tells its own options from the global ones."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help; the defaults in it are those of kitctl, and no project file is read for them."""
        ctx.default_map = None
        super().format_help(ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, own options and global options, each below its heading."""
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": [], GLOBAL: []}
        for param in self.get_params(ctx):
            if record := param.get_help_record(ctx):
                own = "Arguments" if param.param_type_name == "argument" else "Options"
                sections[getattr(param, "rich_help_panel", None) or own].append(record)
        for heading, records in sections.items():
            if records:
                with formatter.section(heading):
                    definitions(formatter, records)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first sentence for the group's list; it is wrapped there, so it need not be cut."""
        return super().get_short_help_str(max(limit, 200))


class Group(TyperGroup):
    """A group of commands whose help fits a narrow terminal."""

    def make_context(self, *args: Any, **more: Any) -> Any:
        """Make the context; commands below inherit the width."""
        return super().make_context(*args, **{"terminal_width": narrow(), **more})

    def names(self, ctx: Any) -> dict[str, list[str]]:
        """Return the words that a user may type for commands, with those commands: here, the ones of the group."""
        return {name: [name] for name in self.list_commands(ctx)}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the first word names; a shell that completes it meets unknown words as well."""
        if ctx.resilient_parsing or args[0].startswith("-") or args[0] in self.list_commands(ctx):
            return super().resolve_command(ctx, args)
        raise usage.unknown_command(ctx.command_path, args[0], self.names(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write options and commands."""
        records = [record for param in self.get_params(ctx) if (record := param.get_help_record(ctx))]
        with formatter.section("Options"):
            definitions(formatter, records)
        self.format_commands(ctx, formatter)


class App(typer.Typer):
    """A typer app whose commands are of one class."""

    def __init__(self, kind: type[Command], **more: Any) -> None:
        """Make the app.

        Args:
            kind: Class of its commands.
            more: What typer takes.
        """
        super().__init__(**more)
        self._kind = kind

    def command(self, *args: Any, **more: Any) -> Callable[..., Any]:
        """Register a command as typer does."""
        return super().command(*args, **{"cls": self._kind, **more})
