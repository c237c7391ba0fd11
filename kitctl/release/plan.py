"""Looks at everything that could stop an install, in one go, and tells what it would change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kitctl.model.names import Names, names
from kitctl.model.settings import Settings
from kitctl.release import drift, inputs, pending
from kitctl.release.handle import Release
from kitctl.release.preflight import bundles, cluster, nodes
from kitctl.release.steps import Ask, Steps
from kitctl.tools.helm.client import Helm, Plan, documents
from kitctl.tools.helm.records import Record
from kitctl.tools.kube.client import Kube


@dataclass(frozen=True)
class Target:
    """Where to deploy: the cluster, Helm on it, and whether the kit made it."""

    kube: Kube
    helm: Helm
    made_by_kit: bool


@dataclass(frozen=True)
class Assessment:
    """What preflight found.

    Attributes:
        record: Helm's newest record.
        plan: What would be written.
        names: Names of the release's objects.
        same: Whether that is there already.
        failed: Jobs that failed, which have to go before Helm can make them anew.
    """

    record: Record | None
    plan: Plan
    names: Names
    same: bool
    failed: tuple[str, ...] = ()


def assess(settings: Settings, given: inputs.Inputs, target: Target, steps: Steps, ask: Ask) -> Assessment:
    """Look for everything that could stop the install; only Helm's note of a dead `up` is taken away."""
    kube, where = target.kube, settings.namespace
    there = cluster.namespace_usable(kube, where)
    if not target.made_by_kit:
        text = target.helm.template(given.chart, settings.release, where, **given.arguments())
        cluster.rights(kube, where, documents(text))
    record = None
    if there and not settings.dry_run:
        record = pending.unlock(kube, where, settings.release, steps.note, ask)
    cluster.release_ours(record, settings.release, where)
    failed = tuple(job.name for job in kube.jobs(where, settings.release) if job.failed) if there else ()
    plan = target.helm.plan(given.chart, settings.release, where, **given.arguments())
    objects = plan.objects()
    known = names(settings.release, where, plan.config)
    own_postgres = any(o["kind"] == "StatefulSet" and o["metadata"]["name"] == known.of("postgres") for o in objects)
    cluster.claim_has_keys(kube, where, known, own_postgres=own_postgres)
    cluster.node_port_free(kube, where, objects)
    cluster.storage_there(kube, where, objects)
    nodes.claims_reach_all_nodes(kube, where, objects)
    again = [o for o in objects if o["kind"] == "Job" and o["metadata"]["name"] in failed]
    same = not again and drift.unchanged(kube, where, record, plan)
    if not same:
        # A failed Job is made anew: what is there cannot be changed into it, and was judged when it was made.
        check_objects(kube, where, [o for o in objects if o not in again], () if there else (where,))
        if record is not None:
            release = Release(settings, kube, target.helm)
            bundles.ask(release, record.config, plan.config, steps, ask)
    return Assessment(record, plan, known, same, failed)


def check_objects(kube: Kube, where: str, objects: list[dict[str, Any]], absent: tuple[str, ...] = ()) -> None:
    """Let the server judge what would be written; nothing is kept.

    Args:
        kube: The cluster.
        where: Namespace of the release.
        objects: The objects.
        absent: Namespaces that are not there yet: the server can tell nothing about what would be in them.

    Raises:
        KitError: `object-refused` with the object and the server's reason; `kind-unknown`.
    """
    for obj in objects:
        if kube.namespace_of(obj, where) not in absent:
            kube.check(obj, where)


def forget_failed_jobs(kube: Kube, settings: Settings, failed: tuple[str, ...], steps: Steps) -> None:
    """Delete failed Jobs: they never run again by themselves, and Helm makes them anew once they are gone."""
    for name in failed:
        steps.note(f"the Job {name} failed last time: removing it, so that it runs again")
        kube.delete("Job", settings.namespace, name)
