"""What the checks look at. Everything is looked up once, by the first check that asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from kitctl import clusters
from kitctl.errors import KitError
from kitctl.model.options.purpose import Purpose
from kitctl.model.settings import Settings
from kitctl.tools import release_lock
from kitctl.tools.deadline import Deadline, endless
from kitctl.tools.helm.records import Record, records
from kitctl.tools.host import Host
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.rights import unless_forbidden
from kitctl.usecases.doctor.place import Place, look
from kitctl.usecases.doctor.wanted import Wanted, wanted

if TYPE_CHECKING:
    from kitctl.clusters.base import HostNeeds
    from kitctl.release.handle import Release

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - used as cached_property is
    """A property that is made once. Several checks may ask at the same time; an error is remembered, too."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make, self.__doc__ = make, make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, facts: None, owner: type) -> once[T]: ...
    @overload
    def __get__(self, facts: Facts, owner: type) -> T: ...
    def __get__(self, facts: Facts | None, owner: type) -> once[T] | T:
        if facts is None:
            return self
        with facts.lock_of(self._name):
            if self._name not in facts.seen:
                try:
                    facts.seen[self._name] = partial(_return, self._make(facts))
                except KitError as error:
                    facts.seen[self._name] = partial(_raise, error)
        return facts.seen[self._name]()  # type: ignore[no-any-return]


def _return(value: T) -> T:
    return value


def _raise(error: KitError) -> None:
    raise error


class StopError(Exception):
    """A check cannot look, as another one reports already."""


@dataclass
class Facts:
    """What the checks look at.

    Attributes:
        given: Options.
        purpose: What is checked for.
        host: This machine.
        seen: What was looked up already.
        stopped: Set when nobody waits any more: waits of the checks then end at once, and their pods are removed.
    """

    given: Settings
    purpose: Purpose = Purpose.UP
    host: Host = field(default_factory=Host)
    seen: dict[str, Callable[[], Any]] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Make the locks."""
        self._locks: dict[str, threading.RLock] = {}
        self._stack = ExitStack()

    def lock_of(self, name: str) -> threading.RLock:
        """Return the lock of one property."""
        return self._locks.setdefault(name, threading.RLock())

    @once
    def place(self) -> Place:
        """The cluster; one that does not answer is a fact, and no error."""
        return look(self.given)

    @property
    def known_place(self) -> Place | None:
        """The cluster if it was looked up already, without waiting for it."""
        return self.seen["place"]() if "place" in self.seen else None

    @property
    def provider(self) -> str:
        """Name of the cluster provider."""
        return self.place.provider

    @once
    def settings(self) -> Settings:
        """The options; a context may belong to a cluster of the kit with another name than --cluster-name."""
        place = self.place
        return replace(self.given, cluster=place.cluster.name) if place.ours and place.cluster else self.given

    @once
    def needs(self) -> HostNeeds:
        """What the provider's cluster needs of this machine."""
        return clusters.needs(self.provider)

    @property
    def kube(self) -> Kube:
        """The cluster's API.

        Raises:
            StopError: where no cluster answers.
        """
        if self.place.kube is None:
            raise StopError("No cluster answers")
        return self.place.kube

    @once
    def records(self) -> list[Record]:
        """Helm's records of the release, oldest first."""
        return records(self.kube, self.given.namespace, self.given.release)

    @property
    def record(self) -> Record | None:
        """Helm's newest record of the release."""
        return self.records[-1] if self.records else None

    @once
    def wanted(self) -> Wanted:
        """The release that is meant: that of -f and --set if given, else the one that runs, else the defaults."""
        # Who may not read Helm's records is told by the check of the rights.
        record = unless_forbidden(lambda: self.record, None) if self.place.kube else None
        return wanted(self.settings, self.place, record, self.deadline(self.settings.timeout))

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The objects of the release that is meant.

        Raises:
            StopError: where the values cannot be rendered.
        """
        return self._rendered().objects

    @property
    def config(self) -> dict[str, Any]:
        """The values of that release, without the chart's defaults; errors as of `objects`."""
        return self._rendered().config

    def _rendered(self) -> Wanted:
        try:
            return self.wanted
        except KitError as error:
            raise StopError("The release cannot be rendered; see the check values") from error

    @once
    def namespace_exists(self) -> bool:
        """Whether the namespace of the release is there."""
        return self.kube.namespace(self.given.namespace) is not None

    @once
    def release(self) -> Release:
        """A handle on the release that runs."""
        from kitctl.release.handle import Release  # noqa: PLC0415 - the name of this property
        from kitctl.tools.helm.client import Helm  # noqa: PLC0415

        return Release(self.settings, self.kube, Helm(self.kube.context, self.settings.kubeconfig))

    @once
    def runs(self) -> bool:
        """Whether a release of the kit runs."""
        return bool(self.kube.workloads(self.given.namespace, self.given.release))

    @once
    def pods_allowed(self) -> None:
        """Raise StopError where no pod may be made that asks from inside.

        `deploy` makes pods of the same names: the lock of the release keeps both apart.
        """
        if self.given.dry_run:
            raise StopError("--dry-run makes no pods")
        if not self.namespace_exists:
            raise StopError(f"The namespace {self.given.namespace} does not exist yet; up asks once it has made it")
        where, name = self.given.namespace, self.given.release
        self._stack.enter_context(release_lock.held(self.kube.context, where, name, lambda _: None, self.deadline(1.0)))

    @property
    def pods_were_allowed(self) -> bool:
        """Whether a check may have made pods, without waiting for the cluster."""
        return "pods_allowed" in self.seen

    def deadline(self, seconds: float) -> Deadline:
        """Return a deadline for a check; it is over as soon as nobody waits any more."""
        clock = endless()
        return Deadline(
            seconds,
            lambda: float("inf") if self.stopped.is_set() else clock.now(),
            self._pause,
        )

    def _pause(self, seconds: float) -> None:
        self.stopped.wait(seconds)

    def close(self) -> None:
        """Let the lock of the release go."""
        self._stack.close()
