"""The way out: pods reach what the machine reaches, by a user-mode network that changes nothing on the host.

It is a convenience. Where slirp4netns or /dev/net/tun is missing the node works without it, cut off from the outside.
"""

from __future__ import annotations

from pathlib import Path

from kitctl.clusters.node import processes
from kitctl.clusters.node.layout import Layout, Network
from kitctl.tools.process import spawn, which

_DEVICE = Path("/dev/net/tun")


def usable() -> bool:
    """Whether this machine has what it takes."""
    return _DEVICE.exists() and which("slirp4netns", Path("/usr/bin")) is not None


def start(layout: Layout, network: Network) -> None:
    """Start the user-mode network of a node; it is started again when it ends, as long as the node lives."""
    number = processes.pid(layout)
    command = processes.script(layout, "uplink.sh", str(number), network.uplink)
    spawn(command, log=layout.logs / "uplink.log")
