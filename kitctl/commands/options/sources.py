"""Where the values of the options come from, as click knows it; `kitctl config show` prints it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from kitctl.commands.options.defaults import Defaults
from kitctl.commands.options.known import IN_FILE, LAYERS
from kitctl.model.secret_names import masked

_SOURCES = {"COMMANDLINE": "flag", "ENVIRONMENT": "variable", "DEFAULT_MAP": "project", "DEFAULT": "default"}


@dataclass(frozen=True)
class OptionValue:
    """The value of one option.

    Attributes:
        option: Its key in kitctl.yaml: the long name without dashes.
        value: Text, number, boolean, list of texts, or None; secrets are masked.
        source: What decides: "flag", "variable", "project" or "default".
        origin: The same for people, for example "kitctl.yaml environments.dev line 7".
    """

    option: str
    value: Any
    source: str
    origin: str


@dataclass(frozen=True)
class ConfigReport:
    """The report of `kitctl config show`.

    Attributes:
        project: The project file; "" without one.
        environment: The environment in use; "" for none.
        environments: All environments of the file.
        options: The options that the file may set.
    """

    project: str
    environment: str
    environments: list[str]
    options: list[OptionValue]


def report(ctx: typer.Context) -> ConfigReport:
    """Return the options of a command that takes all of them, those that were set first."""
    defaults = ctx.default_map
    if not isinstance(defaults, Defaults):
        raise TypeError("the command has no options of a project")
    file, places = defaults.file, {key: name for name, key in defaults.keys_of.items()}
    found = [_option(ctx, defaults, key, places[key]) for key in IN_FILE]
    found.sort(key=lambda one: one.source == "default")
    return ConfigReport(
        project=str(file.path) if file else "",
        environment=ctx.params["environment"] or "",
        environments=list(file.environments) if file else [],
        options=found,
    )


def _option(ctx: typer.Context, defaults: Defaults, key: str, name: str) -> OptionValue:
    source = ctx.get_parameter_source(name)
    word = _SOURCES[source.name if source else "DEFAULT"]
    setting = defaults.settings.get(key)
    origins = []
    if setting and defaults.file and (word == "project" or key in LAYERS):
        origins = [defaults.file.place(entry) for entry in setting.entries]
    if word == "flag":
        origins.append(f"--{key}")
    elif word == "variable":
        origins.append(next(env for env in IN_FILE[key].flag.env if os.environ.get(env)))
    return OptionValue(key, _plain(ctx.params[name]), word, ", ".join(origins) or word)


def _plain(value: Any) -> Any:
    """Return a value as data, with secrets masked."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return masked(str(value)) if isinstance(value, str | Path) else value
