"""How commands print their help: their own options first, those that every command has below a heading of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand

GLOBAL = "Global options"


class Command(TyperCommand):
    """A command whose help tells its own options from the global ones."""

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
                    formatter.write_dl(records)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first sentence for the group's list; it is wrapped there, so it need not be cut."""
        return super().get_short_help_str(max(limit, 200))


class App(typer.Typer):
    """A typer app whose commands print their help so."""

    def command(self, *args: Any, **more: Any) -> Callable[..., Any]:
        """Register a command as typer does."""
        return super().command(*args, **{"cls": Command, **more})
