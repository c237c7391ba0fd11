"""The root of values.yaml. Everything about a key (name, type, default, words, unit) stands in this package only."""

from __future__ import annotations

from enum import StrEnum

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from kitctl.model.values._base import EnvFrom, EnvVar, KubeObject, Section, StringMap, knob
from kitctl.model.values.components import Admin, ApiServer, DagProcessor, Migrations, Scheduler, Triggerer, Workers
from kitctl.model.values.dags import Dags
from kitctl.model.values.data import Database, Keys, Logs, Postgres
from kitctl.model.values.image import AirflowImage
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
        [], "Who may open the UI from inside the cluster (NetworkPolicyPeers); empty means everybody."
    )


class Templates(Section):
    """Texts that kitctl compiles from Jinja; empty means the chart's own committed files."""

    airflow_cfg: str = knob("", "Text of airflow.cfg.")
    pod_template: str = knob("", "Text of the worker pod template, with its facts of the release as Go expressions.")


class Smoke(Section):
    """The smoke DAG `kit_smoke`: two tasks that prove the whole chain."""

    enabled: bool = knob(
        False,
        "Bring the smoke DAG, in a bundle of its own beside the DAG mode's; kitctl sets it.",
        why="Off: a plain install shows only the user's DAGs. It has no schedule, so nothing runs by itself.",
    )


class Values(Section):
    """Every key of the chart."""

    name_override: str = knob("", "Replaces `airflow` in names that are made of release and chart.")
    fullname_override: str = knob("", "Replaces the whole prefix of all names.")
    common_labels: StringMap = knob({}, "Labels of every object.")
    common_annotations: StringMap = knob({}, "Annotations of every object.")
    airflow_version: str = knob(pin("airflow.version"), "Version of Airflow that the image holds.")
    image: AirflowImage = knob(AirflowImage(), "Image of Airflow.")
    executors: list[Executor] = knob([Executor.KUBERNETES], "Executors in order; the first runs tasks that name none.")
    config: dict[str, dict[str, str | int | float | bool]] = knob(
        {},
        "Options of airflow.cfg by section, e.g. `core: {parallelism: 64}`; set by environment, so they win.",
    )
    env: list[EnvVar] = knob([], "More environment of every Airflow container, worker pods included.")
    env_from: list[EnvFrom] = knob([], "ConfigMaps and Secrets as environment of every Airflow container.")
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
    cluster_domain: str = knob("cluster.local", "DNS domain of the cluster.")
    extra_objects: list[KubeObject | str] = knob(
        [], "More objects, rendered with the release (strings go through tpl)."
    )
