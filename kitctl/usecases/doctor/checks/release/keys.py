"""The same keys in all pods: one that differs lets no task begin, and decrypts no connection."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from kitctl.model.names import names
from kitctl.model.versions import data_dir
from kitctl.tools.kube.contexts import kubectl_argv
from kitctl.tools.kube.objects import INSTANCE, OURS
from kitctl.tools.process import run
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, error, good, warning

CHECK = Check(
    "equal Fernet, JWT and API keys in the running pods and in their Secret, by fingerprints; a warning if the Secret "
    "was changed after a pod started",
    "a release runs, and you may run commands in its pods",
    seconds=90,
)
_KEYS = ("fernet-key", "jwt-secret", "api-secret-key")
_HOLDERS = ("api-server", "scheduler", "dag-processor", "triggerer", "celery")
_FOLDER = "/opt/airflow/secrets"
_SECRET = "the Secret"  # noqa: S105 - how messages call it


def look(facts: Facts) -> Outcome:
    """Ask each pod for fingerprints, and compare them with each other and with those of the Secret."""
    pods = [p for p in facts.kube.list("Pod", facts.given.namespace, _selector(facts)) if _runs(p)]
    if not pods:
        return absent("No release runs")
    if facts.given.dry_run:
        return absent("--dry-run runs no commands in pods")
    salt, said = secrets.token_hex(16), {}
    for pod in pods:
        said[pod["metadata"]["name"]] = _asked(facts, pod, salt)
    answered = {name: found for name, found in said.items() if found}
    if not answered:
        return absent("No pod could be asked: you may not run commands in pods, or they have no Python")
    name = names(facts.given.release, facts.given.namespace, facts.config).keys
    secret = facts.kube.get("Secret", facts.given.namespace, name) or {}
    held = facts.kube.secret(facts.given.namespace, name) or {}
    answered[_SECRET] = {key: _fingerprint(salt, held[key]) for key in _KEYS if key in held}
    again = f"kubectl -n {facts.given.namespace} rollout restart deployments,statefulsets -l {_selector(facts)}"
    if words := _different(answered):
        return error(
            words, again, "A pod has an older key: it refuses tokens of the others, or cannot read connections"
        )
    late = [p["metadata"]["name"] for p in pods if _started(p) < _changed(secret)]
    if late:
        words = f"The Secret {name} was changed after these pods started: {', '.join(late)}"
        return warning(words, again, "Their processes have read the keys before")
    return good(f"{len(said)} pods hold the same keys")


def _selector(facts: Facts) -> str:
    return f"{INSTANCE}={facts.given.release},{OURS}"


def _runs(pod: Mapping[str, Any]) -> bool:
    running = (pod.get("status") or {}).get("phase") == "Running" and not pod["metadata"].get("deletionTimestamp")
    return running and _component(pod) in _HOLDERS


def _component(pod: Mapping[str, Any]) -> str:
    return str((pod["metadata"].get("labels") or {}).get("app.kubernetes.io/component") or "")


def _asked(facts: Facts, pod: Mapping[str, Any], salt: str) -> dict[str, str]:
    """Return the fingerprints of a pod's keys, {} where it cannot be asked."""
    program = (data_dir("docker") / "keys" / "fingerprints.py").read_text(encoding="utf-8")
    start = [*kubectl_argv(facts.kube.context, facts.settings.kubeconfig), "-n", facts.given.namespace, "exec"]
    inside = ["-c", _component(pod), "--", "python3", "-I", "-c", program, salt, _FOLDER]
    answer = run([*start, pod["metadata"]["name"], *inside], check=False, timeout=20)
    try:
        return dict(json.loads(answer.stdout)) if answer.ok else {}
    except ValueError:
        return {}


def _fingerprint(salt: str, value: str) -> str:
    """Return the same as docker/keys/fingerprints.py."""
    return hmac.new(salt.encode(), value.encode().removesuffix(b"\n"), hashlib.sha256).hexdigest()[:16]


def _different(said: Mapping[str, Mapping[str, str]]) -> str:
    """Return which key differs, and between which holders; "" if none does."""
    for key in _KEYS:
        holders: dict[str, list[str]] = defaultdict(list)
        for name, found in said.items():
            if key in found:
                holders[found[key]].append(name)
        if len(holders) > 1:
            groups = " and ".join(", ".join(group) for group in holders.values())
            return f"The key {key} differs between {groups}"
    return ""


def _started(pod: Mapping[str, Any]) -> str:
    """Return when the main container of a pod started (RFC 3339, which sorts as text)."""
    states = (pod.get("status") or {}).get("containerStatuses") or []
    mine = [state for state in states if state["name"] == _component(pod)]
    text = str((((mine or [{}])[0].get("state") or {}).get("running") or {}).get("startedAt") or "")
    return text or "9999"


def _changed(secret: Mapping[str, Any]) -> str:
    """Return when one of the keys was last written, "" where the cluster does not tell."""
    written = [
        str(entry.get("time") or "")
        for entry in (secret.get("metadata") or {}).get("managedFields") or []
        if any(f"f:{key}" in ((entry.get("fieldsV1") or {}).get("f:data") or {}) for key in _KEYS)
    ]
    return max(written, default="")
