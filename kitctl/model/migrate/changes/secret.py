"""Changes of secrets: the new file names Secrets, and never has what is in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kitctl.model.migrate.result import Verdict
from kitctl.model.migrate.work import KEYS_SECRET, Item, Outcome, shown, templated, worst

_NEW_KEYS = {
    "fernet-key": "the old Fernet key",
    "jwt-secret": "new: openssl rand -hex 32",
    "api-secret-key": "new: openssl rand -hex 32",
    "postgres-password": "new: openssl rand -hex 16",
    "admin-password": "new: openssl rand -hex 8",
    "broker-password": "new: openssl rand -hex 16",
    "flower-password": "new: openssl rand -hex 8",
}


def generated(item: Item) -> Outcome:
    """Say which key of the keys Secret has this value. Only the Fernet key has to be kept; others can be new."""
    key = item.args[0]
    short = item.key[-1]
    if short.endswith(("SecretKey", "PasswordKey")) and short not in ("apiSecretKey", "webserverSecretKey"):
        return Verdict.UNSET, "the key in a Secret whose password the kit generates"
    names_secret = short.lower().endswith(("secretname", "existingsecret", "authsecret"))
    if names_secret:
        item.secret(KEYS_SECRET, key, f"a copy from the Secret {shown(item.value)}, which {item.dotted} names")
    elif not templated(item.value):
        item.secret(KEYS_SECRET, key)
    if key != "fernet-key":
        return Verdict.CHANGED, (
            f"the kit generates it; to keep the old one, put it into the key {key} of the Secret that "
            "keys.existingSecret names"
        )
    verdict, why = item.put("keys.existingSecret", KEYS_SECRET)
    for name in _missing(item):
        item.secret(KEYS_SECRET, name, _NEW_KEYS[name])
    return (Verdict.DECIDE if verdict is Verdict.CHANGED else verdict), why or (
        f"create the Secret {KEYS_SECRET} with this key: without it, stored connections cannot be read"
    )


def _missing(item: Item) -> list[str]:
    """Return the other keys that a Secret of the user must have."""
    used = ["jwt-secret", "api-secret-key", "admin-password"]
    if item.work.old.find("postgresql.enabled", True) is True:
        used.append("postgres-password")
    if item.work.has("CeleryExecutor"):
        used.append("broker-password")
        if item.work.old.find("flower.enabled", item.work.chart == "kube-airflow") is True:
            used.append("flower-password")
    return used


def into(item: Item) -> Outcome:
    """Set the name and the key of a Secret for a secret: `how: secret NAME KEY`.

    With `outside`, it counts although its section is switched off, as the URL of a database that is not the chart's.
    """
    name, key = item.args
    if templated(item.value):
        return Verdict.DECIDE, f"set {', '.join(item.to)}: the old value is a template of the other chart"
    item.secret(name, key)
    outcomes = [item.put(to, {"name": name, "key": key}) for to in item.targets()]
    return Verdict.DECIDE, worst(outcomes)[1] or f"create the Secret {name}"


def reference(item: Item) -> Outcome:
    """Set the name of a Secret and its key: `how: reference KEY`."""
    outcomes = [item.put(to, item.value) for to in item.targets()]
    outcomes += [item.put((*to[:-1], "key"), item.args[0]) for to in item.targets()]
    if any(to[:2] == ("broker", "external") for to in item.targets()):
        outcomes.append(item.put("broker.kind", "external"))
    return worst(outcomes)


def pull_secret(item: Item) -> Outcome:
    """Name a Secret with the log-in to a registry."""
    name = "my-airflow-registry"
    item.secret(name, ".dockerconfigjson", f"kubectl create secret docker-registry, for {item.dotted}")
    verdict, why = item.put("image.pullSecrets", [{"name": name}])
    return (Verdict.DECIDE, f"create the Secret {name}: {item.text}") if verdict is Verdict.CHANGED else (verdict, why)


def connections(item: Item) -> Outcome:
    """Name a Secret with the connections of a list of `{id, …}`."""
    name = "my-airflow-connections"
    for one in item.value:
        source = f"the connection {one['id']} of {item.dotted}, as JSON or URI"
        item.secret(name, f"AIRFLOW_CONN_{one['id']}".upper(), source)
    verdict, why = item.put("envFrom", [{"secretRef": {"name": name}}])
    return (Verdict.DECIDE, f"create the Secret {name}") if verdict is Verdict.CHANGED else (verdict, why)


def users(item: Item) -> Outcome:
    """Set the first user of a list, without the password."""
    first: dict[str, Any] = item.value[0] if item.value else {}
    fields = {"username", "email", "firstName", "lastName", "role"}
    kept = {name: value for name, value in first.items() if name in fields and not templated(value)}
    outcomes = [item.put("admin", kept)] if kept else []
    if len(item.value) > 1:
        outcomes.append((Verdict.DECIDE, f"create the other users in the UI: {len(item.value) - 1}"))
    else:
        outcomes.append((Verdict.CHANGED, "the password is generated: kitctl credentials prints it"))
    return worst(outcomes)


def tls(item: Item) -> Outcome:
    """Name one Secret for certificate, key and CA of the connection to the database."""
    name = "my-airflow-database-tls"
    kinds = {"ca": "ca.crt", "cert": "tls.crt", "key": "tls.key"}
    given = [kind for kind in kinds if isinstance(item.value, dict) and item.value.get(kind)]
    for kind in given:
        item.secret(name, kinds[kind], f"the value of {item.dotted}.{kind} ({item.work.old.place((*item.key, kind))})")
    outcomes = [item.put("database.ca.secret", name)] if "ca" in given else []
    if "cert" in given:
        outcomes.append(item.put("database.clientCertificate.secret", name))
    if not given:
        return Verdict.UNSET, "it is empty"
    return Verdict.DECIDE, worst(outcomes)[1] or f"create the Secret {name}"


CHANGES: dict[str, Callable[[Item], Outcome]] = {
    "generated": generated,
    "secret": into,
    "outside": into,
    "reference": reference,
    "pull-secret": pull_secret,
    "connections": connections,
    "users": users,
    "tls": tls,
}
