"""Validates manifests by the schemas of every supported Kubernetes version, without a network."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry, Resource

from kitctl.model.versions import pin

_FOLDER = files("kubernetes_validate").joinpath("kubernetes-json-schema")
_CUSTOM = Path(__file__).resolve().parents[1] / "data" / "keda"
"""Schemas of custom resources, which are the same for every version of Kubernetes."""
_DEFINITIONS = "https://kubernetes.io/api/_definitions.json"

MINORS = [
    f"1.{n}"
    for n in range(int(pin("kubernetes.minimum").split(".")[1]), int(pin("kubernetes.maximum").split(".")[1]) + 1)
]


def _read(minor: str, name: str) -> Any:
    if (custom := _CUSTOM / name).is_file():
        return json.loads(custom.read_text(encoding="utf-8"))
    path = _FOLDER.joinpath(f"v{minor}.0-local-strict", name)
    assert path.is_file(), f"Kubernetes {minor} knows no {name.removesuffix('.json')}"
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def _registry(minor: str) -> Registry[Any]:
    return Registry().with_resource(_DEFINITIONS, Resource.from_contents(_read(minor, "_definitions.json")))


@cache
def _validator(minor: str, kind: str, api_version: str) -> Any:
    group = api_version.split("/", maxsplit=1)[0].split(".", maxsplit=1)[0] + "-" if "/" in api_version else ""
    schema = _read(minor, f"{kind.lower()}-{group}{api_version.rsplit('/', 1)[-1]}.json")
    return jsonschema.Draft202012Validator(schema, registry=_registry(minor))


@cache
def _problems(minor: str, text: str) -> tuple[str, ...]:
    document = json.loads(text)
    validator = _validator(minor, document["kind"], document["apiVersion"])
    return tuple(f"{e.json_path}: {e.message[:200]}" for e in validator.iter_errors(document))


def problems(minor: str, document: dict[str, Any]) -> list[str]:
    """Return what the strict schema of a Kubernetes minor finds in a manifest; objects seen before cost nothing."""
    return list(_problems(minor, json.dumps(document, sort_keys=True)))
