"""The commands of kitctl, in the order in which a user meets them, and the help that lists them.

This help is also printed without typer, whose import takes ten times as long; a test holds the two texts equal.
"""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    # name: (module in kitctl.commands, one line for the list)
    "init": ("init", "Write a project: an example DAG, tests, kitctl.yaml"),
    "up": ("up", "Create cluster, images and release, and run a test DAG"),
    "down": ("down", "Remove the release; the data stays unless --volumes"),
    "status": ("status", "Show the health of the release and its task pods"),
    "credentials": ("credentials", "Show URL, user and password"),
    "open": ("open", "Open the UI in a browser, or print its URL"),
    "run": ("run", "Run a DAG and follow it to the end"),
    "logs": ("logs", "Show logs of a component or task; or a support archive"),
    "exec": ("exec", "Run a command inside a component"),
    "scale": ("scale", "Change the number of Celery workers or other pods"),
    "doctor": ("doctor", "Check the requirements of `up`"),
    "deploy": ("deploy", "Install or upgrade the release on an existing cluster"),
    "upgrade-check": ("upgrade_check", "Check what an upgrade of Airflow needs"),
    "cluster": ("cluster", "Create and delete clusters"),
    "image": ("image", "Build, load, push, save and restore images"),
    "render": ("render", "Show airflow.cfg, pod templates, values and manifests"),
    "config": ("config", "Show options and where their values come from"),
    "dags": ("dags", "Check DAGs, test them and copy them to the release"),
    "pytest": ("pytest", "Run the tests of a project in the image of its DAGs"),
    "objects": ("objects", "Keep connections, variables, pools and users in a file"),
    "values": ("values", "Carry values files of other charts over to this one"),
    "version": ("version", "Show the versions of kitctl, its chart and Airflow"),
}
ABOUT = "Run Apache Airflow 3 on Kubernetes: from a bare machine to a green DAG run."
EXAMPLE = "Example: kitctl up --dag-mode git --git-repo https://example.com/dags.git"

_OPTIONS = """\
  --version             Print the version
  --install-completion  Install completion for the current shell.
  --show-completion     Show completion for the current shell, to copy it or
                        customize the installation.
  -h, --help            Show this message and exit.
"""
WIDTH = 80
"""Columns that this text needs; typer uses no more in a wider terminal, and breaks the lines in a narrower one."""


def overview() -> str:
    """Return the text of `kitctl --help`."""
    width = max(len(name) for name in COMMANDS)
    commands = "".join(f"  {name:<{width}}  {text}\n" for name, (_, text) in COMMANDS.items())
    usage = "Usage: kitctl [OPTIONS] COMMAND [ARGS]..."
    return f"{usage}\n\n  {ABOUT}\n\nOptions:\n{_OPTIONS}\nCommands:\n{commands}\n  {EXAMPLE}\n"
