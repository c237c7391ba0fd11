"""The global options, injected into every command, so that they may stand behind it as kubectl's do."""

from __future__ import annotations

import functools
import inspect
import math
import os
from collections.abc import Callable, Set
from copy import copy
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import typer

from kitctl.commands.console.help import GLOBAL, App
from kitctl.commands.paths import checked
from kitctl.model.settings import DEFAULT_NAMESPACE, DEFAULT_RELEASE, Output, Settings
from kitctl.tools import process


def _opt(*names: str, text: str, env: str, **more: Any) -> Any:
    return typer.Option(*names, help=text, envvar=f"KITCTL_{env}", rich_help_panel=GLOBAL, show_default=True, **more)


def _lines(ctx: typer.Context, param: typer.CallbackParam, value: list[str] | None) -> list[str] | None:
    """Split KITCTL_SET by lines only: a value may hold blanks, at which click would cut it."""
    source = ctx.get_parameter_source(str(param.name))
    if source is None or source.name != "ENVIRONMENT":
        return value
    return [line.strip() for line in os.environ["KITCTL_SET"].splitlines() if line.strip()]


def _a_time(value: float) -> float:
    """Refuse what no clock reaches; a range alone lets nan pass, since it is neither below nor above anything."""
    if not 1 <= value < math.inf:
        raise typer.BadParameter(f"{value} is no number of seconds from 1 on")
    return value


def _global_options(  # the signature is what counts: each parameter becomes an option of every command
    namespace: Annotated[
        str, _opt("-n", "--namespace", text="Namespace of the release", env="NAMESPACE")
    ] = DEFAULT_NAMESPACE,
    release: Annotated[str, _opt("--release", text="Name of the Helm release", env="RELEASE")] = DEFAULT_RELEASE,
    context: Annotated[str | None, _opt("--context", text="Kube context", env="CONTEXT")] = None,
    kubeconfig: Annotated[Path | None, _opt("--kubeconfig", text="Kubeconfig file", env="KUBECONFIG")] = None,
    provider: Annotated[
        str, _opt("--provider", text="Cluster provider: auto, node or existing", env="PROVIDER")
    ] = "auto",
    cluster: Annotated[
        str, _opt("--cluster-name", text="Name of the cluster that the kit makes", env="CLUSTER_NAME")
    ] = "kitctl-node",
    values: Annotated[
        list[Path] | None, _opt("-f", "--values", text="Values file, may be repeated", env="VALUES", metavar="FILE")
    ] = None,
    sets: Annotated[
        list[str] | None,
        _opt(
            "--set",
            text="key=value, as Helm takes it; may be repeated",
            env="SET",
            metavar="KEY=VALUE",
            callback=_lines,
        ),
    ] = None,
    output: Annotated[Output, _opt("-o", "--output", text="Format of the report", env="OUTPUT")] = Output.TEXT,
    verbose: Annotated[int, _opt("-v", "--verbose", text="Echo external commands", env="VERBOSE", count=True)] = 0,
    quiet: Annotated[bool, _opt("-q", "--quiet", text="Only results and errors", env="QUIET")] = False,
    dry_run: Annotated[bool, _opt("--dry-run", text="Change nothing, say what would be done", env="DRY_RUN")] = False,
    yes: Annotated[bool, _opt("-y", "--yes", text="Answer every question with yes", env="YES")] = False,
    wait: Annotated[bool, _opt("--wait/--no-wait", text="Wait until all is ready", env="WAIT")] = True,
    timeout: Annotated[
        float, _opt("--timeout", text="Limit of the whole operation, in seconds", env="TIMEOUT", callback=_a_time)
    ] = 900.0,
    no_color: Annotated[bool, _opt("--no-color", text="No colours", env="NO_COLOR")] = False,
) -> Settings:
    process.ECHO.verbose, process.ECHO.quiet = verbose, quiet
    return Settings(
        namespace=namespace,
        release=release,
        context=context,
        kubeconfig=kubeconfig,
        provider=provider,
        cluster=cluster,
        values=tuple(values or ()),
        sets=tuple(sets or ()),
        output=output,
        verbose=verbose,
        quiet=quiet,
        dry_run=dry_run,
        yes=yes,
        wait=wait,
        timeout=timeout,
        color=not no_color and Settings().color,
    )


def _names(parameter: inspect.Parameter) -> list[str]:
    """Return the names of an option on the command line, e.g. ["-f", "--values"]."""
    return [name for note in getattr(parameter.annotation, "__metadata__", ()) for name in _declared(note)]


def _declared(note: Any) -> list[str]:
    # Behind Annotated, typer finds an option's first name where a default would stand otherwise.
    words = (getattr(note, "default", None), *(getattr(note, "param_decls", None) or ()))
    return [word for word in words if isinstance(word, str) and word.startswith("-")]


def _without(parameter: inspect.Parameter, taken: set[str]) -> inspect.Parameter:
    """Return a global option without the names that the command's own options have."""
    if not taken.intersection(_names(parameter)):
        return parameter
    kind, note = get_args(parameter.annotation)
    note = copy(note)
    note.default, *note.param_decls = (name for name in _declared(note) if name not in taken)
    return parameter.replace(annotation=Annotated[kind, note])


def with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the global options.

    Args:
        command: Function whose first parameter is `settings: Settings`; its other parameters stay options of its own.

    Returns:
        A function that typer registers: own options first, then the global ones. A short name that the command uses
        itself (`logs -f`, as kubectl has it) is its own there; the global option keeps its long name.
    """
    own = [checked(p) for p in inspect.signature(command, eval_str=True).parameters.values()][1:]
    taken = {name for parameter in own for name in _names(parameter)}
    shared = list(inspect.signature(_global_options, eval_str=True).parameters.values())
    shared = [_without(checked(p.replace(kind=inspect.Parameter.KEYWORD_ONLY)), taken) for p in shared]
    own_names = {p.name for p in own}

    @functools.wraps(command)
    def shell(**given: Any) -> Any:
        settings = _global_options(**{p.name: given.pop(p.name) for p in shared})
        return command(settings, **given)

    keyword_own = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
    if clash := own_names & {p.name for p in shared}:
        raise TypeError(f"{command.__name__} repeats global options: {sorted(clash)}")
    shell.__signature__ = inspect.Signature(keyword_own + shared)  # type: ignore[attr-defined]
    shell.__annotations__ = {p.name: p.annotation for p in keyword_own + shared}
    return shell


def with_options(kind: type, without: Set[str] = frozenset()) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the fields of a dataclass as options of its own; to be used below `with_settings`.

    Args:
        kind: Dataclass whose fields are annotated as typer's options are.
        without: Fields that are no options of this command; they keep their defaults.

    Returns:
        A decorator for `command(settings, typed)`, where `typed` is an instance of the dataclass.
    """
    hints = get_type_hints(kind, include_extras=True)
    known = {f.name: f.default for f in fields(kind)}
    if wrong := without - known.keys():
        raise TypeError(f"{kind.__name__} has no {sorted(wrong)}")
    own = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[name])
        for name, default in known.items()
        if name not in without
    ]

    def wrap(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def shell(settings: Settings, **given: Any) -> Any:
            return command(settings, kind(**given))

        first = inspect.Parameter("settings", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        shell.__signature__ = inspect.Signature([first, *own])  # type: ignore[attr-defined]
        return shell

    return wrap


def make_app(text: str = "", example: str = "") -> typer.Typer:
    """Return a typer app as every command module makes it.

    Args:
        text: Help of the group, for modules with sub-commands; empty for a module that is one command.
        example: Command line that ends the group's help; a single command has its own epilog.
    """
    return App(
        help=text or None,
        epilog=f"Example: {example}" if example else None,
        add_completion=False,
        rich_markup_mode=None,
        no_args_is_help=bool(text),
    )
