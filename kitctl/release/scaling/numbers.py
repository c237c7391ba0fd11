"""The numbers of pods that `kitctl scale` sets: they stay until the user's values ask for another number.

Helm remembers the number as a value of the release. An annotation of the release's ConfigMap remembers what the user's
values said at that time, so that a later `up` or `deploy` with the same values file does not take the number back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kitctl.model.names import names
from kitctl.model.user_values import UserValues
from kitctl.release.handle import setting
from kitctl.release.kept import Kept
from kitctl.release.operation import Operation
from kitctl.tools.helm.client import Helm
from kitctl.tools.helm.sources import Sources
from kitctl.tools.kube.client import Kube

MARK = "airflow-kit/scaled"
"""Annotation of the release's ConfigMap: JSON, from `Place.name` to {"values": number or null, "scaled": number}."""

CELERY = "celery"
_SECTIONS = {
    CELERY: ("workers", "celery"),
    "api-server": ("apiServer",),
    "scheduler": ("scheduler",),
    "dag-processor": ("dagProcessor",),
    "triggerer": ("triggerer",),
}


@dataclass(frozen=True)
class Place:
    """Where the number of pods of a component is in the values.

    Attributes:
        component: Component, as `kitctl logs` names it.
        group: Group of Celery workers, "" for the one that workers.celery itself describes.
    """

    component: str
    group: str = ""

    @property
    def name(self) -> str:
        """Its name in reports: `scheduler`, `celery` or `celery/GROUP`."""
        return "/".join(filter(None, (self.component, self.group)))

    def key(self, values: Mapping[str, Any]) -> str:
        """Return the key of the number as `--set` takes it, or "" where these values have no such group."""
        section = ".".join(_SECTIONS[self.component])
        if not self.group:
            return f"{section}.replicas"
        number = next((n for n, group in enumerate(_groups(values)) if group.get("name") == self.group), None)
        return "" if number is None else f"{section}.groups[{number}].replicas"

    def section(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the section of the values that holds the number; {} if the values do not have it."""
        if self.group:
            return next((group for group in _groups(values) if group.get("name") == self.group), {})
        return setting(values, *_SECTIONS[self.component]) or {}

    def said(self, values: Mapping[str, Any]) -> int | None:
        """Return the number that these values ask for, or None."""
        found = self.section(values).get("replicas")
        return int(found) if isinstance(found, int | float) else None

    def typed(self, sets: Mapping[str, Any]) -> bool:
        """Whether values that were typed with --set speak of the number."""
        if self.group:
            return setting(sets, "workers", "celery", "groups") is not None
        return "replicas" in self.section(sets)


def place(name: str) -> Place:
    """Return the place of a name as `Place.name` gives it."""
    component, _, group = name.partition("/")
    return Place(component, group)


def _groups(values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = setting(values, "workers", "celery", "groups")
    return [group for group in found if isinstance(group, Mapping)] if isinstance(found, list) else []


def marks(kube: Kube, namespace: str, config_map: str) -> dict[str, dict[str, Any]]:
    """Return what `kitctl scale` noted at the release; {} if it has scaled nothing."""
    found = kube.get("ConfigMap", namespace, config_map) or {"metadata": {}}
    try:
        noted = json.loads((found["metadata"].get("annotations") or {}).get(MARK) or "{}")
    except ValueError:  # somebody has edited it; the values of the release are right without it
        return {}
    return {name: mark for name, mark in noted.items() if place(name).component in _SECTIONS and "scaled" in mark}


def note(kube: Kube, namespace: str, config_map: str, config: Mapping[str, Any], numbers: Mapping[Place, int]) -> None:
    """Note numbers at the release, and what its values asked for before the first of them.

    Args:
        kube: The cluster.
        namespace: Namespace of the release.
        config_map: Name of the release's ConfigMap.
        config: Values of the release before.
        numbers: The new numbers.
    """
    known = marks(kube, namespace, config_map)
    for one, number in numbers.items():
        before, said = known.get(one.name), one.said(config)
        if before and before["scaled"] == said:
            said = before.get("values")
        known[one.name] = {"values": said, "scaled": number}
    kube.annotate("ConfigMap", namespace, config_map, {MARK: json.dumps(known, sort_keys=True)})


def keep(op: Operation, before: Kept, user: UserValues) -> tuple[str, ...]:
    """Return the numbers that stay, as `--set` takes them, and tell what stays and what the values replace.

    A number stays if the user's values say nothing, or what they said when `kitctl scale` ran. One that was typed with
    --set always wins.

    Args:
        op: The operation.
        before: What the release has.
        user: The user's values.
    """
    if not before.config:
        return ()
    config_map = names(op.settings.release, op.namespace, before.config).of("config")
    known = marks(op.kube, op.namespace, config_map)
    return tuple(filter(None, (_kept(op, place(name), mark, before, user) for name, mark in known.items())))


def _kept(op: Operation, one: Place, mark: Mapping[str, Any], before: Kept, user: UserValues) -> str:
    number, said, key = int(mark["scaled"]), one.said(user.document), one.key(user.document)
    # Another number in the release: it was changed since, without `kitctl scale`. Null leaves it to an autoscaler.
    if one.said(before.config) != number or not key or _left_to_autoscaler(one.section(user.document)):
        return ""
    if said == number:
        return ""
    sources = Sources.of(op.settings)
    typed = one.typed(Helm().merge(sources.only_sets())) if said is not None and sources.any_set else False
    if typed or said not in {None, mark.get("values")}:
        op.note(f"{one.name}: {key}={said}, as the values say now; kitctl scale had set {number}")
        return ""
    told = f"keeping {key}={number}, which kitctl scale has set"
    op.note(told if said is None else f"{told}; the values still say {said} (--set {key}={said} changes it)")
    return f"{key}={number}"


def _left_to_autoscaler(section: Mapping[str, Any]) -> bool:
    by = [setting(section, "autoscaling", kind, "maxReplicas") for kind in ("hpa", "keda")]
    return any(by) or ("replicas" in section and section["replicas"] is None)
