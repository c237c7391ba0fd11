"""The node's network: a number of its own, a veth pair to the host, and nothing else that the host would see."""

from __future__ import annotations

import ipaddress
import json
import os
import zlib

from kitctl.clusters.node import processes
from kitctl.clusters.node.layout import Layout, Network, state_root
from kitctl.clusters.node.lock import locked
from kitctl.errors import ExitCode, KitError
from kitctl.model.names import valid_cluster
from kitctl.tools.process import run
from kitctl.tools.replace_file import replace_text

_NUMBERS = 256


def claim(layout: Layout) -> Network:
    """Return the node's network, choosing and recording a free number the first time.

    Raises:
        KitError: `no-free-subnet` when all of 10.213.0.0/16 is routed elsewhere.
    """
    if known := layout.network():
        _record(layout, known)
        return known
    with locked(state_root()):
        taken = {other.index for folder in state_root().iterdir() if (other := _of(folder.name))}
        routes = _routes()
        begin = zlib.crc32(layout.name.encode()) % _NUMBERS  # the same name mostly gets the same address again
        for step in range(_NUMBERS):
            network = Network((begin + step) % _NUMBERS)
            wanted = ipaddress.ip_network(network.subnet)
            if network.index not in taken and not any(wanted.overlaps(route) for route in routes):
                _record(layout, network)
                return network
    raise KitError(
        "no-free-subnet",
        "No free /24 is left in 10.213.0.0/16 for the node",
        cause="This machine has routes to all of that range, for example through a VPN",
        fix="ip route    # can one of them be removed?\nkitctl up --context NAME    # or use an existing cluster",
        code=ExitCode.PREFLIGHT,
    )


def _of(name: str) -> Network | None:
    """Return the network of a node by its name, None for a folder that belongs to no node."""
    return Layout(name).network() if valid_cluster(name) else None


def _record(layout: Layout, network: Network) -> None:
    replace_text(layout.network_file, json.dumps({"index": network.index}))


def bypass_proxy(network: Network) -> None:
    """Keep kubectl, helm and our own requests to the node away from the machine's HTTP proxy, which cannot reach it."""
    if not any(os.environ.get(key) for key in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY")):
        return
    for key in ("NO_PROXY", "no_proxy"):  # programs differ in which they read, and in which one wins
        hosts = [h for h in os.environ.get(key, "").split(",") if h]
        if network.address not in hosts:
            os.environ[key] = ",".join([*hosts, network.address])


def _routes() -> list[ipaddress.IPv4Network]:
    """Return the IPv4 destinations that this machine routes on purpose (the default route is none)."""
    answer = run(["ip", "-4", "-json", "route", "show", "table", "all"]).stdout
    found = []
    for route in json.loads(answer or "[]"):
        if route["dst"] != "default" and route.get("type", "unicast") in {"unicast", "local"}:
            found.append(ipaddress.IPv4Network(route["dst"], strict=False))
    return found


def connect(layout: Layout, network: Network) -> None:
    """Join the started node to the host by a veth pair. The pair dies with the node's network namespace."""
    number = processes.pid(layout)
    run(["ip", "link", "delete", layout.veth], check=False)  # of a node that was killed a moment ago
    run(["ip", "link", "add", layout.veth, "type", "veth", "peer", "name", "eth0", "netns", str(number)])
    run(["ip", "addr", "add", f"{network.host}/24", "dev", layout.veth])
    run(["ip", "link", "set", layout.veth, "up"])
    commands = [
        f"addr add {network.address}/24 dev eth0",
        "link set eth0 up",
        # kube-proxy rewrites what goes to a Service, but only once a route let it leave at all.
        f"route add {network.services} dev eth0",
        # Each pod has a route of its own. What goes to one that is gone would leave by the default route, into silence:
        # whoever connects to it then, as a scheduler to its database, hangs for the two minutes that the kernel tries.
        f"route add unreachable {network.pods}",
    ]
    run(processes.inside(layout, "ip", "-batch", "-"), input_text="\n".join([*commands, ""]))
    masquerade = ["-t", "nat", "-A", "POSTROUTING", "-s", network.pods, "!", "-d", network.pods, "-j", "MASQUERADE"]
    run(processes.inside(layout, "iptables", "--wait", *masquerade))


def disconnect(layout: Layout) -> None:
    """Remove the host's end of the pair at once, not only when the kernel gets round to it. Absent is fine."""
    run(["ip", "link", "delete", layout.veth], check=False)
