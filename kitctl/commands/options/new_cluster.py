"""The options of `kitctl cluster create`, which `kitctl up` has as well."""

from __future__ import annotations

from dataclasses import dataclass

from kitctl.commands.options import flags
from kitctl.model.options.new_cluster import NewCluster


@dataclass(frozen=True)
class TypedCluster:
    """The options in the order of the help, as they were typed; `NewCluster` says what they mean."""

    kubernetes_version: flags.KubernetesVersion
    driver: flags.Driver
    cpus: flags.Cpus
    memory: flags.Memory
    ports: flags.Ports

    def read(self) -> NewCluster:
        """Return the options of the use case."""
        return NewCluster(**{**vars(self), "ports": tuple(self.ports or ())})
