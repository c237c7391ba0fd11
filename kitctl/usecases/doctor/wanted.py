"""The release that `doctor` judges: its values and objects."""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kitctl.model.image_choice import Choice
from kitctl.model.options.up import UpOptions
from kitctl.release import inputs
from kitctl.release.operation import Operation
from kitctl.tools.helm.client import Helm, documents
from kitctl.tools.helm.sources import Sources
from kitctl.tools.kube.rights import unless_forbidden
from kitctl.usecases.deploy import given_to_helm

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from kitctl.model.settings import Settings
    from kitctl.tools.deadline import Deadline
    from kitctl.tools.helm.records import Record
    from kitctl.usecases.doctor.place import Place


@dataclass(frozen=True)
class Wanted:
    """A release.

    Attributes:
        config: Its values as Helm merged them, without the chart's defaults.
        objects: Its objects.
        runs: Whether these are the values and objects of the release that runs.
        words: How messages call the values.
    """

    config: dict[str, Any] = field(default_factory=dict)
    objects: list[dict[str, Any]] = field(default_factory=list)
    runs: bool = False
    words: str = "the given values"


class _Quiet:
    """Progress that nobody sees."""

    def step(self, name: str) -> AbstractContextManager[None]:
        return nullcontext()

    def note(self, line: str) -> None:
        """Drop the line."""


def wanted(settings: Settings, place: Place, record: Record | None, deadline: Deadline) -> Wanted:
    """Return the release of -f and --set if given, else the one that runs, else that of the chart's defaults.

    Args:
        settings: Which release, and the user's values.
        place: The cluster.
        record: Helm's newest record of the release.
        deadline: Ends what asks the cluster.

    Raises:
        KitError: of the values, and of the chart's own rules.
    """
    kube, cluster = place.kube, place.cluster
    sources = Sources.of(settings)
    given_any = sources.files or sources.any_set
    words = "the given values" if given_any else "the default values"
    if record and record.is_kit and not given_any:
        return Wanted(record.config, documents(record.manifest), True, "the values of the running release")
    if cluster is None:
        raise place.trouble or AssertionError("without a cluster there is trouble")
    # As in a dry run nothing is written to the current folder.
    op = Operation(replace(settings, dry_run=True), cluster, _Quiet(), lambda _: False, deadline)
    wish = inputs.judged(op, UpOptions(), smoke=False)
    if kube is None:
        return replace(_without_cluster(wish), words=words)
    op.kube = kube
    with given_to_helm(op, wish) as given:
        chart, sources = given.chart, given.sources
        plan = unless_forbidden(lambda: op.helm.plan(chart, settings.release, settings.namespace, sources), None)
    return replace(Wanted(plan.config, plan.objects()) if plan else _without_cluster(wish), words=words)


def _without_cluster(wish: inputs.Wish) -> Wanted:
    s = wish.settings
    with tempfile.TemporaryDirectory(prefix="kitctl-doctor-") as folder:
        given = inputs.write(wish, Choice(wish.options.image), smoke=False, folder=Path(folder))
        text = Helm().template(given.chart, s.release, s.namespace, given.sources)
        return Wanted(Helm().merge(given.sources), documents(text))
