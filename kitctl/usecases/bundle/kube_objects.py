"""What a support archive holds of Kubernetes: objects, events, nodes, and the logs of all containers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from configparser import ConfigParser, Error
from io import StringIO
from typing import Any

from kitctl.errors import KitError
from kitctl.model.secret_names import MASK
from kitctl.release.handle import Release
from kitctl.tools.kube.kinds import KINDS
from kitctl.tools.process import run
from kitctl.usecases.bundle.archive import MIB, Archive

LOG_LINES = 5000
"""Lines from the end of each container's log: some hours of a busy scheduler."""
_LOG_BYTES = 16 * MIB
_EVENTS = 1000
_LEFT_OUT = {"Event", "Lease"}
"""Events have a file of their own; leases change every two seconds and say nothing."""
_VARIABLE = "AIRFLOW__"


def collect(release: Release, namespaces: Iterable[str], missing: list[str]) -> list[dict[str, Any]]:
    """Return the objects that have the labels of the release, those of its worker pods too.

    Args:
        release: The release.
        namespaces: Its namespace, and that of its worker pods.
        missing: Gets a line for each kind that may not be read.
    """
    found: list[dict[str, Any]] = []
    for kind, served in KINDS.items():
        if not served.namespaced or kind in _LEFT_OUT:
            continue
        for where in namespaces:
            try:
                items = release.kube.list(kind, where, release.selector)
            except KitError as error:
                if error.id not in {"forbidden", "kubernetes-refused"}:
                    raise
                missing.append(f"{kind} of the namespace {where}: {error.message}")
                continue
            found += [{"apiVersion": served.version, "kind": kind, **item} for item in items]
    return found


def add_objects(archive: Archive, objects: Iterable[dict[str, Any]]) -> None:
    """Add each object as YAML; of Secrets only the names of their keys."""
    for obj in objects:
        meta = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
        kind, name = str(obj["kind"]), f"{meta.get('namespace', '')}/{meta['name']}".strip("/")
        archive.data(f"objects/{kind.lower()}/{name}.yaml", without_secrets({**obj, "metadata": meta}))


def without_secrets(obj: dict[str, Any]) -> dict[str, Any]:
    """Return an object; of a Secret only its name, type and the names of its keys."""
    if obj.get("kind") != "Secret":
        return obj
    meta = obj.get("metadata") or {}
    kept = {key: meta[key] for key in ("name", "namespace", "labels", "creationTimestamp") if key in meta}
    keys = {**(obj.get("data") or {}), **(obj.get("stringData") or {})}
    return {"kind": "Secret", "metadata": kept, "type": obj.get("type", ""), "data": dict.fromkeys(keys, MASK)}


def add_describe(archive: Archive, release: Release, pods: Iterable[dict[str, Any]]) -> None:
    """Add what `kubectl describe` says of the pods, which puts together state, probes and events."""
    from kitctl.tools.kube.contexts import kubectl_argv  # noqa: PLC0415

    start = kubectl_argv(release.kube.context, release.settings.kubeconfig)
    for where in sorted({str(pod["metadata"]["namespace"]) for pod in pods}):
        argv = [*start, "-n", where, "describe", "pods", "-l", release.selector]
        archive.settings(f"describe/{where}.txt", run(argv, timeout=60).stdout)


def add_events(archive: Archive, release: Release, namespaces: Iterable[str]) -> None:
    """Add the events of the namespaces, oldest first."""
    for where in namespaces:
        found = release.kube.events(where)[-_EVENTS:]
        archive.lines(f"events/{where}.txt", "\n".join(map(_event, found)))


def _event(event: dict[str, Any]) -> str:
    about = event.get("involvedObject") or {}
    time = event.get("lastTimestamp") or event.get("eventTime") or ""
    message = " ".join(str(event.get("message") or "").split())
    what = f"{about.get('kind', '')}/{about.get('name', '')}"
    return f"{time}  {event.get('type', '')}  {event.get('reason', '')}  {what}  x{event.get('count') or 1}  {message}"


def add_nodes(archive: Archive, release: Release) -> None:
    """Add the nodes: conditions, capacity, versions, taints. Their lists of images are left out."""
    for node in release.kube.list("Node"):
        meta = {key: value for key, value in node["metadata"].items() if key != "managedFields"}
        status = {key: value for key, value in (node.get("status") or {}).items() if key != "images"}
        archive.data(f"nodes/{meta['name']}.yaml", {"metadata": meta, "spec": node.get("spec"), "status": status})


def add_logs(archive: Archive, release: Release, pods: Iterable[dict[str, Any]], note: Callable[[str], None]) -> None:
    """Add the logs of all containers of pods, and of those that ran before their last restart."""
    for pod in pods:
        meta = pod["metadata"]
        where, name = str(meta["namespace"]), str(meta["name"])
        note(f"logs of {name}")
        for container, restarted in containers(pod):
            for previous in (False, True) if restarted else (False,):
                file = f"logs/{where}/{name}/{container}{'.previous' if previous else ''}.log"
                try:
                    text = release.kube.pod_log(
                        where, name, container, tail=LOG_LINES, previous=previous, limit_bytes=_LOG_BYTES
                    )
                except KitError as error:
                    archive.missing.append(f"{file}: {error.message}")
                    continue
                archive.lines(file, _whole(text))


def containers(pod: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield the containers of a pod that have run, and whether each was restarted."""
    status = pod.get("status") or {}
    for kind in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
        for entry in status.get(kind) or []:
            yield str(entry["name"]), bool(entry.get("restartCount"))


def _whole(text: str) -> str:
    """Return a log without its last line if Kubernetes ended its answer in the middle of it: half a value may stay."""
    return text if len(text.encode()) < _LOG_BYTES else text.rpartition("\n")[0]


def add_config(archive: Archive, objects: Iterable[dict[str, Any]]) -> None:
    """Add the airflow.cfg of each component as Airflow reads it: the file, and the variables that win over it."""
    objects = list(objects)
    text = next((cfg for obj in objects if obj["kind"] == "ConfigMap" and (cfg := _cfg(obj))), "")
    for obj in objects:
        template = ((obj.get("spec") or {}).get("template") or {}).get("spec")
        if obj["kind"] not in {"Deployment", "StatefulSet"} or not template:
            continue
        variables = _variables(template)
        if variables:
            archive.settings(f"airflow-cfg/{obj['metadata']['name']}.cfg", effective(text, variables))


def _cfg(obj: dict[str, Any]) -> str:
    return str((obj.get("data") or {}).get("airflow.cfg") or "")


def _variables(template: dict[str, Any]) -> dict[str, str]:
    """Return Airflow's variables of the containers; a value from a Secret is hidden, one from elsewhere is named."""
    found = {}
    for container in template.get("containers") or []:
        for entry in container.get("env") or []:
            if str(entry["name"]).startswith(_VARIABLE):
                source = next(iter(entry.get("valueFrom") or {}), "")
                found[entry["name"]] = (MASK if "secret" in source else source) if source else str(entry.get("value"))
    return found


def effective(text: str, variables: dict[str, str]) -> str:
    """Return an airflow.cfg with the options that variables set: AIRFLOW__SECTION__OPTION."""
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except Error as error:
        return f"# airflow.cfg cannot be read: {error}\n{text}"
    for name, value in variables.items():
        section, _, option = name.removeprefix(_VARIABLE).lower().partition("__")
        if not parser.has_section(section):
            parser.add_section(section)
        parser.set(section, option, value)
    out = StringIO()
    parser.write(out)
    return out.getvalue()
