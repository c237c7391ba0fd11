"""Nodes have the image, or can pull it, and it contains Airflow."""

from __future__ import annotations

from kitctl.model.image_ref import chosen_by_kit, full, made_from_content
from kitctl.release.preflight import image
from kitctl.release.rollout import image_of
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent
from kitctl.usecases.doctor.inside import ask

_SECONDS = 330.0
"""A pull of a gigabyte over a slow line takes minutes."""
CHECK = Check(
    "an image that a node has or pulls, in which Python finds an Airflow that is new enough",
    "the release does not run this image already",
    seconds=_SECONDS,
)


def look(facts: Facts) -> Outcome:
    """Start it once, as `deploy` does with images that it does not know."""
    kube, where, objects, cluster = facts.kube, facts.given.namespace, facts.objects, facts.place.cluster
    reference = full(image_of(objects))
    built = made_from_content(reference) or chosen_by_kit(reference)
    if built and cluster and cluster.loads_images and not cluster.has_image(reference):
        return absent("up builds the image and loads it into the cluster")
    return ask(
        facts,
        lambda note, deadline: image.check(kube, where, objects, note, deadline, known=True),
        "The release runs this image already",
        _SECONDS,
    )
