"""A new project: the files that are not there yet are written, and nothing that is there is touched.

1. Judge names and options. 2. Look whether anything is in the way. 3. Write what is missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from kitctl.errors import ExitCode, KitError
from kitctl.model import names
from kitctl.model.values.dags import DagMode
from kitctl.model.versions import data_dir, pin
from kitctl.release.rollout import Would
from kitctl.render import project
from kitctl.tools.builders import builder
from kitctl.tools.new_file import new_file
from kitctl.tools.process import run, which

_RELEASE_LENGTH = 53
_BUILDER = "buildah"


@dataclass(frozen=True)
class NewProject:
    """What `kitctl init` takes.

    Attributes:
        folder: Where to write; it may exist.
        release: Helm release; "" makes a name from that of the folder.
        namespace: Namespace; "" means the name of the release.
        mode: How DAGs arrive.
        git_repo: Repository of the modes git and bundle.
        git_ref: Its branch, tag or commit.
        git_sub_path: Folder of the DAGs in it.
        ci: Where the workflow runs.
        builder: Its image builder; "" or "auto" means buildah, which needs no daemon.
    """

    folder: Path
    release: str = ""
    namespace: str = ""
    mode: DagMode = DagMode.IMAGE
    git_repo: str = ""
    git_ref: str = ""
    git_sub_path: str = ""
    ci: project.Ci = project.Ci.GITHUB
    builder: str = ""


@dataclass(frozen=True)
class InitReport:
    """What `kitctl init` made; paths are relative to the folder.

    Attributes:
        folder: The folder of the project.
        release: Helm release in the new kitctl.yaml.
        namespace: Namespace in it.
        created: Files that were written.
        kept: Files that were there, and stay as they are.
        notes: What is left to do by hand.
    """

    folder: str
    release: str
    namespace: str
    created: list[str]
    kept: list[str]
    notes: list[str]


def init(wanted: NewProject, *, dry_run: bool) -> InitReport | Would:
    """Write a project.

    Args:
        wanted: What to write.
        dry_run: Only say what would be written.

    Raises:
        KitError: `release-name-invalid`, `namespace-name-invalid`, `builder-unknown`, `init-repository-missing`,
            `init-path-taken`, `init-unwritable`.
    """
    release = wanted.release or name_of(wanted.folder)
    namespace = wanted.namespace or release
    names.check(release, namespace)
    builder.known(wanted.builder or "auto")
    source = kitctl_source()
    texts = project.files(_facts(wanted, release, namespace, source), wanted.ci)
    _refuse_taken(wanted.folder, list(texts))
    kept = [path for path in texts if _there(wanted.folder / path)]
    new = {path: text for path, text in texts.items() if path not in kept}
    if dry_run:
        return Would(would=tuple(f"write {wanted.folder / path}" for path in new))
    _write(wanted.folder, new)
    notes = []
    if wanted.ci is not project.Ci.NONE and not source:
        notes.append("The workflow needs the variable KITCTL_SOURCE: what pip installs kitctl from")
    return InitReport(str(wanted.folder), release, namespace, list(new), kept, notes)


def name_of(folder: Path) -> str:
    """Return the name of a folder as a release may have it: "My DAGs_2" is "my-dags-2".

    Names of Services begin with it, so a leading digit gets a word in front.
    """
    name = re.sub(r"[^a-z0-9]+", "-", folder.absolute().name.lower()).strip("-")
    if not name[:1].isalpha():
        name = f"airflow-{name}" if name else "airflow"
    return name[:_RELEASE_LENGTH].rstrip("-")


def kitctl_source() -> str:
    """Return what pip can install this kitctl from: commit and remote of its checkout; "" where there is none."""
    root = data_dir()
    if not (root / ".git").exists() or which("git") is None:
        return ""
    remote = run(["git", "-C", str(root), "remote", "get-url", "origin"], check=False)
    commit = run(["git", "-C", str(root), "rev-parse", "HEAD"], check=False)
    return pip_source(remote.stdout.strip(), commit.stdout.strip()) if remote.ok and commit.ok else ""


def pip_source(remote: str, commit: str) -> str:
    """Return the requirement of a git remote; "" for one that only this machine can reach. A password is left out."""
    if short := re.fullmatch(r"([\w.-]+@[\w.-]+):(?!/)(.+)", remote):
        remote = f"ssh://{short[1]}/{short[2]}"
    parts = urlsplit(remote)
    if parts.scheme not in {"https", "http", "ssh"} or not parts.hostname or parts.hostname == "localhost":
        return ""
    host = parts.netloc.rpartition("@")[2]
    user = f"{parts.username}@" if parts.scheme == "ssh" and parts.username else ""
    return f"git+{urlunsplit((parts.scheme, user + host, parts.path, '', ''))}@{commit}"


def _facts(wanted: NewProject, release: str, namespace: str, source: str) -> project.Facts:
    if wanted.mode in {DagMode.GIT, DagMode.BUNDLE} and not wanted.git_repo:
        raise KitError(
            "init-repository-missing",
            f"--dag-mode {wanted.mode} needs the repository of the DAGs",
            cause="In this mode the release reads its DAGs from git",
            fix=f"kitctl init --dag-mode {wanted.mode} --git-repo https://example.com/team/dags.git",
            code=ExitCode.USAGE,
        )
    version = pin("airflow.version")
    return project.Facts(
        release=release,
        namespace=namespace,
        mode=wanted.mode.value,
        git_repo=wanted.git_repo,
        git_ref=wanted.git_ref or "main",
        git_sub_path=wanted.git_sub_path or "dags",
        airflow=version,
        airflow_image=f"{pin('airflow.image').removeprefix('docker.io/')}:{version}",
        python=pin("airflow.python"),
        source=source,
        builder=_BUILDER if wanted.builder in {"", "auto"} else wanted.builder,
    )


def _there(path: Path) -> bool:
    """Whether a name is taken; a link that leads nowhere takes it as well."""
    return path.is_symlink() or path.exists()


def _refuse_taken(folder: Path, paths: list[str]) -> None:
    """Refuse a file in the place of a folder, and a folder in the place of a file, before anything is written."""
    folders = {folder, *folder.parents, *(parent for path in paths for parent in (folder / path).parents)}
    files = {folder / path for path in paths}
    taken = [one for one in sorted(folders) if _there(one) and not one.is_dir()]
    taken += [one for one in sorted(files) if one.is_dir()]
    if taken:
        kind = "folder" if taken[0].is_dir() else "file"
        raise KitError(
            "init-path-taken",
            f"{taken[0]} is a {kind}, where the project needs a {'file' if kind == 'folder' else 'folder'}",
            cause="Nothing was written",
            fix=f"mv {taken[0]} {taken[0]}.old    # or choose another folder: kitctl init DIR",
            code=ExitCode.USAGE,
        )


def _write(folder: Path, texts: dict[str, str]) -> None:
    for path, text in texts.items():
        target = folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            # Half a file would be the user's own at the next call, and stay as it is.
            with new_file(target, private=False) as out:
                out.write(text.encode())
        except OSError as exc:
            raise KitError(
                "init-unwritable",
                f"{target} cannot be written",
                cause=exc.strerror or str(exc),
                fix="Run the same command in a folder that belongs to you; files that were written stay, and are kept",
            ) from exc
