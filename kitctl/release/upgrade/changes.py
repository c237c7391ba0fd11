"""What Helm would do to each object: the manifest that runs compared with the new one, and with the cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from kitctl.release import drift
from kitctl.release.upgrade.fields import Field, differences

Object = dict[str, Any]
Live = Callable[[Object], Object | None]
"""Looks an object up in the cluster."""

Action = Literal["create", "change", "delete", "keep", "repair", "repeat"]
_KEEP = "helm.sh/resource-policy"


@dataclass(frozen=True)
class Change:
    """What would happen to one object.

    Attributes:
        action: create, change, delete; keep (no longer part of the release, but it stays in the cluster); repair
            (somebody changed it in the cluster, and the deploy puts it back); repeat (a Job that failed runs again).
        kind: Its kind.
        namespace: Its namespace.
        name: Its name.
        fields: The fields that change. For `repair`, `old` is what the cluster has.
    """

    action: Action
    kind: str
    namespace: str
    name: str
    fields: list[Field] = field(default_factory=list)


@dataclass(frozen=True)
class Pair:
    """A change, with both versions of the object.

    Attributes:
        change: What would happen.
        old: The object in the running revision, or in the cluster for `repair`; None for `create`.
        new: The object in the new revision; None if it has none.
    """

    change: Change
    old: Object | None
    new: Object | None


def compare(
    old: Iterable[Object], new: Iterable[Object], namespace: str, live: Live, failed: frozenset[str] = frozenset()
) -> list[Pair]:
    """Return what would change, in the order of the new manifest, and then what would go.

    Args:
        old: Objects of the running revision.
        new: Objects of the new one.
        namespace: Namespace of objects that name none.
        live: Looks objects up in the cluster.
        failed: Names of Jobs that failed.
    """
    before, after = ({_key(obj, namespace): obj for obj in objects} for objects in (old, new))
    found = [_written(before.get(key), obj, namespace, live, failed) for key, obj in after.items()]
    found += [_gone(obj, namespace, live) for key, obj in before.items() if key not in after]
    return [pair for pair in found if pair is not None]


def _key(obj: Object, namespace: str) -> tuple[str, ...]:
    group, _, _ = obj["apiVersion"].rpartition("/")
    return group, obj["kind"], obj["metadata"].get("namespace") or namespace, obj["metadata"]["name"]


def _pair(
    action: Action, namespace: str, old: Object | None, new: Object | None, fields: list[Field] | None = None
) -> Pair:
    meta = (new or old or {})["metadata"]
    kind = (new or old or {})["kind"]
    where = meta.get("namespace") or namespace
    return Pair(Change(action, kind, where, meta["name"], fields or []), old, new)


def _written(old: Object | None, new: Object, namespace: str, live: Live, failed: frozenset[str]) -> Pair | None:
    if new["kind"] == "Job" and new["metadata"]["name"] in failed:
        return _pair("repeat", namespace, old, new, differences(old, new) if old else [])
    there = live(new)
    if there is None:
        return _pair("create", namespace, None, new)
    if old is not None and (fields := differences(old, new)):
        return _pair("change", namespace, old, new, fields)
    if drift.holds(there, new):
        return None
    there = drift.as_written(there, new)
    return _pair("repair", namespace, there, new, differences(there, new))


def _gone(obj: Object, namespace: str, live: Live) -> Pair | None:
    there = live(obj)
    if there is None:
        return None
    notes = [(side["metadata"].get("annotations") or {}) for side in (obj, there)]
    return _pair("keep" if any(n.get(_KEEP) == "keep" for n in notes) else "delete", namespace, obj, None)
