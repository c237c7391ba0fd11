"""A minimal line for each command, and a place where it runs without harm: no builder, no cluster, an empty cache."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from kitctl import cli
from kitctl.tools import toolbox
from kitctl.tools.process import ECHO

LINES: dict[str, tuple[str, ...]] = {
    "init": ("new",),
    "up": (),
    "down": (),
    "status": (),
    "credentials": (),
    "open": ("--print",),
    "run": ("etl",),
    "logs": ("scheduler",),
    "exec": ("scheduler", "--", "true"),
    "scale": ("--scheduler", "1"),
    "doctor": (),
    "upgrade-check": (),
    "deploy": (),
    "cluster create": (),
    "cluster delete": (),
    "image build": (),
    "image prepare": (),
    "image load": ("a/b:1",),
    "image push": ("a/b:1",),
    "image save": ("new.tar", "a/b:1"),
    "image restore": ("saved.tar",),
    "render cfg": (),
    "render pod": (),
    "render values": (),
    "render manifests": (),
    "config show": (),
    "dags check": ("dags",),
    "dags test": ("etl",),
    "dags push": ("dags",),
    "pytest": (),
    "objects apply": ("objects.yaml",),
    "objects diff": ("objects.yaml",),
    "objects export": (),
    "values migrate": ("old.yaml",),
    "version": (),
}
"""Arguments of each command, beside those of a test; relative paths are files of the place."""

FILES = {
    "dags/etl.py": "from airflow.sdk import DAG\nDAG('etl')\n",
    "tests/test_etl.py": "def test_nothing(): ...\n",
    "objects.yaml": "pools: {a: {slots: 1}}\n",
    "old.yaml": "executor: KubernetesExecutor\nwebserver: {replicas: 2}\n",
    "saved.tar": "no archive",
}


def leaves() -> set[str]:
    """Return the names of all commands that do something."""

    def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
        if not hasattr(command, "list_commands"):
            yield " ".join(path)
            return
        for name in command.list_commands(None):
            yield from walk(command.get_command(None, name), (*path, name))

    return set(walk(typer.main.get_command(cli.app)))


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def id(self) -> str:
        """ID of the error that was printed as JSON; "" for a report. Anything else on stdout fails the test."""
        found = json.loads(self.out)
        return str(found["error"]["id"]) if isinstance(found, dict) and "error" in found else ""


@dataclass
class Place:
    """A working folder with FILES, programs of its own, and a kubeconfig whose cluster is gone.

    Attributes:
        folder: Working folder.
        programs: The only folder on PATH; it has kubectl and helm.
        run: Runs a command line in this process.
    """

    folder: Path
    programs: Path
    run: Callable[..., Done]

    def command(self, name: str, *more: str) -> Done:
        """Run a command of LINES with its arguments, and with more options before them."""
        return self.run(*name.split(), *more, *LINES[name])


def kubeconfig(path: Path, server: str = "https://127.0.0.1:9") -> Path:
    """Write a kubeconfig with the context `gone`; nothing listens on the port of the discard service."""
    parts = {"clusters": ("cluster", {"server": server}), "users": ("user", {})}
    named: dict[str, Any] = {key: [{"name": "c", kind: body}] for key, (kind, body) in parts.items()}
    named["contexts"] = [{"name": "gone", "context": {"cluster": "c", "user": "c"}}]
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "gone", **named}))
    return path


def make_place(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], work: str = "work"
) -> Place:
    """Make a place below a folder.

    Args:
        root: Where.
        monkeypatch: Changes environment and working folder until the test ends.
        capsys: Takes what is printed.
        work: Name of the working folder.
    """
    folder, programs = root / work, root / "bin"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    programs.mkdir()
    for program in ("kubectl", "helm"):
        (programs / program).symlink_to(toolbox.tool(program))
    # They are the suite's own: which versions they have is not asked again for each place.
    monkeypatch.setattr(toolbox, "_suitable", lambda *_: True)
    (root / "home").mkdir()
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "NO_COLOR", "CI"):
        monkeypatch.delenv(name, raising=False)
    own = {"PATH": programs, "HOME": root / "home", "KITCTL_CACHE": root / "cache", "KITCTL_YES": "1"}
    for name, value in {**own, "KUBECONFIG": kubeconfig(root / "config")}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.chdir(folder)
    monkeypatch.setattr(ECHO, "verbose", 0)

    def run(*words: str) -> Done:
        before = signal.getsignal(signal.SIGTERM)
        monkeypatch.setattr(sys, "argv", ["kitctl", *words])
        capsys.readouterr()
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            signal.signal(signal.SIGTERM, before)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return Place(folder, programs, run)
