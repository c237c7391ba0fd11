"""`kitctl deploy --diff`: what a deploy would do to each object, to pods and to volumes. Nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from kitctl.errors import KitError
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import Settings
from kitctl.release import inputs
from kitctl.release.operation import Ask, Operation, Steps
from kitctl.release.preflight import cluster
from kitctl.release.upgrade import effects
from kitctl.release.upgrade.changes import Change, Pair, compare
from kitctl.tools.helm.client import Helm, Plan, documents
from kitctl.tools.helm.records import Record, records
from kitctl.usecases.deploy import given_to_helm, prepared


@dataclass(frozen=True)
class DeployDiff:
    """What a deploy would change.

    Attributes:
        changed: Whether it would change anything: Helm would write a new revision.
        release: Helm release.
        namespace: Its namespace.
        context: Kube context.
        revision: The revision that is compared with, 0 for a first install.
        objects: What would happen to each object; empty if only the stored values differ.
        restarts: Workloads whose pods are replaced.
        worker_template: Whether new worker pods are made from another template; those that run are untouched.
        volumes: Claims whose data are at risk, or stay behind.
        refused: Objects that Kubernetes would not take, with those that have to be deleted first.
        notes: What else to know.
    """

    changed: bool
    release: str
    namespace: str
    context: str
    revision: int
    objects: list[Change]
    restarts: list[effects.Restart]
    worker_template: bool
    volumes: list[effects.Volume]
    refused: list[effects.Refusal]
    notes: list[str]


def diff(settings: Settings, options: UpOptions, steps: Steps, ask: Ask) -> DeployDiff:
    """Compare what runs with what a deploy of these options would write.

    Raises:
        KitError: as `deploy` up to its preflight; `release-not-ours`.
    """
    op, wish = prepared(replace(settings, dry_run=True), options, steps, ask)
    with given_to_helm(op, wish) as given, steps.step("Compare"):
        return compared(op, given)


def compared(op: Operation, given: inputs.Inputs) -> DeployDiff:
    """Compare what runs with what Helm would write of these values.

    Raises:
        KitError: `release-not-ours`; of the chart's rules, and of a cluster that does not answer.
    """
    there = cluster.namespace_usable(op.kube, op.namespace)
    known = records(op.kube, op.namespace, op.settings.release) if there else []
    cluster.release_ours(known[-1] if known else None, op.settings.release, op.namespace)
    plan = op.helm.plan(given.chart, op.settings.release, op.namespace, given.sources)
    return _compared(op, known, plan, there=there)


def first_install(op: Operation, given: inputs.Inputs) -> DeployDiff:
    """Return the report of a release whose cluster does not exist yet: every object is created."""
    s = op.settings
    # No context: Helm would look for the one of the cluster.
    manifest = Helm().template(given.chart, s.release, s.namespace, given.sources)
    pairs = compare([], documents(manifest), s.namespace, lambda _: None, frozenset())
    return DeployDiff(
        changed=True,
        release=s.release,
        namespace=s.namespace,
        context=op.cluster.context(),
        revision=0,
        objects=[pair.change for pair in pairs],
        restarts=[],
        worker_template=False,
        volumes=[],
        refused=[],
        notes=[f"The cluster {op.cluster.name} does not exist: kitctl up would create it first"],
    )


def _compared(op: Operation, known: list[Record], plan: Plan, *, there: bool) -> DeployDiff:
    kube, where, release = op.kube, op.namespace, op.settings.release
    running, newest = compared_with(known), known[-1] if known else None
    failed = {job.name for job in kube.jobs(where, release) if job.failed} if there else set[str]()
    pairs = compare(
        documents(running.manifest) if running else [],
        plan.objects(),
        where,
        lambda obj: kube.live(obj, where),
        frozenset(failed),
    )
    same = running is not None and running is newest and running.status == "deployed" and running.config == plan.config
    return DeployDiff(
        changed=bool(pairs) or not same,
        release=release,
        namespace=where,
        context=op.cluster.context(),
        revision=running.revision if running else 0,
        objects=[pair.change for pair in pairs],
        restarts=effects.restarts(pairs),
        worker_template=effects.worker_template_changes(pairs),
        volumes=effects.volumes(pairs),
        refused=_refused(op, pairs) if there else [],
        notes=_notes(running, newest, plan.config, empty=not pairs),
    )


def compared_with(known: list[Record]) -> Record | None:
    """Return the record that Helm would compare with: the newest deployed one, else the newest that ended."""
    deployed = [record for record in known if record.status == "deployed"]
    ended = deployed or [record for record in known if not record.pending]
    return ended[-1] if ended else None


def _refused(op: Operation, pairs: list[Pair]) -> list[effects.Refusal]:
    """Let the server judge what would be written; a namespace that is not there yet can tell nothing."""
    found, spaces = [], dict[str, bool]()
    for pair in pairs:
        if pair.new is None or pair.change.action == "repeat":
            continue
        where = op.kube.namespace_of(pair.new, op.namespace)
        if where and where not in spaces:
            spaces[where] = where == op.namespace or cluster.namespace_usable(op.kube, where)
        if not spaces.get(where, True):
            continue
        try:
            op.kube.check(pair.new, op.namespace)
        except KitError as error:
            if error.id != "object-refused":
                raise
            found.append(effects.refusal(pair, error))
    return found


def _notes(running: Record | None, newest: Record | None, config: dict[str, Any], *, empty: bool) -> list[str]:
    found = []
    if newest is not None and newest is not running:
        found.append(f"Revision {newest.revision} is {newest.status}; the fields are compared with the one before it")
    if running is not None and empty and running.config != config:
        found.append("Only the values that Helm stores differ: no object changes")
    return found
