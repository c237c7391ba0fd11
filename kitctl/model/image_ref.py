"""Names of images: references as people write them, and names made from content."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from kitctl.errors import ExitCode, KitError

AIRFLOW = "kitctl.local/airflow"
DAGS = "kitctl.local/dags"
EXAMPLES = "kitctl.local/example"
BUNDLED, BUNDLED_MORE = "examples-", "examples-plus-"
"""How the tag of a DAG image with the kit's own example DAGs begins: on the kit's Airflow alone, or with more in it."""
VERSION_LABELS = ("io.airflow-kit.airflow-version", "org.apache.airflow.version")
"""Labels that tell Airflow's version: of the kit's images, of the official ones."""

BASE_LABEL = "org.opencontainers.image.base.name"
"""Label of the thin images: the image that they were built on."""

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?{_PART}(?:/{_PART})*")
_HEX = 12
NOISE = {"__pycache__", ".git", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv", ".DS_Store"}


def full(reference: str) -> str:
    """Write a reference with registry and tag, as container runtimes store it.

    Args:
        reference: For example "postgres:17", "apache/airflow:3.3.2", "localhost:5000/x@sha256:…".

    Returns:
        For example "docker.io/library/postgres:17"; a digest stays as it is.
    """
    name, at, digest = reference.partition("@")
    first, slash, _ = name.partition("/")
    if not slash:
        name = f"docker.io/library/{name}"
    elif "." not in first and ":" not in first and first != "localhost":
        name = f"docker.io/{name}"
    if at:
        return f"{name}@{digest}"
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def repository(reference: str) -> str:
    """Return a reference with its registry, without tag and digest: "postgres:17" is "docker.io/library/postgres"."""
    head, slash, last = full(reference.partition("@")[0]).rpartition("/")
    return head + slash + last.partition(":")[0]


def judge_repository(name: str) -> None:
    """Refuse a repository with a tag or a digest, and one that registries do not take.

    Raises:
        KitError: `repository-invalid`.
    """
    if _REPOSITORY.fullmatch(name):
        return
    tag = "@" in name or ":" in name.rpartition("/")[2]
    plain = (repository(name) if tag else name).lower()
    raise KitError(
        "repository-invalid",
        f"{name!r} is not the name of an image repository",
        cause="A repository has no tag and no digest: the tag is made of the content"
        if tag
        else "The form is REGISTRY/PATH. The path has lower-case letters, digits, and . _ - between them",
        fix=f"--repository {plain if _REPOSITORY.fullmatch(plain) else 'registry.example.com/team/dags'}",
        code=ExitCode.USAGE,
    )


def made_from_content(reference: str) -> bool:
    """Whether a full reference is one of the kit's own, whose tags never move (ADR 0011)."""
    return reference.startswith((f"{AIRFLOW}:", f"{DAGS}:", f"{EXAMPLES}:"))


def chosen_by_kit(reference: str) -> bool:
    """Whether a full reference is what `up` runs where nobody asks for DAGs, packages or an image."""
    bundled = reference.startswith(f"{DAGS}:{BUNDLED}") and not reference.startswith(f"{DAGS}:{BUNDLED_MORE}")
    return bundled or reference.startswith(f"{AIRFLOW}:")


def files(root: Path) -> list[Path]:
    """List the files of a folder that count as its content, sorted; caches and version control are left out.

    Links are followed, to folders, too, as Airflow does; not those that lead nowhere, or back to a folder above.
    """
    found: list[Path] = []
    above = {str(root): frozenset({root.resolve()})}
    for here, folders, names in os.walk(root, followlinks=True):
        inner = {name: (Path(here) / name).resolve() for name in folders if name not in NOISE}
        folders[:] = [name for name, real in inner.items() if real not in above[here]]
        above |= {os.path.join(here, name): above[here] | {inner[name]} for name in folders}  # noqa: PTH118 - walk's keys
        found += (Path(here) / name for name in names if name not in NOISE)
    return sorted(path for path in found if path.is_file())


def copy(source: Path, target: Path) -> Path:
    """Copy the files of a folder to a new one that any uid may read; links become what they point at.

    What they point at may lie outside the folder, where no image and no container can see it. (`shutil.copytree` looks
    for the target of a relative link below the working folder, and leaves out what is not there.)
    """
    target.mkdir(parents=True)
    for path in files(source):
        copied = target / path.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)
        copied.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    for folder in [target, *(path for path in target.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)
    return target


def digest(paths: Iterable[Path], facts: Iterable[str] = ()) -> str:
    """Return 12 hex digits of the content of files and folders.

    Names inside a folder, contents and the executable bit count; the place on disk and times do not, so that two
    checkouts of the same content give the same image name.

    Args:
        paths: Files or folders.
        facts: Further strings that the image depends on: build arguments, the base's key.
    """
    total = hashlib.sha256()
    for path in paths:
        members = files(path) if path.is_dir() else [path]
        for member in members:
            name = member.relative_to(path).as_posix() if path.is_dir() else path.name
            executable = "x" if member.stat().st_mode & 0o100 else "-"
            content = hashlib.sha256(member.read_bytes()).hexdigest()
            total.update(f"{executable} {name} {content}\n".encode())
    for fact in facts:
        total.update(f"fact {fact}\n".encode())
    return total.hexdigest()[:_HEX]
