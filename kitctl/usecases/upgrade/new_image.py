"""The image with the new Airflow: built as `up` would build it, or named by the user."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.version import Version

from kitctl.errors import ExitCode, KitError
from kitctl.images import dag_import, recipes, versions
from kitctl.images.building import ImageOptions, Progress
from kitctl.model.image_ref import DAGS, full
from kitctl.release import image_origin
from kitctl.tools.builders import builder
from kitctl.usecases.upgrade.wish import Wish


def build(wish: Wish, version: str, running: str, note: Progress) -> str:
    """Build the kit's image of a version with the requirements, and return its reference.

    Args:
        wish: What the user asks for.
        version: Airflow version.
        running: Image that runs; "" without a release.
        note: Takes one line per step.

    Raises:
        KitError: of the build.
    """
    with TemporaryDirectory(prefix="kitctl-upgrade-") as folder:
        wanted = _requirements(wish, running, Path(folder), note)
        return recipes.build(None, wanted, "", check=False, options=_how(wish, version), progress=note).image


def reference(wish: Wish, version: str) -> str:
    """Return how the kit's image of a version is called, whether or not it is there."""
    how = _how(wish, version, dry_run=True)
    return recipes.build(None, wish.requirements, "", check=False, options=how, progress=lambda _: None).image


def named(wish: Wish, target: Version, note: Progress) -> str:
    """Return the image of --new-image, with the requirements on top.

    Raises:
        KitError: `upgrade-image-other-version`; where it cannot be fetched, or has no Airflow.
    """
    image = dag_import.image_for(dag_import.CheckOptions(image=wish.new_image), note)
    version = versions.airflow_version(image)
    if Version(version) != target:
        raise KitError(
            "upgrade-image-other-version",
            f"The image {wish.new_image} has Airflow {version}, not {target}",
            cause="The check is about the version that --to names",
            fix=f"kitctl upgrade-check --to {version} --new-image {wish.new_image}\nor name another image",
            code=ExitCode.PREFLIGHT,
        )
    if wish.requirements is None:
        return image
    return recipes.ensure_dags_image(None, wish.requirements, image, False, note)


def _how(wish: Wish, version: str, *, dry_run: bool = False) -> ImageOptions:
    return ImageOptions(ca_bundle=wish.ca_bundle, airflow_version=version, extras=wish.extras, dry_run=dry_run)


def _requirements(wish: Wish, running: str, folder: Path, note: Progress) -> Path | None:
    """Return the requirements of the new image: as in `up`, those of the image that runs stay without others."""
    name = full(running) if running else ""
    if wish.requirements or not name.startswith(f"{DAGS}:"):
        return wish.requirements
    try:
        known = image_origin.origin(builder.find(), name, note)
    except KitError as error:
        note(f"the requirements of the image that runs are not known: {error.message}")
        return None
    return image_origin.recorded(folder, known)
