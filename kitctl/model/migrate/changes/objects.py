"""Changes into whole objects of Kubernetes, for extraObjects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from kitctl.model.migrate.result import Verdict
from kitctl.model.migrate.secrecy import is_secret
from kitctl.model.migrate.work import Item, Outcome, worst


def priority_classes(item: Item) -> Outcome:
    """Make a PriorityClass of each entry."""
    kinds = [
        {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": one["name"]},
            **{name: value for name, value in one.items() if name not in ("name", "value")},
            "value": int(one["value"]),
        }
        for one in item.value
    ]
    return item.put("extraObjects", kinds)


def config_maps(item: Item) -> Outcome:
    """Make a ConfigMap of each entry; its `data` is a text of YAML, or a mapping."""
    return worst(_config_map(item, name, one) for name, one in item.value.items())


def _config_map(item: Item, name: str, one: Mapping[str, Any]) -> Outcome:
    data = one.get("data")
    if isinstance(data, str):
        try:
            data = yaml.safe_load(data)
        except yaml.YAMLError:
            return Verdict.DECIDE, f"{name}: add it to extraObjects; its data is a template"
    if not isinstance(data, Mapping):
        return Verdict.DECIDE, f"{name}: add it to extraObjects; its data is a template"
    if hidden := [key for key, value in data.items() if is_secret(str(key), value)]:
        for key in hidden:
            item.secret(name, str(key), f"the value of {key} in {item.dotted}.{name} ({_place(item, name)})")
        return Verdict.DECIDE, f"{name} holds secrets ({', '.join(map(str, hidden))}): create a Secret instead"
    meta = {"name": name, **{key: one[key] for key in ("labels", "annotations") if one.get(key)}}
    found = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {k: str(v) for k, v in data.items()}}
    return item.put("extraObjects", [found])


def secrets(item: Item) -> Outcome:
    """Ask for each Secret of the old file."""
    for name, one in item.value.items():
        for kind in ("data", "stringData"):
            for key in _keys((one or {}).get(kind)):
                item.secret(name, key, f"the value of {key} in {item.dotted}.{name}.{kind} ({_place(item, name)})")
    return Verdict.DECIDE, "create these Secrets: " + ", ".join(item.value)


def _place(item: Item, name: str) -> str:
    return str(item.work.old.place((*item.key, name)))


def _keys(data: Any) -> list[str]:
    if isinstance(data, str):
        try:
            data = yaml.safe_load(data)
        except yaml.YAMLError:
            return ["?"]
    return [str(key) for key in data] if isinstance(data, Mapping) else []


def quota(item: Item) -> Outcome:
    """Make a ResourceQuota or a LimitRange."""
    kind, spec = {
        "quotas": ("ResourceQuota", {"hard": item.value}),
        "limits": ("LimitRange", {"limits": item.value}),
    }[item.key[-1]]
    meta = {"name": f"airflow-{item.key[-1]}"}
    return item.put("extraObjects", [{"apiVersion": "v1", "kind": kind, "metadata": meta, "spec": spec}])


CHANGES: dict[str, Callable[[Item], Outcome]] = {
    "priority-classes": priority_classes,
    "config-maps": config_maps,
    "secrets": secrets,
    "quota": quota,
}
