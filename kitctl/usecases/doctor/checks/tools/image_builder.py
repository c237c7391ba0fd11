"""docker, podman or buildah, to build images with DAGs in them."""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.model.options.purpose import Purpose
from kitctl.tools.builders import builder
from kitctl.usecases.doctor.catalogue import MACHINE, Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, error, good, warning

CHECK = Check(
    "docker, podman or buildah; a warning if the cluster runs on another machine", purposes=MACHINE, seconds=60
)


def look(facts: Facts) -> Outcome:
    """Look for a builder that answers."""
    try:
        return good(f"{builder.find().name} builds images")
    except KitError as problem:
        fail = error if facts.needs.here or facts.purpose == Purpose.BUILD else warning
        return fail(problem.message, f"{problem.fix}\nOr run an image that exists: kitctl up --image REF")
