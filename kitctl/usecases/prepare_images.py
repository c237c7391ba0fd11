"""Builds the images of a later `kitctl up` and keeps their archives, on a machine that has no cluster and no Helm yet.

`make up` does this on a new machine while the programs of the cluster are compiled.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from kitctl.model.options.up import UpOptions
from kitctl.model.user_values import UserValues
from kitctl.model.values.dags import DagMode
from kitctl.release import image_choice

if TYPE_CHECKING:
    from kitctl.clusters.base import Cluster, Progress


class ArchivesOnly:
    """Stands for the cluster in `image_choice.provide`: every image is built and archived, and stays in the cache.

    Attributes:
        prepared: References of the images, in the order in which a cluster would get them.
    """

    name = "the cache"
    made_by_kit = True
    loads_images = True
    pulls_images = False

    def __init__(self) -> None:
        self.prepared: list[str] = []

    def has_image(self, reference: str) -> bool:
        """No image is ever left out."""
        return reference in self.prepared

    def loaded_from(self, _reference: str) -> str:
        """Return that no archive was loaded."""
        return ""

    def load_image(self, reference: str, _archive: Path, _progress: Progress) -> None:
        """Note the image; its archive has been written."""
        self.prepared.append(reference)


def prepare_images(options: UpOptions, progress: Progress) -> list[str]:
    """Build and archive the images that `kitctl up` with these options loads into a cluster of the kit.

    Values files are not read, since merging them needs Helm: an image that they rule out is built nevertheless.

    Args:
        options: The options of `up`.
        progress: Takes one line per step.

    Returns:
        The references of the images.

    Raises:
        KitError: as `kitctl up` for the same DAG folder, requirements or image; of the image builds.
    """
    cache, nothing = ArchivesOnly(), UserValues(mode=options.dag_mode or DagMode.IMAGE)
    image_choice.check(options, nothing)
    image_choice.provide(cast("Cluster", cache), options, nothing, progress)
    return cache.prepared
