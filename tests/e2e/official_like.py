"""Builds the stand-in of the official Airflow image (tests/images/official-like), named by content."""

from __future__ import annotations

from pathlib import Path

from kitctl.images import recipes
from kitctl.images.building import ImageOptions, Progress, make
from kitctl.model.image_ref import digest
from kitctl.model.versions import pin
from kitctl.tools.builders import builder

FOLDER = Path(__file__).parent.parent / "images" / "official-like"


def ensure(progress: Progress) -> str:
    """Return the reference of the stand-in in the builder's storage, built where it is not there yet."""
    own = recipes.ensure_airflow_image(progress)
    tag = f"kitctl.local/test/official-like:{digest([FOLDER], [own])}"
    args = {"AIRFLOW_IMAGE": own, "BASE_IMAGE": pin("images.debian")}
    make(builder.find(), builder.Build(FOLDER / "Dockerfile", FOLDER, tag, args=args), ImageOptions(), progress)
    return tag
