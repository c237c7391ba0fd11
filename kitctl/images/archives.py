"""Image archives as files of the user, for a CI that keeps one file between its runs."""

from __future__ import annotations

import json
import shutil
import tarfile
from contextlib import suppress
from pathlib import Path

from kitctl.errors import ExitCode, KitError
from kitctl.images import store
from kitctl.images.building import Progress
from kitctl.model.image_ref import full
from kitctl.tools.builders import builder


def save(reference: str, file: Path, progress: Progress) -> str:
    """Write an image of the builder's storage, or of its registry, to a file; a file that is there is replaced.

    Args:
        reference: The image.
        file: The docker archive to write; its folder is made.
        progress: Takes one line per step.

    Returns:
        The full reference.

    Raises:
        KitError: `image-missing`; `image-save-failed` where the file cannot be written.
    """
    archive = store.archive(reference)
    progress(f"image: writing {file}")
    part = file.with_name(f".{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(archive, part)
        part.replace(file)
    except OSError as error:
        raise KitError(
            "image-save-failed",
            f"The archive {file} cannot be written",
            cause=str(error),
            fix=f"df -h {file.parent}    # is the disk full? Or choose another folder",
        ) from error
    finally:
        with suppress(OSError):
            part.unlink()
    return full(reference)


def restore(file: Path, builder_name: str = "auto") -> list[str]:
    """Bring the images of an archive into the builder's storage.

    Returns:
        Their references.

    Raises:
        KitError: `archive-invalid` for a file that is no docker archive; `image-load-failed`.
    """
    names = _names(file)
    builder.find(builder_name).load(file)
    return names


def _names(file: Path) -> list[str]:
    """Return the references in a docker archive."""
    try:
        with tarfile.open(file) as tar:
            manifest = tar.extractfile("manifest.json")
            listed = json.load(manifest) if manifest else []
        return [str(name) for image in listed for name in image.get("RepoTags") or ()]
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise KitError(
            "archive-invalid",
            f"{file} is not an image archive",
            cause=str(error),
            fix=f"kitctl image save {file} REF    # or: docker save --output {file} REF",
            code=ExitCode.USAGE,
        ) from error
