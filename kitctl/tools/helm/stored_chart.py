"""The chart of a release, as Helm keeps it in its record: with it, one value changes, and the chart does not."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import yaml

from kitctl.tools.helm.records import Record, payload, record_kind
from kitctl.tools.kube.client import Kube


def write(kube: Kube, namespace: str, record: Record, folder: Path) -> Path:
    """Write the chart of a revision as a folder that Helm reads.

    Args:
        kube: The cluster.
        namespace: Namespace of the release.
        record: The revision.
        folder: An empty folder.

    Returns:
        The folder.
    """
    item = kube.get(record_kind(), namespace, record.name)
    return unpack(payload(item)["chart"] if item else {}, folder)


def unpack(chart: dict[str, Any], folder: Path) -> Path:
    """Write a chart as a record holds it: metadata and values as data, all other files as base64 of their bytes."""
    files = {"Chart.yaml": _yaml(chart.get("metadata")), "values.yaml": _yaml(chart.get("values"))}
    if schema := chart.get("schema"):
        files["values.schema.json"] = base64.b64decode(schema)
    stored = [*(chart.get("templates") or []), *(chart.get("files") or [])]
    files |= {one["name"]: base64.b64decode(one["data"] or "") for one in stored}
    for name, content in files.items():
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise ValueError(f"a chart with a file outside of itself: {name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def _yaml(document: Any) -> bytes:
    return yaml.safe_dump(document or {}, sort_keys=False, allow_unicode=True).encode()
