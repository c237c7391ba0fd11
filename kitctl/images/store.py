"""Where images go after the build: an archive in the cache, a cluster's nodes, a registry."""

from __future__ import annotations

import os
import re
from pathlib import Path

from kitctl.clusters import choice
from kitctl.clusters.base import Cluster
from kitctl.errors import ExitCode, KitError
from kitctl.images import platforms
from kitctl.images.building import Progress, archive_path
from kitctl.model.image_ref import full, made_from_content
from kitctl.model.platforms import split
from kitctl.model.settings import Settings
from kitctl.tools import cached_file
from kitctl.tools.builders import builder

_KEEP = 3
"""Archives kept of one repository; each is about 700 MB."""


def archive(reference: str) -> Path:
    """Return the docker archive of an image, written once and kept in ~/.cache/kitctl/images.

    Raises:
        KitError: `image-missing` when neither the storage nor its registry has it.
    """
    name = full(reference)
    if _used(known := archive_path(name)):
        return known
    tool = builder.find()
    image_id, said = tool.image_id(name), ""
    if image_id is None:
        said = tool.pull(name).stderr.strip()[-2000:]
        image_id = tool.image_id(name)
    if image_id is None:
        raise KitError(
            "image-missing",
            f"The image {reference} is not in {tool.name}'s storage and could not be pulled",
            cause=said,
            fix="kitctl image build",
            code=ExitCode.PREFLIGHT,
        )
    target = archive_path(name, image_id)
    if cached_file.ensure(target, lambda part: tool.save(name, part)):
        _prune(target)
    return target


def _used(archive: Path) -> bool:
    """Whether an archive is there; it then counts as the latest, so that `_prune` keeps it."""
    try:
        os.utime(archive)
    except FileNotFoundError:
        return False
    return True


def _prune(newest: Path) -> None:
    """Delete all but the latest archives of a repository."""
    repository = re.sub(r"_[^_]*\.tar$", "", newest.name)
    same = [p for p in newest.parent.glob("*.tar") if re.sub(r"_[^_]*\.tar$", "", p.name) == repository]
    for path in sorted(same, key=lambda p: p.stat().st_mtime, reverse=True)[_KEEP:]:
        path.unlink(missing_ok=True)


def revision(reference: str) -> str:
    """Return the short id of the image behind a name that may move, "" for one made from content or one not here."""
    name = full(reference)
    if made_from_content(name):
        return ""
    try:
        found = builder.find().image_id(name)
    except KitError:  # no builder on this machine: whatever the nodes hold is what runs
        return ""
    return found[:12] if found else ""


def load(cluster: Cluster, reference: str, progress: Progress) -> bool:
    """Bring an image onto a cluster's nodes unless they hold it; a tag that was built again is brought again.

    Returns:
        Whether it was brought.
    """
    name = full(reference)
    now = revision(name)
    if cluster.has_image(name) and not (now and cluster.loaded_from(name) != archive_path(name, now).stem):
        return False
    progress(f"image: loading {name} into {cluster.name}")
    cluster.load_image(name, archive(name), progress)
    return True


def load_into(settings: Settings, reference: str, progress: Progress) -> tuple[str, bool, str]:
    """Load an image into the cluster that the settings mean.

    Returns:
        The full reference, whether it was brought, and the cluster's name.

    Raises:
        KitError: `cluster-missing` when no cluster that kitctl can load into runs.
    """
    cluster = _cluster(settings)
    if not cluster.loads_images:
        cluster.load_image(reference, Path(), progress)  # its provider refuses, in its own words
    if settings.dry_run:
        progress(f"image: would load {reference} into {cluster.name}")
        return full(reference), False, cluster.name
    return full(reference), load(cluster, reference, progress), cluster.name


def _cluster(settings: Settings) -> Cluster:
    """Return the cluster that the options name, or a running one that the kit made."""
    named = settings.context is not None or settings.provider != choice.AUTO
    try:
        found = choice.present(settings)
        if not found.loads_images:  # `--provider existing` takes any context, also that of a cluster of the kit
            found = choice.of_context(found.context(), settings.kubeconfig)
        if named or (found.loads_images and found.exists()):
            return found
        cause = f"{found.name} does not run" if found.loads_images else f"kitctl did not make {found.name}"
    except KitError as error:
        if named:
            raise
        cause = error.message
    raise KitError(
        "cluster-missing",
        f"No cluster {choice.meant(settings)} runs on this machine",
        cause=f"{cause}\nClusters elsewhere pull their images from a registry",
        fix="kitctl cluster create\nor, for a cluster elsewhere: kitctl image push REF",
        code=ExitCode.PREFLIGHT,
    )


def push(
    reference: str, builder_name: str = "auto", digest_file: Path | None = None, platform: str = ""
) -> tuple[str, str]:
    """Send an image of the builder's storage to its registry, and return its name and its digest there.

    Args:
        reference: The image.
        builder_name: Whose storage has it.
        digest_file: Gets the digest; None for no file.
        platform: Its platforms, as it was built; for several, a list of their images is pushed.

    Raises:
        KitError: `platform-invalid`, `image-missing`, `image-push-failed`, `digest-unknown`, `digest-file-unwritable`.
    """
    wanted = split(platform)
    tool = builder.find(builder_name)
    name = full(reference)
    if platforms.several(wanted):
        digest = platforms.push(tool, reference, wanted)
    elif tool.image_id(name) is None:
        raise KitError("image-missing", f"{tool.name} has no image {name}", fix="kitctl image build --tag " + reference)
    else:
        digest = tool.push(name)
    if digest_file is not None:
        _note(digest, name, digest_file, tool.name)
    return name, digest


def _note(digest: str, name: str, file: Path, tool: str) -> None:
    """Write the digest of a pushed image to a file."""
    if not digest:
        raise KitError(
            "digest-unknown",
            f"{tool} does not say under which digest {name} was pushed",
            cause="The image is in its registry, but nothing can name it by its content",
            fix=f"kitctl image push {name} --builder buildah --digest-file {file}    # or podman",
        )
    try:
        file.write_text(f"{digest}\n", encoding="utf-8")
    except OSError as exc:
        raise KitError(
            "digest-file-unwritable",
            f"The digest cannot be written to {file}",
            cause=f"{exc.strerror or exc}. The image was pushed: {name}, {digest}",
            fix="Name a file in a folder that exists and belongs to you: --digest-file digest",
            code=ExitCode.USAGE,
        ) from exc
