"""Removes a release: its data stays unless asked otherwise, and nothing goes that the kit did not make."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from kitctl.clusters import choice
from kitctl.errors import ExitCode, KitError
from kitctl.model import names
from kitctl.model.settings import Settings
from kitctl.release import namespaces
from kitctl.release.preflight import cluster as preflight
from kitctl.release.steps import Ask, Steps
from kitctl.tools import release_lock
from kitctl.tools.forward import forwards
from kitctl.tools.helm.client import Helm
from kitctl.tools.helm.records import records
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.objects import INSTANCE, OURS


def down(
    settings: Settings,
    steps: Steps,
    ask: Ask,
    *,
    volumes: bool = False,
    cluster: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """Remove the release; what is absent already is fine.

    Args:
        settings: The release.
        steps: Shows where it is.
        ask: Asked before data is deleted.
        volumes: Also delete claims, keys, and the namespaces that the kit made and nothing else is in.
        cluster: Delete the cluster that the kit made, with all in it.
        clock: Monotonic clock in seconds.

    Returns:
        {"release", "namespace", "context", "removed": [...], "kept": [...]}; for a dry run {"dry_run", "would"}.

    Raises:
        KitError: `release-not-ours`, `cluster-not-ours`, `declined`, `confirmation-needed`, `not-gone-in-time`.
    """
    deadline = clock() + settings.timeout
    names.check(settings.release, settings.namespace)
    where = choice.cluster(settings)
    context = where.context()
    report: dict[str, Any] = {"release": settings.release, "namespace": settings.namespace, "context": context}
    if cluster:
        if not where.made_by_kit:
            where.delete(steps.note)  # its provider refuses, in its own words
        if settings.dry_run:
            return {"dry_run": True, "would": [f"delete the cluster {where.name} with all its data"]}
        _confirm(ask, f"Delete the cluster {where.name} with all its data?")
        with steps.step("Cluster"):
            forwards.stop_forwards(context, settings.namespace, settings.release)
            where.delete(steps.note)
        return {**report, "removed": [f"cluster {where.name}"], "kept": []}
    if where.made_by_kit and not where.exists():
        steps.note(f"the cluster {where.name} is not there")
        return {**report, "removed": [], "kept": []}
    kube = Kube.connect(context, settings.kubeconfig)
    helm = Helm(context, settings.kubeconfig)
    if settings.dry_run:
        return {"dry_run": True, "would": _would(kube, settings, volumes=volumes)}
    known = records(kube, settings.namespace, settings.release)
    last = known[-1] if known else None
    preflight.release_ours(last, settings.release, settings.namespace)
    places = namespaces.of_release(kube, settings, last.config if last else {})
    if volumes:
        _confirm(ask, f"Delete the database, logs and keys of {settings.release} in {settings.namespace}?")
    with release_lock.held(kube.context, settings.namespace, settings.release, steps.note, deadline, clock):
        removed = _release(kube, helm, settings, places, steps, deadline, clock)
        kept = data(kube, settings)
        if volumes:
            removed += _data(kube, settings, kept, places, steps, deadline, clock)
            kept = []
    return {**report, "removed": removed, "kept": kept}


def data(kube: Kube, settings: Settings) -> list[str]:
    """Return what outlives a release: its claims and its keys Secret, as "Kind name"."""
    found = [f"PersistentVolumeClaim {c.name}" for c in kube.claims(settings.namespace, settings.release)]
    selector = f"{OURS},{INSTANCE}={settings.release}"
    secrets = kube.list("Secret", settings.namespace, selector)
    return found + [f"Secret {s['metadata']['name']}" for s in secrets if "fernet-key" in (s.get("data") or {})]


def _confirm(ask: Ask, question: str) -> None:
    if not ask(question):
        raise KitError(
            "declined",
            "Nothing was deleted",
            cause="The question was answered with no",
            fix="kitctl down    # keeps the database, the logs and the keys; with --yes nothing is asked",
            code=ExitCode.PREFLIGHT,
        )


def _would(kube: Kube, settings: Settings, *, volumes: bool) -> list[str]:
    known = records(kube, settings.namespace, settings.release)
    lines = [f"uninstall the release {settings.release}"] if known else []
    kept = data(kube, settings)
    lines += [f"{'delete' if volumes else 'keep'} {item}" for item in kept]
    if not volumes:
        return lines
    places = namespaces.of_release(kube, settings, known[-1].config if known else {})
    ours = [place for place in places if namespaces.ours(kube, place)]
    return lines + [f"delete Namespace {place}, if nothing else is in it" for place in ours]


def _release(
    kube: Kube,
    helm: Helm,
    settings: Settings,
    places: list[str],
    steps: Steps,
    deadline: float,
    clock: Callable[[], float],
) -> list[str]:
    """Uninstall, end the forwards, and see the pods off, in the workers' namespace too."""
    removed = []
    where, release = settings.namespace, settings.release
    with steps.step("Release"):
        if forwards.stop_forwards(kube.context, where, release):
            steps.note("port-forward ended")
        # Workers first would be wrong: the scheduler would start new ones until it is gone itself.
        if helm.uninstall(release, where, wait=settings.wait, timeout=max(30.0, deadline - clock())):
            removed.append(f"release {release}")
        else:
            steps.note("there was no release")
    with steps.step("Pods"):
        selector = f"{INSTANCE}={release},{OURS}"
        for place in places:
            for pod in kube.pods(place, selector):
                kube.delete("Pod", place, pod.name)
        if settings.wait:
            _gone(lambda: [p.name for place in places for p in kube.pods(place, selector)], steps, deadline, clock)
    return removed


def _data(
    kube: Kube,
    settings: Settings,
    items: list[str],
    places: list[str],
    steps: Steps,
    deadline: float,
    clock: Callable[[], float],
) -> list[str]:
    """Delete claims and keys, and the namespaces that are the kit's and empty."""
    where = settings.namespace
    with steps.step("Data"):
        kube.delete_claims(where, settings.release)
        for item in items:
            kind, _, name = item.partition(" ")
            if kind == "Secret":
                kube.delete("Secret", where, name)
        _gone(lambda: [c.name for c in kube.claims(where, settings.release)], steps, deadline, clock)
    empty = [place for place in reversed(places) if namespaces.removable(kube, place, steps)]
    if empty:
        with steps.step("Namespace"):
            for place in empty:
                kube.delete("Namespace", "", place)
            _gone(lambda: [place for place in empty if kube.namespace(place)], steps, deadline, clock)
    return [*items, *(f"Namespace {place}" for place in empty)]


def _gone(left: Callable[[], list[str]], steps: Steps, deadline: float, clock: Callable[[], float]) -> None:
    """Wait until nothing is left.

    Raises:
        KitError: `not-gone-in-time` (code TIMEOUT).
    """
    while remaining := left():
        steps.note(f"waiting for {', '.join(remaining)} to end")
        if clock() >= deadline:
            raise KitError(
                "not-gone-in-time",
                f"{', '.join(remaining)} did not end within the time that --timeout allows",
                cause="A finalizer holds it, or a pod still uses it",
                fix="Look with kubectl describe what holds it, then run the same command again",
                code=ExitCode.TIMEOUT,
            )
        time.sleep(0.5)
