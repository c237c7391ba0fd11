"""The release itself: preflight, namespace, keys, Helm, wait. `up` does more around it; `deploy` is only this."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.image_choice import Choice
from kitctl.model.names import Names
from kitctl.model.options.overlay import UpOptions, overlay
from kitctl.model.settings import NODE_PORT, Settings
from kitctl.release import drift, inputs, namespaces, nulls, shadows, waiting
from kitctl.release.keys import ensure_keys
from kitctl.release.plan import Assessment, Target, assess, check_objects, forget_failed_jobs
from kitctl.release.preflight import image as image_check
from kitctl.release.preflight import repository
from kitctl.release.steps import Ask, Steps
from kitctl.render import user_texts
from kitctl.tools import release_lock
from kitctl.tools.helm.client import Helm
from kitctl.tools.helm.records import MADE_BY
from kitctl.usecases.render.show import pods_of


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
    chosen: Choice,
    smoke: bool,
    judge: bool = True,
) -> inputs.Inputs:
    """Write what Helm reads, and let the chart judge it: no cluster is needed, nothing is changed.

    Args:
        settings: The release, and the user's values.
        options: The flags.
        made_by_kit: Whether the kit made the cluster.
        chosen: The images to run.
        smoke: Bring the smoke DAG.
        judge: Render once; False where `deploy` follows, which renders anyway.

    Raises:
        KitError: of the user's files and templates, of the values' schema, and of the chart's own rules.
    """
    user = inputs.read(settings)
    nulls.refuse(user)
    port = options.node_port or NODE_PORT
    mode = inputs.mode_of(options.dag_mode, user)
    layers = overlay(
        options,
        mode=mode,
        bundles=user.find("dags", "bundle", "items") or (),
        made_by_kit=made_by_kit,
        node_port=port,
        chosen=chosen,
        smoke=smoke,
    )
    shadows.refuse(user, layers.flags)
    given = inputs.write(settings, layers, mode, options.template_dir)
    if judge:
        text = Helm().template(given.chart, settings.release, settings.namespace, **given.arguments())
        pods_of(text)  # a pod template that Airflow could not read would stop the scheduler
    return replace(given, check_repo=options.check_repo, check_image=options.check_image and not chosen.looked)


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
    2. namespaces; what can only be asked from inside: whether they take the objects, and the repositories; keys;
    3. Helm, unless the cluster already holds the same;
    4. wait.

    Raises:
        KitError: of preflight.*, repo_check.check, repair.unlock, keys, Helm and wait; `release-locked`.
    """
    with release_lock.held(target.kube.context, settings.namespace, settings.release, steps.note, deadline, clock):
        return _deploy(settings, given, target, steps, ask, deadline, clock)


def _deploy(
    settings: Settings,
    given: inputs.Inputs,
    target: Target,
    steps: Steps,
    ask: Ask,
    deadline: float,
    clock: Callable[[], float],
) -> Deployed:
    """Run the steps of `deploy`."""
    kube, where = target.kube, settings.namespace
    with steps.step("Preflight"):
        state = assess(settings, given, target, steps, ask)
    for finding in user_texts.release_warnings(state.plan.config):
        steps.note(f"Warning: {finding}")
    objects, known = state.plan.objects(), state.names
    if settings.dry_run:
        changes = tuple(drift.drifted(kube, where, state.plan))
        return Deployed(known, image_of(objects), changed=False, changes=changes)
    with steps.step("Keys"):
        _places(settings, given, target, state, steps, deadline)
        made = ensure_keys(kube, where, settings.release, known)
        steps.note(f"{known.keys}: made {', '.join(made)}" if made else f"{known.keys}: all there")
    with steps.step("Release"):
        forget_failed_jobs(kube, settings, state.failed, steps)
        if not state.same:
            helm_args = {**given.arguments(), "labels": {MADE_BY: "up"}, "timeout": max(30.0, deadline - clock())}
            target.helm.upgrade_install(given.chart, settings.release, where, **helm_args)
        steps.note("nothing to change" if state.same else "upgraded" if state.record else "installed")
    if settings.wait:
        with steps.step("Ready"):
            waiting.ready(kube, waiting.goal(where, settings.release, objects), steps.note, deadline, clock=clock)
    return Deployed(known, image_of(objects), changed=not state.same)


def _places(
    settings: Settings, given: inputs.Inputs, target: Target, state: Assessment, steps: Steps, deadline: float
) -> None:
    """Make the namespaces that are missing, and ask there what could not be asked before.

    A refusal leaves no namespace that was made here.

    Raises:
        KitError: of assess.check_objects, image_check.check, repo_check.check.
    """
    kube, where, objects = target.kube, settings.namespace, state.plan.objects()
    with namespaces.made(kube, settings, state.names, steps) as new:
        check_objects(kube, where, [o for o in objects if kube.namespace_of(o, where) in new])
        if given.check_image and not state.same:
            image_check.check(kube, where, objects, steps.note, deadline)
        if given.check_repo and not state.same:
            repository.check(kube, where, state.plan.config, objects, steps.note, deadline)


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
            cause="The question was answered with no",
            fix="kitctl up --provider node    # makes a cluster of its own",
            code=ExitCode.PREFLIGHT,
        )
