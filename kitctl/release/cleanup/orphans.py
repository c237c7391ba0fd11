"""Objects of a release that no living record of Helm holds, so that neither an upgrade nor an uninstall removes them.

They come from revisions that were interrupted or failed: Helm compares an upgrade with the last revision that was
deployed, and forgets what only the others wrote. Most are migrate Jobs, whose names change with their content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kitctl.errors import KitError
from kitctl.model.names import Names
from kitctl.model.settings import Settings
from kitctl.tools.helm.client import documents
from kitctl.tools.helm.records import Record
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.rights import unless_forbidden

Key = tuple[str, str, str]

_ENDED_BADLY = frozenset({"failed", "pending-install", "pending-upgrade", "pending-rollback", "uninstalling"})
_DATA = frozenset({"PersistentVolumeClaim", "Namespace", "CustomResourceDefinition"})
"""Kinds that hold data of people, which no clean-up may take."""

_OF_RELEASE = ("meta.helm.sh/release-name", "meta.helm.sh/release-namespace")


def find(
    kube: Kube, settings: Settings, known: Names, records: Iterable[Record], kept: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the orphans that are in the cluster.

    Args:
        kube: The cluster.
        settings: The release.
        known: Names of its objects.
        records: Helm's records of it, dead ones among them.
        kept: Objects that stay, or that Helm itself removes.
    """
    where = settings.namespace
    stays = {_key(obj, where) for obj in kept}
    found = {
        key: live
        for record in records
        if record.status in _ENDED_BADLY and record.is_kit
        for obj in _objects(record)
        if (key := _key(obj, where)) not in stays and (live := _live(kube, settings, obj)) is not None
    }
    for live in _jobs(kube, settings, known):
        if (key := _key(live, where)) not in stays:
            found[key] = live
    return list(found.values())


def remove(kube: Kube, namespace: str, orphans: Iterable[dict[str, Any]]) -> list[str]:
    """Delete them, and return them as "Kind name"; what the caller may not delete stays."""
    removed = []
    for obj in orphans:
        if unless_forbidden(lambda obj=obj: kube.delete_object(obj, namespace), False):  # type: ignore[misc]
            removed.append(f"{obj['kind']} {obj['metadata']['name']}")
    return removed


def base(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Return the objects that Helm compares the next upgrade with: those of the last revision that was deployed."""
    living = [record for record in records if not record.pending]
    deployed = [record for record in living if record.status == "deployed"]
    return _objects((deployed or living)[-1]) if living else []


def _objects(record: Record) -> list[dict[str, Any]]:
    return [obj for obj in documents(record.manifest) if "metadata" in obj]


def _jobs(kube: Kube, settings: Settings, known: Names) -> Iterator[dict[str, Any]]:
    """Yield the Jobs of the release by their names, also those whose record is gone already."""
    pattern = re.compile(rf"{re.escape(known.fullname)}-(keys|migrate|objects)-[0-9a-f]{{8}}")
    for job in kube.jobs(settings.namespace, settings.release):
        if pattern.fullmatch(job.name):
            yield {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": job.name, "namespace": job.namespace},
            }


def _live(kube: Kube, settings: Settings, obj: dict[str, Any]) -> dict[str, Any] | None:
    """Return the object as it is in the cluster, if Helm made it for this release and it may go."""
    if obj["kind"] in _DATA:
        return None
    try:
        live = kube.live(obj, settings.namespace)
    except KitError as error:
        if error.id not in {"forbidden", "kind-unknown"}:
            raise
        return None
    notes = (live or {}).get("metadata", {}).get("annotations") or {}
    ours = tuple(notes.get(key) for key in _OF_RELEASE) == (settings.release, settings.namespace)
    return live if ours and notes.get("helm.sh/resource-policy") != "keep" else None


def _key(obj: Mapping[str, Any], namespace: str) -> Key:
    meta = obj["metadata"]
    return str(obj["kind"]), str(meta.get("namespace") or namespace), str(meta["name"])
