"""Options become values: two small documents around the user's own files, and nothing else is ever merged here.

Helm reads them in the order `profile`, the user's -f files, `flags`, --set. So the user's files win over what the kit
chose for this cluster, and a flag that was typed wins over the files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.image_choice import Choice
from kitctl.model.options.dag_flags import dags_values
from kitctl.model.options.up import UpOptions
from kitctl.model.values.dags import DAG_MODE_ALIASES, DagMode, nearest_mode


@dataclass(frozen=True)
class Overlay:
    """Values below (`profile`) and above (`flags`) the user's own files."""

    profile: dict[str, Any] = field(default_factory=dict)
    flags: dict[str, Any] = field(default_factory=dict)


def dag_mode(text: str | None) -> DagMode | None:
    """Read a DAG mode or one of its names of old.

    Raises:
        KitError: `dag-mode-unknown`.
    """
    if not text:
        return None
    if text in DAG_MODE_ALIASES:
        return DAG_MODE_ALIASES[text]
    try:
        return DagMode(text)
    except ValueError as exc:
        raise mode_unknown(text) from exc


def mode_unknown(text: str) -> KitError:
    """Return the error of a word that is no DAG mode, with the mode that is nearest as its fix."""
    near = nearest_mode(text) or DagMode.IMAGE
    known = ", ".join(DagMode)
    old = ", ".join(f"{name} ({mode})" for name, mode in DAG_MODE_ALIASES.items())
    return KitError(
        "dag-mode-unknown",
        f"There is no DAG mode {text!r}",
        cause=f"The modes are {known}; --dag-mode also takes the older names {old}",
        fix=f"--dag-mode {near}    # in the values: dags: {{mode: {near}}}",
        code=ExitCode.USAGE,
    )


def split_reference(reference: str) -> dict[str, str]:
    """Split an image reference into the chart's repository, tag and digest.

    Args:
        reference: For example "registry.example.com:5000/team/airflow:1.2" or "…@sha256:…".
    """
    name, _, digest = reference.partition("@")
    head, _, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return {"repository": f"{head}/{last}" if head else last, "tag": tag, "digest": digest}


def overlay(
    options: UpOptions,
    *,
    mode: DagMode,
    bundles: Sequence[Mapping[str, Any]] = (),
    made_by_kit: bool,
    node_port: int,
    chosen: Choice,
    smoke: bool,
) -> Overlay:
    """Turn options into values.

    Args:
        options: The flags.
        mode: How DAGs arrive, by flag or values: it chooses the section of the repository's flags.
        bundles: Mode bundle: the items that the user's values name, since Helm replaces lists as a whole.
        made_by_kit: Whether the kit made the cluster: only there the UI gets a fixed NodePort, and requests are small.
        node_port: That port.
        chosen: The images to run, which the kit built or --image names.
        smoke: Bring the smoke DAG.

    Raises:
        KitError: `git-flags-unused`, `git-flags-ambiguous`.
    """
    # kitctl makes the keys before Helm runs, so the chart's Job for them would only cost a pod.
    profile: dict[str, Any] = {"keys": {"bootstrap": {"enabled": False}}, "smoke": {"enabled": smoke}}
    if made_by_kit:
        profile |= _small()
        profile["apiServer"] |= {"service": {"type": "NodePort", "nodePort": node_port}}
    if chosen.airflow_version:
        profile["airflowVersion"] = chosen.airflow_version
    if chosen.special:
        profile["dags"] = {"specialImage": chosen.special}
    flags: dict[str, Any] = {}
    if chosen.reference:
        # With --image the user's word stands behind it, even when the kit has built a layer on top.
        (flags if options.image else profile)["image"] = split_reference(chosen.reference)
    if chosen.revision:
        profile["image"] = {**profile.get("image", {}), "revision": chosen.revision}
    if options.node_port is not None:
        flags["apiServer"] = {"service": {"type": "NodePort", "nodePort": options.node_port}}
    if dags := dags_values(options, mode, bundles):
        flags["dags"] = dags
    return Overlay(profile, flags)


_SMALL_CPU = {
    "apiServer": "300m",
    "scheduler": "100m",
    "dagProcessor": "50m",
    "triggerer": "50m",
    "postgres": "100m",
    "pgbouncer": "25m",
    "migrations": "50m",
    "workers": "75m",
    "workers.celery": "100m",
    "broker.redis": "25m",
    "broker.rabbitmq": "50m",
    "flower": "25m",
}
"""CPU requests on clusters that the kit made, which are small. Requests are also shares: with 50m for each worker,
thirty started at once on two cores, and the API server answered 500 (ADR 0017)."""


def _small() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part, cpu in _SMALL_CPU.items():
        place = found
        for name in part.split("."):
            place = place.setdefault(name, {})
        place["resources"] = {"requests": {"cpu": cpu}}
    return found
