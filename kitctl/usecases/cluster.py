"""Which cluster a command means, and making or removing the kit's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kitctl import clusters
from kitctl.errors import ExitCode, KitError
from kitctl.model import names
from kitctl.tools.process import run
from kitctl.tools.toolbox import tool

if TYPE_CHECKING:
    from kitctl.clusters.base import Cluster, Progress

AUTO = "auto"


def pick(provider: str, name: str, context: str | None = None, kubeconfig: Path | None = None) -> Cluster:
    """Return the cluster that the options mean; nothing is started.

    Args:
        provider: Name of a provider, or "auto": the cluster of that context when one is named; else the one that
            the kit made under this name; else the first provider that works on this machine.
        name: Name of the cluster, for providers that make clusters.
        context: Kube context that the user named.
        kubeconfig: Kubeconfig file that the user named.

    Raises:
        KitError: `provider-unknown`, `cluster-name-invalid`, or `context-missing` where "existing" is meant and there
            is no current context.
    """
    if provider == AUTO:
        provider = _choose(context or name, known_only=context is not None)
        name = context or name
    if provider != "existing":
        return clusters.get(provider, name, kubeconfig)
    return clusters.get(provider, context or current_context(kubeconfig), kubeconfig)


def create(provider: str, name: str, progress: Progress, kubeconfig: Path | None = None) -> Cluster:
    """Make the cluster, repair it, or do nothing where it runs.

    Raises:
        KitError: what the provider refuses.
    """
    cluster = pick(provider, name, kubeconfig=kubeconfig)
    cluster.create(progress)
    return cluster


def check_deletable(provider: str, name: str) -> None:
    """Refuse to delete what no provider can have made; to be asked before the user is.

    Raises:
        KitError: `cluster-name-invalid`.
    """
    if provider != "existing":  # there it is a context's name, and somebody else's cluster
        names.check_cluster(name)


def delete(provider: str, name: str, progress: Progress, kubeconfig: Path | None = None) -> bool:
    """Remove a cluster that the kit made; an absent one is fine.

    Returns:
        Whether there was one.

    Raises:
        KitError: `cluster-name-invalid`, or `cluster-not-ours` where the provider is "existing".
    """
    check_deletable(provider, name)
    made = [p for p in (clusters.ranked() if provider == AUTO else [provider]) if clusters.made(p, name)]
    if not made and provider == AUTO:
        progress(f"there is no cluster {name}")
        return False
    # A provider that was named also clears what an interrupted creation left.
    pick(made[0] if made else provider, name, kubeconfig=kubeconfig).delete(progress)
    return bool(made)


def _choose(name: str, *, known_only: bool) -> str:
    """Return the provider that made `name`, else the first usable one ("existing" for a context of somebody else's)."""
    ranked = clusters.ranked()
    made = [p for p in ranked if clusters.made(p, name)]
    if made:
        return made[0]
    return "existing" if known_only else next(p for p in ranked if clusters.usable(p))


def current_context(kubeconfig: Path | None = None) -> str:
    """Return the kube context that kubectl would use.

    Raises:
        KitError: `context-missing` when there is none.
    """
    option = ["--kubeconfig", str(kubeconfig)] if kubeconfig else []
    answer = run([str(tool("kubectl")), *option, "config", "current-context"], check=False, timeout=20)
    if not answer.ok or not answer.stdout.strip():
        raise KitError(
            "context-missing",
            "No current kube context is set",
            cause=answer.stderr.strip(),
            fix="kubectl config get-contexts, then --context NAME; as root on Linux `--provider node` makes a cluster",
            code=ExitCode.UNREACHABLE,
        )
    return answer.stdout.strip()
