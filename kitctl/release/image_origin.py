"""What the image of a release was built from, so that a push builds the same again with other DAGs.

The image itself is asked, since nothing else is sure to be there still: its label names the base, and its thin layer
holds the requirements as they were installed. The file that a user once named may be changed or gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kitctl.errors import ExitCode, KitError
from kitctl.images.building import Progress, archive_path
from kitctl.images.requirements import CONSTRAINTS, missing
from kitctl.model.image_ref import BASE_LABEL, DAGS, full, made_from_content
from kitctl.release.handle import Release, setting
from kitctl.tools.builders import builder

READER = "dag-processor"
"""The component that is sure to run the image that the release means to run."""

LAYER = "/usr/local/share/airflow-kit/dags-layer"
"""Where docker/dags/Dockerfile leaves the requirements and constraints of the thin layer, without credentials."""


@dataclass(frozen=True)
class Origin:
    """What an image is made of, beside its DAGs.

    Attributes:
        base: Full reference of the image below.
        requirements: Text of the requirements that were added to it.
        constraints: Text of their local constraints.
    """

    base: str
    requirements: str = ""
    constraints: str = ""


def running(release: Release) -> str:
    """Return the image that the release's dag-processor runs; KitError `release-missing` without one."""
    for workload in release.workloads:
        if workload.component == READER:
            deployment = release.kube.get("Deployment", release.settings.namespace, workload.name)
            spec = setting(deployment or {}, "spec", "template", "spec") or {}
            for container in spec.get("containers", []):
                if container["name"] == READER:
                    return str(container["image"])
    raise release.missing()


def origin(tool: builder.Builder, reference: str, note: Progress, *, keep: bool = True) -> Origin:
    """Return what to build on instead of an image that runs.

    An image that the kit did not build is the base itself. So is one of the kit whose own base this machine has no
    more: its packages are then kept as they are in it.

    Args:
        tool: The builder whose storage is asked.
        reference: The image that runs.
        note: Takes one line of progress.
        keep: Whether its requirements are kept; they are about to be replaced otherwise.

    Raises:
        KitError: `running-image-away` when this machine has neither the image nor what it was built from.
    """
    name = full(reference)
    if not here(tool, name):
        raise _away(name, name)
    if not name.startswith(f"{DAGS}:"):
        return Origin(name)
    base = tool.labels(name).get(BASE_LABEL, "")
    if not base or not here(tool, base):
        if not keep:
            raise _away(name, base or "its base")
        note(f"{base or 'its base'} is gone from this machine: building on {name} itself")
        return Origin(name)
    if not keep:
        return Origin(base)
    said = tool.run(name, ["cat", f"{LAYER}/requirements.txt"], timeout=60)
    limits = (
        tool.run(name, ["cat", f"{LAYER}/{CONSTRAINTS}"], timeout=60) if f"-c {CONSTRAINTS}" in said.stdout else None
    )
    if not said.ok or (limits and not limits.ok):
        note(f"{name} does not tell its requirements: building on it as it is")
        return Origin(name)
    found = Origin(base, said.stdout, limits.stdout if limits else "")
    if unset := missing(found.requirements + found.constraints):
        note(f"the requirements of {name} need credentials ({', '.join(unset)}): building on it as it is")
        return Origin(name)
    return found


def recorded(folder: Path, known: Origin) -> Path | None:
    """Write requirements where a build can read them, and return the file; None for none."""
    if not known.requirements.strip():
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "requirements.txt"
    path.write_text(known.requirements, encoding="utf-8")
    (folder / CONSTRAINTS).write_text(known.constraints, encoding="utf-8")
    return path


def here(tool: builder.Builder, name: str) -> bool:
    """Say whether an image is in the storage; the archives and, for images of others, the registry are asked too."""
    if tool.image_id(name) is not None:
        return True
    if made_from_content(name):
        if not (archive := archive_path(name)).is_file():
            return False
        tool.load(archive)
        return True
    return tool.pull(name).ok


def _away(name: str, missing: str) -> KitError:
    return KitError(
        "running-image-away",
        f"The release runs {name}, but this machine does not have {'it' if missing == name else missing}",
        cause="A push builds this image again with new DAGs; on another base, its packages would be lost",
        fix="Push from the machine that built it, or say again what it is made of:\n"
        "kitctl up --dags PATH --requirements FILE    # and --image BASE if it was built on one of yours",
        code=ExitCode.PREFLIGHT,
    )
