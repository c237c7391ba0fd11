"""Values: repositories and their credentials."""

from __future__ import annotations

from typing import Literal

from kitctl.model.values._base import Section, knob, requests
from kitctl.model.values.image import Image
from kitctl.model.values.kube import EnvVar, Resources
from kitctl.model.values.types import (
    AppId,
    Count,
    CountOrEndless,
    Digits,
    GitRef,
    HttpAddress,
    ObjectName,
    OptionalSize,
    Pattern,
    Port,
    RepositoryFolder,
    Seconds,
    SecondsOrNone,
    Unspaced,
)
from kitctl.model.versions import pin


class GitCredentials(Section):
    """Where git finds its credentials: always an existing Secret, read as files so that rotation needs no restart."""

    secret: ObjectName = knob(
        "",
        "Secret with `username` and `password` (HTTPS), or `ssh-key` and `known-hosts` (SSH), "
        "or `github-app-private-key` (GitHub App).",
        why="A token in the values or the address would stand in the release's history.",
    )
    type: Literal["none", "https", "ssh", "github-app"] = knob(
        "none", "Which of those keys the Secret holds.", why="Only those are mounted, and a missing one is named."
    )
    strict_host_key: bool = knob(
        True, "Refuse an SSH server that is not in `known-hosts`.", why="Without it anyone on the path can serve DAGs."
    )
    github_app_id: AppId = knob(
        "",
        "Application or client id of the GitHub App.",
        why="An App belongs to no person who may leave, and its tokens last an hour.",
    )
    github_installation_id: Digits = knob(
        "", "Installation id of the GitHub App.", why="One App may be installed in several organisations."
    )
    github_base_url: HttpAddress = knob(
        "", "API address of a GitHub Enterprise server.", why="Empty: github.com, where the App's tokens come from."
    )


class GitSync(Section):
    """Mode git: git-sync v4 beside every pod that reads DAGs."""

    repo: Unspaced = knob(
        "", "Address of the repository; there is no default.", why="A default would run a stranger's code on a slip."
    )
    ref: GitRef = knob("HEAD", "Branch, tag or full commit hash to follow.", why="HEAD is the server's main branch.")
    sub_path: RepositoryFolder = knob(
        "",
        "Folder inside the repository that holds the DAGs.",
        why="Tests and tools beside it are then not parsed as DAGs.",
    )
    depth: Count = knob(
        1,
        "Commits to fetch; 0 fetches all.",
        unit="commits",
        why="The history is not needed to run, and slows each start.",
    )
    submodules: Literal["recursive", "shallow", "off"] = knob(
        "recursive", "How submodules are fetched.", why="DAGs that import from one would else fail in every pod."
    )
    period_seconds: Seconds = knob(
        60, "Time between two looks at the repository.", why="A server with many pods is asked by each."
    )
    sync_timeout_seconds: Seconds = knob(
        120, "Time that one sync may take.", why="Enough for a large first clone; a hung server is tried anew."
    )
    max_failures: CountOrEndless = knob(
        10,
        "Failed syncs in a row until the container ends; -1 never ends.",
        unit="syncs",
        why="git-sync's 0 ends at the first hiccup.",
    )
    stale_worktree_timeout_seconds: SecondsOrNone = knob(
        900,
        "Time that the previous commit's files are kept.",
        why="git-sync removes them at once, below tasks that are reading them.",
    )
    credentials: GitCredentials = knob(GitCredentials(), "Credentials of the repository.")
    sparse_paths: list[Pattern] = knob(
        [],
        "Patterns of a sparse checkout (.gitignore syntax); empty checks out the whole repository.",
        why="From a large repository only these files come onto each node's disk.",
    )
    size_limit: OptionalSize = knob(
        "",
        "Most that a clone may take on the node's disk before the pod is evicted; empty sets no limit.",
        why="A limit that a growing repository reaches one day would evict every pod at once.",
    )
    ca_bundle_config_map: ObjectName = knob(
        "",
        "ConfigMap whose key `ca.crt` holds the CA of the git server.",
        why="A server inside your network often has a certificate of your own CA.",
    )
    env: list[EnvVar] = knob(
        [],
        "More environment of git-sync, e.g. HTTPS_PROXY.",
        why="It is no Airflow container: the release's `env` is not its.",
    )
    image: Image = knob(
        Image(repository=pin("images.git_sync"), tag=pin("images.git_sync_tag")), "Image of git-sync (v4 or later)."
    )
    resources: Resources = knob(
        requests("10m", "64Mi"),
        "CPU and memory of git-sync.",
        why="Idle between two looks; a limit below a large clone's need would end each sync.",
    )
    metrics_port: Port = knob(
        2112, "Port of git-sync's probe and metrics.", why="Must be free in the pods: Airflow has 8793, 8794 and 8974."
    )
