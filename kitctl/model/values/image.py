"""Values: images and how they are pulled."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict

from kitctl.model.values._base import Section, knob
from kitctl.model.values.kube import LocalObjectReference
from kitctl.model.values.types import Digest, ImageName, ImageTag
from kitctl.model.versions import pin

PullPolicy = Literal["Always", "IfNotPresent", "Never"]

_ONE_OF_TWO: dict[str, Any] = {
    # Without tag and digest, the reference would end in a colon, which is invalid.
    "if": {"properties": {"digest": {"const": ""}}},
    "then": {"properties": {"tag": {"minLength": 1, "allowed": "a tag such as 1.2.3, because no digest is set"}}},
}


class Image(Section):
    """The parts of an image reference."""

    model_config = ConfigDict(json_schema_extra=_ONE_OF_TWO)

    repository: ImageName = knob("", "Name of the image, without tag.")
    tag: ImageTag = knob("", "Tag of the image.")
    digest: Digest = knob(
        "", "Digest of the image (`sha256:…`), used instead of the tag. Unlike a tag, it always means the same image."
    )
    pull_policy: PullPolicy = knob(
        "IfNotPresent",
        "When the kubelet pulls the image.",
        why="`Always` fails for images that were loaded into the nodes and are in no registry.",
    )


class AirflowImage(Image):
    """The image of every Airflow component and of the worker pods."""

    # An empty tag means airflowVersion; an empty repository is refused by the chart (image-missing).
    model_config = ConfigDict(json_schema_extra=None)

    repository: ImageName = knob(
        pin("airflow.image"), "Image of every Airflow component and of the worker pods, without tag."
    )
    tag: ImageTag = knob("", "Tag of that image; empty means `airflowVersion`.")
    revision: str = knob(
        "",
        "Any text that changes when the image behind the tag changes. It is an annotation of the pods, so that they "
        "restart.",
        why="Kubernetes does not notice a new image under the same tag. `kitctl up` sets the image's ID here.",
    )
    pull_secrets: list[LocalObjectReference] = knob(
        [], "Secrets for pulling all images of the release, also in worker pods, for example `[{name: registry}]`."
    )
