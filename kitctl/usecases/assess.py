"""Looks at everything that could stop an install, in one go, and tells what it would change."""

from __future__ import annotations

from dataclasses import dataclass

from kitctl.model.names import Names, names
from kitctl.model.settings import Settings
from kitctl.tools.helm import Helm, Plan, documents
from kitctl.tools.helm_records import Record
from kitctl.tools.kube import Kube
from kitctl.usecases import drift, inputs, preflight, preflight_nodes, repair
from kitctl.usecases.steps import Ask, Steps


@dataclass(frozen=True)
class Target:
    """Where to deploy: the cluster, Helm on it, and whether the kit made it."""

    kube: Kube
    helm: Helm
    made_by_kit: bool


@dataclass(frozen=True)
class Assessment:
    """What preflight found: Helm's newest record, what would be written, and whether that is there already."""

    record: Record | None
    plan: Plan
    names: Names
    same: bool


def assess(settings: Settings, given: inputs.Inputs, target: Target, steps: Steps, ask: Ask) -> Assessment:
    """Look for everything that could stop the install; only what a dead `up` left is taken away."""
    kube, where = target.kube, settings.namespace
    there = preflight.namespace_usable(kube, where)
    if not target.made_by_kit:
        text = target.helm.template(given.chart, settings.release, where, **given.arguments())
        preflight.rights(kube, where, documents(text))
    record = None
    if there and not settings.dry_run:
        record = repair.unlock(kube, where, settings.release, steps.note, ask)
    preflight.release_ours(record, settings.release, where)
    if there and not settings.dry_run:
        _forget_failed_jobs(kube, settings, steps)
    plan = target.helm.plan(given.chart, settings.release, where, **given.arguments())
    objects = plan.objects()
    known = names(settings.release, where, plan.config)
    own_postgres = any(o["kind"] == "StatefulSet" and o["metadata"]["name"] == known.of("postgres") for o in objects)
    preflight.claim_has_keys(kube, where, known, own_postgres=own_postgres)
    preflight.node_port_free(kube, where, objects)
    preflight.storage_there(kube, where, objects)
    preflight_nodes.claims_reach_all_nodes(kube, where, objects)
    same = drift.unchanged(kube, where, record, plan)
    if there and not same:
        for obj in objects:
            kube.check(obj, where)
    return Assessment(record, plan, known, same)


def _forget_failed_jobs(kube: Kube, settings: Settings, steps: Steps) -> None:
    """Delete failed Jobs: they never run again by themselves, and Helm makes them anew once they are gone."""
    for job in kube.jobs(settings.namespace, settings.release):
        if job.failed:
            steps.note(f"the Job {job.name} failed last time: removing it, so that it runs again")
            kube.delete(f"/apis/batch/v1/namespaces/{settings.namespace}/jobs/{job.name}")
