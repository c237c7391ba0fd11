"""Whether the repositories of the modes git and bundle can be read, asked by git from where they will be.

A short-lived pod asks, before the release changes: with the image, the place and the Secret of the pods that read DAGs.
Only git's own "no" stops a deploy; where the pod cannot run, that is told, and the roll-out shows the reason.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from kitctl.errors import KitError
from kitctl.images.dag_import import REPORT
from kitctl.release import job_pod
from kitctl.release.handle import setting
from kitctl.release.preflight.repository_pod import FILES, asking_pod
from kitctl.release.preflight.repository_refusal import refusal
from kitctl.tools.kube.client import Kube

_PATIENCE_SECONDS = 90.0
_KEYS = {
    "https": ("username", "password"),
    "ssh": ("ssh-key", "known-hosts"),
    "github-app": ("github-app-private-key",),
}


def check(
    kube: Kube,
    namespace: str,
    config: Mapping[str, Any],
    objects: list[dict[str, Any]],
    note: Callable[[str], None],
    deadline: float,
) -> None:
    """Ask every repository of the values for its ref.

    Args:
        kube: The cluster.
        namespace: Namespace of the release; it must exist.
        config: The values as Helm merged them, without the chart's defaults.
        objects: The rendered objects, whose dag-processor is the pattern of the pod.
        note: Takes one line about what is looked at, or why it could not be.
        deadline: Time on the monotonic clock at which waiting ends.

    Raises:
        KitError: of `repo_refusal.refusal` (code PREFLIGHT).
    """
    found = targets(config)
    processor = next((o for o in objects if o["kind"] == "Deployment" and _component(o) == "dag-processor"), None)
    if not found or processor is None:
        return
    try:
        with job_pod.made(kube, namespace, asking_pod(processor, found), deadline) as name:
            text = job_pod.answer(kube, namespace, name, min(deadline, time.monotonic() + _PATIENCE_SECONDS))
    except KitError as error:
        if error.id != "forbidden":
            raise
        text = error.message
    report = REPORT.search(text)
    if report is None:
        note(f"the repository was not looked at: {text.strip()[-300:] or 'its pod said nothing'}")
        return
    for target, result in zip(found, json.loads(report[1])["results"], strict=True):
        if result.get("no_git"):
            note(f"{target['repo']} was not looked at: the image has no git")
        elif problem := refusal(target, result, namespace):
            raise problem
        else:
            note(f"{target['repo']} has {target['ref']}")


def targets(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the repositories that the values name, with what is needed to read each; [] in other modes."""
    mode = setting(config, "dags", "mode")
    if mode == "git":
        section = dict(setting(config, "dags", "git") or {})
        return [_target("dags.git", section, "HEAD", section.get("caBundleConfigMap"))]
    if mode != "bundle":
        return []
    ca = setting(config, "dags", "bundle", "caBundleConfigMap")
    items = setting(config, "dags", "bundle", "items") or []
    return [_target(f"dags.bundle.items[{number}]", item, "main", ca) for number, item in enumerate(items)]


def _target(key: str, section: Mapping[str, Any], ref: str, ca: str | None) -> dict[str, Any]:
    login = dict(section.get("credentials") or {})
    kind = str(login.get("type") or "none")
    strict = login.get("strictHostKey", True) is not False
    options = []
    if kind == "github-app":
        options = [
            "--app-id",
            str(login.get("githubAppId")),
            "--installation-id",
            str(login.get("githubInstallationId")),
        ]
        options += ["--base-url", str(login["githubBaseUrl"])] if login.get("githubBaseUrl") else []
    return {
        "key": key,
        "repo": str(section.get("repo") or ""),
        "ref": str(section.get("ref") or ref),
        "sub_path": str(section.get("subPath") or "").strip("/"),
        "type": kind,
        "secret": str(login.get("secret") or ""),
        "folder": f"{FILES}/{key.strip(']').replace('.', '-').replace('[', '-')}",
        "wanted": [name for name in _KEYS.get(kind, ()) if strict or name != "known-hosts"],
        "strict": strict,
        "options": options,
        "ca": f"{FILES}/ca/ca.crt" if ca else "",
        "ca_config_map": str(ca or ""),
    }


def _component(obj: Mapping[str, Any]) -> str:
    return str((obj["metadata"].get("labels") or {}).get("app.kubernetes.io/component") or "")
