"""Removes a release: its data stays unless asked otherwise, and nothing goes that the kit did not make."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace

from kitctl import clusters
from kitctl.clusters import choice
from kitctl.clusters.base import Cluster
from kitctl.errors import ExitCode, KitError
from kitctl.model import names
from kitctl.model.settings import Settings
from kitctl.release import namespaces
from kitctl.release.cleanup import claims_and_keys, orphans
from kitctl.release.cleanup.claims_and_keys import Thing
from kitctl.release.operation import Ask, Operation, Steps, begin
from kitctl.release.preflight import cluster as preflight
from kitctl.release.rollout import Would
from kitctl.tools import release_lock
from kitctl.tools.forward import forwards
from kitctl.tools.helm.records import Record, records
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
        notes: Why data stays that `--volumes` would delete, and how to delete it.
    """

    release: str
    namespace: str
    context: str
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def down(
    settings: Settings, steps: Steps, ask: Ask, *, volumes: bool = False, cluster: bool = False
) -> DownReport | Would:
    """Remove the release; what is absent already is fine.

    Args:
        settings: The release.
        steps: Shows progress.
        ask: Asked before data is deleted.
        volumes: Also delete the claims and keys that the kit made for this release, and the namespaces that it made
            and nothing else is in.
        cluster: Delete the cluster that the kit made, with all in it.

    Raises:
        KitError: `release-not-ours`, `cluster-not-ours`, `declined`, `confirmation-needed`, `not-gone-in-time`;
            `cluster-not-answering`, `cluster-unreachable`: nobody knows then what there is to remove.
    """
    names.check(settings.release, settings.namespace)
    where = choice.cluster(settings)
    op = begin(settings, where, steps, ask)
    report = DownReport(settings.release, settings.namespace, where.context())
    if cluster:
        return _whole_cluster(op, report)
    if where.made_by_kit and not where.exists():
        if clusters.made(where.provider, where.name):
            raise _stopped(where)
        steps.note(f"the cluster {where.name} is not there")
        return report
    alone = release_lock.held(op.kube.context, op.namespace, settings.release, steps.note, op.deadline)
    with nullcontext() if settings.dry_run else alone:
        return _removed(op, report, volumes=volumes)


def _removed(op: Operation, report: DownReport, *, volumes: bool) -> DownReport | Would:
    """Look what there is and remove it; another kitctl that works on the release has ended before the look."""
    settings = op.settings
    known = records(op.kube, op.namespace, settings.release)
    last = known[-1] if known else None
    preflight.release_ours(last, settings.release, settings.namespace)
    config = last.config if last else None
    places = namespaces.of_release(op.kube, settings, config or {})
    left = claims_and_keys.left_behind(op.kube, settings, config)
    if settings.dry_run:
        return Would(would=tuple(_would(op, last, left, places, volumes=volumes)))
    if volumes:
        _ask_for_data(op, left, places)
    if config is not None:
        claims_and_keys.mark(op.kube, op.namespace, names.names(settings.release, settings.namespace, config), config)
    removed = _release(op, places, known)
    if volumes:
        removed += _data(op, [thing for thing in left if not thing.needed_by], places)
        left = [thing for thing in left if thing.needed_by]
    notes = [_stays(op.namespace, thing) for thing in left] if volumes else []
    return replace(report, removed=tuple(removed), kept=tuple(map(str, left)), notes=tuple(notes))


def _stopped(where: Cluster) -> KitError:
    return KitError(
        "cluster-not-answering",
        f"The cluster {where.name} does not run",
        cause="It was stopped, or was not made to the end; releases and data in it are still there",
        fix="kitctl cluster create    # starts it again\nkitctl down --cluster    # deletes it with all its data",
        code=ExitCode.UNREACHABLE,
    )


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


def _ask_for_data(op: Operation, left: list[Thing], places: list[str]) -> None:
    """Ask before data is deleted, and name each thing.

    Raises:
        KitError: `declined`, `confirmation-needed`.
    """
    going = [f"{thing} in the namespace {op.namespace}" for thing in left if not thing.needed_by]
    going += [f"Namespace {place}, if nothing else is in it" for place in places if namespaces.ours(op.kube, place)]
    listed = "; ".join(going) or "none is left"
    _confirm(op, f"Delete the data of the release {op.settings.release} for good ({listed})?")


def _stays(namespace: str, thing: Thing) -> str:
    return (
        f"{thing} stays, because the {thing.needed_by} cannot be read without it. If that may go, too: "
        f"kubectl -n {namespace} delete {thing.kind.lower()} {thing.name}"
    )


def _confirm(op: Operation, question: str) -> None:
    if not op.ask(question):
        raise KitError(
            "declined",
            "Nothing was deleted",
            cause="The question was answered with no",
            fix="kitctl down    # keeps the database, the logs and the keys; with --yes nothing is asked",
            code=ExitCode.PREFLIGHT,
        )


def _would(op: Operation, last: Record | None, left: list[Thing], places: list[str], *, volumes: bool) -> list[str]:
    lines = [f"uninstall the release {op.settings.release}"] if last else []
    if not volumes:
        return lines + [f"keep {thing}" for thing in left]
    lines += [f"delete {thing}" for thing in left if not thing.needed_by]
    lines += [f"keep {thing}, which the {thing.needed_by} needs" for thing in left if thing.needed_by]
    ours = [place for place in places if namespaces.ours(op.kube, place)]
    return lines + [f"delete Namespace {place}, if nothing else is in it" for place in ours]


def _release(op: Operation, places: list[str], known: list[Record]) -> list[str]:
    """Uninstall, end the forwards, and wait for the end of the pods, in the workers' namespace too."""
    removed = []
    made = names.names(op.settings.release, op.namespace, known[-1].config if known else {})
    kube, where, release, wait = op.kube, op.namespace, op.settings.release, op.settings.wait
    with op.steps.step("Release"):
        if forwards.stop_forwards(kube.context, where, release):
            op.note("port-forward ended")
        # Workers first would be wrong: the scheduler would start new ones until it is gone itself.
        if op.helm.uninstall(release, where, wait=wait, timeout=op.deadline.left(at_least=30.0)):
            removed.append(f"release {release}")
        else:
            op.note("there was no release")
        # What interrupted and failed operations wrote is in no record that Helm uninstalls.
        removed += orphans.remove(kube, where, orphans.find(kube, op.settings, made, known, kept=()))
    with op.steps.step("Pods"):
        selector = f"{INSTANCE}={release},{OURS}"
        for place in places:
            for pod in kube.pods(place, selector):
                kube.delete("Pod", place, pod.name)
        if wait:
            _gone(op, lambda: [p.name for place in places for p in kube.pods(place, selector)])
    return removed


def _data(op: Operation, things: list[Thing], places: list[str]) -> list[str]:
    """Delete claims and keys, and the namespaces that are the kit's and empty."""
    kube, where = op.kube, op.namespace
    with op.steps.step("Data"):
        for thing in things:
            kube.delete(thing.kind, where, thing.name)
        _gone(op, lambda: [thing.name for thing in things if kube.get(thing.kind, where, thing.name)])
    empty = [place for place in reversed(places) if namespaces.removable(kube, place, op.steps)]
    if empty:
        with op.steps.step("Namespace"):
            for place in empty:
                kube.delete("Namespace", "", place)
            _gone(op, lambda: [place for place in empty if kube.namespace(place)])
    return [*map(str, things), *(f"Namespace {place}" for place in empty)]


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
