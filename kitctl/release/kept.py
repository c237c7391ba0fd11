"""What a release was made with: it stays until a flag or the user's values change it, and a change is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.image_choice import Choice
from kitctl.model.image_ref import BUNDLED, BUNDLED_MORE, DAGS, chosen_by_kit, full, made_from_content
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import work_dir
from kitctl.model.user_values import UserValues
from kitctl.model.values.dags import DagMode
from kitctl.release import image_origin, inputs, values
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

    def stays(self, typed: UpOptions, user: UserValues) -> Choice | None:
        """Return the image of the release if somebody asked for it, and no flag or value asks for another one."""
        asked = typed.dags or typed.requirements or typed.image or user.find("airflowVersion")
        chosen = self.images(user)
        if asked or not chosen.reference or chosen_by_kit(full(chosen.reference)):
            return None
        return chosen

    def dag_mode(self, typed: UpOptions, user: UserValues) -> dict[str, Any]:
        """Return the values of the DAG mode, {} if the chart's default or another one is asked for."""
        mode = setting(self.config, "dags", "mode")
        if typed.dag_mode or typed.dags or user.find("dags", "mode") or mode in {None, DagMode.IMAGE.value}:
            return {}
        section = setting(self.config, "dags", str(mode))
        return {"dags": {"mode": mode, **({str(mode): section} if section else {})}}

    @property
    def own_dags(self) -> bool:
        """Whether the image holds DAGs or packages of the user's, and not the kit's own examples."""
        image = setting(self.config, "image") or {}
        return image.get("repository") == DAGS and not str(image.get("tag") or "").startswith(BUNDLED)


def read(op: Operation) -> Kept:
    """Read what the newest finished record of the release says; who may not read it keeps nothing."""
    # Preflight reports this missing right, and all others, in one Role.
    found = unless_forbidden(lambda: records(op.kube, op.namespace, op.settings.release), [])
    known = [r for r in found if r.is_kit and not r.pending]
    return Kept(known[-1].config if known else {})


def mode(op: Operation, wanted: inputs.Wish, kept: Kept) -> tuple[inputs.Wish, dict[str, Any]]:
    """Let the DAG mode of the release and its repository stay, and tell it.

    Returns:
        What the user asks for in that mode, and the values to put below theirs.

    Raises:
        KitError: as `inputs.judge`.
    """
    below = kept.dag_mode(wanted.options, wanted.user)
    if not below:
        return wanted, {}
    op.note(f"keeping the DAG mode {below['dags']['mode']} (--dag-mode changes it)")
    user = values.read(op.settings, below=below)
    wanted = inputs.wish(op.settings, wanted.options, user, made_by_kit=wanted.made_by_kit)
    inputs.judge(wanted, smoke=kept.smoke, below=below)
    return wanted, below


def options(op: Operation, typed: UpOptions, kept: Kept, user: UserValues) -> UpOptions:
    """Complete the flags of `up` with what the running image was built from, and tell what is kept.

    With new DAGs, or newer ones of the kit's, its requirements stay, and its base also with new requirements.

    Raises:
        KitError: `dags-not-named`.
    """
    if not op.cluster.loads_images or typed.image or not kept.config:
        return typed
    asked = bool(typed.dags or (typed.requirements and not user.mention("image")))
    if asked and not typed.dags:
        _refuse_to_drop_dags(kept, user)
    reference = kept.images(user).reference or ""
    bundled = reference.startswith(f"{DAGS}:{BUNDLED_MORE}") and user.mode is DagMode.IMAGE
    if not asked and not bundled:
        return typed
    try:
        return _layer(op, typed)
    except KitError as error:
        if asked:
            op.note(f"Warning: what the running image was built from is not kept: {error.message}")
        return typed


def _refuse_to_drop_dags(kept: Kept, user: UserValues) -> None:
    """Refuse requirements alone where the image would get the examples in place of the user's DAGs.

    Raises:
        KitError: `dags-not-named`.
    """
    if user.mode is DagMode.IMAGE and kept.own_dags:
        raise KitError(
            "dags-not-named",
            "--requirements alone would replace the DAGs of the release with the examples",
            cause="The DAGs are in the image, and an image with other packages is built from the folder with the DAGs",
            fix="kitctl up --dags PATH --requirements FILE\n"
            "or, if they are in an image of yours: kitctl up --image BASE --requirements FILE",
            code=ExitCode.PREFLIGHT,
        )


def _layer(op: Operation, typed: UpOptions) -> UpOptions:
    running = image_origin.running(op.release)
    if chosen_by_kit(full(running)):
        return typed
    keep = typed.requirements is None
    known = image_origin.origin(builder.find(typed.builder or ""), running, op.note, keep=keep)
    kept = []
    if keep and known.requirements.strip():
        path = image_origin.recorded(work_dir(op.settings), known)
        typed = replace(typed, requirements=path)
        kept.append("the requirements (--requirements changes them)")
    # The kit's own Airflow is built anew: that of a newer kit is a newer one.
    if not made_from_content(known.base) or known.base == full(running):
        typed = replace(typed, image=known.base)
        kept.append(f"the base image {known.base} (--image changes it)")
    if kept:
        op.note(f"keeping what the running image was built from: {' and '.join(kept)}")
    return typed
