"""The built-in single node as a cluster provider: upstream Kubernetes in namespaces of its own on one Linux machine."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from kitctl.clusters.base import Progress
from kitctl.clusters.node import (
    addons,
    cgroups,
    images,
    kubeadm,
    kubeconfig,
    network,
    preflight,
    processes,
    seed,
    uplink,
)
from kitctl.clusters.node.layout import Layout, Network, advice, state_root
from kitctl.clusters.node.lock import locked
from kitctl.errors import ExitCode, KitError
from kitctl.model.options.new_cluster import PLAIN, NewCluster
from kitctl.tools.deadline import Deadline

_PATIENCE = 60.0
"""Seconds that a node gets whose processes run and whose API server says that it is not ready: a burst of tasks or a
backup of the disk takes that long at times, and a restart ends every task."""


class NodeCluster:
    """One node; see kitctl.clusters.base.Cluster for what each verb means."""

    provider = "node"
    made_by_kit = True
    loads_images = True
    pulls_images = False

    def __init__(self, name: str, kubeconfig: Path | None = None) -> None:
        self.name = name
        self._kubeconfig = kubeconfig
        self._layout = Layout(name)
        preflight.check_readable(self._layout)
        if known := self._layout.network():
            network.bypass_proxy(known)

    def context(self) -> str:
        """Name of the kube context: the node's own name."""
        return self.name

    def node_port_address(self, port: int) -> str | None:
        """Return the port at the node's end of the veth pair, or None while the node was never made."""
        known = self._layout.network()
        return f"{known.address}:{port}" if known else None

    def exists(self) -> bool:
        """Whether the node was made and runs. Its API server may be too busy to answer at this moment."""
        return self._layout.ready_file.exists() and processes.pid(self._layout) is not None

    def _answers(self) -> bool:
        return processes.pid(self._layout) is not None and addons.answers(self._layout)

    def create(self, progress: Progress, wanted: NewCluster = PLAIN) -> None:
        """Make, repair or keep the node; its data survives a repair."""
        layout = self._layout
        with suppress(FileNotFoundError):
            if layout.ready_file.exists() and self._answers():
                kubeconfig.add(self.name, layout.admin, self._kubeconfig)
                progress(f"node {self.name} is running")
                return
        preflight.check(layout)
        kubeconfig.check(self.name, kubeconfig.known(layout.admin), self._kubeconfig)
        with locked(layout.state):
            if not layout.ready_file.exists():
                self._clear()
                self._make(progress)
            elif not self._recovers(progress):
                self._restart(progress)
            kubeconfig.add(self.name, layout.admin, self._kubeconfig)

    def _recovers(self, progress: Progress) -> bool:
        """Whether the node answers, within a minute if its processes run: one that is only busy must not be killed."""
        if self._answers():
            return True
        if processes.pid(self._layout) is None:
            return False
        progress(f"node {self.name}: does not answer, waiting up to {_PATIENCE:.0f} s for it")

        def settled() -> bool | None:
            if processes.pid(self._layout) is None:
                return False
            return addons.answers(self._layout) or None

        return bool(Deadline(_PATIENCE).until(settled, every=1.0))

    def _start(self, *, plant: Progress | None = None) -> Network:
        """Start processes and network from what the state folder says; return its addresses.

        Only a new node (`plant` is its progress) is equipped: an old one keeps the versions that its data belongs to.
        """
        layout = self._layout
        addresses = network.claim(layout)
        if plant:
            kubeadm.write(layout, addresses, upstream=uplink.usable())
            processes.equip(layout)
            seed.plant(layout.var / "lib/containerd", layout.snapshotter(), plant)
        network.bypass_proxy(addresses)
        processes.start(layout)
        network.connect(layout, addresses)
        if uplink.usable():
            uplink.start(layout, addresses)
        return addresses

    def _make(self, progress: Progress) -> None:
        """Make the node from nothing."""
        layout, begin = self._layout, time.time()
        progress(f"node {self.name}: images, namespaces and containerd")
        addresses = self._start(plant=progress)
        progress(f"node {self.name}: keys and control plane")
        kubeadm.certificates(layout)
        kubeadm.start_proxy(layout)
        with ThreadPoolExecutor(1) as pool:
            control_plane = pool.submit(kubeadm.init, layout)
            # kubeadm goes on for a while after the API server answers; DNS and storage need not wait for that.
            processes.wait(lambda: control_plane.done() or addons.answers(layout), 300, self._silent, step=0.2)
            if control_plane.done():
                control_plane.result()
            progress(f"node {self.name}: DNS and storage")
            addons.apply(layout, addresses, upstream=uplink.usable())
            control_plane.result()
        addons.wait_ready(layout, begin)
        layout.ready_file.touch()
        progress(f"node {self.name}: ready after {time.time() - begin:.0f} s")

    def _restart(self, progress: Progress) -> None:
        """Bring a node back whose processes ended or that does not answer; etcd and all volumes are kept."""
        layout, begin = self._layout, time.time()
        progress(f"node {self.name}: stopped, starting it again with its data")
        try:
            processes.stop(layout)
            network.disconnect(layout)
            self._start()
            processes.wait(lambda: addons.answers(layout), 90, self._silent, step=0.2)
            addons.wait_ready(layout, begin)
        except KitError as exc:
            raise KitError(
                "node-repair-failed",
                f"The node {self.name} did not come back with its data",
                cause=f"{exc.message}: {exc.cause}",
                fix=f"{advice('delete', self.name)}    # deletes its data; the logs are in {layout.logs}\n"
                f"{advice('create', self.name)}",
            ) from exc
        progress(f"node {self.name}: back after {time.time() - begin:.0f} s")

    def _silent(self) -> KitError:
        """Return the error of an API server that does not answer."""
        return KitError(
            "node-not-ready",
            f"The API server of {self.name} does not answer",
            cause=processes.tail(self._layout.logs / "kubelet.log"),
            fix=f"{advice('delete', self.name)}    # the logs are in {self._layout.logs}\n"
            f"{advice('create', self.name)}",
            code=ExitCode.TIMEOUT,
        )

    def _clear(self) -> None:
        """Remove processes, interfaces and files of the node, also of one that was half made."""
        layout = self._layout
        processes.stop(layout)
        network.disconnect(layout)
        for entry in layout.state.iterdir():
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()

    def delete(self, progress: Progress) -> None:
        """Remove the node with everything it left."""
        layout = self._layout
        admin = kubeconfig.known(layout.admin)  # tells which entries are the node's, also when it is gone
        if layout.state.exists() or cgroups.processes(self.name):
            progress(f"node {self.name}: removing")
            with locked(layout.state):
                self._clear()
                layout.state.rmdir()
            with suppress(OSError):
                state_root().rmdir()  # the last node takes the folder with it
        cgroups.remove(self.name)
        kubeconfig.remove(self.name, admin, self._kubeconfig)

    def load_image(self, reference: str, archive: Path, progress: Progress) -> None:
        """Import a docker-archive, which must carry `reference`."""
        progress(f"node {self.name}: loading {reference}")
        images.bring(self._layout, archive)
        if not self.has_image(reference):
            raise KitError(
                "image-name-differs",
                f"{archive} does not contain an image named {reference}",
                cause="The archive was saved under another name",
                fix=f"docker save --output {archive} {reference}",
            )
        images.note_archive(self._layout, reference, archive.stem)

    def has_image(self, reference: str) -> bool:
        """Whether the node holds this reference."""
        return images.full_name(reference) in images.listed(self._layout)

    def loaded_from(self, reference: str) -> str:
        """Stem of the archive that the reference came from; "" where that is not known."""
        return images.noted_archive(self._layout, reference)
