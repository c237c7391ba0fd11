"""Changes of the database, the broker, PgBouncer, and where logs are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from kitctl.model.migrate.changes.plain import put_all
from kitctl.model.migrate.result import Verdict
from kitctl.model.migrate.work import Item, Outcome, templated, worst

_POOLS = {"metadataPoolSize": 10, "resultBackendPoolSize": 5}


def pools(item: Item) -> Outcome:
    """Set the sum of the two pools; one that is absent has its default."""
    sizes = {name: item.near(name, default) for name, default in _POOLS.items()}
    if not all(isinstance(size, int) for size in sizes.values()):
        return Verdict.DECIDE, f"set {item.to[0]}: the old value is not a number"
    return put_all(item, sum(sizes.values()))


def ini(item: Item) -> Outcome:
    """Set the settings of lines `name = value`."""
    outcomes: list[Outcome] = []
    for line in str(item.value).splitlines():
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or templated(line):
            outcomes += [(Verdict.DECIDE, f"set {item.to[0]}: a line is not `name = value`")] if line.strip() else []
        else:
            outcomes.append(item.put((*item.targets()[0], name), value))
    return worst(outcomes)


def broker(item: Item) -> Outcome:
    """Set the kind of the broker."""
    if not item.work.has("CeleryExecutor"):
        return Verdict.UNSET, "there are no Celery workers"
    if item.value is True:
        return item.put("broker.kind", item.args[0])
    if any(item.work.old.find(key) for key in ("data.brokerUrl", "data.brokerUrlSecretName", "externalRedis.host")):
        return item.put("broker.kind", "external")
    return Verdict.DECIDE, "set broker.kind, and broker.external for a broker of yours"


def external_broker(item: Item) -> Outcome:
    """Set a key of an external broker, with its kind."""
    if not item.work.has("CeleryExecutor"):
        return Verdict.UNSET, "there are no Celery workers"
    return worst([item.put("broker.kind", "external"), put_all(item, item.value, verbatim=True)])


def ssl_mode(item: Item) -> Outcome:
    """Set the value of `sslmode` in the properties of a URL."""
    found = parse_qs(str(item.value).lstrip("?&"))
    if set(found) != {"sslmode"}:
        return Verdict.DECIDE, f"set {', '.join(item.to)}: only sslmode has a key"
    return put_all(item, found["sslmode"][0])


def mysql(item: Item) -> Outcome:
    """Refuse a database that is not PostgreSQL."""
    if str(item.value).startswith("postgres"):
        return Verdict.UNSET, item.text
    return Verdict.DECIDE, f"{item.text}: move the data to PostgreSQL first"


def own_image(item: Item) -> Outcome:
    """Leave an image of Bitnami behind, whose contract is another one."""
    return Verdict.CHANGED, f"left out, for the image of the kit: {item.text}"


def user_key(item: Item) -> Outcome:
    """Set the key of the user's name, if it is in the Secret of the password."""
    names = [item.near("userSecret"), item.near("passwordSecret")]
    if not names[0]:
        return Verdict.UNSET, "the user is no Secret"
    if names[0] != names[1]:
        return Verdict.DECIDE, f"{item.text}: add it there, and set database.passwordSecret.userKey"
    if item.key[-1] == "userSecret":
        return Verdict.CHANGED, item.text
    return put_all(item, item.value)


def log_claim(item: Item) -> Outcome:
    """Say what the claims of each worker's logs became: one for all."""
    if item.work.old.find("logs.persistence.enabled") is not None:
        return Verdict.CHANGED, "logs.persistence is the claim of all logs"
    value: dict[str, Any] = item.value if isinstance(item.value, dict) else {}
    if value.get("enabled") is False:
        return Verdict.CHANGED, "logs.persistence keeps all logs, which is the default"
    fields = {"size": "size", "storageClassName": "storageClass"}
    outcomes = [item.put(("logs", "persistence", new), value[old]) for old, new in fields.items() if value.get(old)]
    return worst([*outcomes, (Verdict.CHANGED, item.text)])


def archive(item: Item) -> Outcome:
    """Set what becomes of deleted rows."""
    return put_all(item, "none" if item.value is True else "keep")


def search_host(item: Item) -> Outcome:
    """Set the URL of OpenSearch for scheme and host."""
    host = item.near("host") if item.key[-1] != "connection" else item.value.get("host")
    if not isinstance(host, str):
        return Verdict.DECIDE, f"set {item.to[0]}"
    return put_all(item, f"{item.near('scheme', 'http')}://{re.sub(r'^https?://', '', str(host))}")


def search_login(item: Item) -> Outcome:
    """Name a Secret with the log-in to OpenSearch."""
    name = "my-airflow-opensearch"
    item.secret(name, {"user": "username", "pass": "password"}[item.key[-1]])
    verdict, why = item.put("logs.remote.opensearch.credentialsSecret.name", name)
    return Verdict.DECIDE, why if verdict is Verdict.DECIDE else f"create the Secret {name}"


CHANGES: dict[str, Callable[[Item], Outcome]] = {
    "pools": pools,
    "ini": ini,
    "broker": broker,
    "external-broker": external_broker,
    "ssl-mode": ssl_mode,
    "postgresql": mysql,
    "own-image": own_image,
    "user-key": user_key,
    "log-claim": log_claim,
    "archive": archive,
    "search-host": search_host,
    "search-login": search_login,
}
