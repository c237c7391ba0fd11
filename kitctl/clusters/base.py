"""The two protocols of a cluster provider: the provider itself, and one cluster of it.

A provider is a module or package of this folder that has what `Provider` lists. Other code asks it for what it can do
and never for its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kitctl.errors import ExitCode, KitError
from kitctl.model.options.new_cluster import PLAIN, NewCluster

Progress = Callable[[str], None]
"""Takes one short line about the step under way; printed on stderr."""


@dataclass(frozen=True)
class HostNeeds:
    """What a provider's cluster needs of this machine; `kitctl doctor` asks for it.

    Attributes:
        here: Whether the nodes take memory and disk of this machine.
        kernel: Whether they share its kernel, as containers and namespaces do; VMs have their own.
        ports: Ports of this machine that a new cluster listens on, and what for.
        networks: Addresses of nodes and Services that this machine calls: no HTTP proxy leads to them.
        modules: Modules that the kernel must have.
        no_root: Why root cannot create it; "" if root can.
        programs: Programs that it calls, besides kubectl and helm.
    """

    here: bool = True
    kernel: bool = True
    ports: Mapping[int, str] = field(default_factory=dict)
    networks: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    no_root: str = ""
    programs: tuple[str, ...] = ()


class Provider(Protocol):
    """What the module of a provider offers.

    Attributes:
        PREFERENCE: Under "auto" the usable provider with the lowest number is used.
        MAKES_CLUSTERS: Whether it creates and deletes clusters; otherwise it only uses those that a context leads to.
        DEFAULT_NAME: Name of its cluster if `--cluster-name` is not given; "" where it makes none.
        TAKES: Fields of NewCluster that it heeds.
        HINTS: Name of a tool that people give as --provider although no provider has that name → what to do instead.
    """

    PREFERENCE: int
    MAKES_CLUSTERS: bool
    DEFAULT_NAME: str
    TAKES: Set[str]
    HINTS: Mapping[str, str]

    def usable(self) -> bool:
        """Whether "auto" may use it on this machine; cheap, starts nothing."""
        ...

    def check(self, name: str) -> None:
        """Refuse a machine that cannot carry the cluster `name`; changes nothing.

        Raises:
            KitError: with code PREFLIGHT, the first requirement that is not met.
        """
        ...

    def needs(self) -> HostNeeds:
        """Return what its clusters need of this machine; cheap."""
        ...

    def made(self, name: str) -> bool:
        """Whether it made a cluster of this name, running or not; cheap."""
        ...

    def made_with_context(self, context: str) -> str | None:
        """Return the name of the cluster that it made with this kube context, or None; cheap."""
        ...

    def with_context(self, context: str) -> str | None:
        """Return the name of the cluster with this kube context that it can work with, whoever made it; cheap."""
        ...

    def cluster(self, name: str, kubeconfig: Path | None = None) -> Cluster:
        """Return the cluster `name`, whether or not it exists; nothing is started."""
        ...


class Cluster(Protocol):
    """A place that runs Kubernetes.

    Attributes:
        provider: File name of the provider.
        name: The cluster's name; for a cluster that the kit did not make, the name of its kube context.
        made_by_kit: Whether the kit created it, so that `up` needs no confirmation and `down --cluster` may delete it.
        loads_images: Whether `load_image` works; elsewhere nodes pull their images from a registry.
        pulls_images: Whether nodes can pull public images by themselves, so that only images of the user's are loaded.
    """

    provider: str
    name: str
    loads_images: bool
    pulls_images: bool

    @property
    def made_by_kit(self) -> bool:
        """See above."""
        ...

    def exists(self) -> bool:
        """Whether the cluster is there and running (a crashed one counts as not running); cheap.

        One that runs and does not answer in time is there: only a request tells why it does not answer.
        """
        ...

    def create(self, progress: Progress, wanted: NewCluster = PLAIN) -> None:
        """Make the cluster Ready, repair it, or do nothing where it runs. Writes its context to the kubeconfig.

        Args:
            progress: Takes one line per step.
            wanted: What a new cluster gets; its fields are among the provider's TAKES.

        Raises:
            KitError: with code PREFLIGHT where the host cannot carry it.
        """
        ...

    def delete(self, progress: Progress) -> None:
        """Remove the cluster with all it left, and its context from the kubeconfig. Absent is fine."""
        ...

    def load_image(self, reference: str, archive: Path, progress: Progress) -> None:
        """Bring an image (docker-archive file) under `reference` onto every node."""
        ...

    def has_image(self, reference: str) -> bool:
        """Whether the nodes already hold exactly this reference."""
        ...

    def loaded_from(self, reference: str) -> str:
        """Stem of the archive that `load_image` took this reference from; "" where that is not known."""
        ...

    def context(self) -> str:
        """Name of the kube context to pass to helm and kubectl."""
        ...

    def node_port_address(self, port: int) -> str | None:
        """Return "HOST:PORT" under which this machine reaches a NodePort, or None where only a port-forward does."""
        ...


def not_ours(cluster: str, context: str, by_hand: str = "") -> KitError:
    """Make the error of a cluster that is not deleted, because the kit did not make it.

    Args:
        cluster: How texts call it, for example "The kind cluster dev".
        context: Its kube context.
        by_hand: The command of its own tool that deletes it, if there is one.
    """
    fix = f"kitctl down --volumes --context {context}    # removes only the release and its data"
    return KitError(
        "cluster-not-ours",
        f"{cluster} was not made by kitctl, so it is not deleted",
        cause="Others may run more than Airflow in it",
        fix=f"{fix}\n{by_hand}    # if nobody needs the cluster" if by_hand else fix,
        code=ExitCode.USAGE,
    )
