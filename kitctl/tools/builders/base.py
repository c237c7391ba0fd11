"""What kitctl asks of an image builder: one build, and the verbs that docker, podman and buildah share."""

from __future__ import annotations

import json
import stat
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kitctl.model.platforms import of_list
from kitctl.tools.process import Result

PUSH_FIX = "docker login REGISTRY    # or: podman login, buildah login; the image's name must begin with REGISTRY"
DISK_FIX = "df -h ~ /var/lib /var/tmp    # is a disk full? Free some space, then run it again"
ASK_SECONDS = 60
"""How long a registry may take to name the platforms of an image."""
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
        layer_cache: Repository whose layers may be used, and which gets those that are built; empty for none.
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
    layer_cache: str = ""
    platform: str = ""

    def options(self) -> list[str]:
        """Return the arguments that `build` of every builder understands."""
        words = ["--file", str(self.dockerfile), "--tag", self.tag]
        words += [w for key, value in self.args.items() for w in ("--build-arg", f"{key}={value}")]
        words += [w for key, value in self.labels.items() for w in ("--label", f"{key}={value}")]
        words += [w for key, path in self.secrets.items() for w in ("--secret", f"id={key},src={path}")]
        words += ["--platform", self.platform] if self.platform else []
        return words

    def shared_layers(self) -> list[str]:
        """Return the arguments that use and fill the cache of layers, for buildah and podman, which name its tags."""
        return ["--cache-from", self.layer_cache, "--cache-to", self.layer_cache] if self.layer_cache else []

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

    def push(self, reference: str) -> str:
        """Send an image to its registry, and return its digest there."""

    def push_list(self, reference: str, members: Mapping[str, str]) -> str:
        """Send images and a list of them to a registry, and return the digest of the list.

        Args:
            reference: Name of the list.
            members: Image of each platform, in the storage.
        """

    def platforms(self, reference: str) -> dict[str, str]:
        """Return the digest of each platform that an image has in its registry; {} if it has no list, or no answer."""

    def runs(self, platform: str) -> bool:
        """Whether a build can run programs of a platform."""

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
        write: Callable[[str], object] | None = None,
    ) -> Result:
        """Run a command in a fresh container without its entrypoint; exit code 124 means that the time ran out.

        Args:
            reference: The image.
            argv: Program and arguments.
            mounts: What it sees of this machine.
            env: Variables, which are no secrets: the command line shows them.
            timeout: Seconds.
            write: Takes what it prints line by line, as it comes; then it may use the network as well, since it is
                the user's own code that runs.
        """


def scratch_list() -> str:
    """Return a name for a list that a storage holds while it is pushed."""
    return f"localhost/kitctl-list:{uuid.uuid4().hex[:12]}"


@contextmanager
def digest_file() -> Iterator[Path]:
    """Yield a file for the digest of a pushed image."""
    with tempfile.TemporaryDirectory(prefix="kitctl-push-") as folder:
        yield Path(folder) / "digest"


def listed(answer: Result) -> dict[str, str]:
    """Return the digest of each platform in a manifest list that a builder printed; {} if it did not."""
    try:
        return of_list(json.loads(answer.stdout)) if answer.ok else {}
    except ValueError:
        return {}


def limited(argv: Sequence[str], seconds: float) -> list[str]:
    """Put coreutils' timeout before a command: what it started inside the container then ends with it."""
    return ["timeout", "--kill-after=5", f"{seconds:.0f}", *argv]
