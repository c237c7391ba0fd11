"""The claims that a release keeps its data on: database, logs, DAGs, clones."""

from __future__ import annotations

from typing import Any

from kitctl.release.handle import Release, setting
from kitctl.tools.kube.objects import Claim
from kitctl.tools.kube.rights import unless_forbidden

_NAMED = (("logs", "persistence"), ("dags", "pvc"), ("dags", "bundle", "cache"))


def claims(release: Release) -> list[dict[str, Any]]:
    """Return the release's own claims, and those of the user's that its values name; [] where they may not be read.

    Returns:
        One {"name", "phase", "modes", "size"} for each, by name; phase is "Missing" where a named one is not there.
    """
    kube, where = release.kube, release.settings.namespace
    found = unless_forbidden(lambda: {c.name: c for c in kube.claims(where, release.settings.release)}, None)
    if found is None:
        return []
    for name in {str(named) for path in _NAMED if (named := _named(release, path))} - found.keys():
        found[name] = kube.claim(where, name) or Claim(name, "Missing", (), "", {}, "")
    return [
        {"name": c.name, "phase": c.phase, "modes": list(c.modes), "size": c.size} for _, c in sorted(found.items())
    ]


def _named(release: Release, path: tuple[str, ...]) -> str:
    """Return the claim of the user's that a section names, where that section counts."""
    if path[0] == "dags" and setting(release.values, "dags", "mode") != path[1]:
        return ""
    return str(setting(release.values, *path, "existingClaim") or "")
