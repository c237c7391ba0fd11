"""Changes of Services, Ingresses, NetworkPolicies and users' addresses."""

from __future__ import annotations

from collections.abc import Callable

from kitctl.model.migrate.changes.plain import put_all, truth
from kitctl.model.migrate.result import Verdict
from kitctl.model.migrate.work import Item, Outcome, templated, worst


def hosts(item: Item) -> Outcome:
    """Set the names of an Ingress; certificates of entries `{name, tls}` go to `tls`."""
    entries = item.value if isinstance(item.value, list) else [item.value]
    entries = [one if isinstance(one, dict) else {"name": one} for one in entries if one]
    if any(templated(one.get("name")) for one in entries):
        return Verdict.DECIDE, f"set {', '.join(item.to)}: the old value is a template of the other chart"
    if not item.targets():
        return put_all(item, None)
    outcomes = [put_all(item, [one["name"] for one in entries])]
    for one in entries:
        inner = one.get("tls") or {}
        if inner.get("enabled") and inner.get("secretName"):
            certificate = [{"hosts": [one["name"]], "secretName": inner["secretName"]}]
            outcomes += [item.put((*key[:-1], "tls"), certificate) for key in item.targets()]
    return worst(outcomes)


def tls(item: Item) -> Outcome:
    """Set the certificates of an Ingress for `{enabled, secretName}`."""
    value = item.value if isinstance(item.value, dict) else {}
    if value.get("enabled") is not True:
        return Verdict.UNSET, "it is off"
    if not value.get("secretName"):
        return Verdict.DECIDE, f"set {', '.join(item.to)}: the old file names no Secret with the certificate"
    return put_all(item, [{"secretName": value["secretName"]}])


def ports(item: Item) -> Outcome:
    """Set port and node port for a list of ports."""
    outcomes: list[Outcome] = []
    for one in item.value[:1] if isinstance(item.value, list) else []:
        for name, to in (("port", item.to[0]), ("nodePort", item.to[1])):
            value = one.get(name)
            if templated(value):
                outcomes.append((Verdict.DROPPED, f"the {name} is a template of the other chart; {to} has a default"))
            elif value:
                outcomes.append(item.put(to, int(value)))
    if len(item.value) > 1:
        outcomes.append((Verdict.DECIDE, "the Service has one port; add a Service to extraObjects for more"))
    return worst(outcomes)


def peers(item: Item) -> Outcome:
    """Set the peers that may connect, for a NetworkPolicy or a list of its rules."""
    value = item.value
    if isinstance(value, dict):
        value = (value.get("ingress") or {}).get("from") if "ingress" in value else [value]
        return put_all(item, value) if value else (Verdict.UNSET, "it is empty")
    rules = [one for one in value if isinstance(one, dict)]
    found = [peer for one in rules for peer in one.get("from", [one] if "from" not in one else [])]
    return put_all(item, found)


def namespaces(item: Item) -> Outcome:
    """Set peers for the labels of a namespace."""
    return put_all(item, [{"namespaceSelector": {"matchLabels": item.value}}])


def proxies(item: Item) -> Outcome:
    """Ask for the addresses of the proxies where the old value trusts all of them."""
    if truth(item.value) is not True:
        return Verdict.UNSET, "it is off"
    return Verdict.DECIDE, "set apiServer.trustedProxies to the addresses of your proxies, for example [10.0.0.0/8]"


def path_of_url(item: Item) -> Outcome:
    """Set the path of the UI, where an Ingress does not have one."""
    if item.work.old.find("ingress.path.web"):
        return Verdict.UNSET, "ingress.path.web has the path"
    return item.put("ingress.ui.path", item.value)


CHANGES: dict[str, Callable[[Item], Outcome]] = {
    "hosts": hosts,
    "ingress-tls": tls,
    "ports": ports,
    "peers": peers,
    "namespaces": namespaces,
    "proxies": proxies,
    "url-path": path_of_url,
}
