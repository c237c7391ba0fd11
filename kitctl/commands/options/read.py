"""How words of the command line and of the environment are read where typer's own reading does not do."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import typer

_CI = ("github", "gitlab", "none")
_EMPTY = "it is empty, for example because of an unset shell variable; give a {}"
_NAME_BYTES = 255
"""The longest name that the file systems of Linux and macOS take."""


def path(given: str | Path) -> Path:
    """Return a path; an empty one is refused, since to Python it is the working folder."""
    text = str(given)  # a default is a path already
    if not text:
        raise typer.BadParameter(_EMPTY.format("path or leave it out"))
    found = Path(text)
    if "\0" in text:
        raise typer.BadParameter("it contains a NUL character, which no path can")
    if any(len(part.encode(errors="surrogatepass")) > _NAME_BYTES for part in found.parts):
        raise typer.BadParameter(f"a name in it is longer than {_NAME_BYTES} bytes, which no file system takes")
    # Path drops the dot of ./-x, and the programs that get the name would take it for an option.
    return found.absolute() if str(found).startswith("-") else found


def named(ctx: typer.Context, param: typer.CallbackParam, value: str) -> str:
    """Return the name that an argument gives; an empty one names nothing, unless it is the default."""
    source = ctx.get_parameter_source(str(param.name))
    if not value.strip() and source is not None and source.name != "DEFAULT":
        raise typer.BadParameter(_EMPTY.format("name" if param.required else "name or leave it out"))
    return value


def values(ctx: typer.Context, param: typer.CallbackParam, value: list[Path] | None) -> list[Path]:
    """Put the values files of the project below those that were given: Helm lets the later ones win."""
    # To typer, an empty path is the working folder, which is no values file either.
    return [path("" if str(one) == "." else one) for one in (*_below(ctx, param), *(value or ()))]


def settings(ctx: typer.Context, param: typer.CallbackParam, value: list[str] | None) -> list[str]:
    """Put the settings of the project below those that were given: Helm lets the later ones win.

    A list from the environment is split by lines only: a value may hold blanks, at which click would cut it.
    """
    source = ctx.get_parameter_source(str(param.name))
    given = list(value or ())
    if source is not None and source.name == "ENVIRONMENT":
        names = [param.envvar] if isinstance(param.envvar, str) else list(param.envvar or ())
        text = next((text for name in names if (text := os.environ.get(name))), "")
        given = [line.strip() for line in text.splitlines() if line.strip()]
    for pair in given:
        # Helm ignores them without a word.
        if not pair.strip():
            raise typer.BadParameter(_EMPTY.format("KEY=VALUE or leave it out"))
        if pair.lstrip()[0] in "=.,":
            # The value is not shown: it may be a secret, and this an unset variable before it.
            raise typer.BadParameter(f"a setting has no key before {pair.lstrip()[0]!r}; write KEY=VALUE")
    return [*_below(ctx, param), *given]


def _below(ctx: typer.Context, param: typer.CallbackParam) -> list[str]:
    """Return what the project says to an option that was given; what was not given comes from there already."""
    source = ctx.get_parameter_source(str(param.name))
    given = source is not None and source.name in {"COMMANDLINE", "ENVIRONMENT"}
    return list(ctx.lookup_default(str(param.name)) or ()) if given else []


def ci(value: str) -> str:
    """Refuse a CI that `init` knows no workflow for."""
    if value not in _CI:
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(_CI)}")
    return value


def port_pairs(value: list[str] | None) -> list[str] | None:
    """Refuse what is not "HOST:NODE": a port of this machine, and a NodePort."""
    for pair in value or ():
        host, _, node = pair.partition(":")
        if not (_within(host, 1, 65535) and _within(node, 30000, 32767)):
            raise typer.BadParameter(f"{pair!r} is not HOST:NODE, such as 8080:30809; NodePorts are 30000 to 32767")
    return value


def _within(text: str, least: int, most: int) -> bool:
    return text.isdecimal() and least <= int(text) <= most


def seconds(value: float) -> float:
    """Refuse times that cannot pass; a range of typer alone lets nan through, which is neither below nor above."""
    if not math.isfinite(value):
        raise typer.BadParameter("must be a finite number of seconds")
    if value < 1:
        raise typer.BadParameter("must be at least 1 second")
    return value


def json_object(text: str) -> dict[str, Any]:
    """Return the JSON object of --conf; {} without one."""
    try:
        found = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"--conf is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise typer.BadParameter('--conf must be a JSON object, such as {"day": "2026-01-31"}')
    return found
