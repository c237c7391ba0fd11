"""The release itself: preflight, namespace, keys, Helm, wait. `up` does more around it; `deploy` is only this."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.names import Names, names
from kitctl.model.overlay import UpOptions, overlay
from kitctl.model.settings import NODE_PORT, Settings
from kitctl.tools.helm import Helm, Plan
from kitctl.tools.helm_records import MADE_BY, Record
from kitctl.tools.kube import Kube
from kitctl.tools.kube_objects import PART_OF
from kitctl.usecases import drift, inputs, preflight, repair, wait
from kitctl.usecases.keys import ensure_keys
from kitctl.usecases.render import pods_of
from kitctl.usecases.steps import Ask, Steps

NAMESPACE_LABELS = {
    PART_OF: "airflow-kit",
    "app.kubernetes.io/managed-by": "kitctl",
    "pod-security.kubernetes.io/enforce": "restricted",
}
"""Labels of a namespace that the kit makes; one that was there keeps its own."""


@dataclass(frozen=True)
class Target:
    """Where to deploy: the cluster, Helm on it, and whether the kit made it."""

    kube: Kube
    helm: Helm
    made_by_kit: bool


@dataclass(frozen=True)
class Deployed:
    """What came of it.

    Attributes:
        names: Names of the release's objects.
        image: Airflow image of the api-server.
        changed: Whether Helm ran.
        changes: Objects that a dry run would write.
    """

    names: Names
    image: str
    changed: bool
    changes: tuple[str, ...] = ()


def prepare(
    settings: Settings,
    options: UpOptions,
    *,
    made_by_kit: bool,
    image: str | None,
    airflow_version: str | None,
    smoke: bool,
    judge: bool = True,
) -> inputs.Inputs:
    """Write what Helm reads, and let the chart judge it: no cluster is needed, nothing is changed.

    Args:
        settings: The release, and the user's values.
        options: The flags.
        made_by_kit: Whether the kit made the cluster.
        image: Image to run; None leaves it to the values.
        airflow_version: Its Airflow version, where it is known.
        smoke: Bring the smoke DAG.
        judge: Render once; False where `deploy` follows, which renders anyway.

    Raises:
        KitError: of the user's files and templates, of the values' schema, and of the chart's own rules.
    """
    user = inputs.read(settings)
    port = options.node_port or NODE_PORT
    layers = overlay(
        options,
        made_by_kit=made_by_kit,
        node_port=port,
        image=image,
        airflow_version=airflow_version,
        smoke=smoke,
    )
    given = inputs.write(settings, layers, inputs.mode_of(options.dag_mode, user), options.template_dir)
    if judge:
        text = Helm().template(given.chart, settings.release, settings.namespace, **given.arguments())
        pods_of(text)  # a pod template that Airflow could not read would stop the scheduler
    return given


def deploy(
    settings: Settings,
    given: inputs.Inputs,
    target: Target,
    steps: Steps,
    ask: Ask,
    deadline: float,
    clock: Callable[[], float] = time.monotonic,
) -> Deployed:
    """Bring the release to what `given` says, or find that it is there already.

    1. preflight: everything that could stop it is found before anything changes;
    2. namespace and keys; 3. Helm, unless the cluster already holds the same; 4. wait.

    Raises:
        KitError: of preflight.*, repair.unlock, keys, Helm and wait.
    """
    kube, helm, where = target.kube, target.helm, settings.namespace
    with steps.step("Preflight"):
        there = preflight.namespace_usable(kube, where)
        record = (
            repair.unlock(kube, where, settings.release, steps.note, ask) if there and not settings.dry_run else None
        )
        preflight.release_ours(record, settings.release, where)
        plan = helm.plan(given.chart, settings.release, where, **given.arguments())
        objects = plan.objects()
        known = names(settings.release, where, plan.config)
        _check(target, settings, known, objects)
    if settings.dry_run:
        return Deployed(known, image_of(objects), changed=False, changes=tuple(drift.drifted(kube, where, plan)))
    with steps.step("Keys"):
        for name in {where, known.executor_namespace}:
            if kube.ensure_namespace(name, NAMESPACE_LABELS):
                steps.note(f"namespace {name} made, Pod Security restricted")
        made = ensure_keys(kube, where, settings.release, known)
        steps.note(f"{known.keys}: made {', '.join(made)}" if made else f"{known.keys}: all there")
    with steps.step("Release"):
        changed = _install(settings, given, target, record, plan, steps, deadline - clock())
    if settings.wait:
        with steps.step("Ready"):
            wait.ready(kube, wait.goal(where, settings.release, objects), steps.note, deadline, clock=clock)
    return Deployed(known, image_of(objects), changed=changed)


def _check(target: Target, settings: Settings, known: Names, objects: list[dict[str, Any]]) -> None:
    """Run the checks that look at the cluster."""
    own_postgres = any(o["kind"] == "StatefulSet" and o["metadata"]["name"] == known.of("postgres") for o in objects)
    preflight.claim_has_keys(target.kube, settings.namespace, known, own_postgres=own_postgres)
    preflight.node_port_free(target.kube, settings.namespace, objects)
    preflight.storage_there(target.kube, settings.namespace, objects)
    if not target.made_by_kit:
        preflight.rights(target.kube, settings.namespace, objects)


def _install(
    settings: Settings,
    given: inputs.Inputs,
    target: Target,
    record: Record | None,
    plan: Plan,
    steps: Steps,
    seconds: float,
) -> bool:
    """Run Helm unless nothing would change; tell whether it ran."""
    kube, where = target.kube, settings.namespace
    for job in kube.jobs(where, settings.release):
        if job.failed:
            # A failed Job never runs again by itself; Helm makes it anew once it is gone.
            steps.note(f"the Job {job.name} failed last time: removing it, so that it runs again")
            kube.delete(f"/apis/batch/v1/namespaces/{where}/jobs/{job.name}")
    if drift.unchanged(kube, where, record, plan):
        steps.note("nothing to change")
        return False
    helm_args = {**given.arguments(), "labels": {MADE_BY: "up"}, "timeout": max(30.0, seconds)}
    target.helm.upgrade_install(given.chart, settings.release, where, **helm_args)
    steps.note("upgraded" if record else "installed")
    return True


def image_of(objects: list[dict[str, Any]]) -> str:
    """Return the image of the api-server in rendered objects, "" when there is none."""
    for obj in objects:
        if obj["kind"] == "Deployment":
            for container in obj["spec"]["template"]["spec"]["containers"]:
                if container["name"] == "api-server":
                    return str(container["image"])
    return ""


def confirm_cluster(settings: Settings, context: str, ask: Ask) -> None:
    """Ask before anything is done to a cluster that the kit did not make.

    Raises:
        KitError: `declined`, `confirmation-needed`.
    """
    if not ask(f"Install {settings.release} into the namespace {settings.namespace} of the context {context}?"):
        raise KitError(
            "declined",
            "Nothing was changed",
            fix="kitctl up --provider node    # makes a cluster of its own",
            code=ExitCode.PREFLIGHT,
        )
