"""Commands get their options: those of their own from their signature, the global ones from here.

The global options are injected into every command, so that they can stand after its name as kubectl's do.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Set
from dataclasses import fields
from typing import Any, get_type_hints

import typer

from kitctl.commands.console import paste
from kitctl.commands.console.help import GLOBAL, App, Command, Group
from kitctl.commands.options import global_flags
from kitctl.commands.options.defaults import Defaults, folder, from_project, typed, usual
from kitctl.commands.options.params import as_typer, flag_of
from kitctl.model.settings import Settings
from kitctl.tools import process


def _settings(
    ctx: typer.Context,
    project: global_flags.Project,
    environment: global_flags.Environment,
    namespace: global_flags.Namespace,
    release: global_flags.Release,
    context: global_flags.Context,
    kubeconfig: global_flags.Kubeconfig,
    provider: global_flags.Provider,
    cluster: global_flags.ClusterName,
    values: global_flags.Values,
    sets: global_flags.Sets,
    set_strings: global_flags.SetStrings,
    set_files: global_flags.SetFiles,
    set_jsons: global_flags.SetJsons,
    output: global_flags.Output,
    verbose: global_flags.Verbose,
    quiet: global_flags.Quiet,
    dry_run: global_flags.DryRun,
    yes: global_flags.Yes,
    wait: global_flags.Wait,
    timeout: global_flags.Timeout,
    no_color: global_flags.NoColor,
) -> Settings:
    process.ECHO.verbose, process.ECHO.quiet = verbose, quiet
    settings = Settings(
        namespace=namespace,
        release=release,
        context=context,
        kubeconfig=kubeconfig,
        provider=provider,
        cluster=cluster,
        values=tuple(values or ()),
        sets=tuple(sets or ()),
        set_strings=tuple(set_strings or ()),
        set_files=tuple(set_files or ()),
        set_jsons=tuple(set_jsons or ()),
        output=output,
        verbose=verbose,
        quiet=quiet,
        dry_run=dry_run,
        yes=yes,
        wait=wait,
        timeout=timeout,
        color=not no_color and Settings().color,
        folder=folder(ctx),
        from_project=from_project(ctx),
    )
    chosen = [("--project", project), ("-e", environment if typed(ctx, "environment") else None)]
    paste.remember(settings, usual(ctx), [(name, str(value)) for name, value in chosen if value])
    return settings


def with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the global options.

    Args:
        command: Function whose first parameter is `settings: Settings`; its other parameters are its own options
            (annotated with a flag), arguments (annotated with one of typer's), and typer's context if it asks for it.

    Returns:
        A function that typer registers: own options first, then the global ones. A short name that the command uses
        itself (`logs -f`, as kubectl has it) is its own there; the global option keeps its long name.
    """
    declared = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    asked = {p.name for p in declared if p.annotation is typer.Context}
    taken = {name for p in declared if (flag := flag_of(p)) for name in flag.names}
    own = [as_typer(p) for p in declared if p.name not in asked]
    everyones = inspect.signature(_settings, eval_str=True).parameters.values()
    shared = [as_typer(p, panel=GLOBAL, taken=taken) for p in everyones]
    if clash := {p.name for p in own} & {p.name for p in shared}:
        raise TypeError(f"{command.__name__} repeats global options: {sorted(clash)}")

    @functools.wraps(command)
    def shell(**given: Any) -> Any:
        context = given["ctx"]
        settings = _settings(**{p.name: given.pop(p.name) for p in shared})
        return command(settings, **given, **dict.fromkeys(asked, context))

    shell.__signature__ = inspect.Signature(own + shared)  # type: ignore[attr-defined]
    shell.__annotations__ = {p.name: p.annotation for p in own + shared}
    return shell


def with_options(kind: type, without: Set[str] = frozenset()) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the fields of a dataclass as options of its own; to be used below `with_settings`.

    Args:
        kind: Dataclass whose fields are annotated with flags.
        without: Fields that are no options of this command; they get the defaults of their flags.

    Returns:
        A decorator for `command(settings, typed)`, where `typed` is an instance of the dataclass; other parameters of
        the command stay.
    """
    hints = get_type_hints(kind, include_extras=True)
    names = [f.name for f in fields(kind)]
    if wrong := without - set(names):
        raise TypeError(f"{kind.__name__} has no {sorted(wrong)}")
    every = [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, annotation=hints[n]) for n in names]
    left_out = {p.name: flag.default for p in every if p.name in without and (flag := flag_of(p))}

    def wrap(command: Callable[..., Any]) -> Callable[..., Any]:
        first, _, *more = inspect.signature(command, eval_str=True).parameters.values()
        own = [p for p in every if p.name not in without]

        @functools.wraps(command)
        def shell(settings: Settings, **given: Any) -> Any:
            return command(settings, kind(**left_out, **{p.name: given.pop(p.name) for p in own}), **given)

        shell.__signature__ = inspect.Signature([first, *own, *more])  # type: ignore[attr-defined]
        return shell

    return wrap


class _Command(Command):
    """A command whose options take what nobody typed from the project file."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line; a shell that completes it needs no values."""
        if not ctx.resilient_parsing:
            ctx.default_map = Defaults(ctx, self.params)
        return super().parse_args(ctx, args)


def make_app(text: str = "", example: str = "", *, project: bool = True) -> typer.Typer:
    """Return a typer app as every command module makes it.

    Args:
        text: Help of the group, for modules with sub-commands; empty for a module that is one command.
        example: Command line that ends the group's help; a single command has its own epilog.
        project: Whether its commands read kitctl.yaml; that of a folder above says nothing to a new project.
    """
    return App(
        _Command if project else Command,
        cls=Group,
        help=text or None,
        epilog=f"Example: {example}" if example else None,
        add_completion=False,
        rich_markup_mode=None,
        no_args_is_help=bool(text),
    )
