"""The root of values.yaml. Everything about a key (name, type, default, words, unit) stands in this package only."""

from __future__ import annotations

from enum import StrEnum

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from kitctl.model.values._base import Section, knob
from kitctl.model.values.components import Admin, ApiServer, DagProcessor, Migrations, Scheduler, Triggerer
from kitctl.model.values.dags import Dags
from kitctl.model.values.data import Database, Keys, Logs, Postgres
from kitctl.model.values.image import AirflowImage
from kitctl.model.values.kube import Annotations, EnvFrom, EnvVar, KubeObject, Labels, Options
from kitctl.model.values.types import Domain, Label, NamePrefix
from kitctl.model.values.workers import Workers
from kitctl.model.versions import pin


class Executor(StrEnum):
    """Executors of Airflow 3 that the kit deploys."""

    KUBERNETES = "KubernetesExecutor"
    LOCAL = "LocalExecutor"

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Leave the names open in the schema: the chart refuses Airflow 2's with the new spelling, a schema cannot."""
        return {"type": "string"}


class NetworkPolicy(Section):
    """NetworkPolicies, one per component, from one table of flows."""

    enabled: bool = knob(
        True, "Make NetworkPolicies.", why="Without effect where the cluster enforces none; each flow of the kit is in."
    )
    restrict_egress: bool = knob(
        False,
        "Also limit what the components may call; worker pods may always call anything.",
        why="Off: connections, secrets backends and remote logs call addresses that the chart cannot know.",
    )
    api_server_from: list[KubeObject] = knob(
        [],
        "Who may open the UI from inside the cluster (NetworkPolicyPeers); empty means everybody.",
        why="The ingress controller's namespace is nothing that the chart could know.",
    )


class Templates(Section):
    """Texts that kitctl compiles from Jinja; empty means the chart's own committed files."""

    airflow_cfg: str = knob(
        "",
        "Text of airflow.cfg.",
        why="kitctl fills it in from its templates and yours; plain Helm has the chart's file.",
    )
    pod_template: str = knob(
        "",
        "Text of the worker pod template, with its facts of the release as Go expressions.",
        why="Filled in by `kitctl up`; by hand, a profile or `workers` says the same with less.",
    )


class Smoke(Section):
    """The smoke DAG `kit_smoke`: two tasks that prove the whole chain."""

    enabled: bool = knob(
        False,
        "Bring the smoke DAG, in a bundle of its own beside the DAG mode's; kitctl sets it.",
        why="Off: a plain install shows only the user's DAGs. It has no schedule, so nothing runs by itself.",
    )


class Values(Section):
    """Every key of the chart."""

    name_override: NamePrefix = knob(
        "",
        "Replaces `airflow` in names that are made of release and chart.",
        why="For a second chart of this name under one parent chart.",
    )
    fullname_override: NamePrefix = knob(
        "",
        "Replaces the whole prefix of all names.",
        why="For releases whose name may not begin a Service, e.g. one that starts with a digit.",
    )
    common_labels: Labels = knob(
        {}, "Labels of every object.", why="For cost reports and owners; none of the kit's own is replaced."
    )
    common_annotations: Annotations = knob(
        {}, "Annotations of every object.", why="Says once what GitOps tools and scanners want on everything."
    )
    airflow_version: Label = knob(
        pin("airflow.version"),
        "Version of Airflow that the image holds.",
        why="The chart cannot look into the image; below 3.2.2 it refuses, as tasks there can read others' tokens.",
    )
    image: AirflowImage = knob(AirflowImage(), "Image of Airflow.")
    executors: list[Executor] = knob(
        [Executor.KUBERNETES],
        "Executors in order; the first runs tasks that name none.",
        why="A pod for each task: its own image and memory, and nothing runs while there is no task.",
    )
    config: Options = knob(
        {},
        "Options of airflow.cfg by section, e.g. `core: {parallelism: 64}`; set by environment, so they win.",
        why="One line instead of an airflow.cfg of one's own; what the chart must set itself is refused.",
    )
    env: list[EnvVar] = knob(
        [],
        "More environment of every Airflow container, worker pods included.",
        why="Connections and proxies that DAGs need at parsing are needed at running, too.",
    )
    env_from: list[EnvFrom] = knob(
        [],
        "ConfigMaps and Secrets as environment of every Airflow container.",
        why="Connections from a Secret stand in no values file; a changed one needs a restart.",
    )
    dags: Dags = knob(Dags(), "How DAGs arrive.")
    templates: Templates = knob(Templates(), "Texts compiled by kitctl.")
    keys: Keys = knob(Keys(), "Fernet key, JWT key and passwords.")
    database: Database = knob(Database(), "The metadata database.")
    postgres: Postgres = knob(Postgres(), "The kit's own PostgreSQL.")
    logs: Logs = knob(Logs(), "Task logs.")
    admin: Admin = knob(Admin(), "The first user.")
    migrations: Migrations = knob(Migrations(), "The Job that migrates the database.")
    api_server: ApiServer = knob(ApiServer(), "The API server (the webserver of old).")
    scheduler: Scheduler = knob(Scheduler(), "The scheduler.")
    dag_processor: DagProcessor = knob(DagProcessor(), "The DAG processor.")
    triggerer: Triggerer = knob(Triggerer(), "The triggerer.")
    workers: Workers = knob(Workers(), "Worker pods.")
    network_policy: NetworkPolicy = knob(NetworkPolicy(), "NetworkPolicies.")
    smoke: Smoke = knob(Smoke(), "The smoke DAG.")
    cluster_domain: Domain = knob(
        "cluster.local", "DNS domain of the cluster.", why="Full names spare each look-up several questions to the DNS."
    )
    extra_objects: list[KubeObject | str] = knob(
        [],
        "More objects, rendered with the release (strings go through tpl).",
        why="An Ingress or ExternalSecret then comes and goes with the release.",
    )
