"""The Secret with the keys: made once, never changed, owned by nobody but its data."""

from __future__ import annotations

import base64
import json
import secrets
import string
from collections.abc import Callable, Iterable
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.names import Names
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.objects import INSTANCE, PART_OF

_LETTERS = string.ascii_letters + string.digits


def _letters(count: int) -> str:
    # Base 62 only: the value goes unharmed through URLs, shells, INI files and password fields.
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def _fernet() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


MAKERS: dict[str, Callable[[], str]] = {
    "fernet-key": _fernet,
    "jwt-secret": lambda: _letters(64),
    "api-secret-key": lambda: _letters(64),
    "postgres-password": lambda: _letters(32),
    "admin-password": lambda: _letters(24),
    "broker-password": lambda: _letters(32),
    "flower-password": lambda: _letters(24),
}
"""Key of the Secret → what makes its value. The chart's own Job (templates/keys) makes the same keys."""


def used_keys(node: Any, secret: str) -> set[str]:
    """Return the keys of a Secret that objects of Kubernetes mount or read into a variable.

    Args:
        node: An object, a list of them, or a part of one.
        secret: Name of the Secret.
    """
    if isinstance(node, list):
        return {key for part in node for key in used_keys(part, secret)}
    if not isinstance(node, dict):
        return set()
    found = {key for part in node.values() for key in used_keys(part, secret)}
    if secret in (node.get("name"), node.get("secretName")):
        found |= {item["key"] for item in node.get("items") or [] if "key" in item}
        found |= {node["key"]} if isinstance(node.get("key"), str) else set()
    return found


def ensure_keys(kube: Kube, namespace: str, release: str, names: Names, objects: Iterable[dict[str, Any]]) -> list[str]:
    """Make the Secret, or add keys that it lacks. A value that is there is never changed.

    Args:
        kube: The cluster.
        namespace: Namespace of the release.
        release: Its name, for the labels.
        names: Names of its objects.
        objects: What Helm renders: of `keys.existingSecret`, only the keys that these use must be there.

    Returns:
        The keys that were made; empty when all were there.

    Raises:
        KitError: `keys-secret-incomplete` when `keys.existingSecret` is absent or lacks keys.
    """
    have = kube.secret(namespace, names.keys)
    used = used_keys(list(objects), names.keys) if not names.keys_are_ours else set()
    wanted = [key for key in MAKERS if names.keys_are_ours or key in used] + sorted(used - set(MAKERS))
    missing = [key for key in wanted if not (have or {}).get(key)]
    if not names.keys_are_ours:
        if missing or have is None:
            raise _incomplete(namespace, names.keys, missing, exists=have is not None)
        return []
    if not missing:
        return []
    made = {key: MAKERS[key]() for key in missing}
    labels = {PART_OF: "airflow-kit", "app.kubernetes.io/name": "airflow", INSTANCE: release}
    if have is None and kube.create_secret(namespace, names.keys, made, labels):
        return missing
    if have is None:
        # Somebody made it between the look and the write: theirs counts.
        return ensure_keys(kube, namespace, release, names, objects)
    kube.add_secret_keys(namespace, names.keys, made)
    return missing


def _incomplete(namespace: str, name: str, missing: list[str], *, exists: bool) -> KitError:
    state = f"lacks {', '.join(missing)}" if exists else "does not exist"
    literals = " ".join(f"--from-literal={key}=…" for key in missing)
    added = json.dumps({"stringData": dict.fromkeys(missing, "…")}, ensure_ascii=False)
    return KitError(
        "keys-secret-incomplete",
        f"The Secret {name} in the namespace {namespace} {state}",
        cause="keys.existingSecret names it, so the kit does not make it",
        fix=f"kubectl -n {namespace} patch secret {name} -p '{added}'"
        if exists
        else f"kubectl -n {namespace} create secret generic {name} {literals}",
        code=ExitCode.PREFLIGHT,
    )
