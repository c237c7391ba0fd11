"""Reads the parts of a pod that may be of any shape: what is no map or no list counts as absent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Map = dict[str, Any]


def mapping(parent: Map, key: str) -> Map:
    """Return the map under a key, or an empty one."""
    found = parent.get(key)
    return found if isinstance(found, dict) else {}


def entries(parent: Map, key: str) -> list[Map]:
    """Return the maps in the list under a key."""
    found = parent.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def numbered(parent: Map, key: str) -> list[tuple[int, Map]]:
    """Return the maps in the list under a key, each with its position."""
    return list(enumerate(entries(parent, key)))


def containers(pod: Map) -> Iterator[tuple[str, Map]]:
    """Yield all containers with their place, e.g. `spec.initContainers[0]`."""
    spec = mapping(pod, "spec")
    for kind in ("initContainers", "containers"):
        for index, container in numbered(spec, kind):
            yield f"spec.{kind}[{index}]", container


def is_git_sync(container: Map) -> bool:
    """Tell whether a container runs git-sync, by its name or its image."""
    return "git-sync" in f"{container.get('name')} {container.get('image')}"
