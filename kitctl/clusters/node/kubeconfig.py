"""The user's kubeconfig: adds and removes the entries of one cluster and leaves all others as they are."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kitctl.errors import ExitCode, KitError

Document = dict[str, Any]
_SECTIONS = ("clusters", "contexts", "users")


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
    """
    import yaml  # noqa: PLC0415 - heavy, and seldom needed

    source: Document = yaml.safe_load(admin.read_text(encoding="utf-8"))
    entries = {
        "clusters": {"name": name, "cluster": source["clusters"][0]["cluster"]},
        "users": {"name": name, "user": source["users"][0]["user"]},
        "contexts": {"name": name, "context": {"cluster": name, "user": name}},
    }

    def change(document: Document) -> None:
        for section, entry in entries.items():
            others = [e for e in document.get(section) or [] if e.get("name") != name]
            document[section] = [*others, entry]
        document["current-context"] = name

    _edit(path(chosen), change)


def remove(name: str, chosen: Path | None = None) -> None:
    """Remove the entries of `name`; the current context is unset only when it was ours. Absent is fine."""
    if not path(chosen).exists():
        return

    def change(document: Document) -> None:
        for section in _SECTIONS:
            document[section] = [e for e in document.get(section) or [] if e.get("name") != name]
        if document.get("current-context") == name:
            document["current-context"] = ""

    _edit(path(chosen), change)


def _edit(file: Path, change: Callable[[Document], None]) -> None:
    """Apply a change to the file under kubectl's own lock, and replace it in one step."""
    import yaml  # noqa: PLC0415 - heavy, and seldom needed

    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = file.resolve()  # a link of the user's stays a link
    with _lock(target):
        before: Document = {}
        if target.exists():
            before = _read(target)
        after = {"apiVersion": "v1", "kind": "Config", "preferences": {}, **before}
        change(after)
        if after == before:
            return
        scratch = target.with_name(f"{target.name}.{os.getpid()}.new")
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            yaml.safe_dump(after, out, sort_keys=False)
        scratch.replace(target)


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
    end = time.monotonic() + seconds
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0o600))
            break
        except FileExistsError:
            if time.monotonic() > end:
                raise KitError(
                    "kubeconfig-locked",
                    f"{file} is locked by another program",
                    cause=f"{lock} has existed for more than {seconds:.0f} s; a kubectl that crashed leaves it behind",
                    fix=f"rm {lock}    # if no kubectl or kind is running",
                ) from None
            time.sleep(0.05)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            lock.unlink()
