"""Helm's own records of a release, read from the cluster: one request instead of three helm commands.

Helm keeps each revision as a Secret (or ConfigMap) with labels; its payload is base64 of gzip of JSON.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import time
import zlib
from dataclasses import dataclass, field
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.tools.kube.client import Kube

PENDING = frozenset({"pending-install", "pending-upgrade", "pending-rollback", "uninstalling"})
"""States in which Helm lets no other operation begin, also when the one that was under way is dead."""

MADE_BY = "kitctl"
"""Label that kitctl puts on the records of its own operations; Helm writes it before it begins."""


_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Record:
    """One revision of a release.

    Attributes:
        name: Name of the Secret or ConfigMap.
        revision: Number of the revision.
        status: Helm's word: deployed, superseded, failed, pending-install, …
        age: Seconds since Helm last wrote it.
        ours: Whether kitctl began this operation.
        manifest: Rendered objects.
        config: The user's values, merged.
        chart: Name and version of the chart, e.g. "airflow-0.1.0".
    """

    name: str
    revision: int
    status: str
    age: float
    ours: bool
    manifest: str
    config: dict[str, Any] = field(default_factory=dict)
    chart: str = ""

    @property
    def pending(self) -> bool:
        """Whether an operation is under way, or died."""
        return self.status in PENDING

    @property
    def is_kit(self) -> bool:
        """Whether the chart of the kit made it."""
        return "app.kubernetes.io/part-of: airflow-kit" in self.manifest


def record_kind() -> str:
    """Return the kind in which Helm keeps its records: Secret, unless HELM_DRIVER says ConfigMap."""
    return "ConfigMap" if os.environ.get("HELM_DRIVER") in {"configmap", "configmaps"} else "Secret"


def names(kube: Kube, namespace: str) -> set[str]:
    """Return the releases of a namespace that Helm knows."""
    found = kube.list(record_kind(), namespace, "owner=helm")
    return {str(name) for item in found if (name := (item["metadata"].get("labels") or {}).get("name"))}


def records(kube: Kube, namespace: str, release: str) -> list[Record]:
    """Return the revisions of a release, oldest first; empty when Helm knows none.

    Raises:
        KitError: `helm-record-broken` (code UNHEALTHY), or what the cluster answered.
    """
    found, broken = [], []
    for item in kube.list(record_kind(), namespace, f"owner=helm,name={release}"):
        try:
            found.append(_record(item))
        except (ValueError, KeyError, EOFError, OSError, zlib.error):
            broken.append(str(item["metadata"]["name"]))
    if broken:
        raise KitError(
            "helm-record-broken",
            f"Helm cannot read its records of the release {release}: {', '.join(broken)}",
            cause="They exist, but their content is not what Helm wrote; were they edited or restored by hand?",
            fix=f"kubectl -n {namespace} delete {record_kind().lower()}s {' '.join(broken)}\n"
            "kitctl up    # takes over what runs and writes a new record; keys and data stay",
            code=ExitCode.UNHEALTHY,
        )
    return sorted(found, key=lambda r: r.revision)


def payload(item: dict[str, Any]) -> dict[str, Any]:
    """Return what Helm wrote into a record: manifest, config, chart, info."""
    packed = base64.b64decode(item["data"]["release"])
    if not packed.startswith(_GZIP):
        # The API encodes a Secret's data once more; a ConfigMap's is Helm's own text.
        packed = base64.b64decode(packed)
    return dict(json.loads(gzip.decompress(packed)))


def _record(item: dict[str, Any]) -> Record:
    meta, body = item["metadata"], payload(item)
    labels: dict[str, str] = meta.get("labels") or {}
    written = float(labels.get("modifiedAt") or labels.get("createdAt") or 0)
    about = (body.get("chart") or {}).get("metadata") or {}
    return Record(
        name=meta["name"],
        revision=int(labels.get("version") or body.get("version") or 0),
        # As `helm status` does: Helm, interrupted at its end, may have left another word in the label.
        status=(body.get("info") or {}).get("status") or labels.get("status", ""),
        age=max(0.0, time.time() - written),
        ours=MADE_BY in labels,
        manifest=body.get("manifest") or "",
        config=dict(body.get("config") or {}),
        chart=f"{about.get('name', '')}-{about.get('version', '')}",
    )
