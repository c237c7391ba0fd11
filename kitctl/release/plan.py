"""Looks at everything that could stop an install, in one go, and tells what it would change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kitctl.model.names import Names, names
from kitctl.release import drift
from kitctl.release.cleanup import orphans, pending
from kitctl.release.inputs import Inputs
from kitctl.release.operation import Operation
from kitctl.release.preflight import bundles, cluster, nodes, operators, shared, variables
from kitctl.tools.helm.client import Plan, documents
from kitctl.tools.helm.records import Record
from kitctl.tools.kube.client import Kube


@dataclass(frozen=True)
class Assessment:
    """What preflight found.

    Attributes:
        record: Helm's newest record.
        plan: What would be written.
        names: Names of the release's objects.
        same: Whether that is there already.
        failed: Jobs of the plan that failed, which have to go before Helm can make them anew.
        history: Helm's records, those of dead operations among them.
    """

    record: Record | None
    plan: Plan
    names: Names
    same: bool
    failed: tuple[str, ...] = ()
    history: pending.History = field(default_factory=pending.History)


def assess(op: Operation, given: Inputs) -> Assessment:
    """Look for everything that could stop the install. Nothing is changed."""
    kube, where = op.kube, op.namespace
    there = cluster.namespace_usable(kube, where)
    if not op.cluster.made_by_kit:
        text = op.helm.template(given.chart, op.settings.release, where, given.sources)
        wanted = documents(text)
        operators.there(kube, wanted)
        cluster.rights(kube, where, wanted)
    history = pending.settle(op) if there and not op.settings.dry_run else pending.History()
    record = history.newest
    cluster.release_ours(record, op.settings.release, where)
    failed = {job.name for job in kube.jobs(where, op.settings.release) if job.failed} if there else set()
    plan = op.helm.plan(given.chart, op.settings.release, where, given.sources)
    objects = plan.objects()
    known = names(op.settings.release, where, plan.config)
    own_postgres = any(o["kind"] == "StatefulSet" and o["metadata"]["name"] == known.of("postgres") for o in objects)
    cluster.claim_has_keys(kube, where, known, own_postgres=own_postgres)
    operators.password_fits(kube, where, objects)
    variables.follow_values(kube, where, plan.config)
    shared.servers_own(kube, where, objects)
    cluster.node_port_free(kube, where, objects)
    cluster.storage_there(kube, where, objects)
    nodes.claims_reach_all_nodes(kube, where, objects)
    again = [o for o in objects if o["kind"] == "Job" and o["metadata"]["name"] in failed]
    same = not again and drift.unchanged(kube, where, record, plan)
    if not same:
        # A failed Job is made anew: what is there cannot be changed into it, and was judged when it was made.
        check_objects(kube, where, [o for o in objects if o not in again], () if there else (where,))
        if record is not None:
            bundles.ask(op.release, record.config, plan.config, op.steps, op.ask)
    return Assessment(record, plan, known, same, tuple(o["metadata"]["name"] for o in again), history)


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


def clean_up(op: Operation, state: Assessment) -> list[str]:
    """Remove what interrupted and failed operations left, and what Helm would not replace.

    Failed Jobs never run again by themselves, and Helm makes them anew once they are gone. Objects that only dead
    records hold go before those records: afterwards nobody knows of them.

    Returns:
        What was removed, as "Kind name".
    """
    kube, where, records = op.kube, op.namespace, [*state.history.living, *state.history.dead]
    kept = [*state.plan.objects(), *orphans.base(state.history.living)]
    removed = orphans.remove(kube, where, orphans.find(kube, op.settings, state.names, records, kept))
    if removed:
        op.note(f"removed {', '.join(removed)}, left by an operation that was interrupted")
    pending.forget(op, state.history)
    for name in state.failed:
        op.note(f"the Job {name} failed last time: removing it, so that it runs again")
        kube.delete("Job", where, name)
    return removed
