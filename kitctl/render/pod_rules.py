"""What Airflow's executor expects of a worker pod, beyond what Kubernetes does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kitctl.render.findings import Finding
from kitctl.render.pod_parts import Map, containers, entries, is_git_sync, mapping, numbered

NO_VOLUME = "there is no volume"
RESERVED_LABELS = {
    "dag_id", "task_id", "try_number", "run_id", "map_index", "logical_date", "execution_date", "ti_id",
    "kubernetes_executor", "airflow_version", "airflow-worker", "airflow_executor_done",
}  # fmt: skip
"""Set by the executor, which finds its pods by them."""


def shape(pod: Map) -> Iterator[Finding]:
    """Kind, name, first container and restart policy."""
    if pod.get("kind") != "Pod":
        yield Finding("kind", f"must be Pod, not {pod.get('kind')!r}")
    if pod.get("apiVersion") != "v1":
        yield Finding("apiVersion", f"must be v1, not {pod.get('apiVersion')!r}")
    metadata, spec = mapping(pod, "metadata"), mapping(pod, "spec")
    if not metadata.get("name"):
        yield Finding("metadata.name", "is missing; the executor replaces it, but requires one")
    for label in sorted(RESERVED_LABELS & set(mapping(metadata, "labels"))):
        yield Finding(
            f"metadata.labels.{label}", "is set by the executor, which could not find the pod otherwise", "warning"
        )
    if spec.get("restartPolicy") != "Never":
        yield Finding("spec.restartPolicy", "must be Never: otherwise Kubernetes restarts tasks that failed")
    yield from first_container(entries(spec, "containers"))


def first_container(listed: list[Map]) -> Iterator[Finding]:
    """The executor puts its command into containers[0], and logs are read from `base`."""
    if not listed:
        yield Finding("spec.containers", "needs the container `base`")
        return
    first = listed[0]
    if first.get("name") != "base":
        where = next((i for i, c in enumerate(listed) if c.get("name") == "base"), None)
        moved = f"; `base` is at [{where}], move it to the front" if where else ""
        yield Finding("spec.containers[0].name", f"must be base, not {first.get('name')!r}{moved}")
    if not first.get("image"):
        yield Finding("spec.containers[0].image", "is missing")
    if first.get("args"):
        yield Finding("spec.containers[0].args", "is replaced by the executor", "warning")
    for index, container in enumerate(listed[1:], 1):
        place = f"spec.containers[{index}]"
        advice = "; make it an init container with restartPolicy: Always, then it ends with the task"
        if is_git_sync(container):
            once = "make it an init container with GITSYNC_ONE_TIME: a task reads one commit"
            yield Finding(place, f"git-sync never ends, so the pod would never end; {once}")
        else:
            yield Finding(place, f"the pod ends only when {container.get('name')!r} ends{advice}", "warning")


def names(pod: Map) -> Iterator[Finding]:
    """Containers and volumes have names, each once."""
    spec = mapping(pod, "spec")
    yield from _once(list(containers(pod)), "name", "two containers have this name")
    yield from _once(
        [(f"spec.volumes[{i}]", v) for i, v in numbered(spec, "volumes")], "name", "two volumes have this name"
    )


def mounts(pod: Map) -> Iterator[Finding]:
    """Each mount names a volume of the pod, and a path of its own."""
    spec = mapping(pod, "spec")
    volumes = {v.get("name") for _, v in numbered(spec, "volumes")}
    for where, container in containers(pod):
        places = [(f"{where}.volumeMounts[{i}]", m) for i, m in numbered(container, "volumeMounts")]
        yield from _once(places, "mountPath", "two mounts have this path, and Kubernetes refuses the pod")
        for place, mount in places:
            if mount.get("name") not in volumes:
                yield Finding(f"{place}.name", f"{NO_VOLUME} {mount.get('name')!r} in spec.volumes")


def _once(places: list[tuple[str, Map]], key: str, rule: str) -> Iterator[Finding]:
    counts = Counter(part.get(key) for _, part in places)
    for place, part in places:
        value = part.get(key)
        if not value:
            yield Finding(f"{place}.{key}", "is missing")
        elif counts[value] > 1:
            yield Finding(f"{place}.{key}", f"{value}: {rule}")
