"""The contexts of a kubeconfig: the current one, and the error when the one that is meant cannot be used."""

from __future__ import annotations

import json
import os
from pathlib import Path

from kitctl.errors import ExitCode, KitError
from kitctl.tools import toolbox
from kitctl.tools.process import run

_SHOWN = 20  # contexts that an error lists


def kubectl_argv(context: str | None, kubeconfig: Path | None) -> list[str]:
    """Return the start of every kubectl command line: program, kubeconfig, context."""
    argv = [str(toolbox.tool("kubectl"))]
    if kubeconfig:
        argv += ["--kubeconfig", str(kubeconfig)]
    if context:
        argv += ["--context", context]
    return argv


def current(kubeconfig: Path | None = None) -> str:
    """Return the kube context that kubectl would use.

    Raises:
        KitError: `context-missing` when none is set.
    """
    answer = run([*kubectl_argv(None, kubeconfig), "config", "current-context"], check=False, timeout=20)
    if not answer.ok or not answer.stdout.strip():
        raise missing(None, kubeconfig, answer.stderr)
    return answer.stdout.strip()


def known(context: str, kubeconfig: Path | None = None) -> bool:
    """Whether the kubeconfig has this context."""
    argv = [*kubectl_argv(None, kubeconfig), "config", "get-contexts", context, "-o", "name"]
    return run(argv, check=False, timeout=20).ok


def names(kubeconfig: Path | None = None) -> list[str]:
    """Return the contexts of the kubeconfig; none where it cannot be read."""
    answer = run([*kubectl_argv(None, kubeconfig), "config", "get-contexts", "-o", "name"], check=False, timeout=20)
    return answer.stdout.split() if answer.ok else []


def files(kubeconfig: Path | None) -> list[Path]:
    """Return the kubeconfig files that kubectl reads, whether or not they exist."""
    if kubeconfig:
        return [kubeconfig]
    listed = [Path(name) for name in os.environ.get("KUBECONFIG", "").split(os.pathsep) if name]
    return listed or [Path.home() / ".kube" / "config"]


def missing(context: str | None, kubeconfig: Path | None, words: str) -> KitError:
    """Make the error of a context that cannot be used; it names the file and the contexts in it.

    Args:
        context: The context that was asked for; None means the current one.
        kubeconfig: The file that was asked for; None means kubectl's own rules.
        words: What kubectl said.
    """
    places = files(kubeconfig)
    shown = ", ".join(map(str, places))
    exist = any(place.exists() for place in places)
    option = f" --kubeconfig {kubeconfig}" if kubeconfig else ""
    fix = f"kubectl{option} config get-contexts    # then --context NAME; `kitctl up` can also make a cluster"
    if not exist and (kubeconfig or os.environ.get("KUBECONFIG")):
        named = "--kubeconfig" if kubeconfig else "KUBECONFIG"
        fix = f"Correct {named}, or leave it out to use ~/.kube/config"
        if len(places) > 1:
            return _error(f"The kubeconfig files {shown} do not exist", f"{named} names them", fix)
        return _error(f"The kubeconfig file {shown} does not exist", f"{named} names it", fix)
    answer = run([*kubectl_argv(None, kubeconfig), "config", "view", "-o", "json"], check=False, timeout=20)
    if not answer.ok:
        return _error(f"The kubeconfig {shown} cannot be read", answer.stderr.strip(), "Correct the file")
    view = json.loads(answer.stdout)
    names = [str(entry["name"]) for entry in view.get("contexts") or []]
    wanted = context or view.get("current-context") or ""
    listed = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    contexts = f"{shown} {'has no contexts' if exist else 'does not exist'}"
    if names:
        contexts = f"Contexts in {shown}: {listed}"
    if not wanted:
        return _error(f"No current context is set in {shown}", contexts, fix)
    if wanted not in names:
        return _error(f"The kube context {wanted} does not exist", contexts, fix)
    return _error(f"The kube context {wanted} in {shown} cannot be used", words.strip(), fix)


def _error(message: str, cause: str, fix: str) -> KitError:
    return KitError("context-missing", message, cause=cause, fix=fix, code=ExitCode.UNREACHABLE)
