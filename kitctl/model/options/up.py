"""The options of `kitctl up` and `kitctl deploy`, beside the global ones."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kitctl.model.options.new_cluster import PLAIN, NewCluster
from kitctl.model.values.dags import DagMode


@dataclass(frozen=True)
class UpOptions:
    """What `kitctl up` and `kitctl deploy` take beside the global options.

    Attributes:
        dag_mode: How DAGs arrive; None leaves it to the values.
        dags: Folder of DAGs.
        requirements: Python requirements of the DAGs.
        image: Airflow image to use as it is, instead of building one.
        git_repo: Repository of the modes git and bundle.
        git_ref: Branch, tag or commit.
        git_sub_path: Folder of the DAGs in the repository.
        git_secret: Secret with the credentials of the repository.
        git_auth: Which credentials that Secret holds.
        check_image: Judge an image of the user's by its tag, and look into it from inside the cluster.
        check_repo: Ask the repository from inside the cluster before the release changes.
        check_database: Ask an external database from inside the cluster before the release changes.
        check_logs: Write to the store of the task logs from inside the cluster before the release changes.
        check_broker: Ask an external broker from inside the cluster before the release changes.
        rollback_on_failure: Go back to the revision before if the new one does not become ready.
        template_dir: Folder with the user's own Jinja templates.
        smoke: Run the smoke DAG the first time.
        node_port: NodePort of the UI on clusters that the kit made; None means the kit's default there.
        builder: Image builder to use; None means whichever answers.
        ca_bundle: CA certificates for the image builds of networks with a CA of their own.
        new_cluster: What the cluster gets, if `up` has to create it.
    """

    dag_mode: DagMode | None = None
    dags: Path | None = None
    requirements: Path | None = None
    image: str | None = None
    git_repo: str | None = None
    git_ref: str | None = None
    git_sub_path: str | None = None
    git_secret: str | None = None
    git_auth: str | None = None
    check_image: bool = True
    check_repo: bool = True
    check_database: bool = True
    check_logs: bool = True
    check_broker: bool = True
    rollback_on_failure: bool = False
    template_dir: Path | None = None
    smoke: bool = True
    node_port: int | None = None
    builder: str | None = None
    ca_bundle: Path | None = None
    new_cluster: NewCluster = PLAIN

    def fitting(self, mode: DagMode, from_project: Set[str]) -> UpOptions:
        """Return the options without those of the project file that the DAG mode does not use.

        A project names its DAG folder for `dags check` as well, and its repository for another environment. What was
        typed stays, and is refused.

        Args:
            mode: How DAGs arrive.
            from_project: Keys of the options that come from the project file.
        """
        unused = set() if mode is DagMode.IMAGE else {"dags"}
        if mode not in {DagMode.GIT, DagMode.BUNDLE}:
            unused |= {"git-repo", "git-ref", "git-sub-path", "git-secret", "git-auth"}
        gone: dict[str, Any] = {key.replace("-", "_"): None for key in unused & from_project}
        return replace(self, **gone)
