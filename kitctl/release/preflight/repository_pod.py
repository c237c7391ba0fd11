"""The pod that asks the repositories: made from the rendered dag-processor, so it reads them as that one will."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from kitctl.model.versions import data_dir
from kitctl.release import job_pod
from kitctl.release.preflight.repository_target import FILES, Target

_LIFE_SECONDS = 300
_PROXIES = {"http_proxy", "https_proxy", "no_proxy", "all_proxy"}


def asking_pod(processor: dict[str, Any], found: Sequence[Target]) -> dict[str, Any]:
    """Make the pod that asks, after the pattern of the dag-processor's.

    Args:
        processor: The dag-processor's Deployment, as it was rendered.
        found: The targets.
    """
    helper = (data_dir("chart") / "files" / "git_credential.py").read_text(encoding="utf-8")
    script = (data_dir("docker") / "git" / "look.py").read_text(encoding="utf-8")
    volumes, mounts = _files(found)
    targets = [asdict(target) for target in found]
    container = {
        "name": "look",
        "command": ["python3", "-I", "-c", script, json.dumps({"targets": targets, "helper": helper})],
        "env": _environment(processor["spec"]["template"]["spec"], job_pod.main_container(processor)),
        "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}},
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, *mounts],  # noqa: S108 - inside the pod
    }
    return job_pod.manifest(
        processor,
        "repo-check",
        container,
        activeDeadlineSeconds=_LIFE_SECONDS,
        volumes=[{"name": "tmp", "emptyDir": {}}, *volumes],
    )


def _environment(template: Mapping[str, Any], main: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the variables by which git of the readers finds its way: proxies, and its own."""
    readers = [c for c in template.get("initContainers") or [] if c["name"] == "git-sync"] or [main]
    entries = readers[0].get("env") or []
    return [
        entry
        for entry in entries
        if entry["name"].lower() in _PROXIES
        # The credential helper is named anew, as the kit's scripts are mounted in pods of the release only.
        or (entry["name"].startswith("GIT_") and not entry["name"].startswith(("GIT_CONFIG_", "GIT_SSL_CAINFO")))
    ]


def _files(found: Sequence[Target]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return volumes and mounts of the Secrets and the CA; absent ones are empty folders, so that the pod can tell."""
    volumes, mounts = [], []
    for number, target in enumerate(found):
        if target.secret:
            source = {"secretName": target.secret, "defaultMode": 0o440, "optional": True}
            volumes.append({"name": f"login-{number}", "secret": source})
            mounts.append({"name": f"login-{number}", "mountPath": target.folder, "readOnly": True})
    if ca := next((t.ca_config_map for t in found if t.ca), ""):
        volumes.append({"name": "ca", "configMap": {"name": ca, "optional": True}})
        mounts.append({"name": "ca", "mountPath": f"{FILES}/ca", "readOnly": True})
    return volumes, mounts
