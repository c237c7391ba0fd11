"""Values of the Airflow components."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, JsonValue

from kitctl.model.objects.rules import JSON, MAPPING, NAMES, NUMBER, PERMISSIONS, SECTIONS, TEXT, YES_NO
from kitctl.model.values._base import Section, knob, requests
from kitctl.model.values.kube import Resources
from kitctl.model.values.objects import PythonFile
from kitctl.model.values.service import Service
from kitctl.model.values.types import (
    Count,
    CountOrEndless,
    Mail,
    Person,
    Positive,
    Replicas,
    Seconds,
    SecretKey,
    Unspaced,
)
from kitctl.model.values.workload import (
    OwnPod,
    Probe,
    ServiceAccount,
    Workload,
    component_resources,
    heartbeat_liveness,
)


class WebserverConfig(PythonFile):
    """The file webserver_config.py, by which users log in."""

    text: str = knob(
        "",
        "Text of the file. It is stored in a ConfigMap: read secrets from `os.environ`, and take them from a Secret in "
        "`apiServer.env`.",
    )
    key: SecretKey = knob("webserver_config.py", "Key of the file in that ConfigMap or Secret.")


class ApiServer(Workload):
    """UI, REST API, and the Execution API that tasks report to."""

    workers: Positive = knob(
        1,
        "Processes that answer requests in one pod.",
        unit="processes",
        why="Each takes 300 MB. A second replica also keeps the API available during restarts.",
    )
    database_connections: Positive = knob(
        80,
        "Database connections that one process opens at most; they close when they are not used. Calls that Airflow "
        "makes asynchronously have a pool of the same size.",
        unit="connections",
        why="With Airflow's 15, 40 requests at once (the threads of a process) block each other and end with 500.",
    )
    base_url: Unspaced = knob(
        "",
        "URL under which users open the UI, for example `https://airflow.example.com/prefix`; its path is the path of "
        "the UI. Empty means the address of `ingress.ui` or `httpRoute.ui`, if one is enabled.",
        why="Tasks do not use it: they report to the Service, so they keep running if the ingress fails.",
    )
    trusted_proxies: list[Unspaced] = knob(
        ["127.0.0.1", "::1"],
        "Addresses and networks (CIDR) of the proxies whose X-Forwarded-Proto and X-Forwarded-For the API server "
        'believes, for example the pods of an ingress controller that ends TLS: `["10.42.7.0/24"]`. `["*"]` means '
        "everyone, `[]` nobody.",
        why="Who is trusted can claim any address. The default trusts a proxy in the same pod, and port-forwards.",
    )
    webserver_config: WebserverConfig = knob(
        WebserverConfig(),
        "How users log in: the file webserver_config.py of the FAB auth manager, for OAuth, OpenID Connect or LDAP.",
    )
    service: Service = knob(Service(), "Service of the API server, for the UI and for tasks.")
    readiness_probe: Probe = knob(
        Probe(period_seconds=5, timeout_seconds=5, failure_threshold=3),
        "Readiness probe: when a pod stops receiving requests.",
        why="After 15 s without an answer, requests go to another replica; the pod is not restarted.",
    )
    resources: Resources = knob(
        requests("300m", "512Mi"),
        "CPU and memory of the main container.",
        why="With three times the share of a worker pod, it answers while many start; a limit would slow its start.",
    )


class Scheduler(Workload):
    """The scheduler, which also launches worker pods."""

    replicas: Replicas | None = knob(
        1,
        "Number of pods; 0 stops the component. `null` leaves the number to an autoscaler of yours.",
        why="Two schedulers have launched the same task twice with the KubernetesExecutor (apache/airflow#57618).",
    )
    num_runs: CountOrEndless = knob(
        -1,
        "Scheduling loops after which the scheduler exits and is restarted; -1 means never.",
        unit="loops",
        why="Each restart interrupts scheduling for about half a minute.",
    )
    resources: Resources = component_resources("200m", "512Mi")


class DagProcessor(Workload):
    """The process that parses DAG files."""

    liveness_probe: Probe = heartbeat_liveness()
    resources: Resources = component_resources("100m", "384Mi")


class Triggerer(Workload):
    """The process that waits for deferred tasks."""

    enabled: bool = knob(
        True,
        "Run a triggerer. Without one, deferred tasks never resume.",
        why="Many operators of providers defer by default. Disable it only if none of your DAGs defers.",
    )
    capacity: Positive = knob(
        1000, "Triggers that one pod runs at the same time; further triggers wait.", unit="triggers"
    )
    liveness_probe: Probe = heartbeat_liveness()
    resources: Resources = component_resources("100m", "384Mi")


class Migrations(OwnPod):
    """The Job that creates and migrates the database."""

    resources: Resources = knob(requests("100m", "384Mi"), "CPU and memory of the migration Job.")
    service_account: ServiceAccount = knob(ServiceAccount(), "ServiceAccount of the Job.")
    backoff_limit: Count = knob(
        6,
        "Tries before the Job counts as failed.",
        unit="tries",
        why="The pauses between tries grow, so the database has about ten minutes to start.",
    )
    active_deadline_seconds: Seconds | None = knob(
        21600,
        "Time after which the Job is ended and counts as failed, whatever it does; empty means never.",
        why="A pod that can never start would wait for ever; six hours do for a database of hundreds of gigabytes.",
    )
    ttl_seconds_after_finished: Seconds | None = knob(
        None,
        "Time after which Kubernetes deletes the finished Job; empty keeps it.",
        why="Argo CD and Flux would create a deleted Job again at every sync.",
    )


class Admin(Section):
    """The first user of the UI."""

    create: bool = knob(
        True, "Create the user if it does not exist. The password is generated and stored in the keys Secret."
    )
    username: Person = knob("admin", "Login name. An existing user of this name is not changed.")
    email: Mail = knob("admin@example.com", "Email address of the user. Required by Airflow, and must be unique.")
    first_name: Person = knob("Airflow", "First name of the user, shown in the UI. Required by Airflow.")
    last_name: Person = knob("Admin", "Last name of the user, shown in the UI. Required by Airflow.")
    role: Person = knob("Admin", "Role of the user. The first user needs `Admin` to create other users.")


_REFERENCE = "{secret: {name: NAME, key: KEY}}"
_LIST: dict[str, JsonValue] = {"type": "array", "items": {"type": "string"}}
_KINDS: dict[str, JsonValue] = {
    TEXT: {"type": ["string", "object", "null"], "allowed": f"text, or {_REFERENCE}"},
    NUMBER: {"type": ["integer", "null"], "allowed": "a whole number"},
    YES_NO: {"type": ["boolean", "null"], "allowed": "true or false"},
    MAPPING: {"type": ["object", "null"], "allowed": f"a mapping, or {_REFERENCE}"},
    JSON: {"type": ["string", "number", "boolean", "object", "array"]},
    NAMES: _LIST,
    PERMISSIONS: {"type": "object", "additionalProperties": _LIST},
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

    prune: bool = knob(
        False,
        "Delete objects that the values do not name, in the sections that they name; an empty section, such as "
        "`pools: {}`, means none. `default_pool`, Airflow's own roles and the user of the log-in are never deleted.",
        why="It also deletes what users have created in the UI. `kitctl objects diff --prune` lists it.",
    )
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
    """Pools, variables, connections, roles and users, which a Job writes to Airflow after each change of them."""

    pools: Annotated[dict[str, dict[str, Any]] | None, _objects("pools")] = knob(
        None, "Pools by name, for example `{heavy: {slots: 4}}`. Fields: `slots`, `description`, `include_deferred`."
    )
    variables: Annotated[dict[str, Any] | None, _objects("variables")] = knob(
        None,
        "Variables by name: text or JSON data, or `{value: …, description: …}`. A secret is a reference to a key of a "
        f"Secret: `{_REFERENCE}`.",
    )
    connections: Annotated[dict[str, dict[str, Any]] | None, _objects("connections")] = knob(
        None,
        "Connections by name. Fields: `conn_type`, `description`, `host`, `port`, `schema`, `login`, `password`, "
        f"`extra` (a mapping). The password, and secrets in `extra`, are references: `{_REFERENCE}`.",
        why="Values are stored in the cluster and in Git; plain secrets in them are refused.",
    )
    roles: Annotated[dict[str, dict[str, Any]] | None, _objects("roles")] = knob(
        None,
        "Roles of FAB's auth manager by name, for example `{Analyst: {permissions: {DAGs: [can_read]}}}`. A role has "
        "exactly these permissions.",
    )
    users: Annotated[dict[str, dict[str, Any]] | None, _objects("users")] = knob(
        None,
        "Users of FAB's auth manager by name. Fields: `email`, `first_name`, `last_name`, `roles` (a list), `password` "
        f"(for a new user; a reference: `{_REFERENCE}`).",
        why="The first user is not one of them: `admin` describes it, and the Job logs in as that user.",
    )
    job: ObjectsJob = knob(ObjectsJob(), "The Job that writes them. It exists if there is something to write.")
