"""`kitctl cluster create` and `kitctl cluster delete`."""

from __future__ import annotations

from typing import Any

from kitctl import clusters
from kitctl.clusters import choice
from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.release.operation import Ask, Steps


def create(settings: Settings, steps: Steps) -> dict[str, Any]:
    """Make the cluster that the settings mean, repair it, or do nothing where it runs.

    Returns:
        {"cluster", "provider", "context", "running"}; a dry run tells what is there now.

    Raises:
        KitError: of the choice, and what the provider refuses.
    """
    cluster = choice.cluster(settings)
    if not settings.dry_run:
        with steps.step("Cluster"):
            cluster.create(steps.note)
    return {
        "cluster": cluster.name,
        "provider": cluster.provider,
        "context": cluster.context(),
        "running": cluster.exists(),
    }


def delete(settings: Settings, steps: Steps, ask: Ask) -> dict[str, Any]:
    """Delete a cluster that the kit made, with everything in it; an absent one is fine.

    Returns:
        {"cluster", "deleted"}, where "deleted" tells whether there was one; for a dry run {"dry_run", "would"}.

    Raises:
        KitError: `cluster-name-invalid`, `cluster-not-ours`, `declined`, `confirmation-needed`.
    """
    name = settings.context or settings.cluster
    cluster = choice.to_delete(settings)
    if cluster and not cluster.made_by_kit:
        cluster.delete(steps.note)  # its provider refuses, in its own words
    there = cluster is not None and clusters.made(cluster.provider, cluster.name)
    if settings.dry_run:
        return {"dry_run": True, "would": [f"delete the cluster {name} with all its data"] if there else []}
    if not ask(f"Delete the cluster {name} with all its data?"):
        raise KitError(
            "declined",
            "Nothing was deleted",
            cause="The question was answered with no",
            fix="kitctl down    # removes only the release; with --yes nothing is asked",
            code=ExitCode.PREFLIGHT,
        )
    with steps.step("Cluster"):
        if cluster:
            cluster.delete(steps.note)
        else:
            steps.note(f"there is no cluster {name}")
    return {"cluster": name, "deleted": there}
