"""`kitctl deploy`: the release on an existing cluster, for CI and real clusters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from kitctl.clusters import choice
from kitctl.model import names
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import Settings
from kitctl.release import inputs, kept, rollout
from kitctl.release.operation import Ask, Operation, Steps, begin
from kitctl.release.scaling import numbers


@dataclass(frozen=True)
class DeployReport:
    """What `deploy` made.

    Attributes:
        release: Helm release.
        namespace: Its namespace.
        context: Kube context.
        image: Airflow image that runs.
        changed: Whether Helm ran.
    """

    release: str
    namespace: str
    context: str
    image: str
    changed: bool


def deploy(settings: Settings, options: UpOptions, steps: Steps, ask: Ask) -> DeployReport | rollout.Would:
    """Deploy on an existing cluster: no cluster is made, no image is built, no smoke run is started.

    1. judge what the user gave, without touching anything; 2. connect, and ask where the cluster is not the kit's;
    3. release. What an earlier `up` chose (its image, its smoke DAG) stays unless the options or values say otherwise.

    Raises:
        KitError: of every step.
    """
    op, wish = prepared(settings, options, steps, ask)
    op.confirm_cluster()
    with op.alone():
        done = redeploy(op, wish)
    if settings.dry_run:
        return rollout.Would.of(done)
    return DeployReport(settings.release, settings.namespace, op.cluster.context(), done.image, done.changed)


def prepared(settings: Settings, options: UpOptions, steps: Steps, ask: Ask) -> tuple[Operation, inputs.Wish]:
    """Judge what the user gave, without touching anything, and connect.

    Raises:
        KitError: of names, options, values and templates, and of a cluster that does not answer.
    """
    with steps.step("Check"):
        names.check(settings.release, settings.namespace)
        op = begin(settings, choice.present(settings), steps, ask)
        wish = inputs.judged(op, options, smoke=False)
    with steps.step("Cluster"):
        op.kube  # noqa: B018 - connects: a cluster that does not answer ends here
    return op, wish


def redeploy(op: Operation, wish: inputs.Wish, below: Mapping[str, Any] | None = None) -> rollout.Deployed:
    """Deploy what is wished, and keep what an earlier `up` chose and the wish does not speak of; within `op.alone`.

    Args:
        op: The operation.
        wish: What the user asks for.
        below: Values that the user's own win over: those of the running release, where a push keeps them.
    """
    with given_to_helm(op, wish, below) as given:
        return rollout.deploy(op, given)


@contextmanager
def given_to_helm(op: Operation, wish: inputs.Wish, below: Mapping[str, Any] | None = None) -> Iterator[inputs.Inputs]:
    """Write what Helm would get for `redeploy`, which has the same arguments; a dry run's files go again."""
    before = kept.read(op)
    if below is None:
        wish, below = kept.mode(op, wish, before)
    chosen = before.images(wish.user)
    if wish.options.image:
        chosen = replace(chosen, reference=wish.options.image, special="")
    keeping = numbers.keep(op, before, wish.user)
    with inputs.scratch(op.settings) as folder:
        yield inputs.write(
            wish,
            chosen,
            smoke=before.smoke,
            folder=folder,
            below=below,
            node_port=before.node_port,
            sets=keeping,
        )
