"""Values: the one image reference, and the pull settings."""

from __future__ import annotations

from typing import Literal

from kitctl.model.values._base import LocalObjectReference, Section, knob
from kitctl.model.versions import pin

PullPolicy = Literal["Always", "IfNotPresent", "Never"]


class Image(Section):
    """An image reference in its parts."""

    repository: str = knob("", "Name of the image without tag.")
    tag: str = knob("", "Tag of the image.")
    digest: str = knob("", "Digest (`sha256:…`) of the image; wins over the tag, so that a moved tag changes nothing.")
    pull_policy: PullPolicy = knob("IfNotPresent", "When the kubelet pulls the image.")


class AirflowImage(Image):
    """The image of every Airflow component and of the worker pods."""

    repository: str = knob(
        pin("airflow.image"),
        "Image of every Airflow component and of the worker pods, without tag.",
        why="One reference for all of them: a task never runs on another Airflow than the one that scheduled it.",
    )
    tag: str = knob("", "Tag of that image; empty means `airflowVersion`.")
    revision: str = knob(
        "",
        "Any word that changes when the image behind the tag does: it becomes an annotation of the pods, so they roll.",
        why="A tag that was built again changes nothing that Kubernetes could see. `kitctl up` puts its id here.",
    )
    pull_secrets: list[LocalObjectReference] = knob(
        [], "Secrets for pulling any image of the release, e.g. `[{name: registry}]`."
    )
