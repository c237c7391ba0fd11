"""Finds the programs that the kit drives: those that scripts/get-tools built, else a suitable one on PATH."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from kitctl.errors import ExitCode, KitError
from kitctl.model.versions import pin
from kitctl.tools.process import run, which

_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")
# Programs that come out of another module than the one of their name.
_HOME = dict.fromkeys(
    (
        "kubeadm",
        "kubectl",
        "kubelet",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kube-proxy",
        "pause",
    ),
    "kubernetes",
)
# What a program on PATH must be able to do: its arguments that print a version, and where the lowest one is pinned.
_ON_PATH = {
    "helm": (("version", "--short"), "helm.minimum"),
    "kubectl": (("version", "--client", "-o", "yaml"), "kubernetes.minimum"),
    "helm-unittest": ((), ""),
    "kubeconform": ((), ""),
    "kube-score": ((), ""),
}


def cache_root() -> Path:
    """Return the folder of everything that is slow to make: `KITCTL_CACHE`, else ~/.cache/kitctl."""
    chosen = os.environ.get("KITCTL_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "kitctl"


def built(program: str) -> Path:
    """Return where scripts/get-tools puts a program, whether or not it is there yet.

    Args:
        program: Name of the binary, for example "kubelet" or "helm".
    """
    tool = _HOME.get(program, program)
    return cache_root() / "tools" / tool / pin(f"tools.{tool}.version") / program


def find(program: str) -> Path | None:
    """Find a program, or return None.

    A built one wins, since it has exactly the pinned version. One on PATH is taken when it is new enough; the parts of
    the node are never taken from there, since they must agree with each other to the patch release.
    """
    path = built(program)
    if os.access(path, os.X_OK):
        return path
    found = which(program) if program in _ON_PATH else None
    return found if found and _suitable(program, found) else None


def tool(program: str) -> Path:
    """Find a program or say how to get it.

    Raises:
        KitError: `tool-missing` with the command that builds it, also when the one on PATH is too old.
    """
    path = find(program)
    if path is None:
        message, cause = _lacking(program)
        fix = f"scripts/get-tools {_HOME.get(program, program)}"
        raise KitError("tool-missing", message, cause=cause, fix=fix, code=ExitCode.PREFLIGHT)
    return path


def _lacking(program: str) -> tuple[str, str]:
    """Return why a program cannot be used: message and cause."""
    minimum = _minimum(program)
    unfit = which(program) if program in _ON_PATH else None
    if unfit is None:
        needed = f" (at least {minimum})" if minimum else ""
        return f"The program {program} was not found", f"Neither {built(program)} nor {program} on PATH{needed} exists"
    have = version(_version_text(program, unfit))
    if have is None:
        return f"{unfit} cannot be used: it prints no version", f"kitctl needs {program} {minimum} or newer"
    found = ".".join(map(str, have))
    return f"{program} {found} is too old", f"It is {unfit}. kitctl needs {program} {minimum} or newer"


def _minimum(program: str) -> str:
    """Return the lowest version that is taken from PATH, or "" where any will do."""
    _, key = _ON_PATH.get(program, ((), ""))
    return pin(key) if key else ""


@cache
def _suitable(program: str, path: Path) -> bool:
    """Whether the program at `path` is at least as new as the pinned minimum."""
    minimum = _minimum(program)
    if not minimum:
        return True
    have, want = version(_version_text(program, path)), version(minimum)
    return have is not None and want is not None and have >= want


def _version_text(program: str, path: Path) -> str:
    """Return what a program prints as its version, "" when it fails."""
    answer = run([str(path), *_ON_PATH[program][0]], check=False, timeout=20)
    return answer.stdout if answer.ok else ""


def version(text: str) -> tuple[int, int, int] | None:
    """Read the first version out of a text, for example "v3.22.0+g1234" as (3, 22, 0)."""
    found = _VERSION.search(text)
    if not found:
        return None
    major, minor, patch = found.groups()
    return int(major), int(minor), int(patch or 0)
