"""What a release was made with: it stays until a flag or the user's values change it, and a change is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kitctl.errors import KitError
from kitctl.model.image_choice import Choice
from kitctl.model.image_ref import full, made_from_content
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import work_dir
from kitctl.model.values.user import UserValues
from kitctl.release import image_origin
from kitctl.release.handle import setting
from kitctl.release.operation import Operation
from kitctl.tools.builders import builder
from kitctl.tools.helm.records import records
from kitctl.tools.kube.rights import unless_forbidden


@dataclass(frozen=True)
class Kept:
    """What an earlier `up` or `deploy` chose.

    Attributes:
        config: Values of the newest finished record of the release; {} where there is none.
    """

    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def smoke(self) -> bool:
        """Whether the release has the smoke DAG."""
        return bool(setting(self.config, "smoke", "enabled"))

    @property
    def node_port(self) -> int | None:
        """NodePort of the UI, or None where the release has none."""
        port = setting(self.config, "apiServer", "service", "nodePort")
        return port if isinstance(port, int) else None

    def images(self, user: UserValues) -> Choice:
        """Return the images that were chosen, as far as the user's values do not name another one."""
        image = setting(self.config, "image") or {}
        kept = Choice(revision=image.get("revision") or "")
        if not image.get("repository") or user.mention("image"):
            return kept
        tag = f":{image['tag']}" if image.get("tag") else ""
        digest = f"@{image['digest']}" if image.get("digest") else ""
        return replace(
            kept,
            reference=image["repository"] + tag + digest,
            airflow_version=self.config.get("airflowVersion"),
            special=setting(self.config, "dags", "specialImage") or "",
        )


def read(op: Operation) -> Kept:
    """Read what the newest finished record of the release says; who may not read it keeps nothing."""
    # Preflight reports this missing right, and all others, in one Role.
    found = unless_forbidden(lambda: records(op.kube, op.namespace, op.settings.release), [])
    known = [r for r in found if r.is_kit and not r.pending]
    return Kept(known[-1].config if known else {})


def options(op: Operation, typed: UpOptions, kept: Kept) -> UpOptions:
    """Complete the flags of `up` with what the running image was built from, and tell what is kept.

    With --dags alone, its requirements and its base stay.
    """
    if op.cluster.made_by_kit and typed.dags and not typed.requirements and not typed.image and kept.config:
        return _layer(op, typed)
    return typed


def _layer(op: Operation, typed: UpOptions) -> UpOptions:
    try:
        running = image_origin.running(op.release)
        known = image_origin.origin(builder.find(typed.builder or ""), running, op.note)
    except KitError as error:
        op.note(f"Warning: the packages of the running image are not kept: {error.message}")
        return typed
    kept = []
    if known.requirements.strip():
        path = image_origin.recorded(work_dir(op.settings.release), known)
        typed = replace(typed, requirements=path)
        kept.append("the requirements (--requirements changes them)")
    if not made_from_content(known.base) or known.base == full(running):
        typed = replace(typed, image=known.base)
        kept.append(f"the base image {known.base} (--image changes it)")
    if kept:
        op.note(f"keeping what the running image was built from: {' and '.join(kept)}")
    return typed
