"""docker and podman, which speak the same words."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kitctl.errors import KitError
from kitctl.model.image_ref import repository
from kitctl.tools.builders import emulation
from kitctl.tools.builders.base import (
    ASK_SECONDS,
    DISK_FIX,
    PUSH_FIX,
    Build,
    Mount,
    digest_file,
    limited,
    listed,
    scratch_list,
)
from kitctl.tools.handover import follow
from kitctl.tools.process import Result, run

_LAYERS = "layers"
"""Tag of the image in whose repository docker looks for layers."""


@dataclass
class Engine:
    """A container engine with a docker-like command line."""

    name: str

    def build(self, order: Build, *, stream: bool = False) -> Result:
        """Build with BuildKit (docker) or buildah's library (podman)."""
        # BuildKit mounts nothing of the host; the Dockerfiles' own cache mounts serve there.
        cache = [*order.mounted_cache(), *order.shared_layers()] if self.name == "podman" else []
        shared = f"{order.layer_cache}:{_LAYERS}" if order.layer_cache and self.name == "docker" else ""
        # What this build cost is noted in the image itself: the only cache that every docker can write.
        cache += ["--cache-from", f"type=registry,ref={shared}", "--cache-to", "type=inline"] if shared else []
        argv = [self.name, "build", *order.options(), *cache, str(order.context)]
        env = {"DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain"}
        done = run(argv, env=env, check=False, stream=stream)
        if not (done.ok and shared):
            return done
        self.tag(order.tag, shared)
        return run([self.name, "push", "--quiet", shared], check=False)

    def image_id(self, reference: str) -> str | None:
        """Ask for the id."""
        answer = run([self.name, "image", "inspect", "--format", "{{.Id}}", reference], check=False)
        return answer.stdout.strip().removeprefix("sha256:") if answer.ok else None

    def labels(self, reference: str) -> dict[str, str]:
        """Read the labels of the image's configuration."""
        argv = [self.name, "image", "inspect", "--format", "{{json .Config.Labels}}", reference]
        return dict(json.loads(run(argv, error_id="image-missing", fix=f"{self.name} pull {reference}").stdout) or {})

    def user(self, reference: str) -> str:
        """Read the user of the image's configuration."""
        argv = [self.name, "image", "inspect", "--format", "{{.Config.User}}", reference]
        return run(argv, error_id="image-missing", fix=f"{self.name} pull {reference}").stdout.strip()

    def pull(self, reference: str) -> Result:
        """Pull, five minutes at most."""
        return run([self.name, "pull", "--quiet", reference], check=False, timeout=300)

    def push(self, reference: str) -> str:
        """Push with the engine's own credentials."""
        if self.name == "podman":
            with digest_file() as file:
                argv = [self.name, "push", "--digestfile", str(file), reference]
                run(argv, stream=True, error_id="image-push-failed", fix=PUSH_FIX)
                return file.read_text(encoding="utf-8").strip()
        run([self.name, "push", reference], stream=True, error_id="image-push-failed", fix=PUSH_FIX)
        # docker has no such option; it notes the digest of each registry that it pushed to.
        argv = [self.name, "image", "inspect", "--format", "{{json .RepoDigests}}", reference]
        known = json.loads(run(argv, error_id="image-missing", fix=f"{self.name} pull {reference}").stdout) or []
        digests: dict[str, str] = {repository(one): one.partition("@")[2] for one in known}
        return digests.get(repository(reference), "")

    def push_list(self, reference: str, members: Mapping[str, str]) -> str:
        """Push the images and a list of them; docker makes the list in the registry, of images that are there."""
        if self.name == "podman":
            return self._push_list_of_podman(reference, members)
        images = [f"{repository(reference)}@{self.push(image)}" for image in members.values()]
        argv = [self.name, "buildx", "imagetools"]
        run([*argv, "create", "--tag", reference, *images], error_id="image-push-failed", fix=PUSH_FIX)
        asked = [*argv, "inspect", "--format", "{{json .Manifest}}", reference]
        said = run(asked, error_id="image-push-failed", fix=PUSH_FIX, timeout=ASK_SECONDS)
        return str(json.loads(said.stdout).get("digest", ""))

    def _push_list_of_podman(self, reference: str, members: Mapping[str, str]) -> str:
        name, argv = scratch_list(), [self.name, "manifest"]
        try:
            run([*argv, "create", name, *(f"containers-storage:{image}" for image in members.values())])
            with digest_file() as file:
                words = ["--all", "--format", "oci", "--digestfile", str(file), name, f"docker://{reference}"]
                run([*argv, "push", *words], stream=True, error_id="image-push-failed", fix=PUSH_FIX)
                return file.read_text(encoding="utf-8").strip()
        finally:
            run([*argv, "rm", name], check=False)

    def platforms(self, reference: str) -> dict[str, str]:
        """Read the list in the registry."""
        words = ["manifest", "inspect"] if self.name == "podman" else ["buildx", "imagetools", "inspect", "--raw"]
        return listed(run([self.name, *words, reference], check=False, timeout=ASK_SECONDS))

    def runs(self, platform: str) -> bool:
        """Ask docker's engine, or the kernel, where podman has no engine elsewhere."""
        return emulation.by_docker(platform) if self.name == "docker" else emulation.by_kernel(platform)

    def tag(self, reference: str, new: str) -> None:
        """Tag."""
        run([self.name, "tag", reference, new])

    def save(self, reference: str, archive: Path) -> None:
        """Save; docker writes its archive format by itself."""
        shape = ["--format", "docker-archive"] if self.name == "podman" else []
        run(
            [self.name, "save", *shape, "--output", str(archive), reference], error_id="image-save-failed", fix=DISK_FIX
        )

    def load(self, archive: Path) -> None:
        """Load."""
        run([self.name, "load", "--input", str(archive)], error_id="image-load-failed", fix=DISK_FIX)

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
        """Run without network unless the user follows it; the container is removed, also when the time runs out."""
        name = f"kitctl-{uuid.uuid4().hex[:12]}"
        words = [self.name, "run", "--rm", "--name", name, "--entrypoint", "timeout"]
        words += [] if write else ["--network", "none"]
        words += [w for m in mounts for w in ("--volume", f"{m.source}:{m.target}:ro")]
        words += [w for key, value in (env or {}).items() for w in ("--env", f"{key}={value}")]
        words += [reference, *limited(argv, timeout)[1:]]
        try:
            if write:
                return follow(words, write, timeout=timeout + 30)
            return run(words, check=False, timeout=timeout + 30)
        except (KitError, KeyboardInterrupt):
            run([self.name, "rm", "--force", name], check=False)
            raise
