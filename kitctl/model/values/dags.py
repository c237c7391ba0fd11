"""Values: how DAGs arrive. One class for each mode, as there is one template file for each."""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum

from kitctl.model.values._base import Section, knob
from kitctl.model.values.claim import Claim
from kitctl.model.values.git import GitCredentials, GitSync
from kitctl.model.values.types import (
    AbsolutePath,
    BundleName,
    ClaimFolder,
    GitRef,
    ImageReference,
    ObjectName,
    RepositoryFolder,
    Seconds,
    Size,
    Unspaced,
)


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


class DagsClaim(Claim):
    """Mode pvc."""

    size: Size = knob(
        "1Gi", "Size of the claim.", why="DAG files are small; many classes can enlarge a claim, none shrinks it."
    )
    sub_path: ClaimFolder = knob(
        "", "Folder inside the claim that holds the DAGs.", why="One claim can then serve several releases."
    )


class Bundle(Section):
    """One of Airflow's versioned git bundles."""

    name: BundleName = knob(
        "", "Name of the bundle, shown in the UI.", why="Airflow notes it in each run: another name is another bundle."
    )
    repo: Unspaced = knob(
        "",
        "Address of the repository (https://, ssh://, git@…, git://).",
        why="No default: one would run a stranger's code on a slip.",
    )
    ref: GitRef = knob(
        "main",
        "Branch, tag or commit to follow.",
        why="Airflow's bundles must be told one, and this is the usual name.",
    )
    sub_path: RepositoryFolder = knob(
        "",
        "Folder inside the repository that holds the DAGs.",
        why="Tests and tools beside it are then not parsed as DAGs.",
    )
    submodules: bool = knob(
        False,
        "Fetch submodules, too; those on the repository's own server are read with the same credentials.",
        why="Each worker pod fetches them anew, cache or not.",
    )
    refresh_seconds: Seconds = knob(
        60,
        "Time between two looks at the repository.",
        why="Only the DAG processor looks, so the server is asked once.",
    )
    credentials: GitCredentials = knob(GitCredentials(), "Credentials of the repository.")


class Bundles(Section):
    """Mode bundle."""

    items: list[Bundle] = knob(
        [],
        "The bundles; each needs a name and a repo.",
        why="A list: teams keep repositories and credentials of their own.",
    )
    cache: Claim | None = knob(
        None,
        "Claim that keeps the clones for all pods, so that a worker pod does not clone; empty clones in each pod.",
        why="Empty: on several nodes it needs ReadWriteMany, which not every cluster has.",
    )
    ca_bundle_config_map: ObjectName = knob(
        "",
        "ConfigMap whose key `ca.crt` holds the CA of the git servers.",
        why="A server inside your network often has a certificate of your own CA.",
    )


class Dags(Section):
    """How DAGs arrive."""

    mode: DagMode = knob(
        DagMode.IMAGE,
        "image: baked into the image; pvc: on a volume; git: git-sync; bundle: Airflow's versioned git bundles.",
        why="image needs no server and no volume, and a task runs the very files that were tested.",
    )
    path: AbsolutePath = knob(
        "/opt/airflow/dags",
        "Folder of the DAGs inside the pods.",
        why="Where the images of the kit and of Airflow have it.",
    )
    load_examples: bool = knob(
        False, "Load Airflow's own example DAGs.", why="Dozens of DAGs that hide your own, and cost parsing time."
    )
    special_image: ImageReference = knob(
        "",
        "Image of the task `special_image` in the kit's own example DAGs, told to them as EXAMPLE_SPECIAL_IMAGE; it "
        "holds Airflow, the DAGs and the program zip. `kitctl up` builds it and fills this in.",
        why="Empty: that task is skipped and says so. A task may run on another image than the release's.",
    )
    refresh_seconds: Seconds = knob(
        30, "Time between two looks for new DAG files.", why="Airflow's 300 s feels broken on a laptop."
    )
    pvc: DagsClaim = knob(DagsClaim(), "Mode pvc: the claim.")
    git: GitSync = knob(GitSync(), "Mode git: the repository.")
    bundle: Bundles = knob(Bundles(), "Mode bundle: the repositories.")
