"""Removes a release: its data stays unless asked otherwise, and nothing goes that the kit did not make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kitctl.clusters import choice
from kitctl.errors import ExitCode, KitError
from kitctl.model import names
from kitctl.model.settings import Settings
from kitctl.release import namespaces
from kitctl.release.operation import Ask, Operation, Steps, begin
from kitctl.release.preflight import cluster as preflight
from kitctl.release.rollout import Would
from kitctl.tools import release_lock
from kitctl.tools.forward import forwards
from kitctl.tools.helm.records import Record, records
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.objects import INSTANCE, OURS


@dataclass(frozen=True)
class DownReport:
    """What went and what stays, as "Kind name".

    Attributes:
        release: Helm release.
        namespace: Its namespace.
        context: Kube context.
        removed: What was removed.
        kept: The data that stays.
    """

    release: str
    namespace: str
    context: str
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def down(
    settings: Settings, steps: Steps, ask: Ask, *, volumes: bool = False, cluster: bool = False
) -> DownReport | Would:
    """Remove the release; what is absent already is fine.

    Args:
        settings: The release.
        steps: Shows progress.
        ask: Asked before data is deleted.
        volumes: Also delete claims, keys, and the namespaces that the kit made and nothing else is in.
        cluster: Delete the cluster that the kit made, with all in it.

    Raises:
        KitError: `release-not-ours`, `cluster-not-ours`, `declined`, `confirmation-needed`, `not-gone-in-time`.
    """
    names.check(settings.release, settings.namespace)
    where = choice.cluster(settings)
    op = begin(settings, where, steps, ask)
    report = DownReport(settings.release, settings.namespace, where.context())
    if cluster:
        return _whole_cluster(op, report)
    if where.made_by_kit and not where.exists():
        steps.note(f"the cluster {where.name} is not there")
        return report
    known = records(op.kube, op.namespace, settings.release)
    last = known[-1] if known else None
    if settings.dry_run:
        return Would(would=tuple(_would(op, last, volumes=volumes)))
    preflight.release_ours(last, settings.release, settings.namespace)
    places = namespaces.of_release(op.kube, settings, last.config if last else {})
    if volumes:
        ours = [place for place in places if namespaces.ours(op.kube, place)]
        also = f", and the namespace {' and '.join(ours)} if nothing else is in it" if ours else ""
        _confirm(op, f"Delete the database, logs and keys of {settings.release} in {settings.namespace}{also}?")
    with release_lock.held(op.kube.context, op.namespace, settings.release, steps.note, op.deadline):
        removed = _release(op, places)
        kept = data(op.kube, settings)
        if volumes:
            removed += _data(op, kept, places)
            kept = []
    return replace(report, removed=tuple(removed), kept=tuple(kept))


def _whole_cluster(op: Operation, report: DownReport) -> DownReport | Would:
    where = op.cluster
    if not where.made_by_kit:
        where.delete(op.note)  # its provider refuses, in its own words
    if op.settings.dry_run:
        return Would(would=(f"delete the cluster {where.name} with all its data",))
    _confirm(op, f"Delete the cluster {where.name} with all its data?")
    with op.steps.step("Cluster"):
        forwards.stop_forwards(report.context, op.namespace, op.settings.release)
        where.delete(op.note)
    return replace(report, removed=(f"cluster {where.name}",))


def data(kube: Kube, settings: Settings) -> list[str]:
    """Return what outlives a release: its claims and its keys Secret, as "Kind name"."""
    found = [f"PersistentVolumeClaim {c.name}" for c in kube.claims(settings.namespace, settings.release)]
    selector = f"{OURS},{INSTANCE}={settings.release}"
    secrets = kube.list("Secret", settings.namespace, selector)
    return found + [f"Secret {s['metadata']['name']}" for s in secrets if "fernet-key" in (s.get("data") or {})]


def _confirm(op: Operation, question: str) -> None:
    if not op.ask(question):
        raise KitError(
            "declined",
            "Nothing was deleted",
            cause="The question was answered with no",
            fix="kitctl down    # keeps the database, the logs and the keys; with --yes nothing is asked",
            code=ExitCode.PREFLIGHT,
        )


def _would(op: Operation, last: Record | None, *, volumes: bool) -> list[str]:
    lines = [f"uninstall the release {op.settings.release}"] if last else []
    kept = data(op.kube, op.settings)
    lines += [f"{'delete' if volumes else 'keep'} {item}" for item in kept]
    if not volumes:
        return lines
    places = namespaces.of_release(op.kube, op.settings, last.config if last else {})
    ours = [place for place in places if namespaces.ours(op.kube, place)]
    return lines + [f"delete Namespace {place}, if nothing else is in it" for place in ours]


def _release(op: Operation, places: list[str]) -> list[str]:
    """Uninstall, end the forwards, and wait for the end of the pods, in the workers' namespace too."""
    removed = []
    kube, where, release, wait = op.kube, op.namespace, op.settings.release, op.settings.wait
    with op.steps.step("Release"):
        if forwards.stop_forwards(kube.context, where, release):
            op.note("port-forward ended")
        # Workers first would be wrong: the scheduler would start new ones until it is gone itself.
        if op.helm.uninstall(release, where, wait=wait, timeout=op.deadline.left(at_least=30.0)):
            removed.append(f"release {release}")
        else:
            op.note("there was no release")
    with op.steps.step("Pods"):
        selector = f"{INSTANCE}={release},{OURS}"
        for place in places:
            for pod in kube.pods(place, selector):
                kube.delete("Pod", place, pod.name)
        if wait:
            _gone(op, lambda: [p.name for place in places for p in kube.pods(place, selector)])
    return removed


def _data(op: Operation, items: list[str], places: list[str]) -> list[str]:
    """Delete claims and keys, and the namespaces that are the kit's and empty."""
    kube, where, release = op.kube, op.namespace, op.settings.release
    with op.steps.step("Data"):
        kube.delete_claims(where, release)
        for item in items:
            kind, _, name = item.partition(" ")
            if kind == "Secret":
                kube.delete("Secret", where, name)
        _gone(op, lambda: [c.name for c in kube.claims(where, release)])
    empty = [place for place in reversed(places) if namespaces.removable(kube, place, op.steps)]
    if empty:
        with op.steps.step("Namespace"):
            for place in empty:
                kube.delete("Namespace", "", place)
            _gone(op, lambda: [place for place in empty if kube.namespace(place)])
    return [*items, *(f"Namespace {place}" for place in empty)]


def _gone(op: Operation, left: Callable[[], list[str]]) -> None:
    """Wait until nothing is left.

    Raises:
        KitError: `not-gone-in-time` (code TIMEOUT).
    """
    remaining: list[str] = []

    def gone() -> bool | None:
        nonlocal remaining
        remaining = left()
        if remaining:
            op.note(f"waiting for {', '.join(remaining)} to end")
        return None if remaining else True

    if not op.deadline.until(gone):
        raise KitError(
            "not-gone-in-time",
            f"{', '.join(remaining)} did not end within the time that --timeout allows",
            cause="A finalizer holds it, or a pod still uses it",
            fix="Look with kubectl describe what holds it, then run the same command again",
            code=ExitCode.TIMEOUT,
        )
