"""Judges HTTPRoutes by the schema of the Gateway API, which is a Go module: fetched once, then from the cache of Go."""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from kitctl.model.versions import pin

CRD = "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"


@cache
def crd() -> Path:
    """Return the file with the definition of HTTPRoute."""
    wanted = f"{pin('gateway_api.module')}@{pin('gateway_api.version')}"
    env = {**os.environ, "GOFLAGS": "-mod=mod", "GOWORK": "off"}
    argv = ["go", "mod", "download", "-json", wanted]
    done = subprocess.run(argv, env=env, cwd="/", capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(json.loads(done.stdout)["Dir"], CRD)


@cache
def schema() -> dict[str, Any]:
    """Return the schema of version v1, in which unknown fields are errors, as strict clients see it."""
    (version,) = [v for v in yaml.safe_load(crd().read_text())["spec"]["versions"] if v["name"] == "v1"]
    return _closed(version["schema"]["openAPIV3Schema"], top=True)


def _closed(node: dict[str, Any], *, top: bool = False) -> dict[str, Any]:
    out = {**node, "properties": {k: _closed(v) for k, v in node.get("properties", {}).items()}}
    if node.get("properties") and not top:
        out["additionalProperties"] = False
    if "items" in node:
        out["items"] = _closed(node["items"])
    return out if out["properties"] or top else {k: v for k, v in out.items() if k != "properties"}


def problems(document: dict[str, Any]) -> list[str]:
    """Return what the schema finds in an HTTPRoute."""
    found = jsonschema.Draft202012Validator(schema()).iter_errors(document)
    return [f"{e.json_path}: {e.message[:200]}" for e in found]
