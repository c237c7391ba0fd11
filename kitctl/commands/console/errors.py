"""How an error is printed: one shape for people, and one for programs."""

from __future__ import annotations

import contextlib
import json
import sys

from kitctl.commands.console import paste
from kitctl.errors import KitError
from kitctl.model.settings import Output, Settings


def print_error(error: KitError, *, as_json: bool) -> None:
    """Print an error: JSON on stdout where a report was asked as JSON, else text on stderr."""
    if as_json:
        with contextlib.suppress(OSError):  # stdout itself may be on the full disk; then stderr is used
            sys.stdout.write(json.dumps(error.as_dict()) + "\n")
            sys.stdout.flush()
            return
    lines = [f"Error: {error.message} [{error.id}]"]
    if error.cause:
        lines.append("  Cause: " + error.cause.replace("\n", "\n         "))
    if error.fix:
        lines.append("  Fix:   " + error.fix.replace("\n", "\n         "))
    lines.append(f"  More:  docs/errors.md#{error.id}")
    sys.stderr.write("\n".join(lines) + "\n")


def show(error: KitError, settings: Settings) -> None:
    """Print an error that does not end the command."""
    error.fix = paste.pasteable(error.fix)
    print_error(error, as_json=settings.output is Output.JSON)
