"""From which archive an image on the nodes of minikube or kind came: their runtimes keep no note, so a file here does.

A tag can be built again under the same name. The note therefore holds the image's id on the nodes as well: if somebody
else has replaced the image, or deleted the cluster, the ids differ and the note counts no more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kitctl.model.image_ref import full
from kitctl.model.settings import cache_dir
from kitctl.tools.replace_file import replace_text


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


def note(cluster: str, reference: str, archive: str, image: str) -> None:
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


def archive(cluster: str, reference: str, image: str) -> str:
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
