"""What one option of the command line is made of; flags.py declares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Flag:
    """One option of the command line.

    Attributes:
        names: For example ("-n", "--namespace"); a switch that is on by default is "--wait/--no-wait".
        text: Its line in the help.
        env: Environment variables that set it; the first one that is set wins.
        default: Its value if neither command line nor environment gives one; the help shows it unless it is empty.
        in_file: Whether kitctl.yaml may set it. What belongs to a single call, or deletes something, is only typed.
        more: What else typer.Option takes: min, max, metavar, callback, count.
    """

    names: tuple[str, ...]
    text: str
    env: tuple[str, ...]
    default: Any
    in_file: bool
    more: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Its name in kitctl.yaml: the long one without dashes; `wait` for "--wait/--no-wait"."""
        return next(name for name in self.names if name.startswith("--")).split("/")[0].removeprefix("--")


def flag(
    *names: str, text: str, env: str | tuple[str, ...], default: Any = None, in_file: bool = True, **more: Any
) -> Flag:
    """Return an option with one or several environment variables."""
    return Flag(names, text, (env,) if isinstance(env, str) else env, default, in_file, more)


def once(*names: str, text: str, env: str | tuple[str, ...], default: Any = None, **more: Any) -> Flag:
    """Return an option of a single call, which kitctl.yaml cannot set."""
    return flag(*names, text=text, env=env, default=default, in_file=False, **more)
