"""Options become values: two small documents around the user's own files, and nothing else is ever merged here.

Helm reads them in the order `profile`, the user's -f files, `flags`, --set. So the user's files win over what the kit
chose for this cluster, and a flag that was typed wins over the files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.image_choice import Choice
from kitctl.model.options.dag_flags import dags_values
from kitctl.model.values.dags import DAG_MODE_ALIASES, DagMode, nearest_mode


@dataclass(frozen=True)
class UpOptions:
    """What `kitctl up` and `kitctl deploy` take beside the global options.

    Attributes:
        dag_mode: How DAGs arrive; None leaves it to the values.
        dags: Folder of DAGs.
        requirements: Python requirements of the DAGs.
        image: Airflow image to use as it is, instead of building one.
        git_repo: Repository of the modes git and bundle.
        git_ref: Branch, tag or commit.
        git_sub_path: Folder of the DAGs in the repository.
        git_secret: Secret with the credentials of the repository.
        git_auth: Which credentials that Secret holds.
        check_image: Judge an image of the user's by its tag, and look into it from inside the cluster.
        check_repo: Ask the repository from inside the cluster before the release changes.
        template_dir: Folder with the user's own Jinja templates.
        smoke: Run the smoke DAG the first time.
        node_port: NodePort of the UI on clusters that the kit made; None means the kit's default there.
        builder: Image builder to use; None means whichever answers.
        ca_bundle: CA certificates for the image builds of networks with a CA of their own.
    """

    dag_mode: DagMode | None = None
    dags: Path | None = None
    requirements: Path | None = None
    image: str | None = None
    git_repo: str | None = None
    git_ref: str | None = None
    git_sub_path: str | None = None
    git_secret: str | None = None
    git_auth: str | None = None
    check_image: bool = True
    check_repo: bool = True
    template_dir: Path | None = None
    smoke: bool = True
    node_port: int | None = None
    builder: str | None = None
    ca_bundle: Path | None = None


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


def mentions(key: str, documents: list[Mapping[str, Any]], sets: tuple[str, ...]) -> bool:
    """Whether the user's own values say something about a top-level key.

    Args:
        key: For example "image".
        documents: Their values files, parsed.
        sets: Their --set pairs.
    """
    pairs = [part.strip() for text in sets for part in text.split(",")]
    in_sets = any(pair.startswith((f"{key}.", f"{key}=", f"{key}[")) for pair in pairs)
    return in_sets or any(document.get(key) for document in documents)


_SMALL_CPU = {
    "apiServer": "100m",
    "scheduler": "100m",
    "dagProcessor": "50m",
    "triggerer": "50m",
    "postgres": "50m",
    "migrations": "50m",
    "workers": "50m",
}
"""CPU requests on clusters that the kit made. With the chart's own, two cores hold one release and eight task pods."""


def _small() -> dict[str, Any]:
    return {part: {"resources": {"requests": {"cpu": cpu}}} for part, cpu in _SMALL_CPU.items()}
