"""Bring the files of an archive into a folder: `receive.py FOLDER keep|prune`, a base64 tar on standard input.

Run by `kitctl dags push` in a short-lived pod that mounts the claim; needs nothing but Python. A file that did not
change is left alone; a changed one is written beside its place and renamed over it, so a reader sees the old or the new
text and never half of one. Last, what an earlier push brought and this one does not is removed; files that others put
there stay, unless `prune`. Prints one line, `KITCTL-REPORT {json}`.
"""

import base64
import io
import json
import os
import sys
import tarfile
import time
from pathlib import Path

LIST = ".kitctl-push.json"
NEW = ".kitctl-new"
KEPT = {"lost+found", ".snapshot"}
"""What storage systems put at the root of a volume."""


def same(path: Path, data: bytes, mode: int) -> bool:
    """Tell whether a file holds these bytes already, and may be run if it shall."""
    if path.is_symlink() or not path.is_file():
        return False
    found = path.stat()
    runs_alike = bool(found.st_mode & 0o100) == bool(mode & 0o100)
    return runs_alike and found.st_size == len(data) and path.read_bytes() == data


def remove(path: Path) -> None:
    """Remove a file, or a folder with all in it."""
    if path.is_dir() and not path.is_symlink():
        for inner in path.iterdir():
            remove(inner)
        path.rmdir()
    else:
        path.unlink()


def place(root: Path, name: str, data: bytes, mode: int) -> None:
    """Write a file by one rename; a folder where the file goes, or a file where a folder goes, makes way."""
    path = root / name
    for parent in reversed([p for p in path.parents if root in p.parents]):
        if parent.is_symlink() or parent.is_file():
            parent.unlink()
        parent.mkdir(exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        remove(path)
    new = path.with_name(NEW)
    new.write_bytes(data)
    new.chmod(mode)
    new.replace(path)


def unpack(archive: bytes) -> dict[str, tuple[bytes, int]]:
    """Return name → content and mode of the archive's files.

    Raises:
        SystemExit: for a member that is no file below the folder.
    """
    found = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            name = os.path.normpath(member.name)
            if not member.isfile() or name.startswith(("/", "..")):
                sys.exit(f"{member.name} is no file below the folder")
            found[name] = (tar.extractfile(member).read(), 0o755 if member.mode & 0o100 else 0o644)
    return found


def there(root: Path) -> set[str]:
    """Return the names of all files in the folder, but for this script's own and the storage's."""
    paths = (p.relative_to(root) for p in root.rglob("*") if p.is_symlink() or p.is_file())
    return {p.as_posix() for p in paths if p.parts[0] not in KEPT and p.name not in {LIST, NEW}}


def receive(root: Path, archive: bytes, prune: bool) -> dict[str, object]:
    """Bring the folder to what the archive holds."""
    wanted = unpack(archive)
    listed = root / LIST
    brought = set(json.loads(listed.read_text())) if listed.is_file() else set()
    # Written first: a push that is killed in the middle is tidied up by the next one.
    place(root, LIST, json.dumps(sorted(brought | set(wanted))).encode(), 0o644)
    changed = [name for name, (data, mode) in wanted.items() if not same(root / name, data, mode)]
    for name in changed:
        place(root, name, *wanted[name])
    others = there(root) - set(wanted)
    gone = others if prune else others & brought
    for name in gone:
        remove(root / name)
        for parent in (root / name).parents:
            if parent == root or any(parent.iterdir()):
                break
            parent.rmdir()
    place(root, LIST, json.dumps(sorted(wanted)).encode(), 0o644)
    os.sync()
    counts = {"changed": changed, "removed": len(gone), "files": len(wanted), "foreign": len(others - gone)}
    return {**counts, "time": time.time()}


if __name__ == "__main__":
    os.umask(0o022)
    report = receive(Path(sys.argv[1]).resolve(), base64.b64decode(sys.stdin.read()), sys.argv[2] == "prune")
    sys.stdout.write("KITCTL-REPORT " + json.dumps(report) + "\n")
