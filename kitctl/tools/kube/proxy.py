"""The proxy on the way to an API server, by the rules that kubectl and helm follow.

httpx has rules of its own: it knows no networks in NO_PROXY (10.96.0.0/12), and sends even 127.0.0.1, where kind and
minikube listen, through the proxy.
"""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

_PORTS = {"http": "80", "https": "443"}


def proxy_of(server: str, proxy_url: str = "") -> str | None:
    """Return the URL of the proxy (http, https or socks5), or None for a direct connection.

    Args:
        server: URL of the API server.
        proxy_url: `proxy-url` of the kubeconfig's cluster, which wins over the environment.
    """
    if proxy_url:
        return proxy_url
    url = urlsplit(server)
    found = _environment(f"{url.scheme}_proxy")
    host = (url.hostname or "").rstrip(".").lower()
    port = url.netloc.rpartition(":")[2]
    if not found or _excluded(host, port if port.isdigit() else _PORTS.get(url.scheme, ""), _environment("no_proxy")):
        return None
    return found if "://" in found else f"http://{found}"


def _environment(name: str) -> str:
    return os.environ.get(name.upper()) or os.environ.get(name) or ""


def _excluded(host: str, port: str, no_proxy: str) -> bool:
    address = _address(host)
    if host == "localhost" or (address and address.is_loopback):
        return True
    for entry in filter(None, (part.strip().lower() for part in no_proxy.split(","))):
        if entry == "*":
            return True
        name, _, only = entry.rpartition(":")
        if _address(entry) or not only.isdigit():  # an IPv6 address, or no port
            name, only = entry, port
        if only == port and _matches(host, address, name.strip("[]")):
            return True
    return False


def _matches(host: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None, entry: str) -> bool:
    if address:
        try:
            return address in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    # ".example.com" means the names below it, "example.com" itself too.
    name = entry.removeprefix("*")
    return host.endswith("." + name.removeprefix(".")) or host == name


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
