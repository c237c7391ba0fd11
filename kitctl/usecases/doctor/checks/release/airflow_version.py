"""An Airflow that the kit can run."""

from __future__ import annotations

from kitctl.images.versions import kit_version, new_enough, official_version, tag_version
from kitctl.model.versions import pin
from kitctl.release.rollout import image_of
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, judged

CHECK = Check(f"Airflow {pin('airflow.minimum')} or later", "the name of the image tells the version")


def look(facts: Facts) -> Outcome:
    """Read the version from the name; the check `image` looks into others."""
    reference = image_of(facts.objects)
    version = kit_version(reference) or official_version(reference) or tag_version(reference)
    if not version:
        return absent(f"The name {reference} does not tell the version; the check image looks into it")
    return judged(lambda: new_enough(version, f"The image {reference}"), f"Airflow {version}")
