"""Image builders behind one small interface: docker, podman or buildah, whichever answers."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kitctl.errors import ExitCode, KitError
from kitctl.model.image_ref import full
from kitctl.tools.process import Result, run, which

NAMES = ("docker", "podman", "buildah")
HOST_CACHE = "/var/cache/kitctl-host"
"""Where builders that can mount a folder of this machine into a build put the kit's own cache."""


@dataclass(frozen=True)
class Build:
    """One image build.

    Attributes:
        dockerfile: The Dockerfile.
        context: Folder that COPY reads.
        tag: Full reference of the result.
        args: Build arguments.
        labels: Labels added to those of the Dockerfile.
        secrets: Secret id → file.
        cache: Folder of this machine that keeps downloads from build to build, where the builder can mount it. Only its
            owner can enter it.
        cache_user: User inside the build that downloads.
        platform: For example "linux/arm64"; empty means this machine's.
    """

    dockerfile: Path
    context: Path
    tag: str
    args: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Path] = field(default_factory=dict)
    cache: Path | None = None
    cache_user: str = "root"
    platform: str = ""

    def options(self) -> list[str]:
        """Return the arguments that `build` of every builder understands."""
        words = ["--file", str(self.dockerfile), "--tag", self.tag]
        words += [w for key, value in self.args.items() for w in ("--build-arg", f"{key}={value}")]
        words += [w for key, value in self.labels.items() for w in ("--label", f"{key}={value}")]
        words += [w for key, path in self.secrets.items() for w in ("--secret", f"id={key},src={path}")]
        words += ["--platform", self.platform] if self.platform else []
        return words

    def mounted_cache(self) -> list[str]:
        """Return the arguments that mount the cache, for builders that can.

        Root of the build is whoever runs the builder. Any other user of the build has a number that is not known here,
        so its folder is open to all, inside one that only its owner can enter: others on this machine must not be able
        to put packages into an image.
        """
        if self.cache is None:
            return []
        as_root = self.cache_user.partition(":")[0] in {"", "0", "root"}
        folder = self.cache / ("root" if as_root else "user")
        folder.mkdir(parents=True, exist_ok=True)
        for place, mode in ((self.cache, 0o700), (folder, 0o700 if as_root else 0o1777)):
            if stat.S_IMODE(place.stat().st_mode) != mode:
                place.chmod(mode)
        return ["--volume", f"{folder}:{HOST_CACHE}", "--build-arg", f"CACHE_DIR={HOST_CACHE}"]


@dataclass(frozen=True)
class Mount:
    """A folder or file of this machine, seen read-only inside a container at `target`."""

    source: Path
    target: str


class Builder(Protocol):
    """What kitctl needs of a builder. References are full ones (registry and tag)."""

    name: str

    def build(self, order: Build, *, stream: bool = False) -> Result:
        """Build an image; the result is not checked, so that the caller can read the failure out of the output."""

    def image_id(self, reference: str) -> str | None:
        """Return the id of an image in the storage, in hex without "sha256:", or None when it is not there."""

    def labels(self, reference: str) -> dict[str, str]:
        """Return the labels of an image in the storage."""

    def user(self, reference: str) -> str:
        """Return the user that an image in the storage runs as, "" where it names none."""

    def pull(self, reference: str) -> Result:
        """Fetch an image from its registry; the result is not checked."""

    def push(self, reference: str) -> None:
        """Send an image to its registry."""

    def tag(self, reference: str, new: str) -> None:
        """Give an image one more name."""

    def save(self, reference: str, archive: Path) -> None:
        """Write an image as a docker archive that carries `reference`."""

    def load(self, archive: Path) -> None:
        """Bring a docker archive with its names into the storage."""

    def run(
        self,
        reference: str,
        argv: Sequence[str],
        *,
        mounts: Sequence[Mount] = (),
        env: Mapping[str, str] | None = None,
        timeout: float = 120.0,
    ) -> Result:
        """Run a command in a fresh container without its entrypoint; exit code 124 means that the time ran out."""


def limited(argv: Sequence[str], seconds: float) -> list[str]:
    """Put coreutils' timeout before a command: what it started inside the container then ends with it."""
    return ["timeout", "--kill-after=5", f"{seconds:.0f}", *argv]


def run_in_image(
    reference: str,
    argv: Sequence[str],
    mounts: Sequence[Mount] = (),
    timeout: float = 120.0,
    env: Mapping[str, str] | None = None,
) -> Result:
    """Run a command in a fresh container of an image, without its entrypoint, as the image's user.

    Args:
        reference: An image in the builder's storage.
        argv: Program and arguments.
        mounts: Folders of this machine, read-only inside.
        timeout: Seconds until the command is ended; the result then has exit code 124.
        env: Variables added to the image's.

    Returns:
        Exit code and output; not checked.

    Raises:
        KitError: `builder-missing`, `image-missing`.
    """
    return find().run(full(reference), argv, mounts=mounts, env=env, timeout=timeout)


PUSH_FIX = "docker login REGISTRY    # or: podman login, buildah login; the image's name must begin with REGISTRY"
DISK_FIX = "df -h ~ /var/lib /var/tmp    # is a disk full? Free some space, then run it again"


def find(chosen: str = "") -> Builder:
    """Return a builder that works.

    Args:
        chosen: "docker", "podman", "buildah", or "" / "auto" for the first that answers ($KITCTL_BUILDER too).

    Raises:
        KitError: `builder-unknown`, or `builder-missing` where none answers.
    """
    from kitctl.tools.builders.buildah import Buildah  # noqa: PLC0415  # both build upon this module
    from kitctl.tools.builders.engine import Engine  # noqa: PLC0415

    wanted = chosen or os.environ.get("KITCTL_BUILDER") or "auto"
    if wanted not in (*NAMES, "auto"):
        raise KitError(
            "builder-unknown",
            f"There is no image builder {wanted!r}",
            cause="--builder or KITCTL_BUILDER names it",
            fix=f"kitctl image build --builder auto    # or one of {', '.join(NAMES)}",
            code=ExitCode.USAGE,
        )
    said: list[str] = []
    for name in NAMES if wanted == "auto" else (wanted,):
        problem = _problem(name)
        if problem is None:
            return Buildah() if name == "buildah" else Engine(name)
        said.append(f"{name}: {problem}")
    raise KitError(
        "builder-missing",
        "No image builder is available",
        cause="\n".join(said),
        fix="Start Docker or Podman, or install buildah: sudo apt-get install -y buildah",
        code=ExitCode.PREFLIGHT,
    )


def _problem(name: str) -> str | None:
    """Return why a builder cannot be used, or None when it answers."""
    if which(name) is None:
        return "not installed"
    probe = {
        # A docker client is often there without an engine: only the server's answer counts.
        "docker": ["docker", "version", "--format", "{{.Server.Version}}"],
        "podman": ["podman", "info", "--format", "{{.Store.GraphDriverName}}"],
        "buildah": ["buildah", "version"],
    }
    try:
        answer = run(probe[name], check=False, timeout=10)
    except KitError as error:
        return error.message
    return None if answer.ok and answer.stdout.strip() else (answer.stderr.strip().splitlines() or ["no answer"])[-1]
