"""Read the objects of a release as a document that `apply` takes back."""

from __future__ import annotations

from kitctl.model.objects import export as document
from kitctl.model.objects.export import ObjectsExport
from kitctl.model.objects.rules import SECTIONS
from kitctl.release.handle import Release


def export(release: Release, secret: str = "") -> ObjectsExport:
    """Return all objects that kitctl's user may read.

    Args:
        release: The release.
        secret: Name of the Secret that references mean; "" for environment variables.
    """
    api = release.api()
    return document.export({name: api.objects(section) for name, section in SECTIONS.items()}, secret)
