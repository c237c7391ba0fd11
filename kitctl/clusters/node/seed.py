"""The seed: a containerd folder with the control plane's images unpacked, made once and hard-linked into each new node.

Importing the same 400 MB into every new node took longer than starting Kubernetes, since containerd syncs each blob.
Links cost neither time nor space; layers are never written to, and containerd's two databases are copied.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from kitctl.clusters.base import Progress
from kitctl.clusters.node import images, processes
from kitctl.clusters.node.lock import locked
from kitctl.errors import KitError
from kitctl.tools.process import run, spawn
from kitctl.tools.toolbox import cache_root


def plant(target: Path, snapshotter: str, progress: Progress) -> None:
    """Fill a node's containerd folder with the images of the control plane.

    Args:
        target: Becomes the node's /var/lib/containerd; replaced.
        snapshotter: "overlayfs" or "native".
        progress: Told when the seed has to be made first.
    """
    folder = cache_root() / "node"
    with locked(folder):
        seed = folder / f"seed-{_key(snapshotter)}"
        if not seed.exists():
            progress("unpacking the images of Kubernetes, once")
            _make(folder, seed, snapshotter)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(seed, target, symlinks=True, copy_function=_link)


def _key(snapshotter: str) -> str:
    """Return a short hash of all that the seed depends on."""
    containerd = run(["containerd", "--version"]).stdout
    facts = [containerd, snapshotter, *(images.identity(image) for image in images.all_images())]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


def _link(source: str, target: str) -> None:
    """Link a file that never changes; copy a database, and everything where links are impossible."""
    if not source.endswith(".db"):
        with suppress(OSError):
            os.link(source, target, follow_symlinks=False)
            return
    shutil.copy2(source, target, follow_symlinks=False)


def _make(folder: Path, seed: Path, snapshotter: str) -> None:
    """Make the seed with a containerd of its own, in namespaces that end with it."""
    for old in folder.iterdir():  # of older versions, and of a run that was killed; nodes keep their links
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    with tempfile.TemporaryDirectory(prefix="kitctl-seed-") as run_folder:
        state = Path(run_folder)
        root, log = seed.with_suffix(".new"), folder / "seed.log"
        config = state / "config.toml"
        config.write_text('version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n', encoding="utf-8")
        socket = state / "containerd.sock"
        daemon = ["containerd", "--config", str(config), "--root", str(root), "--state", str(state / "run")]
        alone = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
        number = spawn([*alone, *daemon, "--address", str(socket)], log=log, umask=processes.UMASK)
        try:
            processes.wait(socket.exists, 30, lambda: _failed(log))
            ctr = ["ctr", "--address", str(socket), "--namespace", "k8s.io", "images", "import"]

            def bring(image: images.Image) -> None:
                archive = images.write(image, folder)
                run([*ctr, "--snapshotter", snapshotter, str(archive)], timeout=300, error_id="node-start-failed")
                archive.unlink()

            # Two at a time: the work is hashing and writing, and small machines have two cores.
            with ThreadPoolExecutor(2) as pool:
                for _ in pool.map(bring, images.all_images()):
                    pass
        finally:
            os.kill(number, signal.SIGKILL)
            os.waitpid(number, 0)
    processes.wait(lambda: not _busy(root), 10, lambda: _failed(log))
    root.rename(seed)
    log.unlink(missing_ok=True)


def _busy(root: Path) -> bool:
    """Whether a process still has the database of the seed open (the killed containerd, for a moment)."""
    database = root / "io.containerd.metadata.v1.bolt" / "meta.db"
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if handle.readlink() == database:
                return True
    return False


def _failed(log: Path) -> KitError:
    return KitError(
        "node-start-failed",
        "containerd, which unpacks the images of Kubernetes, did not start",
        cause=processes.tail(log),
        fix="containerd --version    # must work\ndf -h ~/.cache/kitctl    # needs 2 GiB",
    )
