"""The options that `kitctl up` and `kitctl deploy` share."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from kitctl.commands.options import flags
from kitctl.commands.options.new_cluster import TypedCluster

if TYPE_CHECKING:
    from kitctl.model.options.up import UpOptions


NEW_CLUSTER = frozenset(field.name for field in fields(TypedCluster))
"""Those of the options that only a command has which may create a cluster."""


@dataclass(frozen=True)
class Typed:
    """The options of `up` in the order of its help, as they were typed; `with_options` makes options of the fields.

    `UpOptions` and `NewCluster` have the same fields and say what they mean.
    """

    dag_mode: flags.DagMode
    dags: flags.Dags
    requirements: flags.Requirements
    image: flags.Image
    check_image: flags.CheckImage
    git_repo: flags.GitRepo
    git_ref: flags.GitRef
    git_sub_path: flags.GitSubPath
    git_secret: flags.GitSecret
    git_auth: flags.GitAuth
    check_repo: flags.CheckRepo
    check_database: flags.CheckDatabase
    check_logs: flags.CheckLogs
    check_broker: flags.CheckBroker
    rollback_on_failure: flags.RollbackOnFailure
    template_dir: flags.TemplateDir
    smoke: flags.Smoke
    node_port: flags.NodePort
    builder: flags.Builder
    ca_bundle: flags.CaBundle
    kubernetes_version: flags.KubernetesVersion
    driver: flags.Driver
    cpus: flags.Cpus
    memory: flags.Memory
    ports: flags.Ports

    def read(self) -> UpOptions:
        """Return the options of the use case.

        Raises:
            KitError: `dag-mode-unknown`.
        """
        # pydantic is slow to import, and --help needs none of it
        from kitctl.model.options import overlay  # noqa: PLC0415
        from kitctl.model.options.up import UpOptions  # noqa: PLC0415

        typed = dict(vars(self))
        cluster = TypedCluster(**{name: typed.pop(name) for name in NEW_CLUSTER})
        return UpOptions(
            **{**typed, "dag_mode": overlay.dag_mode(self.dag_mode), "new_cluster": cluster.read()},
        )
