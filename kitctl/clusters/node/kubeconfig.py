"""The user's kubeconfig: adds and removes the entries of one cluster and leaves all others as they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.tools.deadline import Deadline
from kitctl.tools.replace_file import replace_text

Document = dict[str, Any]
_SECTIONS = ("clusters", "contexts", "users")
_MARK = {"name": "airflow-kit", "extension": {"made-by": "kitctl"}}
"""An extension of the cluster's entry. kubectl keeps it, and other tools mark their entries in the same way."""


def path(chosen: Path | None = None) -> Path:
    """Return the file to write: the chosen one, else kubectl's (the first of `KUBECONFIG`, or ~/.kube/config)."""
    if chosen:
        return chosen
    files = [f for f in os.environ.get("KUBECONFIG", "").split(os.pathsep) if f]
    return Path(files[0]) if files else Path.home() / ".kube" / "config"


def add(name: str, admin: Path, chosen: Path | None = None) -> None:
    """Write cluster, user and context `name` from an admin.conf, and make the context the current one.

    Args:
        name: Name of the cluster, the user and the context.
        admin: The kubeconfig that kubeadm wrote.
        chosen: File to write; None means kubectl's own.

    Raises:
        KitError: `context-taken` where entries of this name belong to somebody else; `kubeconfig-broken`,
            `kubeconfig-locked`.
    """
    source = _read(admin)
    entries = {
        "clusters": {"name": name, "cluster": {**source["clusters"][0]["cluster"], "extensions": [_MARK]}},
        "users": {"name": name, "user": source["users"][0]["user"]},
        "contexts": {"name": name, "context": {"cluster": name, "user": name}},
    }

    def change(document: Document) -> None:
        _refuse_others(document, name, source, path(chosen))
        for section, entry in entries.items():
            others = [e for e in document.get(section) or [] if e.get("name") != name]
            document[section] = [*others, entry]
        document["current-context"] = name

    _edit(path(chosen), change)


def remove(name: str, admin: Document | None, chosen: Path | None = None) -> None:
    """Remove the entries `name` that the kit wrote; the current context is unset only when it was ours.

    Args:
        name: Name of the cluster, the user and the context. Absent is fine, and so are entries of somebody else.
        admin: What `known` read before the node was deleted.
        chosen: File to change; None means kubectl's own.
    """
    if not path(chosen).exists():
        return

    def change(document: Document) -> None:
        if not _ours(document, name, admin):
            return
        for section in _SECTIONS:
            document[section] = [e for e in document.get(section) or [] if e.get("name") != name]
        if document.get("current-context") == name:
            document["current-context"] = ""

    _edit(path(chosen), change)


def check(name: str, admin: Document | None, chosen: Path | None = None) -> None:
    """Refuse a name under which the kubeconfig has entries of somebody else.

    Raises:
        KitError: `context-taken`, `kubeconfig-broken`.
    """
    if path(chosen).exists():
        _refuse_others(_read(path(chosen)), name, admin, path(chosen))


def known(admin: Path) -> Document | None:
    """Return the administrator's kubeconfig of a node, None where it was not made yet, or only half of it."""
    try:
        return _read(admin) if admin.exists() else None
    except KitError:
        return None


def _entry(document: Document, section: str, name: str) -> Document | None:
    return next((e for e in document.get(section) or [] if e.get("name") == name), None)


def _ours(document: Document, name: str, admin: Document | None) -> bool:
    """Whether the kit wrote the entries of this name.

    The cluster's entry has the kit's mark, or, of an earlier version, server and CA of the node.
    """
    cluster = (_entry(document, "clusters", name) or {}).get("cluster") or {}
    if _MARK in (cluster.get("extensions") or []):
        return True
    own = ((admin or {}).get("clusters") or [{}])[0].get("cluster") or {}
    return bool(own) and all(cluster.get(key) == own.get(key) for key in ("server", "certificate-authority-data"))


def _refuse_others(document: Document, name: str, admin: Document | None, file: Path) -> None:
    taken = [section for section in _SECTIONS if _entry(document, section, name)]
    if taken and not _ours(document, name, admin):
        raise KitError(
            "context-taken",
            f"{file} has entries named {name} that kitctl did not write",
            cause=f"They are in {', '.join(taken)}, and may lead to another cluster",
            fix=f"kitctl cluster create --cluster-name NAME    # another name; or, if nobody needs them:\n"
            f"kubectl config delete-context {name}; kubectl config delete-cluster {name}; "
            f"kubectl config delete-user {name}",
            code=ExitCode.PREFLIGHT,
        )


def _edit(file: Path, change: Callable[[Document], None]) -> None:
    """Apply a change to the file under kubectl's own lock, and replace it in one step."""
    import yaml  # noqa: PLC0415 - heavy, and seldom needed

    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = file.resolve()  # a link of the user's stays a link
    with _lock(target):
        before: Document = _read(target) if target.exists() else {}
        after = {"apiVersion": "v1", "kind": "Config", "preferences": {}, **before}
        change(after)
        if after != before:
            replace_text(target, yaml.safe_dump(after, sort_keys=False))


def _read(file: Path) -> Document:
    """Return the document of a kubeconfig.

    Raises:
        KitError: `kubeconfig-broken`: a file that we cannot read is not ours to overwrite.
    """
    import yaml  # noqa: PLC0415 - heavy, and seldom needed

    cause = "The top level must be a mapping"
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        if isinstance(document, dict):
            return document
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        cause = str(exc).replace('"<unicode string>"', str(file))
    raise KitError(
        "kubeconfig-broken",
        f"The kubeconfig {file} cannot be read",
        cause=cause,
        fix=f"mv {file} {file}.broken    # or repair it",
        code=ExitCode.PREFLIGHT,
    )


@contextmanager
def _lock(file: Path, seconds: float = 10) -> Iterator[None]:
    """Hold `<file>.lock`, as kubectl and kind do, so that none of us loses another's change."""
    lock = file.with_name(file.name + ".lock")

    def taken() -> bool | None:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return None
        return True

    if not Deadline(seconds).until(taken, every=0.05):
        raise KitError(
            "kubeconfig-locked",
            f"{file} is locked by another program",
            cause=f"{lock} has existed for more than {seconds:.0f} s; a kubectl that crashed leaves it behind",
            fix=f"rm {lock}    # if no kubectl or kind is running",
        )
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            lock.unlink()
