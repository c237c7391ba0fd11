"""What kitctl says to a command line that it does not understand: which word, why, and what to type instead."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from kitctl.errors import ExitCode, KitError

_ALSO_CALLED = {
    **dict.fromkeys(("install", "upgrade", "apply"), "deploy"),
    **dict.fromkeys(("uninstall", "delete", "stop", "destroy"), "down"),
    **dict.fromkeys(("start", "create"), "up"),
    **dict.fromkeys(("get", "list", "describe"), "status"),
    **{"trigger": "run", "shell": "exec", "port-forward": "open"},
}
"""What other programs call a command of this kit."""
_NEAR = 0.6
"""How alike two words must be: 1.0 is the same word."""
_WORDS: dict[str, Callable[[Any, Mapping[str, Any]], str]] = {
    "float_parsing": lambda given, _: f"{given!r} is not a number",
    "int_parsing": lambda given, _: f"{given!r} is not a whole number",
    "bool_parsing": lambda given, _: f"{given!r} is neither true nor false",
    "greater_than_equal": lambda given, limits: f"{given} is too small; the least is {limits['ge']}",
    "less_than_equal": lambda given, limits: f"{given} is too large; the most is {limits['le']}",
    "value_error": lambda _, more: str(more["error"]).rstrip("."),
}
"""Words for a value that its option does not take, by the kind of the refusal in pydantic."""


def refusal(problem: Any) -> KitError:
    """Return a refusal of the command line; its class is click's, which typer carries inside under a private name."""
    context: Any = getattr(problem, "ctx", None)
    path = context.command_path if context else "kitctl"
    words, cause = str(problem.format_message()), ""
    kind = type(problem).__name__
    if kind == "NoArgsIsHelpError":  # its words are the whole help
        words = f"{path} needs a command"
    elif kind == "MissingParameter":
        words, cause = f"{path} needs {_name(problem.param)}", context.get_usage()
    elif "extra argument" in words:
        cause = context.get_usage()
    elif kind == "BadParameter" and getattr(problem, "param", None) is not None:
        words = f"{_origin(problem, context)}: {value_words(problem)}"
    option = getattr(problem, "option_name", "")
    fix = f"{path} --help    # lists its arguments and options"
    if option and hasattr(context and context.command, "list_commands"):
        fix = f"Options come after the command name: {path} COMMAND {option} …\n{path} --help    # lists the commands"
    return KitError("usage", words, cause=cause, fix=fix, code=ExitCode.USAGE)


def value_words(problem: Any) -> str:
    """Return why an option does not take a value; pydantic, which judges it, speaks of its own insides."""
    found = getattr(problem.__cause__, "errors", None)
    if not found:
        return str(problem.message)
    first = found()[0]
    words = _WORDS.get(first["type"])
    return words(first["input"], first.get("ctx") or {}) if words else str(problem.message)


def unknown_command(path: str, name: str, known: Mapping[str, list[str]]) -> KitError:
    """Return the error of a command that does not exist, with those that may have been meant.

    Args:
        path: What stands before it: `kitctl`, or `kitctl dags`.
        name: The word.
        known: What a user may type for a command, and how such commands are called below `path`.
    """
    also = _ALSO_CALLED.get(name, "")
    words = [word for word in (also, name) if word in known] or get_close_matches(name.lower(), known, 3, _NEAR)
    near = list(dict.fromkeys(command for word in words for command in known[word]))
    fix = [*(f"{path} {one}" for one in near), f"{path} --help    # lists the commands"]
    return KitError(
        "usage",
        f"{path} has no command {name!r}",
        cause=f"Did you mean {' or '.join(near)}?" if near else "",
        fix="\n".join(fix),
        code=ExitCode.USAGE,
    )


def _name(param: Any) -> str:
    return str(param.metavar or param.name.upper() if param.param_type_name == "argument" else param.opts[-1])


def _origin(problem: Any, context: Any) -> str:
    """Return what a user has to correct: the option, or the variable that set it."""
    param = problem.param
    source = context.get_parameter_source(param.name) if context else None
    if source is not None and source.name == "ENVIRONMENT":
        names = [param.envvar] if isinstance(param.envvar, str) else list(param.envvar)
        return next((name for name in names if os.environ.get(name)), names[0])
    return _name(param)
