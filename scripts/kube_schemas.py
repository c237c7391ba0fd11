"""Brings the Kubernetes schemas of the dev package kubernetes-validate into a form that kubeconform reads offline.

Its files point at each other by absolute ids (https://kubernetes.io/api/…), which kubeconform would fetch; here they
become file names in one folder per Kubernetes version, made once per version of the package below the kit's cache.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

from kitctl.model.settings import cache_dir
from kitctl.model.versions import pin

LOCATION = "{{ .NormalizedKubernetesVersion }}/{{ .ResourceKind }}{{ .KindSuffix }}.json"
"""Path of a schema below `schema_root()`, in kubeconform's terms."""

CUSTOM = "{{ .ResourceKind }}{{ .KindSuffix }}.json"
"""Name of the schema of a custom resource."""


def minors() -> list[str]:
    """Return the minor versions that the kit supports, e.g. ["1.30", …, "1.36"]."""
    first, last = (int(pin(f"kubernetes.{end}").split(".")[1]) for end in ("minimum", "maximum"))
    return [f"1.{minor}" for minor in range(first, last + 1)]


def packaged() -> Path:
    """Return the schema folder inside the installed package, without importing it."""
    spec = importlib.util.find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        raise SystemExit("kubernetes-validate is not installed; run scripts/bootstrap")
    return Path(spec.origin).parent / "kubernetes-json-schema"


def _relative(node: Any) -> Any:
    """Return a schema without its id and with references that are file names."""
    if isinstance(node, dict):
        return {
            key: value.replace("/api/_definitions.json", "_definitions.json")
            if key == "$ref" and isinstance(value, str)  # JSONSchemaProps has a property of that name: an object
            else _relative(value)
            for key, value in node.items()
            if not (key == "$id" and isinstance(value, str))
        }
    if isinstance(node, list):
        return [_relative(item) for item in node]
    return node


def _is_kind(schema: dict[str, Any]) -> bool:
    """Whether a schema describes an object of the API (the other files are their parts)."""
    return {"apiVersion", "kind"} <= set(schema.get("properties", {}))


def schema_root() -> Path:
    """Return the folder with the converted schemas of all supported versions, made on first use."""
    target = cache_dir() / "schemas" / importlib.metadata.version("kubernetes-validate")
    if target.is_dir():
        return target
    # Written beside it and renamed: an interrupted run must not leave a half-filled folder that looks complete.
    draft = target.with_name(target.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    for minor in minors():
        folder = draft / f"v{minor}.0"
        folder.mkdir(parents=True)
        for source in (packaged() / f"v{minor}.0-local-strict").glob("*.json"):
            schema = json.loads(source.read_text(encoding="utf-8"))
            if source.name == "_definitions.json" or _is_kind(schema):
                (folder / source.name).write_text(json.dumps(_relative(schema)), encoding="utf-8")
    draft.rename(target)
    return target
