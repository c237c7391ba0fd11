"""What the changes of objects mean: pods that restart, objects that must be made anew, volumes at risk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from kitctl.errors import KitError
from kitctl.model import secret_texts
from kitctl.release.upgrade.changes import Pair
from kitctl.release.upgrade.fields import differences
from kitctl.tools.kube.objects import COMPONENT
from kitctl.tools.kube.quantity import amount

_MUTABLE = {
    "StatefulSet": (
        "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "minReadySeconds",
        "persistentVolumeClaimRetentionPolicy",
    ),
    "PersistentVolumeClaim": ("resources", "volumeAttributesClassName"),
    "Job": (
        "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "suspend", "ttlSecondsAfterFinished",
    ),
}  # fmt: skip
"""Fields of `spec` that may change, for kinds of which most may not."""

_FIXED = {"Deployment": ("spec.selector",), "DaemonSet": ("spec.selector",), "Service": ("spec.clusterIP",)}
_BINDINGS = {"RoleBinding", "ClusterRoleBinding"}
_WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet"}
_CLAIM = "PersistentVolumeClaim"


@dataclass(frozen=True)
class Restart:
    """A workload whose pods are replaced.

    Attributes:
        kind: Deployment, StatefulSet or DaemonSet.
        name: Its name.
        component: Its component label.
        pods: Number of its pods, None where an autoscaler decides.
        how: rolling (one after the other), recreate (all end before new ones start), or on-delete (when somebody
            deletes them).
        fields: The fields of the pod template that change.
    """

    kind: str
    name: str
    component: str
    pods: int | None
    how: Literal["rolling", "recreate", "on-delete"]
    fields: list[str]


@dataclass(frozen=True)
class Refusal:
    """An object that Kubernetes would not take, so that the deploy would end before it changes anything.

    Attributes:
        kind: Its kind.
        namespace: Its namespace.
        name: Its name.
        recreate: Fields that cannot change; the object has to be deleted first. Empty if the reason is another one.
        reason: What the server says.
        fix: What to type.
    """

    kind: str
    namespace: str
    name: str
    recreate: list[str]
    reason: str
    fix: str


@dataclass(frozen=True)
class Volume:
    """A claim whose data the deploy would touch.

    Attributes:
        namespace: Its namespace.
        claim: Its name.
        risk: deleted, shrinks, recreate (it would have to be deleted first), or unused (it stays, but no pod of the
            release has it any more).
        reason: Why.
    """

    namespace: str
    claim: str
    risk: Literal["deleted", "shrinks", "recreate", "unused"]
    reason: str


def restarts(pairs: Iterable[Pair]) -> list[Restart]:
    """Return the workloads whose pods are replaced, as their template changes. Running worker pods are none of them."""
    found = []
    for pair in pairs:
        change, new = pair.change, pair.new
        if change.kind not in _WORKLOADS or new is None or change.action not in {"change", "repair"}:
            continue
        fields = [f.path for f in change.fields if f.path.startswith("spec.template.")]
        pods = new["spec"].get("replicas")
        if fields and pods != 0:
            component = (new["metadata"].get("labels") or {}).get(COMPONENT, "")
            found.append(Restart(change.kind, change.name, component, pods, _how(new), fields))
    return found


def _how(workload: dict[str, Any]) -> Literal["rolling", "recreate", "on-delete"]:
    spec = workload["spec"]
    kind = (spec.get("strategy") or spec.get("updateStrategy") or {}).get("type")
    return "recreate" if kind == "Recreate" else "on-delete" if kind == "OnDelete" else "rolling"


def worker_template_changes(pairs: Iterable[Pair]) -> bool:
    """Whether worker pods that start from now on are made from another template; those that run are untouched."""
    for pair in pairs:
        if pair.change.kind == "ConfigMap" and pair.old and pair.new and pair.change.action in {"change", "repair"}:
            old, new = ((side.get("data") or {}) for side in (pair.old, pair.new))
            if any(old.get(key) != text and _is_pod(text) for key, text in new.items()):
                return True
    return False


def _is_pod(text: str) -> bool:
    try:
        return bool((yaml.safe_load(text) or {}).get("kind") == "Pod")
    except (yaml.YAMLError, AttributeError):
        return False


def refusal(pair: Pair, error: KitError) -> Refusal:
    """Return what the server's refusal of a changed object means."""
    change = pair.change
    fixed = immutable(pair)
    what = f"{change.kind.lower()} {change.name}"
    fix = error.fix
    if fixed:
        fix = f"kubectl -n {change.namespace} delete {what}"
        if change.kind == "StatefulSet":
            fix += " --cascade=orphan    # its pods and claims stay"
        elif change.kind == _CLAIM:
            fix = f"kubectl -n {change.namespace} get pvc {change.name}    # back up its data: deleting it deletes them"
    return Refusal(
        change.kind, change.namespace, change.name, fixed, secret_texts.text(error.cause or error.message), fix
    )


def immutable(pair: Pair) -> list[str]:
    """Return the changed fields that Kubernetes lets nobody change in an object that exists."""
    kind, new = pair.change.kind, pair.new
    if pair.old is None or new is None:
        return []
    frozen = ("data", "binaryData", "stringData") if new.get("immutable") and pair.old.get("immutable") else ()

    def is_fixed(path: str) -> bool:
        first, _, rest = path.partition(".")
        if kind in _MUTABLE:
            return first == "spec" and not rest.startswith(_MUTABLE[kind])
        if kind in _FIXED:
            return path.startswith(_FIXED[kind])
        section = path.partition("[")[0].partition(".")[0]
        return (
            (kind in _BINDINGS and section == "roleRef") or (kind == "Secret" and path == "type") or section in frozen
        )

    return [f.path for f in pair.change.fields if is_fixed(f.path)]


def volumes(pairs: Iterable[Pair]) -> list[Volume]:
    """Return the claims whose data are at risk, or stay behind."""
    return [found for pair in pairs for found in _volumes(pair)]


def _volumes(pair: Pair) -> Iterator[Volume]:
    change = pair.change
    if change.kind == _CLAIM:
        yield from _of_claim(pair)
    elif change.kind == "StatefulSet" and pair.old is not None:
        old = pair.old["spec"]
        before, after = (_templates(spec) for spec in (old, (pair.new or {}).get("spec") or {}))
        policy = old.get("persistentVolumeClaimRetentionPolicy") or {}
        count = old.get("replicas", 1)
        for name, template in before.items():
            claims = [f"{name}-{change.name}-{number}" for number in range(count)]
            if change.action == "delete":
                lost = policy.get("whenDeleted") == "Delete"
                reason = "its StatefulSet goes" + (", and has whenDeleted: Delete" if lost else "")
                yield from (
                    Volume(change.namespace, claim, "deleted" if lost else "unused", reason) for claim in claims
                )
            elif change.action in {"change", "repair"} and pair.new is not None:
                yield from _of_template(pair, claims, template, after.get(name))


def _of_claim(pair: Pair) -> Iterator[Volume]:
    change = pair.change
    if change.action == "delete":
        yield Volume(change.namespace, change.name, "deleted", "the claim is no longer part of the release")
    elif change.action == "keep":
        yield Volume(change.namespace, change.name, "unused", "the claim is no longer part of the release, and stays")
    elif change.action in {"change", "repair"} and pair.old and pair.new:
        if _smaller(pair.old["spec"], pair.new["spec"]):
            yield Volume(change.namespace, change.name, "shrinks", "Kubernetes lets no claim become smaller")
        elif fixed := immutable(pair):
            yield Volume(change.namespace, change.name, "recreate", f"{', '.join(fixed)} cannot change")


def _of_template(pair: Pair, claims: list[str], old: dict[str, Any], new: dict[str, Any] | None) -> Iterator[Volume]:
    where, spec = pair.change.namespace, (pair.new or {})["spec"]
    policy = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    wanted = spec.get("replicas", 1)
    if new is None:
        yield from (Volume(where, claim, "unused", "the StatefulSet no longer makes it") for claim in claims)
    elif _smaller(old["spec"], new["spec"]):
        yield from (Volume(where, claim, "shrinks", "Kubernetes lets no claim become smaller") for claim in claims)
    elif differences(old, new):
        yield from (Volume(where, claim, "recreate", "volumeClaimTemplates cannot change") for claim in claims)
    elif policy.get("whenScaled") == "Delete":
        reason = f"replicas go down to {wanted}, and whenScaled is Delete"
        yield from (Volume(where, claim, "deleted", reason) for claim in claims[wanted:])


def _templates(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in spec.get("volumeClaimTemplates") or []}


def _smaller(old: dict[str, Any], new: dict[str, Any]) -> bool:
    sizes = [amount(str(((s.get("resources") or {}).get("requests") or {}).get("storage", ""))) for s in (old, new)]
    return sizes[0] is not None and sizes[1] is not None and sizes[1] < sizes[0]
