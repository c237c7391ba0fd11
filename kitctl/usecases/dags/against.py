"""What `kitctl dags check` learns from the release: the image that runs the DAGs, and its values."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kitctl.errors import KitError
from kitctl.images import dag_import
from kitctl.images.dag_import import CheckOptions, Progress
from kitctl.model.image_ref import full
from kitctl.model.settings import Settings
from kitctl.model.user_values import UserValues
from kitctl.release import image_origin, values
from kitctl.release.handle import attach
from kitctl.render.pod_override import STAND_IN
from kitctl.tools.builders import builder
from kitctl.usecases.render import show

_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Running:
    """What runs.

    Attributes:
        image: Image of the dag-processor; "" where nobody could tell.
        values: The release's values, defaults included; {} where Helm does not know them.
        why: Why nobody could tell, in words for people.
    """

    image: str = ""
    values: Mapping[str, Any] | None = None
    why: str = ""


def against(
    settings: Settings,
    tell: Progress,
    *,
    reference: str,
    requirements: Path | None,
    executors: str,
    import_files: bool = True,
    jobs: int = 0,
) -> CheckOptions:
    """Choose what to check against: flags, then the user's values, then the release, then the kit's defaults.

    The release is asked only where an image is needed and none is named. A cluster that does not answer, or an image
    that this machine cannot get, is told and does not fail the check.

    Args:
        settings: Which release, and the user's values.
        tell: Takes a line about the image that was chosen, and why.
        reference: Image named by a flag, or "".
        requirements: Requirements file, or None.
        executors: Comma-separated names given by a flag, or "".
        import_files: Whether to import in the image.
        jobs: Files at a time; 0 means one per core.
    """

    def options(user: UserValues, image: str) -> CheckOptions:
        return dag_import.against(
            user,
            reference=image,
            requirements=requirements,
            import_files=import_files,
            executors=executors,
            jobs=jobs,
        )

    given = options(values.read(settings), reference)
    if not import_files:
        return given
    given = replace(given, pods=_pods(settings, tell))
    if given.image:
        return given
    found = ask(settings)
    if found.why:
        tell(f"check: no release was asked ({found.why}); taking the kit's own Airflow image")
        return given
    # Its image is the one that runs, whatever the values name.
    own = {key: value for key, value in (found.values or {}).items() if key != "image"}
    both = values.read(settings, below=own)
    pods = _pods(settings, tell, own)
    if not image_origin.here(builder.find(), full(found.image)):
        tell(
            f"check: the release runs {found.image}, which this machine cannot get; taking the kit's own Airflow image"
        )
        return replace(options(both, ""), pods=pods)
    tell(f"check: taking {found.image}, which the release {settings.release} runs")
    return replace(options(both, found.image), pods=pods)


def _pods(settings: Settings, tell: Progress, below: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Return the worker pod templates that the pods of tasks are made of.

    Args:
        settings: The user's values.
        tell: Takes a line where they are not those of the release.
        below: Values of the release, which the user's own win over.

    Raises:
        KitError: what Helm and the chart say of the user's own values.
    """
    try:
        return show.pods(settings, below=below)
    except KitError as error:
        if error.id == "tool-missing":
            tell(f"check: {error.message}, so what tasks ask of their pods is judged without the release's template")
            return {"default": STAND_IN}
        if not below:
            raise
        # An older chart may have had other keys; that is no fault of the DAGs.
        tell(f"check: the values of the release do not fit this chart ({error.message}); taking its own pod template")
        return show.pods(settings)


def ask(settings: Settings, seconds: float = _PATIENCE_SECONDS) -> Running:
    """Ask the cluster what the release runs; it never fails, and takes no longer than some seconds.

    Args:
        settings: Which release.
        seconds: How long it may take: a login plugin or a firewall that drops packets would take minutes.
    """
    answer = [Running(why=f"the cluster did not answer within {seconds:.0f} s")]

    def look() -> None:
        try:
            release = attach(settings)
            answer[0] = Running(image_origin.running(release), release.values)
        except KitError as error:
            answer[0] = Running(why=error.message)

    # A daemon, so that a call that hangs does not keep the process.
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(seconds)
    return answer[0]
