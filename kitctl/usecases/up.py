"""From nothing to a green DAG run. Every step converges: whatever an interrupted `up` left, the next one goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kitctl import __version__
from kitctl.clusters import choice
from kitctl.errors import ExitCode, KitError
from kitctl.model import names
from kitctl.model.image_choice import Choice
from kitctl.model.options.overlay import UpOptions
from kitctl.model.settings import Settings
from kitctl.release import dag_rights, image_choice, inputs, rollout
from kitctl.release.handle import Release
from kitctl.release.plan import Target
from kitctl.release.steps import Ask, Steps
from kitctl.tools.helm.client import Helm
from kitctl.tools.kube.client import Kube
from kitctl.usecases import up_checks

if TYPE_CHECKING:
    from kitctl.clusters.base import Cluster
    from kitctl.tools.airflow.api import AirflowApi

SMOKE_MARK = "airflow-kit/smoke"
"""Annotation of the release's ConfigMap: chart and image whose smoke run was green."""


def up(
    settings: Settings, options: UpOptions, steps: Steps, ask: Ask, clock: Callable[[], float] = time.monotonic
) -> dict[str, Any]:
    """Run the whole story.

    1. check what the user gave, without touching anything; 2. cluster; 3. images; 4. values and templates;
    5. release (preflight, keys, Helm, wait); 6. health; 7. smoke run; 8. tell.

    Returns:
        {"url", "username", "password", "release", "namespace", "context", "image", "changed", "smoke"}; for a dry run
        {"dry_run": true, "would": [what would be done]}.

    Raises:
        KitError: of every step.
    """
    deadline = clock() + settings.timeout
    with steps.step("Check"):
        names.check(settings.release, settings.namespace)
        user = inputs.read(settings)
        mode = inputs.mode_of(options.dag_mode, user)
        image_choice.check(options, user, mode)
        where = choice.cluster(settings)
        rollout.prepare(
            settings,
            options,
            made_by_kit=where.made_by_kit,
            chosen=Choice(options.image),
            smoke=True,
        )
        if settings.dry_run:
            up_checks.check(where, options, user)
    if options.dags and (told := dag_rights.hint(options.dags, granted=bool(user.find(*dag_rights.KEY)))):
        steps.note(told)
    if settings.dry_run and not where.exists():
        return {"dry_run": True, "would": [f"make the cluster {where.name}", "build images", "install the release"]}
    kube = _cluster(where, settings, steps, ask)
    with steps.step("Images"):
        chosen = Choice(options.image)
        if not settings.dry_run:
            chosen = image_choice.provide(where, options, user, mode, steps.note)
        given = rollout.prepare(
            settings,
            options,
            made_by_kit=where.made_by_kit,
            chosen=chosen,
            smoke=True,
            judge=False,
        )
    context = where.context()
    target = Target(kube, Helm(context, settings.kubeconfig), where.made_by_kit)
    done = rollout.deploy(settings, given, target, steps, ask, deadline, clock)
    if settings.dry_run:
        return {"dry_run": True, "would": [f"write {change}" for change in done.changes]}
    return _finish(replace(settings, context=context), options, target, done, steps, deadline, clock)


def _cluster(where: Cluster, settings: Settings, steps: Steps, ask: Ask) -> Kube:
    """Make the cluster where the kit makes clusters; ask where it does not."""
    with steps.step("Cluster"):
        if where.made_by_kit and not settings.dry_run:
            where.create(steps.note)
        kube = Kube.connect(where.context(), settings.kubeconfig)
    if not where.made_by_kit and not settings.dry_run:
        rollout.confirm_cluster(settings, where.context(), ask)
    return kube


def _finish(
    settings: Settings,
    options: UpOptions,
    target: Target,
    done: rollout.Deployed,
    steps: Steps,
    deadline: float,
    clock: Callable[[], float],
) -> dict[str, Any]:
    """Prove that it works, and tell how to get in."""
    release = Release(settings, target.kube, target.helm)
    smoke = "not asked for"
    if settings.wait:
        with steps.step("Health"):
            api = release.api(max(20.0, deadline - clock()))
            _healthy(api, steps, deadline, clock)
        if options.smoke and _password(release) is None:
            smoke = "not possible: nobody's password is known"
            steps.note("no smoke run: the release has no first user that the kit could log in as")
        elif options.smoke:
            smoke = _smoke(release, api, done, steps, deadline - clock())
    return {
        "url": release.url(),
        "username": release.username,
        "password": _password(release),
        "release": settings.release,
        "namespace": settings.namespace,
        "context": settings.context,
        "image": done.image,
        "changed": done.changed,
        "smoke": smoke,
    }


def _password(release: Release) -> str | None:
    try:
        return release.password
    except KitError as error:
        if error.id not in {"keys-missing", "password-missing"}:
            raise
        return None  # a Secret of the user's own, or no admin user: nothing to tell


def _healthy(api: AirflowApi, steps: Steps, deadline: float, clock: Callable[[], float]) -> None:
    """Wait until each part reports a fresh heartbeat.

    Raises:
        KitError: `airflow-unhealthy` (code TIMEOUT).
    """
    while True:
        parts = {name: part.get("status") for name, part in api.health().items()}
        # A part that was never started (no triggerer) has no status at all.
        bad = sorted(name for name, status in parts.items() if status not in {"healthy", None})
        if not bad and parts.get("metadatabase") and parts.get("scheduler") and parts.get("dag_processor"):
            steps.note(", ".join(sorted(name for name, status in parts.items() if status)) + " healthy")
            return
        missing = bad or [name for name, status in parts.items() if not status]
        steps.note("waiting for " + ", ".join(missing))
        if clock() >= deadline:
            raise KitError(
                "airflow-unhealthy",
                f"Airflow reports {', '.join(missing)} as not healthy",
                cause="Their pods run, but have not written a recent heartbeat to the database",
                fix="kitctl logs scheduler    # and the logs of the component that is named",
                code=ExitCode.TIMEOUT,
            )
        api.sleep(0.5)


def _smoke(release: Release, api: AirflowApi, done: rollout.Deployed, steps: Steps, seconds: float) -> str:
    """Run the smoke DAG once for each chart and image.

    Returns:
        "success", or why it was not run.
    """
    from kitctl.release.smoke import run_smoke  # noqa: PLC0415

    namespace, config = release.settings.namespace, done.names.of("config")
    mark = f"{__version__}/{done.image}"
    found = release.kube.get("ConfigMap", namespace, config) or {"metadata": {}}
    if (found["metadata"].get("annotations") or {}).get(SMOKE_MARK) == mark:
        return "was green before"
    if not (release.values.get("smoke") or {}).get("enabled"):
        return "switched off by smoke.enabled"
    with steps.step("Smoke run"):
        run_smoke(api, steps.note, max(30.0, seconds))
    release.kube.annotate("ConfigMap", namespace, config, {SMOKE_MARK: mark})
    return "success"
