"""Values of the pools, variables and connections that a Job of the chart writes to Airflow."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, JsonValue

from kitctl.model.objects.rules import JSON, MAPPING, NUMBER, SECTIONS, TEXT, YES_NO
from kitctl.model.values._base import Section, knob, requests
from kitctl.model.values.kube import Resources
from kitctl.model.values.types import Count, Seconds
from kitctl.model.values.workload import OwnPod, ServiceAccount

_REFERENCE = "{secret: {name: NAME, key: KEY}}"
_KINDS: dict[str, JsonValue] = {
    TEXT: {"type": ["string", "object", "null"], "allowed": f"text, or {_REFERENCE}"},
    NUMBER: {"type": ["integer", "null"], "allowed": "a whole number"},
    YES_NO: {"type": ["boolean", "null"], "allowed": "true or false"},
    MAPPING: {"type": ["object", "null"], "allowed": f"a mapping, or {_REFERENCE}"},
    JSON: {"type": ["string", "number", "boolean", "object", "array"]},
}
_NAME = "."


def _objects(name: str) -> Any:
    section = SECTIONS[name]
    one: JsonValue = {
        "type": "object",
        "properties": {field: _KINDS[kind] for field, kind in section.fields.items()},
        "required": list(section.required),
        "additionalProperties": False,
    }
    if name == "variables":  # the short form; the Job checks the long one
        one = _KINDS[JSON]
    return Field(
        json_schema_extra={"patternProperties": {_NAME: one}, "additionalProperties": False, "allowedKeys": "a name"}
    )


class ObjectsJob(OwnPod):
    """The Job that writes the objects."""

    resources: Resources = knob(requests("50m", "64Mi"), "CPU and memory of the Job.")
    service_account: ServiceAccount = knob(ServiceAccount(), "ServiceAccount of the Job. It has no rights.")
    backoff_limit: Count = knob(
        6,
        "Tries before the Job counts as failed.",
        unit="tries",
        why="The pauses between tries grow, so a Secret may come ten minutes late.",
    )
    active_deadline_seconds: Seconds | None = knob(
        3600,
        "Time after which the Job is ended and counts as failed, whatever it does; empty means never.",
        why="A pod that can never start would wait for ever. Each try waits for the API server for up to ten minutes.",
    )
    ttl_seconds_after_finished: Seconds | None = knob(
        None,
        "Time after which Kubernetes deletes the finished Job; empty keeps it.",
        why="Argo CD and Flux would create a deleted Job again at every sync.",
    )


class Objects(Section):
    """Pools, variables and connections, which a Job writes to Airflow after each change of them."""

    pools: Annotated[dict[str, dict[str, Any]], _objects("pools")] = knob(
        {}, "Pools by name, for example `{heavy: {slots: 4}}`. Fields: `slots`, `description`, `include_deferred`."
    )
    variables: Annotated[dict[str, Any], _objects("variables")] = knob(
        {},
        "Variables by name: text or JSON data, or `{value: …, description: …}`. A secret is a reference to a key of a "
        f"Secret: `{_REFERENCE}`.",
    )
    connections: Annotated[dict[str, dict[str, Any]], _objects("connections")] = knob(
        {},
        "Connections by name. Fields: `conn_type`, `description`, `host`, `port`, `schema`, `login`, `password`, "
        f"`extra` (a mapping). The password, and secrets in `extra`, are references: `{_REFERENCE}`.",
        why="Values are stored in the cluster and in Git; plain secrets in them are refused.",
    )
    job: ObjectsJob = knob(ObjectsJob(), "The Job that writes them. It exists if there is something to write.")
