"""The options of a cluster that is still to be created."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class NewCluster:
    """What a new cluster gets. None, or nothing, leaves it to the provider; a cluster that exists stays as it is.

    Attributes:
        kubernetes_version: For example "v1.34.4", with or without the v.
        driver: What minikube runs its nodes with, for example "docker" or "kvm2".
        cpus: Processors of each node, for example "4".
        memory: Memory of each node in minikube's spelling, for example "6g".
        ports: Ports of this machine that lead to a NodePort, each as "HOST:NODE".
    """

    kubernetes_version: str | None = None
    driver: str | None = None
    cpus: str | None = None
    memory: str | None = None
    ports: tuple[str, ...] = ()

    def given(self) -> list[str]:
        """Return the names of the fields that are set."""
        return [field.name for field in fields(self) if getattr(self, field.name)]

    @property
    def version(self) -> str:
        """The version of Kubernetes with its v, "" if none was asked for; words such as "stable" stay."""
        wanted = self.kubernetes_version or ""
        return f"v{wanted}" if wanted[:1].isdigit() else wanted


PLAIN = NewCluster()
"""All as the provider has it."""
