"""The claims that a release keeps its data on: database, logs, DAGs, clones."""

from __future__ import annotations

from dataclasses import dataclass

from kitctl.release.cleanup.claims_and_keys import names_of, own_claims
from kitctl.release.handle import Release, setting
from kitctl.tools.kube.objects import Claim
from kitctl.tools.kube.rights import unless_forbidden


@dataclass(frozen=True)
class ClaimState:
    """One claim in reports.

    Attributes:
        name: Its name.
        phase: Its phase in Kubernetes, or "Missing" if the values name a claim that does not exist.
        modes: Access modes.
        size: Requested size, for example "5Gi".
    """

    name: str
    phase: str
    modes: tuple[str, ...]
    size: str


_NAMED = (("logs", "persistence"), ("dags", "pvc"), ("dags", "bundle", "cache"), ("plugins",))


def claims(release: Release) -> list[ClaimState]:
    """Return the release's own claims and those that its values name, by name; [] without the right to read claims."""
    kube, where = release.kube, release.settings.namespace
    labelled = unless_forbidden(lambda: kube.claims(where, release.settings.release), None)
    if labelled is None:
        return []
    found = {c.name: c for c in own_claims(labelled, names_of(release.settings, release.values, labelled))}
    for name in {str(named) for path in _NAMED if (named := _named(release, path))} - found.keys():
        found[name] = kube.claim(where, name) or Claim(name, "Missing", (), "", {}, "")
    return [ClaimState(c.name, c.phase, tuple(c.modes), c.size) for _, c in sorted(found.items())]


def _named(release: Release, path: tuple[str, ...]) -> str:
    """Return the claim of the user's that a section names, where that section counts."""
    if path[0] == "dags" and setting(release.values, "dags", "mode") != path[1]:
        return ""
    return str(setting(release.values, *path, "existingClaim") or "")
