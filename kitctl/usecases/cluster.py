"""`kitctl cluster create` and `kitctl cluster delete`."""

from __future__ import annotations

from dataclasses import dataclass

from kitctl import clusters
from kitctl.clusters import choice
from kitctl.errors import ExitCode, KitError
from kitctl.model.options.new_cluster import NewCluster
from kitctl.model.settings import Settings
from kitctl.release.operation import Ask, Steps
from kitctl.release.rollout import Would


@dataclass(frozen=True)
class Created:
    """The report of `cluster create`; with --dry-run it describes what there is now."""

    cluster: str
    provider: str
    context: str
    running: bool


@dataclass(frozen=True)
class Deleted:
    """The report of `cluster delete`; `deleted` is false if there was no such cluster."""

    cluster: str
    deleted: bool


def create(settings: Settings, wanted: NewCluster, steps: Steps) -> Created:
    """Make the cluster that the settings mean, repair it, or do nothing where it runs.

    Raises:
        KitError: of the choice, `cluster-option-unused`, and what the provider refuses.
    """
    cluster = choice.cluster(settings)
    clusters.takes(cluster.provider, wanted)
    if not settings.dry_run:
        with steps.step("Cluster"):
            cluster.create(steps.note, wanted)
    return Created(cluster.name, cluster.provider, cluster.context(), cluster.exists())


def delete(settings: Settings, steps: Steps, ask: Ask) -> Deleted | Would:
    """Delete a cluster that the kit made, with everything in it; an absent one is fine.

    Raises:
        KitError: `cluster-name-invalid`, `cluster-not-ours`, `declined`, `confirmation-needed`.
    """
    cluster = choice.to_delete(settings)
    name = cluster.name if cluster else choice.meant(settings)
    if cluster and not cluster.made_by_kit:
        cluster.delete(steps.note)  # its provider refuses, in its own words
    there = cluster is not None and clusters.made(cluster.provider, cluster.name)
    if settings.dry_run:
        return Would(would=(f"delete the cluster {name} with all its data",) if there else ())
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
    return Deleted(name, there)
