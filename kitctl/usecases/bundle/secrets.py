"""The Secrets whose values a support archive must not hold: those of the release, and all that its pods use."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.secret_values import Value
from kitctl.release.handle import Release

_HELM = "helm.sh/release.v1"
"""Type of Helm's records. Their values and manifests are hidden field by field; the record itself is never printed."""

Name = tuple[str, str]
"""Namespace and name."""


def used(objects: Iterable[dict[str, Any]], namespaces: Sequence[str]) -> set[Name]:
    """Return the Secrets that objects name: in variables, volumes and pulls, and in pod templates inside of ConfigMaps.

    Args:
        objects: Objects of Kubernetes. Those that name no namespace are in the first one.
        namespaces: That of the release, and that of its worker pods.
    """
    found: set[Name] = set()
    for obj in objects:
        meta = obj.get("metadata") or {}
        where = str(meta.get("namespace") or namespaces[0])
        if obj.get("kind") == "Secret" and obj.get("type") != _HELM:
            found.add((where, str(meta.get("name"))))
        found |= {(where, name) for name in _names(obj)}
        if obj.get("kind") == "ConfigMap":
            # The executor makes worker pods of them, in whichever namespace.
            inner = [pod for text in (obj.get("data") or {}).values() for pod in _pods(text)]
            found |= {(space, name) for name in _names(inner) for space in namespaces}
    return found


def _names(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _names(item)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key in {"secretKeyRef", "secretRef", "secret", "nodePublishSecretRef"} and isinstance(value, dict):
            yield from _text(value.get("name"))
        if key == "secretName":
            yield from _text(value)
        if key in {"imagePullSecrets", "secrets"} and isinstance(value, list):
            for item in value:
                yield from _text(item.get("name") if isinstance(item, dict) else None)
        yield from _names(value)


def _text(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value


def _pods(text: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(text, str) or "kind: Pod" not in text:
        return
    try:
        found = [*yaml.safe_load_all(text)]
    except yaml.YAMLError:
        return
    yield from (item for item in found if isinstance(item, dict))


def labelled(release: Release, namespaces: Sequence[str]) -> set[Name]:
    """Return the Secrets that have the labels of the release.

    Raises:
        KitError: `bundle-secrets-unreadable`.
    """
    found: set[Name] = set()
    for where in namespaces:
        try:
            listed = release.kube.list("Secret", where, release.selector)
            found |= used([{"kind": "Secret", **one} for one in listed], namespaces)
        except KitError as error:
            raise unreadable(f"The Secrets of the namespace {where}", error) from error
    return found


def values(release: Release, names: Iterable[Name]) -> list[Value]:
    """Return the values of Secrets; one that does not exist has none.

    Raises:
        KitError: `bundle-secrets-unreadable`.
    """
    found = []
    for where, name in sorted(names):
        try:
            secret = release.kube.get("Secret", where, name)
        except KitError as error:
            raise unreadable(f"The Secret {name} in the namespace {where}", error) from error
        data = (secret or {}).get("data") or {}
        found += [Value(f"{where}/{name}", key, _decoded(text)) for key, text in sorted(data.items())]
    return found


def _decoded(text: str) -> str:
    # What is no text (a keytab, a Java key store) is printed by nobody but in base64.
    try:
        return base64.b64decode(text).decode()
    except ValueError:
        return str(text)


def unreadable(what: str, error: KitError) -> KitError:
    """Return the error of Secrets that may not be read, or any other error as it is."""
    if error.id != "forbidden":
        return error
    return KitError(
        "bundle-secrets-unreadable",
        f"{what} cannot be read, so their values cannot be hidden in an archive",
        cause=f"{error.message}. Nothing was written, since logs may contain these values",
        fix=f"Run it as somebody who may read them. {error.fix}",
        code=ExitCode.PREFLIGHT,
    )
