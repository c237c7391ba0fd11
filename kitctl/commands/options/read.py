"""How words of the command line and of the environment are read where typer's own reading does not do."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import typer

_CI = ("github", "gitlab", "none")


def path(text: str) -> Path:
    """Return a path; an empty one is refused, since to Python it is the working folder."""
    if not text:
        raise typer.BadParameter(
            "it is empty, for example because of an unset shell variable; give a path or leave it out"
        )
    return Path(text)


def values(ctx: typer.Context, param: typer.CallbackParam, value: list[Path] | None) -> list[Path]:
    """Put the values files of the project below those that were given: Helm lets the later ones win."""
    return [*map(Path, _below(ctx, param)), *(value or ())]


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
