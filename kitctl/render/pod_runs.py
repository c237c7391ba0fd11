"""What keeps a pod from starting: images, resources, Pod Security; and what a task needs of its environment."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from kitctl.render.findings import Finding
from kitctl.render.pod_parts import Map, containers, mapping, numbered

_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d+)?/)?{_PART}(?:/{_PART})*(?::\w[\w.-]{{0,127}})?(?:@\w+:[0-9a-f]{{32,}})?"
)
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?")
_SUFFIX = {
    **{
        name: Decimal(1000) ** power for power, name in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), -3)
    },
    **{name: Decimal(1024) ** power for power, name in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)},
}
_HOST = ("hostNetwork", "hostPID", "hostIPC")
_DATABASE = re.compile(r"AIRFLOW__(DATABASE|CORE)__SQL_ALCHEMY_CONN(_ASYNC)?(_CMD|_SECRET)?")
_API = "AIRFLOW__CORE__EXECUTION_API_SERVER_URL"


def images(pod: Map) -> Iterator[Finding]:
    """Kubernetes takes any text for an image, and the pod then waits with InvalidImageName."""
    for where, container in containers(pod):
        image = container.get("image")
        if isinstance(image, str) and image and not _IMAGE.fullmatch(image):
            yield Finding(
                f"{where}.image", f"{image!r} is not an image reference: [HOST[:PORT]/]NAME[:TAG], in lower case"
            )


def quantities(pod: Map) -> Iterator[Finding]:
    """Resources are numbers with a unit of Kubernetes, and nobody asks for more than the limit."""
    for where, container in containers(pod):
        resources, read = mapping(container, "resources"), {}
        for kind in ("requests", "limits"):
            for name, value in mapping(resources, kind).items():
                read[kind, name] = amount(value)
                if read[kind, name] is None and value is not None:
                    rule = f"{value!r} is not a quantity, such as 500m, 2, 512Mi or 1Gi"
                    yield Finding(f"{where}.resources.{kind}.{name}", rule)
        for name, asked in mapping(resources, "requests").items():
            low, high = read["requests", name], read.get(("limits", name))
            if low is not None and high is not None and low > high:
                rule = f"{asked} is above the limit {resources['limits'][name]}, and Kubernetes refuses the pod"
                yield Finding(f"{where}.resources.requests.{name}", rule)


def amount(value: object) -> Decimal | None:
    """Return a quantity of Kubernetes as a number, e.g. "500m" as 0.5, or None when it is none."""
    if isinstance(value, bool) or not (match := _QUANTITY.fullmatch(str(value))):
        return None
    number, exponent, suffix = match.groups()
    return Decimal(number) * (Decimal(10) ** int(exponent) if exponent else _SUFFIX[suffix or ""])


def host(pod: Map) -> Iterator[Finding]:
    """Pod Security "restricted" refuses what reaches into the node; whether it holds, only the namespace knows."""
    spec = mapping(pod, "spec")
    refused = "Pod Security refuses it (baseline and restricted; a namespace that the kit makes is restricted)"
    for name in _HOST:
        if spec.get(name) is True:
            yield Finding(f"spec.{name}", refused, "warning")
    for index, volume in numbered(spec, "volumes"):
        if "hostPath" in volume:
            yield Finding(f"spec.volumes[{index}].hostPath", refused, "warning")


def environment(pod: Map) -> Iterator[Finding]:
    """Each name once; a task has no database, and reports to the execution API."""
    for where, container in containers(pod):
        listed = numbered(container, "env")
        counts = Counter(str(entry.get("name")) for _, entry in listed)
        for number, entry in listed:
            name, place = str(entry.get("name")), f"{where}.env[{number}].name"
            if counts[name] > 1:
                yield Finding(place, f"{name} is set {counts[name]} times; the last one counts", "warning")
            if _DATABASE.fullmatch(name):
                rule = (
                    f"{name}: tasks of Airflow 3 do not use the database, and every author of a DAG could read the URL"
                )
                yield Finding(place, rule, "warning")
        if where == "spec.containers[0]" and _API not in counts and not container.get("envFrom"):
            rule = f"{_API} is missing; unless airflow.cfg sets it, the task looks for the API at localhost"
            yield Finding(f"{where}.env", rule, "warning")
