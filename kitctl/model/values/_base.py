"""The base class of all sections of the values model, and the function that describes one key."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel


class Section(BaseModel):
    """A closed object of values.yaml: unknown keys are refused, keys are camelCase, instances are immutable."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True, frozen=True)


def knob(default: Any, text: str, *, unit: str = "", why: str = "", alias: str | None = None) -> Any:
    """Return the pydantic field of one key.

    Args:
        default: A list, dict or Section is copied for each instance.
        text: What the key does, in one or two sentences.
        unit: Unit of a number, such as "pods"; durations, ports and sizes have a type with a unit.
        why: The reason for the default, or what breaks otherwise. Leave it out where nothing may surprise.
        alias: Its name in values.yaml, where Kubernetes writes it otherwise than camelCase, such as `clusterIP`.
    """
    extra: dict[str, JsonValue] = {k: v for k, v in (("unit", unit), ("why", why)) if v}
    if isinstance(default, (list, dict, Section)):
        return Field(default_factory=lambda: deepcopy(default), description=text, json_schema_extra=extra, alias=alias)
    return Field(default=default, description=text, json_schema_extra=extra, alias=alias)


def requests(cpu: str, memory: str) -> dict[str, Any]:
    """Return resources with requests only.

    A CPU limit slows down the start, which is the most common cause of failing probes. The memory limit depends on the
    user's DAGs.
    """
    return {"requests": {"cpu": cpu, "memory": memory}}
