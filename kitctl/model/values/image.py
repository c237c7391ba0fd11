"""Values: the one image reference, and the pull settings."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict

from kitctl.model.values._base import Section, knob
from kitctl.model.values.kube import LocalObjectReference
from kitctl.model.values.types import Digest, ImageName, ImageTag
from kitctl.model.versions import pin

PullPolicy = Literal["Always", "IfNotPresent", "Never"]

_ONE_OF_TWO: dict[str, Any] = {
    # Without either the reference would end in a colon, which no kubelet pulls.
    "if": {"properties": {"digest": {"const": ""}}},
    "then": {"properties": {"tag": {"minLength": 1, "allowed": "a tag, where there is no digest"}}},
}


class Image(Section):
    """An image reference in its parts."""

    model_config = ConfigDict(json_schema_extra=_ONE_OF_TWO)

    repository: ImageName = knob(
        "", "Name of the image without tag.", why="Another one is a mirror inside your network."
    )
    tag: ImageTag = knob("", "Tag of the image.", why="The version that the kit's tests run with.")
    digest: Digest = knob(
        "",
        "Digest (`sha256:…`) of the image; wins over the tag.",
        why="A tag can be moved to another image, a digest cannot.",
    )
    pull_policy: PullPolicy = knob(
        "IfNotPresent",
        "When the kubelet pulls the image.",
        why="Always would fail for images that were loaded into the node, and ask the registry at each start.",
    )


class AirflowImage(Image):
    """The image of every Airflow component and of the worker pods."""

    # Without a tag it is airflowVersion; without a repository the chart refuses, in words of its own.
    model_config = ConfigDict(json_schema_extra=None)

    repository: ImageName = knob(
        pin("airflow.image"),
        "Image of every Airflow component and of the worker pods, without tag.",
        why="One reference for all of them: a task never runs on another Airflow than the one that scheduled it.",
    )
    tag: ImageTag = knob(
        "",
        "Tag of that image; empty means `airflowVersion`.",
        why="The official images are tagged by Airflow's version.",
    )
    revision: str = knob(
        "",
        "Any word that changes when the image behind the tag does: it becomes an annotation of the pods, so they roll.",
        why="A tag that was built again changes nothing that Kubernetes could see. `kitctl up` puts its id here.",
    )
    pull_secrets: list[LocalObjectReference] = knob(
        [],
        "Secrets for pulling any image of the release, e.g. `[{name: registry}]`.",
        why="Worker pods get them too: a private image would else start everything but tasks.",
    )
