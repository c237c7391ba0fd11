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
    """Credentials for git, in an existing Secret. They are mounted as files, so that a rotation needs no restart."""

    secret: ObjectName = knob(
        "",
        "Existing Secret with `username` and `password` (HTTPS), or `ssh-key` and `known-hosts` (SSH), or "
        "`github-app-private-key` (GitHub App).",
        why="A token in the values or in the URL would be stored in the release's history.",
    )
    type: Literal["none", "https", "ssh", "github-app"] = knob(
        "none", "Type of the credentials. Only the keys of this type are mounted."
    )
    strict_host_key: bool = knob(
        True,
        "Refuse an SSH server that is not in `known-hosts`.",
        why="Otherwise anyone on the network path could deliver DAGs.",
    )
    github_app_id: AppId = knob("", "Application ID or client ID of the GitHub App.")
    github_installation_id: Digits = knob("", "Installation ID of the GitHub App.")
    github_base_url: HttpAddress = knob("", "API URL of a GitHub Enterprise server; empty means github.com.")


class GitSync(Section):
    """Settings of mode git: git-sync v4 in every pod that reads DAGs."""

    repo: Unspaced = knob(
        "", "URL of the repository. There is no default.", why="A default could run untrusted code by mistake."
    )
    ref: GitRef = knob("HEAD", "Branch, tag or full commit hash to follow. HEAD is the server's default branch.")
    sub_path: RepositoryFolder = knob(
        "", "Folder inside the repository that holds the DAGs; files outside of it are not parsed."
    )
    depth: Count = knob(
        1, "Commits to fetch; 0 fetches the whole history, which makes each start slower.", unit="commits"
    )
    submodules: Literal["recursive", "shallow", "off"] = knob("recursive", "How submodules are fetched.")
    period_seconds: Seconds = knob(
        60,
        "Time between two checks for new commits.",
        why="Every long-running pod that reads DAGs checks on its own, so a short period loads the server.",
    )
    sync_timeout_seconds: Seconds = knob(120, "Time that one sync may take. After that it is aborted and tried again.")
    max_failures: CountOrEndless = knob(
        10,
        "Failed syncs in a row after which the container of a long-running pod exits; -1 means never.",
        unit="syncs",
        why="With git-sync's default of 0 it exits after the first failure.",
    )
    worker_max_failures: CountOrEndless = knob(
        -1,
        "Failed syncs in a row, one every 3 s, after which the pod of a task gives up; -1 means never.",
        unit="syncs",
        why="Airflow itself deletes a pod that waits longer than `[scheduler] task_queued_timeout` (600 s).",
    )
    stale_worktree_timeout_seconds: SecondsOrNone = knob(
        900,
        "Time that the files of the previous commit are kept.",
        why="By default git-sync deletes them at once, while tasks are still reading them.",
    )
    credentials: GitCredentials = knob(GitCredentials(), "Credentials for the repository.")
    sparse_paths: list[Pattern] = knob(
        [], "Patterns of a sparse checkout (.gitignore syntax); empty checks out the whole repository."
    )
    size_limit: OptionalSize = knob(
        "",
        "Maximum size of a clone on the node's disk, above which the pod is evicted; empty means no limit.",
        why="Empty by default: when a growing repository reaches a limit, every pod is evicted at once.",
    )
    ca_bundle_config_map: ObjectName = knob(
        "", "ConfigMap with the CA certificate of the git server in the key `ca.crt`, if it uses a private CA."
    )
    env: list[EnvVar] = knob(
        [],
        "More environment variables of git-sync, for example HTTPS_PROXY.",
        why="The release's `env` does not apply to git-sync.",
    )
    image: Image = knob(
        Image(repository=pin("images.git_sync"), tag=pin("images.git_sync_tag")), "Image of git-sync (v4 or later)."
    )
    resources: Resources = knob(
        requests("10m", "64Mi"),
        "CPU and memory of git-sync.",
        why="No limits: a memory limit that is too small for a clone would fail every sync.",
    )
    metrics_port: Port = knob(
        2112, "Port of git-sync's probe and metrics. It must be free in the pods: Airflow uses 8793, 8794 and 8974."
    )
