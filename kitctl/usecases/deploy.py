"""`kitctl deploy`: the release on a cluster that is there, for CI and real clusters."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kitctl.clusters import choice
from kitctl.model import names
from kitctl.model.image_choice import Choice
from kitctl.model.options.overlay import UpOptions
from kitctl.model.settings import Settings
from kitctl.release import image_choice, inputs, rollout
from kitctl.release.plan import Target
from kitctl.release.steps import Ask, Steps
from kitctl.tools.helm.client import Helm
from kitctl.tools.helm.records import records
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.rights import unless_forbidden


def redeploy(
    settings: Settings, options: UpOptions, steps: Steps, ask: Ask, clock: Callable[[], float] = time.monotonic
) -> dict[str, Any]:
    """Deploy on a cluster that is there: no cluster is made, no image is built, no smoke run is started.

    What an earlier `up` chose (its image, its smoke DAG) stays unless the options or values say otherwise.

    Returns:
        {"release", "namespace", "context", "image", "changed"}, or for a dry run {"dry_run", "would"}.

    Raises:
        KitError: of `prepare` and `deploy`.
    """
    deadline = clock() + settings.timeout
    with steps.step("Check"):
        names.check(settings.release, settings.namespace)
        where = choice.present(settings)
        user = inputs.read(settings)
        image_choice.check(options, user, inputs.mode_of(options.dag_mode, user))
        rollout.prepare(
            settings,
            options,
            made_by_kit=where.made_by_kit,
            chosen=Choice(options.image),
            smoke=False,
        )
    with steps.step("Cluster"):
        kube = Kube.connect(where.context(), settings.kubeconfig)
    if not where.made_by_kit and not settings.dry_run:
        rollout.confirm_cluster(settings, where.context(), ask)
    kept, smoke = _kept(kube, settings, user)
    given = rollout.prepare(
        settings,
        options,
        made_by_kit=where.made_by_kit,
        chosen=replace(kept, reference=options.image, special="") if options.image else kept,
        smoke=smoke,
        judge=False,
    )
    target = Target(kube, Helm(where.context(), settings.kubeconfig), where.made_by_kit)
    done = rollout.deploy(settings, given, target, steps, ask, deadline, clock)
    if settings.dry_run:
        return {"dry_run": True, "would": [f"write {change}" for change in done.changes]}
    return {
        "release": settings.release,
        "namespace": settings.namespace,
        "context": where.context(),
        "image": done.image,
        "changed": done.changed,
    }


def _kept(kube: Kube, settings: Settings, user: inputs.UserValues) -> tuple[Choice, bool]:
    """Return what `up` chose and the user's values do not speak of: the images, and whether there is a smoke DAG."""
    # Preflight tells this right and all others that are missing, in one Role.
    found = unless_forbidden(lambda: records(kube, settings.namespace, settings.release), [])
    known = [r for r in found if r.is_kit and not r.pending]
    config = known[-1].config if known else {}
    smoke = bool((config.get("smoke") or {}).get("enabled"))
    image = config.get("image") or {}
    kept = Choice(revision=image.get("revision") or "")
    if image.get("repository") and not user.mention("image"):
        tag = f":{image['tag']}" if image.get("tag") else ""
        digest = f"@{image['digest']}" if image.get("digest") else ""
        special = (config.get("dags") or {}).get("specialImage") or ""
        kept = replace(
            kept,
            reference=image["repository"] + tag + digest,
            airflow_version=config.get("airflowVersion"),
            special=special,
        )
    return kept, smoke
