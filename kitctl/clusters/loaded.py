"""Images on the nodes of minikube and kind: loaded, looked up on every node, and known by their archive.

Their runtimes keep no note of the archive, so a file here does. A tag can be built again under the same name. The note
therefore holds the image's id on the nodes as well: if somebody else has replaced the image, or deleted the cluster,
the ids differ and the note counts no more.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kitctl.clusters.base import Progress
from kitctl.errors import KitError
from kitctl.model.image_ref import full
from kitctl.model.settings import cache_dir
from kitctl.tools.process import Result
from kitctl.tools.replace_file import replace_text


class LoadsImages(ABC):
    """The part of a cluster that is about images; see kitctl.clusters.base.Cluster for what each verb means.

    Attributes:
        provider: Name of the tool.
        name: The cluster's name in it.
    """

    provider: str
    name: str
    loads_images = True
    pulls_images = True

    @abstractmethod
    def context(self) -> str:
        """Name of the kube context."""

    @abstractmethod
    def _load(self, archive: Path) -> Result:
        """Load an archive into every node, with the tool's own command."""

    @abstractmethod
    def _listed(self) -> list[Any]:
        """Return the images of each node, as `image_id` takes them."""

    def load_image(self, reference: str, archive: Path, progress: Progress) -> None:
        """Load a docker-archive, which must carry `reference`, into every node.

        Raises:
            KitError: `image-load-failed`: the tools may end with 0 when nodes refuse an image, or keep the old one.
        """
        progress(f"{self.provider} {self.name}: loading {reference}")
        before, origin = self._image(reference), self.loaded_from(reference)
        said = self._load(archive)
        after = self._image(reference)
        if not after or (before == after and origin not in ("", archive.stem)):
            raise KitError(
                "image-load-failed",
                f"{self.provider} did not load {reference} into every node of {self.name}",
                cause=(said.stderr or said.stdout).strip()[-2000:] or f"{self.provider} said nothing",
                fix="df -h    # is the disk full? Look into the node as well, then run the command again with -v",
            )
        _note(self.context(), reference, archive.stem, after)

    def has_image(self, reference: str) -> bool:
        """Whether every node holds this reference, with the same content."""
        return bool(self._image(reference))

    def loaded_from(self, reference: str) -> str:
        """Stem of the archive that kitctl loaded; "" if somebody else has replaced the image since."""
        return _noted(self.context(), reference, self._image(reference))

    def _image(self, reference: str) -> str:
        """Return the id of an image that all nodes hold; "" if one lacks it, or has another under its name."""
        ids = {image_id(listed, reference) for listed in self._listed()}
        return ids.pop() if len(ids) == 1 else ""


def image_id(listed: Any, reference: str) -> str:
    """Return the id of an image in what `crictl images -o json` or `minikube image ls --format json` printed.

    Args:
        listed: The document: `{"images": [{"id", "repoTags"}]}`, or only the list.
        reference: The image.

    Returns:
        The id without "sha256:"; "" if the image is not in the list.
    """
    images = listed.get("images") if isinstance(listed, Mapping) else listed
    for image in images or ():
        if full(reference) in [full(tag) for tag in image.get("repoTags") or ()]:
            return str(image.get("id") or "").removeprefix("sha256:")
    return ""


def _note(cluster: str, reference: str, archive: str, image: str) -> None:
    """Keep which archive an image was loaded from.

    Args:
        cluster: Kube context of the cluster.
        reference: The image.
        archive: Stem of the archive's file.
        image: Id of the image on the nodes.
    """
    known = {**_read(cluster), full(reference): {"archive": archive, "image": image}}
    _file(cluster).parent.mkdir(parents=True, exist_ok=True)
    replace_text(_file(cluster), json.dumps(known, indent=2))


def _noted(cluster: str, reference: str, image: str) -> str:
    """Return the stem of the archive that an image with this id was loaded from, "" where that is not known."""
    entry = _read(cluster).get(full(reference)) or {}
    return str(entry.get("archive", "")) if image and entry.get("image") == image else ""


def _file(cluster: str) -> Path:
    return cache_dir() / "loaded" / f"{cluster}.json"


def _read(cluster: str) -> dict[str, Any]:
    try:
        known = json.loads(_file(cluster).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return known if isinstance(known, dict) else {}
