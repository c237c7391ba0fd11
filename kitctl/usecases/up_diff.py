"""`kitctl up --diff`: what `up` would do to each object, to pods and to volumes. Nothing is changed."""

from __future__ import annotations

from dataclasses import replace

from kitctl import clusters
from kitctl.clusters.base import Cluster
from kitctl.errors import ExitCode, KitError
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import Settings
from kitctl.release import kept
from kitctl.release.operation import Ask, Steps
from kitctl.usecases import deploy_diff, up


def diff(settings: Settings, options: UpOptions, steps: Steps, ask: Ask) -> deploy_diff.DeployDiff:
    """Compare what runs with what `up` with these options would write. No image is built; its name tells its content.

    Raises:
        KitError: as `up` up to its preflight; `cluster-not-answering`, `release-not-ours`.
    """
    op, wish = up.prepared(replace(settings, dry_run=True), options, steps, ask, look_at_machine=False)
    if op.cluster.made_by_kit and not op.cluster.exists():
        _must_be_new(op.cluster)
        with up.given_to_helm(op, wish, kept.Kept()) as given, steps.step("Compare"):
            return deploy_diff.first_install(op, given)
    with steps.step("Cluster"):
        op.kube  # noqa: B018 - connects: a cluster that does not answer ends here
    with up.given_to_helm(op, wish, kept.read(op)) as given, steps.step("Compare"):
        return deploy_diff.compared(op, given)


def _must_be_new(cluster: Cluster) -> None:
    """Refuse to compare with a cluster that stopped: what it holds cannot be read.

    Raises:
        KitError: `cluster-not-answering`.
    """
    if clusters.made(cluster.provider, cluster.name):
        raise KitError(
            "cluster-not-answering",
            f"The cluster {cluster.name} does not run",
            cause="What the release in it looks like can only be read while the cluster runs",
            fix="kitctl cluster create    # starts it again, with its data",
            code=ExitCode.UNREACHABLE,
        )
