"""What every command knows: the release it speaks of and how it talks."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

DEFAULT_RELEASE = "airflow"
DEFAULT_NAMESPACE = "airflow"
NODE_PORT = 30809
"""NodePort of the API server on clusters that the kit made: the port of the minikube tutorial."""


class Output(StrEnum):
    """Formats of reports on stdout."""

    TEXT = "text"
    JSON = "json"
    YAML = "yaml"


@dataclass(frozen=True)
class Settings:
    """The options that all commands share.

    Attributes:
        namespace: Namespace of the release.
        release: Helm release name.
        context: Kube context; None means the one of the chosen provider, or the current one.
        kubeconfig: Kubeconfig file; None means KUBECONFIG or ~/.kube/config.
        provider: Cluster provider, or "auto".
        cluster: Name of the cluster for providers that make clusters; "" means the provider's default.
        values: Values files, later ones win.
        sets: `key=value` settings as Helm's --set takes them; they win over files.
        set_strings: The same for --set-string, whose values are always strings.
        set_files: `key=path` settings as Helm's --set-file takes them.
        set_jsons: `key=json` settings as Helm's --set-json takes them.
        output: Format of reports.
        verbose: 0 quiet talk, 1 echoes external commands, 2 also their output.
        quiet: Only results and errors.
        dry_run: Say what would be done, change nothing.
        yes: Answer every question with yes.
        wait: Wait until what was asked for is ready.
        timeout: Seconds for the whole operation.
        color: Use colours where the terminal has them.
        folder: Folder of the project file; None without one.
        from_project: Keys of the options whose values come from that file.
    """

    namespace: str = DEFAULT_NAMESPACE
    release: str = DEFAULT_RELEASE
    context: str | None = None
    kubeconfig: Path | None = None
    provider: str = "auto"
    cluster: str = ""
    values: tuple[Path, ...] = ()
    sets: tuple[str, ...] = ()
    set_strings: tuple[str, ...] = ()
    set_files: tuple[str, ...] = ()
    set_jsons: tuple[str, ...] = ()
    output: Output = Output.TEXT
    verbose: int = 0
    quiet: bool = False
    dry_run: bool = False
    yes: bool = False
    wait: bool = True
    timeout: float = 900.0
    color: bool = field(default_factory=lambda: "NO_COLOR" not in os.environ)
    folder: Path | None = None
    from_project: frozenset[str] = frozenset()


def cache_dir() -> Path:
    """Folder of tools, images and wheels that outlives checkouts ($KITCTL_CACHE, else ~/.cache/kitctl)."""
    return Path(os.environ.get("KITCTL_CACHE") or Path.home() / ".cache" / "kitctl")


def work_dir(settings: Settings) -> Path:
    """Folder of what kitctl compiled for a release: `.kit/<release>` in the project, else in the current folder."""
    return (settings.folder or Path.cwd()) / ".kit" / settings.release
