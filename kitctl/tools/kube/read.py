"""Pure functions from the JSON of the Kubernetes API to the dataclasses of `objects`."""

from __future__ import annotations

from typing import Any

from kitctl.tools.kube.objects import COMPONENT, Claim, CronJob, Job, Node, Pod, Service, StorageClass, Workload

# Waiting reasons that time alone does not cure, as the kubelet spells them.
STUCK = frozenset(
    {
        "ImagePullBackOff",
        "ErrImagePull",
        "ErrImageNeverPull",
        "InvalidImageName",
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
    }
)


def _meta(obj: dict[str, Any]) -> dict[str, Any]:
    return dict(obj.get("metadata") or {})


def _labels(obj: dict[str, Any]) -> dict[str, str]:
    return dict(_meta(obj).get("labels") or {})


def _owner(obj: dict[str, Any]) -> str:
    """Return the name of the object that controls this one, or ""."""
    return next((o["name"] for o in _meta(obj).get("ownerReferences") or [] if o.get("controller")), "")


def pod(obj: dict[str, Any]) -> Pod:
    """Read a v1 Pod."""
    meta, status = _meta(obj), obj.get("status") or {}
    containers = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    conditions = {c["type"]: c for c in status.get("conditions") or []}
    reason, message, container = _trouble(status, conditions, containers)
    return Pod(
        name=meta["name"],
        namespace=meta.get("namespace", ""),
        uid=meta.get("uid", ""),
        component=_labels(obj).get(COMPONENT, ""),
        phase="Terminating" if meta.get("deletionTimestamp") else status.get("phase", "Unknown"),
        ready=conditions.get("Ready", {}).get("status") == "True",
        restarts=sum(int(c.get("restartCount", 0)) for c in containers),
        reason=reason,
        message=message,
        container=container,
        owner=_owner(obj),
        labels=_labels(obj),
        annotations=dict(meta.get("annotations") or {}),
        node=(obj.get("spec") or {}).get("nodeName", ""),
        created=meta.get("creationTimestamp", ""),
    )


def _trouble(
    status: dict[str, Any], conditions: dict[str, Any], containers: list[dict[str, Any]]
) -> tuple[str, str, str]:
    """Find what keeps a pod from running: (reason, message, container)."""
    if status.get("phase") == "Failed" and status.get("reason"):  # Evicted, for example: it ended the containers, too
        return status["reason"], status.get("message", ""), ""
    for entry in containers:
        state = entry.get("state") or {}
        waiting = state.get("waiting") or {}
        if waiting.get("reason") in STUCK:
            return waiting["reason"], waiting.get("message", ""), entry["name"]
        ended = state.get("terminated") or {}
        if ended and ended.get("exitCode", 0) != 0:
            return ended.get("reason", "Error"), f"exit code {ended['exitCode']}", entry["name"]
    scheduled = conditions.get("PodScheduled", {})
    if scheduled.get("status") == "False":
        return scheduled.get("reason", "Unschedulable"), scheduled.get("message", ""), ""
    if status.get("phase") == "Failed":
        return status.get("reason", "Failed"), status.get("message", ""), ""
    return "", "", ""


def workload(obj: dict[str, Any], kind: str, pods: list[Pod]) -> Workload:
    """Read an apps/v1 Deployment or StatefulSet.

    Args:
        obj: The object.
        kind: "Deployment" or "StatefulSet"; items of a list don't carry it.
        pods: Pods of the release; those of the same component count; of a StatefulSet its own, as a component may have
            several (groups of Celery workers).
    """
    status, component = obj.get("status") or {}, _labels(obj).get(COMPONENT, "")
    wanted = int((obj.get("spec") or {}).get("replicas", 1))
    own = [p for p in pods if p.component == component and p.phase != "Terminating"]
    if kind == "StatefulSet":
        own = [p for p in own if p.owner == _meta(obj)["name"]]
    seen = status.get("observedGeneration", 0) >= _meta(obj).get("generation", 0)
    # A StatefulSet that has finished a roll has the same two revisions; `updatedReplicas` is absent before its first.
    same = status.get("currentRevision") == status.get("updateRevision")
    updated = status.get("updatedReplicas", 0) >= wanted if kind == "Deployment" else same
    no_old = status.get("replicas", 0) <= wanted
    trouble = next((p for p in own if p.reason), None)
    return Workload(
        component=component,
        kind=kind,
        name=_meta(obj)["name"],
        ready=int(status.get("readyReplicas", 0)),
        wanted=wanted,
        restarts=sum(p.restarts for p in own),
        message=f"{trouble.reason}: {trouble.message}".strip(": ") if trouble else "",
        current=seen and updated and no_old,
        # A Deployment that rolls out has more pods than it wants, too.
        shrinks=kind == "StatefulSet" and seen and same and not no_old,
    )


def job(obj: dict[str, Any]) -> Job:
    """Read a batch/v1 Job."""
    done = {c["type"]: c for c in (obj.get("status") or {}).get("conditions") or [] if c.get("status") == "True"}
    failed = done.get("Failed", {})
    return Job(
        component=_labels(obj).get(COMPONENT, ""),
        name=_meta(obj)["name"],
        namespace=_meta(obj).get("namespace", ""),
        complete="Complete" in done,
        failed=bool(failed),
        message=failed.get("message", ""),
        owner=_owner(obj),
        created=_meta(obj).get("creationTimestamp", ""),
    )


def cron_job(obj: dict[str, Any]) -> CronJob:
    """Read a batch/v1 CronJob."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    return CronJob(
        component=_labels(obj).get(COMPONENT, ""),
        name=_meta(obj)["name"],
        schedule=spec.get("schedule", ""),
        time_zone=spec.get("timeZone") or "",
        suspended=bool(spec.get("suspend")),
        last_scheduled=status.get("lastScheduleTime") or "",
        last_successful=status.get("lastSuccessfulTime") or "",
    )


def service(obj: dict[str, Any]) -> Service:
    """Read a v1 Service."""
    meta, spec = _meta(obj), obj.get("spec") or {}
    ingress = ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or [{}]
    return Service(
        name=meta["name"],
        namespace=meta.get("namespace", ""),
        type=spec.get("type", "ClusterIP"),
        cluster_ip=spec.get("clusterIP", ""),
        ports={p.get("name") or str(p["port"]): (int(p["port"]), p.get("nodePort")) for p in spec.get("ports") or []},
        labels=_labels(obj),
        address=ingress[0].get("hostname") or ingress[0].get("ip") or "",
    )


def claim(obj: dict[str, Any]) -> Claim:
    """Read a v1 PersistentVolumeClaim."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    return Claim(
        name=_meta(obj)["name"],
        phase="Terminating" if _meta(obj).get("deletionTimestamp") else status.get("phase", ""),
        modes=tuple(spec.get("accessModes") or ()),
        size=((spec.get("resources") or {}).get("requests") or {}).get("storage", ""),
        labels=_labels(obj),
        uid=_meta(obj).get("uid", ""),
    )


def node(obj: dict[str, Any]) -> Node:
    """Read a v1 Node."""
    status = obj.get("status") or {}
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions") or [])
    info, room = status.get("nodeInfo") or {}, status.get("allocatable") or {}
    return Node(
        name=_meta(obj)["name"],
        ready=ready,
        version=info.get("kubeletVersion", ""),
        arch=info.get("architecture", ""),
        cpu=str(room.get("cpu", "")),
        memory=str(room.get("memory", "")),
        addresses=tuple(a["address"] for a in status.get("addresses") or [] if a["type"] == "InternalIP"),
    )


def storage_class(obj: dict[str, Any]) -> StorageClass:
    """Read a storage.k8s.io/v1 StorageClass."""
    marks = _meta(obj).get("annotations") or {}
    default = marks.get("storageclass.kubernetes.io/is-default-class") == "true"
    return StorageClass(name=_meta(obj)["name"], provisioner=obj.get("provisioner", ""), default=default)
