"""Values: how DAGs reach the pods. Each mode has its own class, as it has its own template file."""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum

from kitctl.model.values._base import Section, knob
from kitctl.model.values.git import GitCredentials, GitSync
from kitctl.model.values.objects import Claim
from kitctl.model.values.types import (
    AbsolutePath,
    BundleName,
    ClaimFolder,
    GitRef,
    ImageReference,
    ObjectName,
    OptionalSize,
    RepositoryFolder,
    Seconds,
    Size,
    Unspaced,
)


class DagMode(StrEnum):
    """The ways in which DAGs reach the pods."""

    IMAGE = "image"
    PVC = "pvc"
    GIT = "git"
    BUNDLE = "bundle"


DAG_MODE_ALIASES = {"persistent_mode": DagMode.PVC, "git_mode": DagMode.GIT}
"""Names from the minikube tutorial. The command line accepts them, the values do not."""


def nearest_mode(text: str) -> DagMode | None:
    """Return the mode that a word most likely means, e.g. git for "git-sync", or None."""
    words = {**{mode.value: mode for mode in DagMode}, **DAG_MODE_ALIASES}
    close = get_close_matches(text.strip().lower(), words, n=1, cutoff=0.5)
    return words[close[0]] if close else None


class DagsClaim(Claim):
    """Settings of mode pvc."""

    size: Size = knob(
        "1Gi", "Size of the claim.", why="Many storage classes can enlarge a claim later, none can shrink it."
    )
    sub_path: ClaimFolder = knob(
        "", "Folder inside the claim that holds the DAGs; empty means its root. Several releases can share one claim."
    )


class Bundle(Section):
    """One of Airflow's versioned git bundles."""

    name: BundleName = knob(
        "",
        "Name of the bundle, shown in the UI.",
        why="Airflow stores it in each run: after a rename, unfinished runs no longer find their DAG.",
    )
    repo: Unspaced = knob(
        "",
        "URL of the repository (https://, ssh://, git@…, git://). There is no default.",
        why="A default could run untrusted code by mistake.",
    )
    ref: GitRef = knob("main", "Branch, tag or commit to follow.")
    sub_path: RepositoryFolder = knob(
        "", "Folder inside the repository that holds the DAGs; files outside of it are not parsed."
    )
    submodules: bool = knob(
        False,
        "Fetch submodules as well. Those on the repository's own server are read with the same credentials.",
        why="Each worker pod fetches them again, even with a cache.",
    )
    refresh_seconds: Seconds = knob(60, "Time between two checks for new commits. Only the DAG processor checks.")
    credentials: GitCredentials = knob(GitCredentials(), "Credentials for the repository.")


class Bundles(Section):
    """Settings of mode bundle."""

    items: list[Bundle] = knob(
        [], "List of bundles, with their own repositories and credentials. Each needs a name and a repo."
    )
    cache: Claim | None = knob(
        None,
        "Claim that keeps the clones for all pods, so that worker pods do not clone; empty means a clone in each pod.",
        why="Empty by default: with several nodes the claim needs ReadWriteMany, which not every cluster offers.",
    )
    size_limit: OptionalSize = knob(
        "",
        "Maximum size of a pod's clones on the disk of the node, above which the pod is evicted; empty means no limit, "
        "and a cache has none.",
        why="Empty by default: when a growing repository reaches a limit, every pod is evicted at once.",
    )
    ca_bundle_config_map: ObjectName = knob(
        "", "ConfigMap with the CA certificate of the git servers in the key `ca.crt`, if they use a private CA."
    )


class Dags(Section):
    """How DAGs reach the pods."""

    mode: DagMode = knob(
        DagMode.IMAGE,
        "DAG mode: `image` (DAGs are in the image), `pvc` (on a volume), `git` (from git-sync) or `bundle` (from "
        "Airflow's versioned git bundles).",
        why="`image` needs no git server and no volume, and tasks run exactly the files that were tested.",
    )
    path: AbsolutePath = knob("/opt/airflow/dags", "Folder of the DAGs inside the pods.")
    plugins: RepositoryFolder = knob(
        "",
        "Folder of Airflow plugins in the DAG source: inside the repository (mode git), the claim (pvc), or the DAG "
        "folder (image). It sets `[core] plugins_folder`. In the modes git and pvc the scheduler and the API server "
        "mount the DAG source as well, since they need plugins, too. Mode bundle has no such folder.",
    )
    load_examples: bool = knob(False, "Load Airflow's own example DAGs: dozens of DAGs, which take time to parse.")
    special_image: ImageReference = knob(
        "",
        "Image for the task `special_image` in the kit's example DAGs, passed to them as EXAMPLE_SPECIAL_IMAGE. It "
        "holds Airflow, the DAGs and the program zip. `kitctl up` builds it and sets this key; if it is empty, the "
        "task is skipped.",
    )
    refresh_seconds: Seconds = knob(
        30,
        "Time between two scans of the DAG folder for new files.",
        why="Airflow's default of 300 s is too long while you develop DAGs.",
    )
    pvc: DagsClaim = knob(DagsClaim(), "Settings of mode pvc.")
    git: GitSync = knob(GitSync(), "Settings of mode git.")
    bundle: Bundles = knob(Bundles(), "Settings of mode bundle.")
