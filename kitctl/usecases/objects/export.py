"""Read the objects of a release as a document that `apply` takes back."""

from __future__ import annotations

from kitctl.model.objects import export as document
from kitctl.model.objects.export import ObjectsExport
from kitctl.model.objects.rules import SECTIONS
from kitctl.release.auth import FAB
from kitctl.release.handle import Release


def export(release: Release, secret: str = "") -> ObjectsExport:
    """Return all objects that kitctl's user may read.

    Args:
        release: The release.
        secret: Name of the Secret that references mean; "" for environment variables.
    """
    api = release.api()
    sections = [one for one in SECTIONS.values() if not one.of_fab or release.auth.name == FAB]
    first = release.username if release.auth.name == FAB else ""
    return document.export({one.name: api.objects(one) for one in sections}, secret, first)
