"""`kitctl scale`: another number of pods, as a value of the release that later commands keep, and nothing else changed.

Helm renders the release's own chart, as its record holds it, with the release's own values and the new number. So a
newer kitctl, another values file or a change that was not deployed yet does not come along.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kitctl.clusters import choice
from kitctl.errors import ExitCode, KitError
from kitctl.model import names
from kitctl.model.settings import Settings
from kitctl.release import waiting
from kitctl.release.cleanup import pending
from kitctl.release.operation import Ask, Operation, Steps, begin
from kitctl.release.preflight import cluster as preflight
from kitctl.release.rollout import Would
from kitctl.release.scaling import numbers as kept_numbers
from kitctl.release.scaling import refusals
from kitctl.release.scaling.numbers import Place
from kitctl.tools import release_lock
from kitctl.tools.helm import stored_chart
from kitctl.tools.helm.client import documents
from kitctl.tools.helm.records import MADE_BY, Record
from kitctl.tools.helm.sources import Sources

_BUDGET = "PodDisruptionBudget"


@dataclass(frozen=True)
class Scaled:
    """One component.

    Attributes:
        component: Component, as `kitctl logs` names it.
        group: Group of Celery workers; empty for the one that workers.celery itself describes.
        before: Number of pods that the release asked for.
        replicas: Number of pods that it asks for now.
    """

    component: str
    group: str
    before: int
    replicas: int


@dataclass(frozen=True)
class ScaleReport:
    """What `scale` did.

    Attributes:
        release: Helm release.
        namespace: Its namespace.
        context: Kube context.
        changed: Whether Helm ran.
        scaled: The components that were named.
    """

    release: str
    namespace: str
    context: str
    changed: bool
    scaled: tuple[Scaled, ...]


@dataclass(frozen=True)
class _Target:
    """A workload of the release, as its record has it, and the number of pods that it shall have."""

    place: Place
    workload: dict[str, Any]
    number: int

    @property
    def title(self) -> str:
        return f"{self.workload['kind']} {self.workload['metadata']['name']}"

    @property
    def before(self) -> int:
        return int(self.workload["spec"]["replicas"])


def scale(settings: Settings, numbers: Mapping[Place, int], steps: Steps, ask: Ask) -> ScaleReport | Would:
    """Give components of a release another number of pods.

    1. find them, and what stands against the change; 2. Helm, unless the release and the cluster have these numbers; 3.
    wait: new pods are ready, and pods that stop have ended their tasks.

    Raises:
        KitError: `release-missing`, `release-without-helm`, `release-not-ours`, `release-unfinished`, `release-locked`;
            of scaling.refusals; `scale-changes-more`; of Helm and waiting; `not-drained-in-time`.
    """
    names.check(settings.release, settings.namespace)
    op = begin(settings, choice.present(settings), steps, ask)
    if settings.dry_run:
        _, found = _look(op, numbers)
        return Would(
            would=tuple(f"change replicas of {t.title} from {t.before} to {t.number}" for t in found if _differs(op, t))
        )
    with release_lock.held(op.kube.context, op.namespace, settings.release, op.note, op.deadline):
        with steps.step("Check"):
            record, found = _look(op, numbers)
        if changed := any(_differs(op, target) for target in found):
            with steps.step("Release"):
                _change(op, record, found)
    if settings.wait:
        with steps.step("Ready"):
            _wait(op, found)
    report = tuple(Scaled(t.place.component, t.place.group, t.before, t.number) for t in found)
    return ScaleReport(settings.release, settings.namespace, op.kube.context, changed, report)


def _look(op: Operation, numbers: Mapping[Place, int]) -> tuple[Record, list[_Target]]:
    """Find what shall change; nothing is changed."""
    record = _record(op)
    objects = documents(record.manifest)
    found = []
    for place, number in numbers.items():
        workload = refusals.workload(objects, place, op.settings.release)
        refusals.not_autoscaled(op.kube, op.namespace, workload, place)
        found.append(_Target(place, workload, number))
    return record, found


def _record(op: Operation) -> Record:
    """Return Helm's record of the release, if a change can begin from it.

    Raises:
        KitError: as `scale` lists for the release.
    """
    history, s = pending.settle(op), op.settings
    last = history.newest
    preflight.release_ours(last, s.release, s.namespace)
    if last is None and not history.dead:
        if not op.kube.workloads(op.namespace, s.release):
            raise op.release.missing()
        raise KitError(
            "release-without-helm",
            f"Helm does not know the release {s.release} in the namespace {s.namespace}",
            cause="It was made with kubectl apply or Argo CD, which would change the number back",
            fix="Change the number in the values from which it is rendered, for example:\n"
            "workers:\n  celery:\n    replicas: 3",
            code=ExitCode.PREFLIGHT,
        )
    state = history.dead[-1].status if history.dead else last.status if last else ""
    if last is None or state != "deployed":
        raise KitError(
            "release-unfinished",
            f"The last change of the release {s.release} was not finished",
            cause=f"Its newest record says {state}: an upgrade failed or was interrupted",
            fix="kitctl up    # or kitctl deploy, with the values of that change: finishes it; then run this again",
            code=ExitCode.PREFLIGHT,
        )
    return last


def _differs(op: Operation, target: _Target) -> bool:
    """Whether the release or the cluster has another number; somebody may have used kubectl."""
    live = op.kube.live(target.workload, op.namespace) or {"spec": {}}
    return target.number != target.before or live["spec"].get("replicas") != target.number


def _change(op: Operation, record: Record, found: list[_Target]) -> None:
    """Let Helm write the new numbers, and note them for later commands."""
    release, where = op.settings.release, op.namespace
    with tempfile.TemporaryDirectory(prefix="kitctl-scale-") as folder:
        chart, values = Path(folder, "chart"), Path(folder, "values.json")
        stored_chart.write(op.kube, where, record, chart)
        values.touch(mode=0o600)  # values may hold secrets, e.g. in `env`
        values.write_text(json.dumps(record.config), encoding="utf-8")
        sets = tuple(f"{t.place.key(record.config)}={t.number}" for t in found)
        sources = Sources(files=(values,), sets=sets)
        _only_numbers(record, documents(op.helm.plan(chart, release, where, sources).manifest), found)
        limit = op.deadline.left(at_least=30.0)
        op.helm.upgrade_install(chart, release, where, sources, timeout=limit, labels={MADE_BY: "scale"})
    known = names.names(release, where, record.config)
    kept_numbers.note(op.kube, where, known.of("config"), record.config, {t.place: t.number for t in found})


def _only_numbers(record: Record, planned: list[dict[str, Any]], found: list[_Target]) -> None:
    """Refuse a plan that changes anything but the numbers, and the disruption budgets that the chart makes of them.

    Raises:
        KitError: `scale-changes-more`.
    """
    before = {_title(obj): obj for obj in documents(record.manifest) if obj["kind"] != _BUDGET}
    for target in found:
        before[target.title] = {**target.workload, "spec": {**target.workload["spec"], "replicas": target.number}}
    after = {_title(obj): obj for obj in planned if obj["kind"] != _BUDGET}
    others = sorted(title for title in before.keys() | after.keys() if before.get(title) != after.get(title))
    if others:
        raise KitError(
            "scale-changes-more",
            f"Another number of pods would also change {', '.join(others)}",
            cause="The chart and values in Helm's record do not give the same objects again, for example because a Job "
            "failed since",
            fix="kitctl up    # with your values: brings the release up to date; then run this again",
            code=ExitCode.PREFLIGHT,
        )


def _title(obj: dict[str, Any]) -> str:
    return f"{obj['kind']} {obj['metadata']['name']}"


def _wait(op: Operation, found: list[_Target]) -> None:
    """Wait until new pods are ready and stopped ones are gone.

    Raises:
        KitError: of waiting.ready; `not-drained-in-time`.
    """
    target = waiting.goal(op.namespace, op.settings.release, [t.workload for t in found])
    try:
        waiting.ready(op.kube, target, op.note, op.deadline)
    except KitError as error:
        ending = [p.name for p in waiting.look(op.kube, target).pods if p.phase == "Terminating"]
        if error.id != "not-ready-in-time" or not ending:
            raise
        raise KitError(
            "not-drained-in-time",
            f"{', '.join(ending)} did not end within the time that --timeout allows",
            cause="The number is set. A Celery worker that stops takes no new tasks, and ends with its last task",
            fix=f"kubectl -n {op.namespace} get pods --watch    # or run this again, with a longer --timeout",
            code=ExitCode.TIMEOUT,
        ) from error
