"""Entry point: a table of commands, loaded one at a time, and the one place that prints errors."""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from kitctl import __version__
from kitctl.errors import ExitCode, KitError

COMMANDS: dict[str, tuple[str, str]] = {
    # name: (module in kitctl.commands, one line for the list)
    "up": ("up", "From nothing to a green DAG run"),
    "down": ("down", "Remove the release; the data stays unless --volumes"),
    "status": ("status", "Health of the release, its components and task pods"),
    "credentials": ("credentials", "URL, user and password"),
    "open": ("open", "Open the UI, or print its address"),
    "logs": ("logs", "Logs of a component or of a task"),
    "exec": ("exec", "Run a command inside a component"),
    "doctor": ("doctor", "Check what `up` needs"),
    "deploy": ("deploy", "Install or upgrade the release on a cluster that is there"),
    "cluster": ("cluster", "Create and delete clusters"),
    "image": ("image", "Build, load and push images"),
    "render": ("render", "Show airflow.cfg, pod templates, values and manifests"),
    "dags": ("dags", "Check DAGs and bring them to the release"),
}


class LazyGroup(TyperGroup):
    """A command group that imports a command's module only when that command is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the order of the table: the way a user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and build one command; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"kitctl.commands.{COMMANDS[cmd_name][0]}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def invoke(self, ctx: Any) -> Any:
        """Run the command; here, since further out typer turns these two into exit codes without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.stderr.write("\nInterrupted. What was done stays; run the same command again to go on.\n")
            sys.exit(int(ExitCode.INTERRUPTED))
        except BrokenPipeError:
            # The reader of our stdout (head, less) went away: nothing to tell, and no traceback at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(int(ExitCode.OK))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: kitctl up --dag-mode git --git-repo https://example.com/dags.git",
)


def _version(show: bool) -> None:
    if show:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version"),
) -> None:
    """Run Apache Airflow 3 on Kubernetes: from a bare machine to a green DAG run."""


def _wants_json(argv: list[str]) -> bool:
    """Whether this call asked for a JSON report; read from argv, since a usage error comes before parsing ends."""
    pairs = zip(argv, [*argv[1:], ""], strict=True)
    asked = any((a in {"-o", "--output"} and b == "json") or a in {"-ojson", "--output=json"} for a, b in pairs)
    return asked or os.environ.get("KITCTL_OUTPUT") == "json"


def print_error(error: KitError, *, as_json: bool) -> None:
    """Print an error: JSON on stdout where a report was asked as JSON, else text on stderr."""
    if as_json:
        sys.stdout.write(json.dumps(error.as_dict()) + "\n")
        return
    lines = [f"Error: {error.message} [{error.id}]"]
    if error.cause:
        lines.append("  Cause: " + error.cause.replace("\n", "\n         "))
    if error.fix:
        lines.append("  Fix:   " + error.fix.replace("\n", "\n         "))
    lines.append(f"  More:  docs/errors.md#{error.id}")
    sys.stderr.write("\n".join(lines) + "\n")


def main() -> None:
    """Run kitctl and end the process with the exit code of the design."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app()
    except KitError as error:
        print_error(error, as_json=_wants_json(sys.argv[1:]))
        sys.exit(int(error.code))


if __name__ == "__main__":
    main()
