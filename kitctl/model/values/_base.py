"""What every section of the values model is made of."""

from __future__ import annotations

from copy import deepcopy
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel


class Section(BaseModel):
    """A closed object of values.yaml: an unknown key is an error, keys are camelCase, values never change."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True, frozen=True)


def knob(default: Any, text: str, *, unit: str = "", why: str = "") -> Any:
    """Describe one key.

    Args:
        default: Its default; a list, dict or Section is copied for each instance.
        text: What it does, one sentence.
        unit: Unit of the value ("seconds", "bytes as a Kubernetes quantity"), where it has one.
        why: Why the default is what it is, or what breaks otherwise.

    Returns:
        A pydantic field.
    """
    extra: dict[str, JsonValue] = {k: v for k, v in (("unit", unit), ("why", why)) if v}
    if isinstance(default, (list, dict, Section)):
        return Field(default_factory=lambda: deepcopy(default), description=text, json_schema_extra=extra)
    return Field(default=default, description=text, json_schema_extra=extra)


def _kube(kind: str) -> Any:
    """Mark a pass-through type: Kubernetes checks it, so the schema leaves it open."""
    return Field(json_schema_extra={"kubernetes": kind})


Affinity = Annotated[dict[str, Any], _kube("Affinity")]
Container = Annotated[dict[str, Any], _kube("Container")]
EnvVar = Annotated[dict[str, Any], _kube("EnvVar")]
EnvFrom = Annotated[dict[str, Any], _kube("EnvFromSource")]
KubeObject = Annotated[dict[str, Any], _kube("Object")]
LocalObjectReference = Annotated[dict[str, Any], _kube("LocalObjectReference")]
PodOverlay = Annotated[dict[str, Any], _kube("PodSpec")]
Resources = Annotated[dict[str, Any], _kube("ResourceRequirements")]
Toleration = Annotated[dict[str, Any], _kube("Toleration")]
TopologySpread = Annotated[dict[str, Any], _kube("TopologySpreadConstraint")]
Volume = Annotated[dict[str, Any], _kube("Volume")]
VolumeMount = Annotated[dict[str, Any], _kube("VolumeMount")]
StringMap = dict[str, str]

Quantity = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$")]
"""A Kubernetes quantity such as 500m or 10Gi."""

OptionalQuantity = Annotated[str, Field(pattern=r"^([0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)?$")]
"""A quantity, or empty."""


def requests(cpu: str, memory: str) -> dict[str, Any]:
    """Return resources with requests only.

    No CPU limit: a throttled start is the most common cause of failing probes. No memory limit by default: it depends
    on the user's DAGs.
    """
    return {"requests": {"cpu": cpu, "memory": memory}}
