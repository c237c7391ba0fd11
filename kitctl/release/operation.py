"""One operation on a release: what every step of `up`, `deploy`, `down` and `dags push` needs, in one object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from kitctl.clusters.base import Cluster
from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings, work_dir
from kitctl.release.handle import Release
from kitctl.tools import release_lock
from kitctl.tools.deadline import Deadline
from kitctl.tools.helm.client import Helm
from kitctl.tools.kube.client import Kube

Ask = Callable[[str], bool]
"""Puts a yes-or-no question to the user. Raises KitError `confirmation-needed` where nobody can answer."""


class Steps(Protocol):
    """The progress of an operation: named steps, one at a time. `commands/console/progress.py` shows them."""

    def step(self, name: str) -> AbstractContextManager[None]:
        """Begin a step. It ends with the block, and has failed if an exception leaves the block."""
        ...

    def note(self, line: str) -> None:
        """Show what the step is doing now. A repeated line is shown once."""
        ...


@dataclass
class Operation:
    """What every step needs.

    Attributes:
        settings: The release, and the global options.
        cluster: The cluster that is meant. Nothing is sent to it before `kube` or `helm` is used.
        steps: Shows progress.
        ask: Puts questions to the user.
        deadline: How long the operation may still take.
    """

    settings: Settings
    cluster: Cluster
    steps: Steps
    ask: Ask
    deadline: Deadline

    @property
    def note(self) -> Callable[[str], None]:
        """Take one line about what is done now."""
        return self.steps.note

    @property
    def namespace(self) -> str:
        """Namespace of the release."""
        return self.settings.namespace

    @cached_property
    def kube(self) -> Kube:
        """The Kubernetes API of the cluster; KitError `context-missing` or `cluster-unreachable` without it."""
        return Kube.connect(self.cluster.context(), self.settings.kubeconfig)

    @cached_property
    def helm(self) -> Helm:
        """Helm on the cluster."""
        return Helm(self.cluster.context(), self.settings.kubeconfig)

    @cached_property
    def release(self) -> Release:
        """The release as it runs, looked up when first asked for."""
        return Release(self.settings, self.kube, self.helm)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Change the release while no other kitctl of this machine does.

        What stays of the release, and the files for Helm, are read and written inside: else another one that ends
        meanwhile would be undone, or its files would be used.

        A dry run changes nothing. So it does not wait for another kitctl, and makes no lock file.

        Raises:
            KitError: `release-locked` (code TIMEOUT).
        """
        settings = self.settings
        if settings.dry_run:
            yield
            return
        with (
            release_lock.held(self.kube.context, self.namespace, settings.release, self.note, self.deadline),
            release_lock.folder_held(work_dir(settings), self.note, self.deadline),
        ):
            self.__dict__.pop("release", None)  # looked up before, perhaps
            yield

    def confirm_cluster(self) -> None:
        """Ask before anything is done to a cluster that the kit did not make.

        Raises:
            KitError: `declined`, `confirmation-needed`.
        """
        if self.cluster.made_by_kit or self.settings.dry_run:
            return
        s, context = self.settings, self.cluster.context()
        if not self.ask(f"Install {s.release} into the namespace {s.namespace} of the context {context}?"):
            raise KitError(
                "declined",
                "Nothing was changed",
                cause="The question was answered with no",
                fix="kitctl up --provider node    # creates a cluster for the release",
                code=ExitCode.PREFLIGHT,
            )


def begin(settings: Settings, cluster: Cluster, steps: Steps, ask: Ask) -> Operation:
    """Begin an operation on a cluster: its clock starts now, and nothing is sent to the cluster yet."""
    return Operation(settings, cluster, steps, ask, Deadline(settings.timeout))
