"""What git-sync needs in a worker pod: it fetches one commit and ends, and readers mount its whole root."""

from __future__ import annotations

from collections.abc import Iterator

from kitctl.render.findings import Finding
from kitctl.render.pod_parts import Map, containers, entries, is_git_sync, mapping, numbered

_TRUE = {"1", "t", "true"}


def old_names(pod: Map) -> Iterator[Finding]:
    """Names of git-sync v3 are ignored by v4 without a word."""
    for where, container in containers(pod):
        for number, entry in numbered(container, "env"):
            name = str(entry.get("name"))
            if name.startswith("GIT_SYNC_"):
                rule = f"{name} is a variable of git-sync v3; v4 reads GITSYNC_…"
                yield Finding(f"{where}.env[{number}].name", rule, "warning")


def ends(pod: Map) -> Iterator[Finding]:
    """A fetch that never ends keeps the task from starting; one that goes on changes the files below the task."""
    for index, container in numbered(mapping(pod, "spec"), "initContainers"):
        if not is_git_sync(container):
            continue
        place = f"spec.initContainers[{index}]"
        if container.get("restartPolicy") == "Always":
            rule = "git-sync keeps running and changes the files of the task; remove this, and set GITSYNC_ONE_TIME"
            yield Finding(f"{place}.restartPolicy", rule, "warning")
        elif not _once(container):
            rule = 'git-sync runs for ever without {name: GITSYNC_ONE_TIME, value: "true"}: the task would never start'
            yield Finding(f"{place}.env", rule)


def whole_root(pod: Map) -> Iterator[Finding]:
    """A subPath is resolved once, when the container starts: through git-sync's link it stays at one commit."""
    links: dict[object, set[str]] = {}
    for _, container in containers(pod):
        if is_git_sync(container):
            for mount in entries(container, "volumeMounts"):
                links.setdefault(mount.get("name"), set()).add(_link(container))
    for where, container in containers(pod):
        for number, mount in numbered(container, "volumeMounts"):
            sub = str(mount.get("subPath") or "").strip("/").split("/")[0]
            if sub and sub in links.get(mount.get("name"), ()):
                rule = (
                    f"{sub!r} is git-sync's link, which Kubernetes follows only once; mount the whole volume, and "
                    "let AIRFLOW__CORE__DAGS_FOLDER contain the link"
                )
                yield Finding(f"{where}.volumeMounts[{number}].subPath", rule)


def _settings(container: Map) -> dict[str, str]:
    """Return git-sync's settings by their bare names: of v4 and v3, of environment and arguments."""
    found = {}
    for entry in entries(container, "env"):
        name = str(entry.get("name")).removeprefix("GITSYNC_").removeprefix("GIT_SYNC_")
        found[name] = str(entry.get("value", ""))
    for arg in [*(container.get("command") or []), *(container.get("args") or [])]:
        if str(arg).startswith("-"):
            name, equals, value = str(arg).lstrip("-").partition("=")
            found[name.replace("-", "_").upper()] = value if equals else "true"
    return found


def _once(container: Map) -> bool:
    # What a ConfigMap or a Secret brings is not seen here.
    return bool(container.get("envFrom")) or _settings(container).get("ONE_TIME", "").lower() in _TRUE


def _link(container: Map) -> str:
    said = _settings(container)
    return said.get("LINK") or said.get("DEST") or said.get("REPO", "").rsplit("/", 1)[-1].removesuffix(".git")
