"""Variables in Secrets and ConfigMaps of `envFrom`: the chart cannot see them, and refuses the same ones in `env`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.versions import data_dir
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.rights import unless_forbidden

_OURS = "AIRFLOW__"
_PLACES = {"AIRFLOW_HOME": "/opt/airflow", "AIRFLOW_CONFIG": "/opt/airflow/airflow.cfg"}
_TWINS = ("_cmd", "_secret")
_KINDS = {"secretRef": "Secret", "configMapRef": "ConfigMap"}
_URLS = {
    "database.sql_alchemy_conn": "postgres: {{enabled: false}}\ndatabase: {{urlSecret: {{name: {name}, key: url}}}}",
    "celery.broker_url": "broker: {{kind: external, external: {{urlSecret: {{name: {name}, key: url}}}}}}",
}
"""Values that take a URL from a key of a Secret."""


def follow_values(kube: Kube, namespace: str, config: Mapping[str, Any]) -> None:
    """Refuse variables of `envFrom` that set what more than Airflow follows (docs/adr/0040).

    What is not there yet is not judged, nor what the user may not read.

    Args:
        kube: The cluster.
        namespace: Namespace of the release.
        config: The values as Helm merged them, without the chart's defaults.

    Raises:
        KitError: `env-owned-by-chart` (code PREFLIGHT).
    """
    for at, source in _sources(config):
        for field, kind in _KINDS.items():
            name = str((source.get(field) or {}).get("name") or "")
            for key, value in sorted(_data(kube, namespace, kind, name).items()):
                _judge(f"{source.get('prefix') or ''}{key}", value, f"{at}, from the {kind} {name},", (kind, name, key))


def _sources(config: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the entries of each `envFrom`, with its key in the values."""
    yield from (("envFrom", source) for source in config.get("envFrom") or ())
    for name, profile in ((config.get("workers") or {}).get("profiles") or {}).items():
        for place, container in enumerate((profile or {}).get("containers") or ()):
            at = f"workers.profiles.{name}.containers[{place}].envFrom"
            yield from ((at, source) for source in container.get("envFrom") or ())


def _data(kube: Kube, namespace: str, kind: str, name: str) -> Mapping[str, str]:
    if not name:
        return {}
    read = kube.secret if kind == "Secret" else kube.config_map
    return unless_forbidden(lambda: read(namespace, name), None) or {}


def _judge(variable: str, value: str, where: str, source: tuple[str, str, str]) -> None:
    kind, name, key = source
    option = variable.removeprefix(_OURS).lower().replace("__", ".")
    base = next((option.removesuffix(end) for end in _TWINS if option.endswith(end)), option)
    if variable.startswith(_OURS) and base in _owned():
        cause = (
            "Waiting containers, probes, rights and network policies follow the values; Airflow would differ from them"
        )
        fix = f"Remove the key {key} from the {kind} {name}, and set the value that docs/errors.md names"
        if kind == "Secret" and option in _URLS:
            fix = f"Rename the key {key} of the Secret {name} to url, and set:\n{_URLS[option].format(name=name)}"
    elif value != _PLACES.get(variable, value):
        cause = "airflow.cfg, the DAGs and the logs are mounted below /opt/airflow; Airflow would find none of them"
        fix = f"Remove the key {key} from the {kind} {name}"
    else:
        return
    raise KitError("env-owned-by-chart", f"{where} contains {variable}", cause=cause, fix=fix, code=ExitCode.PREFLIGHT)


def _owned() -> frozenset[str]:
    """Options that the chart refuses in every list of variables."""
    text = (data_dir("chart") / "files" / "owned_variables.yaml").read_text(encoding="utf-8")
    return frozenset(yaml.safe_load(text))
