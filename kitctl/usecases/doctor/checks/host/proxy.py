"""No HTTP proxy on the way to the cluster."""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

from kitctl.tools.kube.proxy import proxy_of
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, good, warning

CHECK = Check("addresses of nodes and Services in NO_PROXY", "HTTP_PROXY or HTTPS_PROXY is set", level="warning")


def look(facts: Facts) -> Outcome:
    """Ask which addresses of the cluster the proxy would get, by the rules of kubectl."""
    if not any(os.environ.get(name) or os.environ.get(name.lower()) for name in ("HTTP_PROXY", "HTTPS_PROXY")):
        return absent("No proxy is set")
    missing = [network for network in facts.needs.networks if _by_proxy(network)]
    host = urlsplit(facts.place.kube.server).hostname or "" if facts.place.kube else ""
    if _private(host) and proxy_of(f"https://{host}"):
        missing.append(host)
    if not missing:
        return good("the proxy is not asked for addresses of the cluster")
    said = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    everything = ",".join([*filter(None, [said]), *missing])
    return warning(
        f"NO_PROXY leaves out {', '.join(missing)}",
        f"export NO_PROXY={everything}    # and no_proxy",
        "Requests to the cluster would go to the proxy, which does not reach it",
    )


def _by_proxy(network: str) -> bool:
    inside = next(iter(ipaddress.ip_network(network).hosts()))
    return any(proxy_of(f"{scheme}://{inside}") for scheme in ("http", "https"))


def _private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
