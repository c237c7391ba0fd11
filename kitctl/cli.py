"""The command line: commands are loaded one at a time, and every error is printed here."""

from __future__ import annotations

import itertools
import os
import re
import signal
import sys
import traceback
from typing import Any

import typer

from kitctl import __version__
from kitctl.commands.console import conditions, errors, paste, streams, usage
from kitctl.commands.console.help import Group, load
from kitctl.commands.table import ABOUT, COMMANDS, EXAMPLE
from kitctl.errors import ExitCode, KitError


class LazyGroup(Group):
    """A command group that imports a command's module only when that command is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the order of the table: the way a user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and build one command; None for an unknown name."""
        return load(cmd_name) if cmd_name in COMMANDS else None

    def names(self, ctx: Any) -> dict[str, list[str]]:
        """Add the commands of the groups, which people type without their group."""
        found = super().names(ctx)
        for name in COMMANDS:
            if hasattr(group := load(name), "list_commands"):
                for sub in group.list_commands(ctx):
                    found[sub] = [*found.get(sub, []), f"{name} {sub}"]
        return found

    def invoke(self, ctx: Any) -> Any:
        """Run the command; here, since further out typer turns these two into exit codes without a message."""
        _count_truth()
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            sys.exit(_stopped(stop))
        except BrokenPipeError:
            # The reader of our stdout (head, less) has ended: no message, and no traceback at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(int(ExitCode.OK))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


class Terminated(KeyboardInterrupt):
    """SIGTERM: it ends a command as Ctrl-C does, with an exit code of its own."""


def _terminate(*_: object) -> None:
    raise Terminated


def _stopped(stop: KeyboardInterrupt) -> int:
    """Tell that the command was stopped, and return the exit code."""
    word, code = (
        ("Terminated", ExitCode.TERMINATED) if isinstance(stop, Terminated) else ("Interrupted", ExitCode.INTERRUPTED)
    )
    sys.stderr.write(f"\n{word}. What was done so far is kept; run the same command again to continue.\n")
    return int(code)


_OUTPUT = re.compile(r"(?:--output(?:=(.*))?|-[qvwy]*o(.*))", re.DOTALL)
"""The option -o, also behind switches (`-qo json`), and its value if that is part of the word."""


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXAMPLE,
)


def _count_truth() -> None:
    """Allow true and false in KITCTL_VERBOSE, as in all other switches: click accepts only numbers for a counter."""
    counts = {"true": "1", "yes": "1", "on": "1", "false": "0", "no": "0", "off": "0"}
    given = os.environ.get("KITCTL_VERBOSE", "").strip().lower()
    if given in counts:
        os.environ["KITCTL_VERBOSE"] = counts[given]


def _version(show: bool) -> None:
    if show:
        typer.echo(__version__)
        raise typer.Exit


@app.callback(help=ABOUT)
def root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version"),
) -> None:
    """Take the options of the program itself."""


def _wants_json(argv: list[str]) -> bool:
    """Whether this call asked for a JSON report; read from argv, since a usage error comes before parsing ends.

    As for click, the last -o wins, and the environment counts only without one. What follows `--` belongs to another
    program.
    """
    argv = argv[: argv.index("--")] if "--" in argv else argv
    asked = os.environ.get("KITCTL_OUTPUT", "")
    for word, after in itertools.pairwise([*argv, ""]):
        if found := _OUTPUT.fullmatch(word):
            asked = found[1] or found[2] or after
    return asked == "json"


def meant(argv: list[str]) -> list[str]:
    """Return what is run for `help COMMAND`, which kubectl, Helm and minikube have as well."""
    if argv[:1] != ["help"]:
        return argv
    names = itertools.takewhile(lambda word: not word.startswith("-"), argv[1:])
    return [*names, "--help"]


def main() -> None:
    """Run kitctl and end the process with the exit code of the design."""
    signal.signal(signal.SIGTERM, _terminate)
    streams.prepare()
    paste.forget()
    try:
        # Not standalone: there typer prints usage errors itself, as text whatever -o says.
        argv = meant(sys.argv[1:])
        conditions.refuse_removed_folder(argv)
        code = typer.main.get_command(app)(argv, prog_name="kitctl", standalone_mode=False)
    except KeyboardInterrupt as stop:
        sys.exit(_stopped(stop))
    except Exception as problem:  # noqa: BLE001 - otherwise Python would print its traceback
        sys.exit(_tell(problem))
    sys.exit(code if isinstance(code, int) else int(ExitCode.OK))


def _tell(problem: Exception) -> int:
    """Print a failure and return the exit code."""
    error, as_json = _as_error(problem), _wants_json(sys.argv[1:])
    error.fix = paste.pasteable(error.fix)
    if type(problem).__name__ == "NoArgsIsHelpError" and not as_json:
        sys.stderr.write(f"{problem.format_message()}\n")  # type: ignore[attr-defined]  # typer's own, private to it
    else:
        errors.print_error(error, as_json=as_json)
    return int(error.code)


def _as_error(problem: Exception) -> KitError:
    """Return any failure in the one shape of errors."""
    if isinstance(problem, KitError):
        return problem
    if hasattr(problem, "format_message"):
        return usage.refusal(problem)
    from kitctl.tools.process import ECHO  # noqa: PLC0415 - set by -v of the command

    if ECHO.verbose:
        traceback.print_exception(problem)
    return conditions.of(problem) or KitError(
        "internal-error",
        f"Internal error: {type(problem).__name__}: {problem}",
        cause="This is a bug in kitctl, or a condition of this machine that kitctl does not handle",
        fix="Run the same command with -v and report the traceback with `kitctl --version` and `kitctl doctor`",
    )


if __name__ == "__main__":
    main()
