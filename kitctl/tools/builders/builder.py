"""Which image builder is used: docker, podman or buildah, whichever answers."""

from __future__ import annotations

import os

from kitctl.errors import ExitCode, KitError
from kitctl.tools.builders.base import HOST_CACHE, Build, Builder, Mount
from kitctl.tools.builders.buildah import Buildah
from kitctl.tools.builders.engine import Engine
from kitctl.tools.process import run, which

__all__ = ["HOST_CACHE", "NAMES", "Build", "Builder", "Mount", "find", "known"]

NAMES = ("docker", "podman", "buildah")


def find(chosen: str = "") -> Builder:
    """Return a builder that works.

    Args:
        chosen: "docker", "podman", "buildah", or "" / "auto" for the first that answers ($KITCTL_BUILDER too).

    Raises:
        KitError: `builder-unknown`, or `builder-missing` where none answers.
    """
    wanted = known(chosen or os.environ.get("KITCTL_BUILDER") or "auto")
    said: list[str] = []
    for name in NAMES if wanted == "auto" else (wanted,):
        problem = _problem(name)
        if problem is None:
            return Buildah() if name == "buildah" else Engine(name)
        said.append(f"{name}: {problem}")
    raise KitError(
        "builder-missing",
        "No image builder is available",
        cause="\n".join(said),
        fix="Start Docker or Podman, or install buildah: sudo apt-get install -y buildah",
        code=ExitCode.PREFLIGHT,
    )


def known(name: str) -> str:
    """Return the name of a builder, or "auto", as it is.

    Raises:
        KitError: `builder-unknown`.
    """
    if name in (*NAMES, "auto"):
        return name
    raise KitError(
        "builder-unknown",
        f"There is no image builder {name!r}",
        cause="--builder or KITCTL_BUILDER names it",
        fix=f"kitctl image build --builder auto    # or one of {', '.join(NAMES)}",
        code=ExitCode.USAGE,
    )


def _problem(name: str) -> str | None:
    """Return why a builder cannot be used, or None when it answers."""
    if which(name) is None:
        return "not installed"
    probe = {
        # A docker client is often there without an engine: only the server's answer counts.
        "docker": ["docker", "version", "--format", "{{.Server.Version}}"],
        "podman": ["podman", "info", "--format", "{{.Store.GraphDriverName}}"],
        "buildah": ["buildah", "version"],
    }
    try:
        answer = run(probe[name], check=False, timeout=10)
    except KitError as error:
        return error.message
    return None if answer.ok and answer.stdout.strip() else (answer.stderr.strip().splitlines() or ["no answer"])[-1]
