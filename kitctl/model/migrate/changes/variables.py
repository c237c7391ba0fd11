"""Changes of Airflow's options and of environment variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import yaml

from kitctl.model.migrate.changes import airflow, doors, plain
from kitctl.model.migrate.changes.secret import generated
from kitctl.model.migrate.result import Verdict
from kitctl.model.migrate.secrecy import is_secret
from kitctl.model.migrate.work import VARIABLES_SECRET, Item, Outcome, templated, worst
from kitctl.model.option_names import gone, is_known, renamed, sensitive

_VARIABLE = re.compile(r"AIRFLOW__(?P<section>[A-Za-z0-9_.]+?)__(?P<option>[A-Za-z0-9_-]+)$")

OWNED: dict[str, tuple[str, Callable[[Item], Outcome]]] = {
    "core.executor": ("executors", airflow.executors),
    "core.auth_manager": ("auth.manager", airflow.auth_manager),
    "core.dags_folder": ("dags.path", plain.text),
    "core.load_examples": ("dags.loadExamples", plain.boolean),
    "api.base_url": ("apiServer.baseUrl", plain.text),
    "logging.logging_level": ("logs.level", plain.text),
    "logging.remote_logging": ("logs.remote.enabled", plain.boolean),
    "logging.remote_base_log_folder": ("logs.remote.folder", plain.text),
    "logging.remote_log_conn_id": ("logs.remote.connection", plain.text),
    "logging.encrypt_s3_logs": ("logs.remote.encrypt", plain.boolean),
    "api.workers": ("apiServer.workers", plain.whole),
    "triggerer.capacity": ("triggerer.capacity", plain.whole),
    "celery.worker_concurrency": ("workers.celery.concurrency", plain.whole),
    "celery.flower_url_prefix": ("flower.urlPrefix", plain.text),
    "kubernetes_executor.namespace": ("workers.namespace", plain.text),
    "kubernetes_executor.worker_container_repository": ("image.repository", plain.text),
    "kubernetes_executor.worker_container_tag": ("image.tag", airflow.version),
    "fab.enable_proxy_fix": ("apiServer.trustedProxies", doors.proxies),
    "keycloak_auth_manager.server_url": ("auth.keycloak.serverUrl", plain.text),
    "keycloak_auth_manager.realm": ("auth.keycloak.realm", plain.text),
    "keycloak_auth_manager.client_id": ("auth.keycloak.clientId", plain.text),
}
"""Options that have a key of the kit."""

SET_BY_CHART = {
    "core.execution_api_server_url": "tasks report to the Service of the release",
    "core.hostname_callable": "the probes and the log server rely on the chart's choice",
    "api.port": "the port of the API server is fixed; apiServer.service.port is that of the Service",
    "scheduler.enable_health_check": "the probes of the scheduler need it, so it is always on",
    "scheduler.scheduler_health_check_server_port": "the probes of the scheduler use a fixed port",
    "logging.base_log_folder": "it is always /opt/airflow/logs",
    "logging.trigger_log_server_port": "the port of the triggerer's log server is fixed",
    "logging.worker_log_server_port": "the port of the workers' log server is fixed",
    "celery.flower_host": "Flower listens on all addresses",
    "celery.flower_port": "the port of Flower is fixed; flower.service.port is that of the Service",
    "database.sql_alchemy_schema": "the database finds the schema: ALTER ROLE … SET search_path = …",
    "kubernetes_executor.multi_namespace_mode": "worker pods run in one namespace, workers.namespace",
    "kubernetes_executor.multi_namespace_mode_namespace_list": "worker pods run in one namespace, workers.namespace",
    "api.ssl_cert": "the API server speaks HTTP; TLS ends at the Ingress or Gateway",
    "api.ssl_key": "the API server speaks HTTP; TLS ends at the Ingress or Gateway",
    "kubernetes_executor.pod_template_file": "workers, workers.profiles and workers.templates describe worker pods",
    "celery.result_backend": "the results of Celery are in the metadata database",
    "core.simple_auth_manager_users": "set auth.simple.users",
    "core.simple_auth_manager_passwords_file": "set auth.simple.passwordsSecret",
    "core.simple_auth_manager_all_admins": "set auth.simple.allAdmins",
}
"""Options that have none: the chart sets them."""

SECRETS = {
    "core.fernet_key": "fernet-key",
    "api.secret_key": "api-secret-key",
    "api_auth.jwt_secret": "jwt-secret",
}
"""Options that are keys of the keys Secret."""

DOORS = {
    "database.sql_alchemy_conn": ("database.urlSecret", "my-airflow-database", "uri"),
    "database.sql_alchemy_conn_async": ("database.urlSecret", "my-airflow-database", "uri"),
    "celery.broker_url": ("broker.external.urlSecret", "my-airflow-broker", "url"),
    "keycloak_auth_manager.client_secret": ("auth.keycloak.clientSecret", "my-airflow-keycloak", "client-secret"),
}
"""Options with a secret for which the kit has a key that names a Secret, with the name of that Secret and its key."""


def option(item: Item) -> Outcome:
    """Carry an option of airflow.cfg, under the name that Airflow 3 has for it.

    The last two names of the item's key are section and option.
    """
    section, name = (part.lower() for part in item.key[-2:])
    _refuse_section(item.value)
    if templated(item.value):
        return Verdict.DROPPED, "the old value is a template of the other chart, which follows other keys of its values"
    new = renamed(section, name)
    now = new or (section, name)
    why = f"Airflow 3 calls it [{now[0]}] {now[1]}" if new else ""
    if (outcome := _with_key(item, ".".join(now))) is not None:
        return outcome[0], "; ".join(part for part in (why, outcome[1]) if part)
    if reason := gone(section, name):
        return Verdict.DROPPED, f"[{section}] {name} {reason}"
    if now in sensitive():
        return _variable(item, f"AIRFLOW__{now[0]}__{now[1]}".upper(), item.value)
    if not is_known(*now):
        verdict, more = _variable(item, f"AIRFLOW__{section}__{name}".upper(), item.value)
        return verdict, more or "Airflow 3 does not know this option, so it is a variable in env, for plugins of yours"
    verdict, more = item.put(("config", *now), item.value, verbatim=True)
    kept = Verdict.CHANGED if new else Verdict.CARRIED
    return (kept, why) if verdict is Verdict.CHANGED else (verdict, more)


def _with_key(item: Item, dotted: str) -> Outcome | None:
    """Carry an option that the chart sets itself, by the key that it has for it; None for any other."""
    if dotted in SECRETS:
        return generated(replace(item, args=(SECRETS[dotted],), to=("keys.existingSecret",)))
    if dotted in DOORS:
        return _door(item, *DOORS[dotted])
    if dotted in OWNED:
        to, change = OWNED[dotted]
        return change(replace(item, to=(to,)))
    return (Verdict.DROPPED, SET_BY_CHART[dotted]) if dotted in SET_BY_CHART else None


def _door(item: Item, to: str, name: str, key: str) -> Outcome:
    item.secret(name, key)
    if to.startswith("broker"):
        item.put("broker.kind", "external")
    _, why = item.put(to, {"name": name, "key": key})
    return Verdict.DECIDE, why or f"create the Secret {name}"


def _refuse_section(value: Any) -> None:
    """Options and variables have one text or number."""
    if isinstance(value, list | Mapping):
        raise TypeError(type(value).__name__)


def _variable(item: Item, name: str, value: Any) -> Outcome:
    """Set a variable of all Airflow containers; a secret one by a reference."""
    _refuse_section(value)
    section, _, short = name.removeprefix("AIRFLOW__").lower().partition("__")
    if is_secret(name, value) or (section, short) in sensitive():
        item.secret(VARIABLES_SECRET, name)
        reference = {"secretKeyRef": {"name": VARIABLES_SECRET, "key": name}}
        _, why = item.put("env", [{"name": name, "valueFrom": reference}])
        return Verdict.DECIDE, why or f"a secret: create the Secret {VARIABLES_SECRET}"
    if value is None:
        return Verdict.UNSET, ""
    return item.put("env", [{"name": name, "value": str(value)}])


def options_of_map(item: Item) -> Outcome:
    """Carry a variable of a map: an option of Airflow to config, anything else to env."""
    name = item.key[-1]
    if found := _VARIABLE.match(name):
        return option(replace(item, key=(*item.key, found["section"], found["option"])))
    return _variable(item, name, item.value)


def environment(item: Item) -> Outcome:
    """Carry a list of variables, in which options of Airflow go to config, and secrets to a Secret."""
    if isinstance(item.value, str) and not templated(item.value):
        item = replace(item, value=yaml.safe_load(item.value))
    if not isinstance(item.value, list):
        return plain.parsed(item)
    to = item.targets()
    if all(isinstance(one, Mapping) and _stays(one) for one in item.value):
        verdict, why = plain.put_all(item, item.value, verbatim=True)
        return (Verdict.CARRIED, "") if verdict is Verdict.CHANGED else (verdict, why)
    outcomes = []
    for one in item.value:
        if not isinstance(one, Mapping) or "name" not in one:
            outcomes.append((Verdict.DECIDE, f"set {item.to[0]}: an entry has no name"))
            continue
        verdict, why = _entry(item, to, dict(one))
        outcomes.append((verdict, f"{one['name']}: {why}" if why else ""))
    return worst(outcomes)


def _stays(one: Mapping[str, Any]) -> bool:
    """Say whether an entry of a list of variables can stay as it is."""
    name = str(one.get("name", ""))
    return bool(name) and not _VARIABLE.match(name) and not is_secret(name, one.get("value"))


def _entry(item: Item, to: list[tuple[str, ...]], one: dict[str, Any]) -> Outcome:
    name = str(one["name"])
    found = _VARIABLE.match(name)
    if found and "value" in one and to == [("env",)]:
        return option(replace(item, key=(*item.key, found["section"], found["option"]), value=one["value"]))
    if found and (new := renamed(found["section"], found["option"])):
        one["name"] = f"AIRFLOW__{new[0]}__{new[1]}".upper()
    if is_secret(name, one.get("value")):
        item.secret(VARIABLES_SECRET, name, f"the value of {name} in {item.dotted} ({item.work.old.place(item.key)})")
        one = {"name": one["name"], "valueFrom": {"secretKeyRef": {"name": VARIABLES_SECRET, "key": name}}}
        outcomes = [item.put(key, [one]) for key in to]
        return Verdict.DECIDE, worst(outcomes)[1] or f"a secret: create the Secret {VARIABLES_SECRET}"
    verdict, why = worst(item.put(key, [one]) for key in to)
    same = verdict is Verdict.CHANGED and one["name"] == name
    return (Verdict.CARRIED, "") if same else (verdict, why or f"Airflow 3 calls it {one['name']}")


def references(item: Item) -> Outcome:
    """Carry a list of `{envName, secretName, secretKey}` as variables."""
    entries = [
        {
            "name": one["envName"],
            "valueFrom": {"secretKeyRef": {"name": one["secretName"], "key": one.get("secretKey", "value")}},
        }
        for one in item.value
    ]
    return plain.put_all(item, entries)


def pairs(item: Item) -> Outcome:
    """Carry the variables of Airflow that a list of `{key, value}` has as environment variables."""
    return worst(_variable(item, f"AIRFLOW_VAR_{one['key']}".upper(), one.get("value")) for one in item.value)


CHANGES: dict[str, Callable[[Item], Outcome]] = {
    "option": option,
    "options-of-map": options_of_map,
    "env": environment,
    "references": references,
    "pairs": pairs,
}
EACH = ("option", "options-of-map")
