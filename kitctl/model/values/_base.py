"""What every section of the values model is made of."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

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
        unit: Unit of a number ("pods", "tries"); the types of durations, ports and sizes bring theirs.
        why: Why the default is what it is, what breaks otherwise, or what the key is good for.

    Returns:
        A pydantic field.
    """
    extra: dict[str, JsonValue] = {k: v for k, v in (("unit", unit), ("why", why)) if v}
    if isinstance(default, (list, dict, Section)):
        return Field(default_factory=lambda: deepcopy(default), description=text, json_schema_extra=extra)
    return Field(default=default, description=text, json_schema_extra=extra)


def requests(cpu: str, memory: str) -> dict[str, Any]:
    """Return resources with requests only.

    No CPU limit: a throttled start is the most common cause of failing probes. No memory limit by default: it depends
    on the user's DAGs.
    """
    return {"requests": {"cpu": cpu, "memory": memory}}
