"""kitctl.yaml as click's `default_map`: click decides what wins, and knows where each value came from.

The file is read when click asks for the first value that neither command line nor environment gave. So --help, usage
errors and completion never read it, and without a file nothing is imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import typer

from kitctl.commands.options import project
from kitctl.commands.options.known import BY_VARIABLE
from kitctl.model import project_file
from kitctl.model.project_file import ProjectFile
from kitctl.model.settings import Settings

_OF_PASTE = ("namespace", "release", "context", "kubeconfig", "provider", "cluster")


class Defaults(dict[str, Any]):
    """What the project says to the parameters of one command; `get` is all that click asks of it."""

    def __init__(self, ctx: typer.Context, params: Sequence[Any]) -> None:
        """Read nothing yet.

        Args:
            ctx: Context of the command. --project and --environment are eager, so they are in it before others ask.
            params: Parameters of the command.
        """
        super().__init__()
        self._ctx = ctx
        self.keys_of = {p.name: key for p in params if (key := _key(p))}

    @cached_property
    def file(self) -> ProjectFile | None:
        """The file; None where there is none.

        Raises:
            KitError: as `project_file.read`.
        """
        given = self._ctx.params.get("project")
        path = given or project_file.find(Path.cwd(), _home())
        return project_file.read(path) if path else None

    @cached_property
    def settings(self) -> dict[str, project.Setting]:
        """What it says for the chosen environment, by key; all of it was judged.

        Raises:
            KitError: as `project.settings`, and `project-environment-unknown` for one without a file.
        """
        environment = self._ctx.params.get("environment") or ""
        if self.file is None:
            if environment:
                raise project.environment_unknown(environment, None)
            return {}
        found = project.settings(self.file, environment)
        from kitctl.commands.options import every  # noqa: PLC0415 - builds all options, which only a project needs

        every.judge(self.file)
        return found

    def get(self, name: str, default: Any = None) -> Any:
        """Return the texts of a parameter as the environment would have them."""
        if name == "environment" and name not in self.keys_of:
            entry = self.file.default if self.file else None
            return entry.value if entry else default
        setting = self.settings.get(self.keys_of[name]) if name in self.keys_of else None
        return setting.value if setting else default


def _key(param: Any) -> str | None:
    names = [param.envvar] if isinstance(param.envvar, str) else list(param.envvar or ())
    return BY_VARIABLE.get(names[0]) if names else None


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:  # a uid without a name has no home
        return None


def typed(ctx: typer.Context, name: str) -> bool:
    """Whether the command line or the environment gave an option."""
    source = ctx.get_parameter_source(name)
    return source is not None and source.name in {"COMMANDLINE", "ENVIRONMENT"}


def folder(ctx: typer.Context) -> Path | None:
    """Return the folder of the project; None without one, or for a file such as /dev/null."""
    file = ctx.default_map.file if isinstance(ctx.default_map, Defaults) else None
    return file.path.absolute().parent if file and file.path.is_file() else None


def from_project(ctx: typer.Context) -> frozenset[str]:
    """Return the keys of the options whose values come from the project file."""
    keys_of = ctx.default_map.keys_of if isinstance(ctx.default_map, Defaults) else {}
    sources = {key: ctx.get_parameter_source(name) for name, key in keys_of.items()}
    return frozenset(key for key, source in sources.items() if source is not None and source.name == "DEFAULT_MAP")


def usual(ctx: typer.Context) -> Settings:
    """Return what a command in this folder means by itself, without options that choose a release or a cluster."""
    if not isinstance(ctx.default_map, Defaults):
        return Settings()
    says = {name: ctx.default_map.get(name) for name in _OF_PASTE}
    return Settings(**{name: value for name, value in says.items() if value is not None})
