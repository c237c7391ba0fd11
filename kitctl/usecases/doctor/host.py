"""Checks of this machine: architecture, memory, disk, programs. Part of `kitctl doctor`."""

from __future__ import annotations

import os
from pathlib import Path

from kitctl import clusters
from kitctl.errors import KitError
from kitctl.model import names
from kitctl.model.needs import DISK, GIB, MEMORY
from kitctl.model.settings import cache_dir
from kitctl.model.versions import pin
from kitctl.tools import toolbox
from kitctl.tools.builders import builder
from kitctl.tools.process import run, which
from kitctl.usecases.doctor.findings import Facts, Finding, HostCheck, Level, bad, good, refused

_CORES = 2
_MACHINES = {"x86_64", "amd64", "aarch64", "arm64"}


def system(facts: Facts) -> Finding:
    """Linux, macOS or WSL, on amd64 or arm64."""
    host = facts.host
    if host.machine.lower() not in _MACHINES:
        return bad("system", "error", f"No image of the kit runs on {host.machine}", "Use an amd64 or arm64 machine")
    return good("system", f"{host.system} on {host.machine}{', as root' if host.root else ''}")


def naming(facts: Facts) -> Finding:
    """Names that Helm and Kubernetes take."""
    settings = facts.settings
    try:
        names.check(settings.release, settings.namespace)
    except KitError as error:
        return refused("naming", error)
    return good("naming", f"release {settings.release} in namespace {settings.namespace}")


def memory(facts: Facts) -> Finding:
    """Enough where the cluster runs on this machine."""
    have = facts.host.memory / GIB
    if facts.host.memory < MEMORY:
        fix = "Use a larger machine; `kitctl up` needs 1 GiB for Airflow and 1 GiB for Kubernetes, tasks come on top"
        return bad("memory", _where(facts), f"{have:.1f} GiB of memory, {MEMORY // GIB} GiB are needed", fix)
    return good("memory", f"{have:.1f} GiB of memory")


def cores(facts: Facts) -> Finding:
    """At least two processors."""
    if facts.host.cores < _CORES:
        return bad(
            "cores", "warning", "One processor; starts will be slow and probes may fail", "Two or more are better"
        )
    return good("cores", f"{facts.host.cores} processors")


def disk(facts: Facts) -> Finding:
    """Enough for images and state, unless they are there already."""
    for folder in _folders(facts):
        if not facts.host.writable(folder):
            return bad("disk", "error", f"{folder} cannot be written to", "Set KITCTL_CACHE to a folder of yours")
        free = facts.host.disk_free(folder)
        if free < DISK:
            level = "warning" if facts.kube else _where(facts)
            fix = "Free some, or set KITCTL_CACHE and KITCTL_STATE to folders on a larger disk"
            return bad("disk", level, f"{free / GIB:.1f} GiB free in {folder}, {DISK // GIB} GiB are needed", fix)
    return good("disk", f"at least {DISK // GIB} GiB free in {' and '.join(map(str, _folders(facts)))}")


def helm(facts: Facts) -> Finding:
    """Helm 3.19 or later; Helm 2 is named as what it is."""
    return _tool("helm", ("version", "--short"), "helm.minimum")


def kubectl(facts: Facts) -> Finding:
    """A kubectl that fits."""
    return _tool("kubectl", ("version", "--client", "-o", "yaml"), "kubernetes.minimum")


def provider(facts: Facts) -> Finding:
    """What the cluster provider asks of this machine: for the built-in node Linux, root and its programs."""
    try:
        asked = clusters.check(facts.provider, facts.settings.cluster)
    except KitError as error:
        return refused("provider", error)
    return good("provider", f"this machine can carry a cluster of {facts.provider}" if asked else facts.provider)


def image_builder(facts: Facts) -> Finding:
    """docker, podman or buildah, to build images with DAGs in them."""
    try:
        found = builder.find().name
    except KitError as error:
        fix = f"{error.fix}. Or run an image that exists: kitctl up --image REF"
        return bad("image-builder", _where(facts), error.message, fix)
    return good("image-builder", f"{found} builds images")


def _where(facts: Facts) -> Level:
    """An existing cluster runs somewhere else, so this machine's size only matters for builds."""
    known = facts.provider in clusters.providers()
    return "warning" if known and not clusters.makes(facts.provider) else "error"


def _folders(facts: Facts) -> list[Path]:
    state = [Path(os.environ.get("KITCTL_STATE") or "/var/lib/kitctl")] if facts.host.root else []
    return [cache_dir(), *state]


def _tool(name: str, arguments: tuple[str, ...], minimum: str) -> Finding:
    found = toolbox.find(name)
    if found:
        text = run([str(found), *arguments], check=False, timeout=20).stdout
        words = ".".join(map(str, toolbox.version(text) or ()))
        return good(f"tool-{name}", f"{name} {words or 'of unknown version'} ({found})")
    other = which(name)
    have = toolbox.version(run([str(other), *arguments], check=False, timeout=20).stdout) if other else None
    what = f"{other} is {name} {'.'.join(map(str, have))}" if have else f"{name} was not found"
    if name == "helm" and have and have[0] < 3:  # noqa: PLR2004
        what += "; Helm 2 with its Tiller is not supported"
    return bad(f"tool-{name}", "error", f"{what}; {pin(minimum)} or later is needed", f"scripts/get-tools {name}")


CHECKS: list[HostCheck] = [naming, system, memory, cores, disk, helm, kubectl, provider, image_builder]
