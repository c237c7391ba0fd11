"""A namespace that is there, or may be made."""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.release.preflight import cluster
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, error, good, refused

CHECK = Check("a namespace that exists and is not being deleted, or the right to create it", "a cluster answers")


def look(facts: Facts) -> Outcome:
    """Look for it, as preflight does."""
    name = facts.given.namespace
    try:
        if cluster.namespace_usable(facts.kube, name):
            return good(f"The namespace {name} is there")
    except KitError as problem:
        return refused(problem)
    if not facts.kube.can_i("create", "namespaces", ""):
        fix = f"Ask a cluster admin: kubectl create namespace {name}"
        return error(f"The namespace {name} is absent, and you may not make it", fix)
    return good(f"The namespace {name} will be made")
