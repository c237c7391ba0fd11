"""Values: how DAGs arrive. One class for each mode, as there is one template file for each."""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from typing import Literal

from kitctl.model.values._base import EnvVar, OptionalQuantity, Quantity, Resources, Section, knob, requests
from kitctl.model.values.image import Image
from kitctl.model.versions import pin


class DagMode(StrEnum):
    """The ways a DAG can arrive."""

    IMAGE = "image"
    PVC = "pvc"
    GIT = "git"
    BUNDLE = "bundle"


DAG_MODE_ALIASES = {"persistent_mode": DagMode.PVC, "git_mode": DagMode.GIT}
"""Names of the minikube tutorial, still understood on the command line; values and the chart know the modes only."""


def nearest_mode(text: str) -> DagMode | None:
    """Return the mode that a word most likely means, e.g. git for "git-sync"; None when it looks like none."""
    words = {**{mode.value: mode for mode in DagMode}, **DAG_MODE_ALIASES}
    close = get_close_matches(text.strip().lower(), words, n=1, cutoff=0.5)
    return words[close[0]] if close else None


class Claim(Section):
    """A PersistentVolumeClaim of the kit, or an existing one."""

    existing_claim: str = knob("", "Name of a claim to use instead of the kit's own.")
    storage_class: str = knob("", "Storage class; empty means the cluster's default.")
    access_mode: Literal["ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany", "ReadWriteOncePod"] = knob(
        "ReadWriteOnce",
        "Access mode of the claim.",
        why="ReadWriteOnce is offered everywhere but binds all pods to one node; several nodes need ReadWriteMany.",
    )
    size: Quantity = knob("5Gi", "Size of the claim.", unit="Kubernetes quantity")


class DagsClaim(Claim):
    """Mode pvc."""

    size: Quantity = knob("1Gi", "Size of the claim.", unit="Kubernetes quantity")
    sub_path: str = knob("", "Folder inside the claim that holds the DAGs.")


class GitCredentials(Section):
    """Where git finds its credentials: always an existing Secret, read as files so that rotation needs no restart."""

    secret: str = knob(
        "",
        "Secret with `username` and `password` (HTTPS), or `ssh-key` and `known-hosts` (SSH), "
        "or `github-app-private-key` (GitHub App).",
    )
    type: Literal["none", "https", "ssh", "github-app"] = knob("none", "Which of those keys the Secret holds.")
    strict_host_key: bool = knob(
        True, "Refuse an SSH server that is not in `known-hosts`.", why="Without it anyone on the path can serve DAGs."
    )
    github_app_id: str = knob("", "Application or client id of the GitHub App.")
    github_installation_id: str = knob("", "Installation id of the GitHub App.")
    github_base_url: str = knob("", "API address of a GitHub Enterprise server.")


class GitSync(Section):
    """Mode git: git-sync v4 beside every pod that reads DAGs."""

    repo: str = knob("", "Address of the repository; there is no default.")
    ref: str = knob("HEAD", "Branch, tag or full commit hash to follow.")
    sub_path: str = knob("", "Folder inside the repository that holds the DAGs.")
    depth: int = knob(1, "Commits to fetch; 0 fetches all.")
    submodules: Literal["recursive", "shallow", "off"] = knob("recursive", "How submodules are fetched.")
    period_seconds: int = knob(
        60, "Time between two looks at the repository.", unit="seconds", why="A server with many pods is asked by each."
    )
    sync_timeout_seconds: int = knob(120, "Time that one sync may take.", unit="seconds")
    max_failures: int = knob(
        10,
        "Failed syncs in a row until the container ends; -1 never ends.",
        why="git-sync's 0 ends at the first hiccup.",
    )
    stale_worktree_timeout_seconds: int = knob(
        900,
        "Time that the previous commit's files are kept.",
        unit="seconds",
        why="git-sync removes them at once, below tasks that are reading them.",
    )
    credentials: GitCredentials = knob(GitCredentials(), "Credentials of the repository.")
    sparse_paths: list[str] = knob(
        [], "Patterns of a sparse checkout (.gitignore syntax); empty checks out the whole repository."
    )
    size_limit: OptionalQuantity = knob(
        "",
        "Most that a clone may take on the node's disk before the pod is evicted; empty sets no limit.",
        unit="Kubernetes quantity",
        why="A limit that a growing repository reaches one day would evict every pod at once.",
    )
    ca_bundle_config_map: str = knob("", "ConfigMap whose key `ca.crt` holds the CA of the git server.")
    env: list[EnvVar] = knob([], "More environment of git-sync, e.g. HTTPS_PROXY.")
    image: Image = knob(
        Image(repository=pin("images.git_sync"), tag=pin("images.git_sync_tag")), "Image of git-sync (v4 or later)."
    )
    resources: Resources = knob(requests("10m", "64Mi"), "CPU and memory of git-sync.")
    metrics_port: int = knob(2112, "Port of git-sync's probe and metrics.")


class Bundle(Section):
    """One of Airflow's versioned git bundles."""

    name: str = knob("", "Name of the bundle, shown in the UI.")
    repo: str = knob("", "Address of the repository (https://, ssh://, git@…, git://).")
    ref: str = knob("main", "Branch, tag or commit to follow.")
    sub_path: str = knob("", "Folder inside the repository that holds the DAGs.")
    submodules: bool = knob(
        False,
        "Fetch submodules, too; those on the repository's own server are read with the same credentials.",
        why="Each worker pod fetches them anew, cache or not.",
    )
    refresh_seconds: int = knob(60, "Time between two looks at the repository.", unit="seconds")
    credentials: GitCredentials = knob(GitCredentials(), "Credentials of the repository.")


class Bundles(Section):
    """Mode bundle."""

    items: list[Bundle] = knob([], "The bundles; each needs a name and a repo.")
    cache: Claim | None = knob(
        None,
        "Claim that keeps the clones for all pods, so that a worker pod does not clone; empty clones in each pod.",
    )
    ca_bundle_config_map: str = knob("", "ConfigMap whose key `ca.crt` holds the CA of the git servers.")


class Dags(Section):
    """How DAGs arrive."""

    mode: DagMode = knob(
        DagMode.IMAGE,
        "image: baked into the image; pvc: on a volume; git: git-sync; bundle: Airflow's versioned git bundles.",
    )
    path: str = knob("/opt/airflow/dags", "Folder of the DAGs inside the pods.")
    load_examples: bool = knob(False, "Load Airflow's own example DAGs.")
    special_image: str = knob(
        "",
        "Image of the task `special_image` in the kit's own example DAGs, told to them as EXAMPLE_SPECIAL_IMAGE: "
        "Airflow, the DAGs and the program zip. `kitctl up` builds it and fills this in.",
    )
    refresh_seconds: int = knob(
        30, "Time between two looks for new DAG files.", unit="seconds", why="Airflow's 300 s feels broken on a laptop."
    )
    pvc: DagsClaim = knob(DagsClaim(), "Mode pvc: the claim.")
    git: GitSync = knob(GitSync(), "Mode git: the repository.")
    bundle: Bundles = knob(Bundles(), "Mode bundle: the repositories.")
