"""buildah: builds images without a daemon, without systemd and without user namespaces (chroot isolation)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

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


@cache
def storage() -> dict[str, str]:
    """Return the environment that gives buildah a storage driver that works: overlay, else vfs.

    Overlay is refused where the storage lies on an overlay itself, as in most containers; vfs copies every layer, which
    is slow, but works anywhere.
    """
    if run(["buildah", "info"], check=False, timeout=60).ok:
        return {}
    return {"STORAGE_DRIVER": "vfs"}


def _buildah(
    *words: str, check: bool = True, timeout: float | None = None, error_id: str = "command-failed", fix: str = ""
) -> Result:
    return run(["buildah", *words], env=storage(), check=check, timeout=timeout, error_id=error_id, fix=fix)


def _config(reference: str) -> dict[str, Any]:
    """Return the configuration of an image in the storage."""
    answer = _buildah(
        "inspect", "--type", "image", reference, error_id="image-missing", fix=f"buildah pull {reference}"
    )
    return dict((json.loads(answer.stdout).get("OCIv1") or {}).get("config") or {})


class Buildah:
    """The builder of machines without a container engine."""

    name = "buildah"

    def build(self, order: Build, *, stream: bool = False) -> Result:
        """Build with cached layers and with the kit's wheel cache mounted."""
        words = ["build", "--isolation", "chroot", "--layers", "--force-rm", *order.options(), *order.mounted_cache()]
        words += order.shared_layers()
        return run(["buildah", *words, str(order.context)], env=storage(), check=False, stream=stream)

    def image_id(self, reference: str) -> str | None:
        """Ask for the id."""
        answer = _buildah("inspect", "--type", "image", "--format", "{{.FromImageID}}", reference, check=False)
        return answer.stdout.strip() if answer.ok else None

    def labels(self, reference: str) -> dict[str, str]:
        """Read the labels of the image's configuration."""
        return dict(_config(reference).get("Labels") or {})

    def user(self, reference: str) -> str:
        """Read the user of the image's configuration."""
        return str(_config(reference).get("User") or "")

    def pull(self, reference: str) -> Result:
        """Pull, five minutes at most; without a network the answer comes at once."""
        return _buildah("pull", "--quiet", "--policy", "always", reference, check=False, timeout=300)

    def push(self, reference: str) -> str:
        """Push with the credentials of ~/.docker/config.json or of `buildah login`."""
        with digest_file() as file:
            _buildah("push", "--digestfile", str(file), reference, error_id="image-push-failed", fix=PUSH_FIX)
            return file.read_text(encoding="utf-8").strip()

    def push_list(self, reference: str, members: Mapping[str, str]) -> str:
        """Push the images with a list of OCI's form, which is kept no longer."""
        name = scratch_list()
        try:
            _buildah("manifest", "create", name, *members.values())
            with digest_file() as file:
                words = ["--all", "--format", "oci", "--digestfile", str(file), name, f"docker://{reference}"]
                _buildah("manifest", "push", *words, error_id="image-push-failed", fix=PUSH_FIX)
                return file.read_text(encoding="utf-8").strip()
        finally:
            _buildah("manifest", "rm", name, check=False)

    def platforms(self, reference: str) -> dict[str, str]:
        """Read the list in the registry."""
        return listed(_buildah("manifest", "inspect", reference, check=False, timeout=ASK_SECONDS))

    def runs(self, platform: str) -> bool:
        """Ask the kernel."""
        return emulation.by_kernel(platform)

    def tag(self, reference: str, new: str) -> None:
        """Tag."""
        _buildah("tag", reference, new)

    def save(self, reference: str, archive: Path) -> None:
        """Save."""
        _buildah(
            "push",
            "--quiet",
            reference,
            f"docker-archive:{archive}:{reference}",
            error_id="image-save-failed",
            fix=DISK_FIX,
        )

    def load(self, archive: Path) -> None:
        """Load."""
        _buildah("pull", "--quiet", f"docker-archive:{archive}", error_id="image-load-failed", fix=DISK_FIX)

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
        """Run in a working container that is removed afterwards.

        buildah 1.28 (Debian 12) panics now and then while it cleans up after a command that ended well, and its result
        is lost; the command is then run once more. What kitctl runs in images only looks, except what the user follows.
        """
        done = self._run(reference, argv, mounts, env, timeout, write)
        if not write and "panic: runtime error" in done.stderr and "buildah.(*Builder).Run" in done.stderr:
            return self._run(reference, argv, mounts, env, timeout, write)
        return done

    def _run(
        self,
        reference: str,
        argv: Sequence[str],
        mounts: Sequence[Mount],
        env: Mapping[str, str] | None,
        timeout: float,
        write: Callable[[str], object] | None,
    ) -> Result:
        # Named here, so that it can be removed even if an interrupt takes the answer away.
        container = f"kitctl-{uuid.uuid4().hex[:12]}"
        try:
            made = ("from", "--name", container, "--pull=never", reference)
            _buildah(*made, error_id="image-missing", fix=f"buildah pull {reference}")
            words = ["run", "--isolation", "chroot"]
            words += [w for m in mounts for w in ("--volume", f"{m.source}:{m.target}:ro")]
            words += [w for key, value in (env or {}).items() for w in ("--env", f"{key}={value}")]
            words += [container, "--", *limited(argv, timeout)]
            if write:
                return follow(["buildah", *words], write, timeout=timeout + 30, env=storage())
            return _buildah(*words, check=False, timeout=timeout + 30)
        finally:
            _buildah("rm", container, check=False)
