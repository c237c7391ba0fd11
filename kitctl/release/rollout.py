"""The release itself: preflight, namespace, keys, Helm, wait. `up` does more around it; `deploy` is only this."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kitctl.errors import KitError
from kitctl.model.names import Names
from kitctl.release import drift, namespaces, waiting
from kitctl.release.cleanup import claims_and_keys
from kitctl.release.inputs import Inputs
from kitctl.release.keys import ensure_keys
from kitctl.release.operation import Operation
from kitctl.release.plan import Assessment, assess, check_objects, clean_up
from kitctl.release.preflight import broker, database, downgrade, extension, log_store, repository
from kitctl.release.preflight import image as image_check
from kitctl.release.upgrade import roll_back, way_back
from kitctl.render import user_texts
from kitctl.tools.helm.records import MADE_BY, Record


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


@dataclass(frozen=True, kw_only=True)
class Would:
    """What a dry run would do, one line each."""

    dry_run: bool = True
    would: tuple[str, ...]

    @classmethod
    def of(cls, done: Deployed) -> Would:
        """Return the objects that a deploy would write."""
        return cls(would=tuple(f"write {change}" for change in done.changes))


def deploy(op: Operation, given: Inputs) -> Deployed:
    """Bring the release to what `given` says, or find that it is there already. The caller is `alone` with it.

    1. preflight: everything that could stop it is found before anything changes;
    2. namespaces; what can only be asked from inside: whether they take the objects, and the repositories; keys;
    3. Helm, unless the cluster already holds the same;
    4. wait.

    Raises:
        KitError: of preflight.*, pending.settle, keys, Helm and waiting.
    """
    kube, where, release = op.kube, op.namespace, op.settings.release
    with op.steps.step("Preflight"):
        state = assess(op, given)
    for finding in user_texts.release_warnings(state.plan.config):
        op.note(f"Warning: {finding}")
    objects, known = state.plan.objects(), state.names
    if op.settings.dry_run:
        changes = tuple(drift.drifted(kube, where, state.plan))
        return Deployed(known, image_of(objects), changed=False, changes=changes)
    with op.steps.step("Keys"):
        _places(op, given, state)
        made = ensure_keys(kube, where, release, known, objects)
        claims_and_keys.mark(kube, where, known, state.plan.config)
        op.note(f"{known.keys}: made {', '.join(made)}" if made else f"{known.keys}: all there")
    before = state.record if state.record and not state.same and way_back.schedules(op) else None
    with _going_back(op, given, state):
        with op.steps.step("Release"):
            removed = clean_up(op, state)
            if not state.same:
                if any(item.startswith("Job ") for item in removed):
                    # The chart names a Job by what became of the earlier ones.
                    objects = op.helm.plan(given.chart, release, where, given.sources).objects()
                limit, labels = op.deadline.left(at_least=30.0), {MADE_BY: "up"}
                op.helm.upgrade_install(given.chart, release, where, given.sources, timeout=limit, labels=labels)
            op.note("nothing to change" if state.same else "upgraded" if state.record else "installed")
        if op.settings.wait:
            _ready(op, None if given.roll_back else before, objects)
    return Deployed(known, image_of(objects), changed=not state.same)


@contextmanager
def _going_back(op: Operation, given: Inputs, state: Assessment) -> Iterator[None]:
    """Go back if the block fails and the user wants that; the error stays the one of the block."""
    try:
        yield
    except KitError as error:
        if not given.roll_back or state.same:
            raise
        raise roll_back.gone_back(op, state.history.living, error) from error


def _ready(op: Operation, before: Record | None, objects: list[dict[str, Any]]) -> None:
    """Wait until the release is ready.

    Raises:
        KitError: of waiting.ready.
    """
    target = waiting.goal(op.namespace, op.settings.release, objects)
    try:
        with op.steps.step("Ready"):
            waiting.ready(op.kube, target, op.note, op.deadline)
    except KitError as error:
        raise way_back.explained(op, before, objects, error) from error


def _places(op: Operation, given: Inputs, state: Assessment) -> None:
    """Make the namespaces that are missing, and ask there what could not be asked before.

    A refusal leaves no namespace that was made here.

    Raises:
        KitError: of plan.check_objects, the checks of preflight.
    """
    kube, where, objects = op.kube, op.namespace, state.plan.objects()
    with namespaces.made(kube, op.settings, state.names, op.steps) as new:
        check_objects(kube, where, [o for o in objects if kube.namespace_of(o, where) in new])
        if given.check_image and not state.same:
            image_check.check(kube, where, objects, op.note, op.deadline)
        if given.check_database and not state.same and database.external(objects):
            database.check(kube, where, objects, op.note, op.deadline)
        if given.compare_database and state.record is not None and not state.same:
            downgrade.check(kube, where, objects, op.note, op.deadline)
        if given.check_repo and not state.same:
            repository.check(kube, where, state.plan.config, objects, op.note, op.deadline)
        if given.check_logs and not state.same:
            log_store.check(kube, where, state.plan.config, objects, op.note, op.deadline)
        if given.check_broker and not state.same:
            broker.check(kube, where, state.plan.config, objects, op.note, op.deadline)
        if not state.same:
            extension.check(kube, where, state.plan.config, objects, op.note, op.deadline)


def image_of(objects: list[dict[str, Any]]) -> str:
    """Return the image of the api-server in rendered objects, "" when there is none."""
    for obj in objects:
        if obj["kind"] == "Deployment":
            for container in obj["spec"]["template"]["spec"]["containers"]:
                if container["name"] == "api-server":
                    return str(container["image"])
    return ""
