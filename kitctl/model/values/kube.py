"""Types that the chart passes on to Kubernetes.

Kubernetes checks them, so the schema accepts any field. It refuses only mistakes that Kubernetes would find after other
objects of the release have changed, or at each task: a number where a text must be, an entry without a name, a memory
size such as `512MB`.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, JsonValue

from kitctl.model.pod_types import fields
from kitctl.model.values import _patterns as p
from kitctl.model.values.types import LABEL_WORDS, NAME_WORDS


def _kube(kind: str, **schema: JsonValue) -> Any:
    """Mark a Kubernetes type that the chart passes on; `schema` holds what the chart checks itself."""
    return Field(json_schema_extra={"kubernetes": kind, **fields(kind, {**_OWN, **({kind: schema} if schema else {})})})


def _overlay() -> dict[str, Any]:
    """Return the schema of a profile. The chart judges the rest of it when it is merged over the worker pod."""
    return {"kubernetes": "PodSpec", **fields("PodSpec", {})}


def _amounts(words: str) -> JsonValue:
    """Return the schema of requests or limits. Numbers are accepted, since YAML reads `cpu: 2` as a number."""
    return {
        "type": ["object", "null"],
        "properties": {
            "memory": _amount(p.AMOUNT_OF_BYTES, words),
            "ephemeral-storage": _amount(p.AMOUNT_OF_BYTES, words),
        },
        "additionalProperties": _amount(p.AMOUNT, "a quantity such as 500m or 2"),
    }


def _amount(pattern: str, words: str) -> JsonValue:
    return {"type": ["string", "number", "null"], "pattern": pattern, "minimum": 0, "allowed": words}


def _keyed(keys: str, words: str, values: JsonValue) -> dict[str, JsonValue]:
    # Not propertyNames: Helm reports its failures under the name of another key.
    return {"patternProperties": {keys: values}, "additionalProperties": False, "allowedKeys": words}


def _map(keys: str, words: str, values: JsonValue) -> Any:
    """Mark a map with a pattern for its keys and a schema for its values."""
    return Field(json_schema_extra=_keyed(keys, words, values))


_BYTES = "a size such as 512Mi or 1G (without a space, B or m)"
_RESOURCES: dict[str, JsonValue] = {
    "properties": {"requests": _amounts(_BYTES), "limits": _amounts(_BYTES), "claims": {"type": ["array", "null"]}},
    "additionalProperties": False,
}
_ENV_VALUE: JsonValue = {"type": ["string", "null"], "allowed": "text; put numbers, true and false in quotes"}
_LABEL_WORDS = "a key such as team or example.com/team"
_LABEL_VALUE: JsonValue = {
    "type": "string",
    "pattern": p.LABEL_VALUE,
    "allowed": LABEL_WORDS,
}
_NAME = f"^{p.OBJECT}$"
_VARIABLE = "a name such as MY_VARIABLE (letters, digits, dashes, dots and underscores, and no digit at the start)"
_TOLERATION: dict[str, JsonValue] = {
    "operator": {"enum": ["Exists", "Equal", "Lt", "Gt", "", None], "allowed": "Exists or Equal"},
    "effect": {
        "enum": ["NoSchedule", "PreferNoSchedule", "NoExecute", "", None],
        "allowed": "NoSchedule, PreferNoSchedule or NoExecute",
    },
}


def _named(pattern: str, words: str, **others: JsonValue) -> dict[str, Any]:
    """Return what the chart checks of a Kubernetes type with the required field `name`."""
    name: JsonValue = {"type": "string", "pattern": pattern, "allowed": words}
    return {"required": ["name"], "properties": {"name": name, **others}}


_OWN: dict[str, dict[str, Any]] = {
    "Container": _named(_NAME, NAME_WORDS),
    "EnvVar": _named(p.ENV_NAME, _VARIABLE, value=_ENV_VALUE),
    "ResourceRequirements": _RESOURCES,
    "Toleration": {"properties": _TOLERATION},
    "Volume": _named(_NAME, NAME_WORDS),
}
"""What the chart checks of Kubernetes' types beside the types of their fields, also where they are inside of others."""

Affinity = Annotated[dict[str, Any], _kube("Affinity")]
Container = Annotated[dict[str, Any], _kube("Container")]
DnsConfig = Annotated[dict[str, Any], _kube("PodDNSConfig")]
EnvVar = Annotated[dict[str, Any], _kube("EnvVar")]
EnvFrom = Annotated[dict[str, Any], _kube("EnvFromSource")]
HostAlias = Annotated[dict[str, Any], _kube("HostAlias", required=["ip"])]
KubeObject = Annotated[dict[str, Any], _kube("Object")]
Lifecycle = Annotated[dict[str, Any], _kube("Lifecycle")]
LocalObjectReference = Annotated[dict[str, Any], _kube("LocalObjectReference", **_named(_NAME, NAME_WORDS))]
ParentReference = Annotated[dict[str, Any], _kube("ParentReference", required=["name"])]
PodOverlay = Annotated[dict[str, Any], Field(json_schema_extra=_overlay())]
MetricSpec = Annotated[dict[str, Any], _kube("MetricSpec", required=["type"])]
ScalingBehavior = Annotated[dict[str, Any], _kube("HorizontalPodAutoscalerBehavior")]
PodSecurity = Annotated[dict[str, Any], _kube("PodSecurityContext")]
Resources = Annotated[dict[str, Any], _kube("ResourceRequirements")]
RouteFilter = Annotated[dict[str, Any], _kube("HTTPRouteFilter", required=["type"])]
Security = Annotated[dict[str, Any], _kube("SecurityContext")]
Toleration = Annotated[dict[str, Any], _kube("Toleration")]
TopologySpread = Annotated[dict[str, Any], _kube("TopologySpreadConstraint", required=["topologyKey"])]
Volume = Annotated[dict[str, Any], _kube("Volume")]
VolumeMount = Annotated[dict[str, Any], _kube("VolumeMount", required=["name", "mountPath"])]

Labels = Annotated[dict[str, str], _map(p.LABEL_KEY, _LABEL_WORDS, _LABEL_VALUE)]
Annotations = Annotated[dict[str, str], _map(p.ANNOTATION_KEY, _LABEL_WORDS, {"type": "string"})]
ServerSettings = Annotated[
    dict[str, str], _map(p.SETTING, "the name of a setting, such as max_connections", {"type": "string"})
]
TextFiles = Annotated[dict[str, str], _map(p.FILE_STEM, "letters, digits, dashes and dots", {"type": "string"})]
Overlays = Annotated[
    dict[str, PodOverlay],
    _map(p.FILE_STEM, "letters, digits, dashes and dots", {"type": "object", **_overlay()}),
]
SimpleUsers = Annotated[
    dict[str, str],
    _map(
        p.SIMPLE_USER,
        "a name such as jane (letters, digits and -._@+)",
        {"enum": ["viewer", "user", "op", "admin"], "allowed": "viewer, user, op or admin"},
    ),
]
_OPTION: JsonValue = {"type": ["string", "number", "boolean"]}
Options = Annotated[
    dict[str, dict[str, str | int | float | bool]],
    _map(
        p.DATA_KEY,
        "a section of airflow.cfg",
        {"type": "object", **_keyed(p.DATA_KEY, "an option of airflow.cfg", _OPTION)},
    ),
]
