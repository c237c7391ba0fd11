"""Where the process begins: the two questions about the program itself are answered before typer is imported."""

from __future__ import annotations

import os
import sys

from kitctl import __version__
from kitctl.commands import table


def answer(argv: list[str]) -> str:
    """Return what `kitctl --help` and `kitctl --version` print; "" for everything that typer has to read."""
    if "_KITCTL_COMPLETE" in os.environ:
        return ""
    if argv == ["--version"]:
        return f"{__version__}\n"
    return table.overview() if argv in (["--help"], ["-h"], ["help"]) and _columns() >= table.WIDTH else ""


def _columns() -> int:
    """Return the width of the terminal, as shutil.get_terminal_size does."""
    if (given := os.environ.get("COLUMNS", "")).isdecimal() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or table.WIDTH  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):
        return table.WIDTH


def main() -> None:
    """Run kitctl."""
    if text := answer(sys.argv[1:]):
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except (AttributeError, OSError):  # no stdout, or a full disk: cli knows how to say so
            pass
        else:
            return
    from kitctl import cli  # noqa: PLC0415 - imports typer

    cli.main()


if __name__ == "__main__":
    main()
