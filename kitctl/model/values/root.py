"""The root of values.yaml. This package defines name, type, default, description and unit of every key."""

from __future__ import annotations

from enum import StrEnum

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from kitctl.model.values._base import Section, knob
from kitctl.model.values.auth import Auth
from kitctl.model.values.broker import Broker
from kitctl.model.values.cleaning import DatabaseCleanup
from kitctl.model.values.components import Admin, ApiServer, DagProcessor, Migrations, Objects, Scheduler, Triggerer
from kitctl.model.values.dags import Dags
from kitctl.model.values.data import Database, Keys, Logs, Postgres
from kitctl.model.values.doors import HttpRoutes, Ingresses
from kitctl.model.values.flower import Flower
from kitctl.model.values.image import AirflowImage
from kitctl.model.values.kube import Annotations, EnvFrom, EnvVar, KubeObject, Labels, Options
from kitctl.model.values.objects import LocalSettings, Plugins
from kitctl.model.values.pgbouncer import Pgbouncer
from kitctl.model.values.pods import Pods
from kitctl.model.values.types import Domain, Label, NamePrefix, Ports
from kitctl.model.values.workers import Workers
from kitctl.model.versions import pin


class Executor(StrEnum):
    """Executors of Airflow 3 that the kit deploys."""

    CELERY = "CeleryExecutor"
    KUBERNETES = "KubernetesExecutor"
    LOCAL = "LocalExecutor"

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Accept any name in the schema: the chart takes classes by path, and refuses names of Airflow 2."""
        return {"type": "string"}


class NetworkPolicy(Section):
    """NetworkPolicies, one for each component."""

    enabled: bool = knob(
        True,
        "Create NetworkPolicies, which allow only the incoming connections that the release needs. They have no "
        "effect if the network plugin of the cluster does not enforce them.",
    )
    restrict_egress: bool = knob(
        False,
        "Also restrict the outgoing connections of the components; those of worker pods are never restricted.",
        why="The chart cannot know the addresses of your connections, secrets backends and remote logs.",
    )
    kubernetes_api_ports: Ports = knob(
        [443, 6443, 8443, 16443],
        "Ports of the Kubernetes API that the components may use with `restrictEgress`: that of its Service, and that "
        "of the server behind it.",
        why="Network plugins judge the port of the server: 443 or 6443 in most clusters, 8443 in minikube, 16443 in "
        "MicroK8s.",
    )
    api_server_from: list[KubeObject] = knob(
        [],
        "Pods that may open the UI (list of NetworkPolicyPeer), for example those of an ingress controller; empty "
        "means all.",
    )
    flower_from: list[KubeObject] = knob(
        [],
        "Pods that may open Flower and read its metrics (list of NetworkPolicyPeer); empty means all.",
    )
    metrics_from: list[KubeObject] = knob(
        [],
        "Pods that may read the metrics of git-sync (list of NetworkPolicyPeer), for example those of Prometheus; "
        "empty means all.",
    )
    keda_from: list[KubeObject] = knob(
        [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "keda"}}}],
        "Pods of KEDA that may connect to the chart's PostgreSQL, if KEDA scales Celery workers (list of "
        "NetworkPolicyPeer); empty means all.",
        why="KEDA's own installation uses the namespace `keda`.",
    )


class Templates(Section):
    """Texts that kitctl compiles from Jinja templates; empty means the files in the chart."""

    airflow_cfg: str = knob("", "Text of airflow.cfg. `kitctl up` sets it from the kit's templates and yours.")
    pod_template: str = knob(
        "",
        "Text of the worker pod template, in which Go expressions stand for the values of the release. `kitctl up` "
        "sets it. To change worker pods by hand, use `workers` or a profile.",
    )


class Smoke(Section):
    """The smoke DAG `kit_smoke`: two tasks that show that scheduling, worker pods and XCom work."""

    enabled: bool = knob(
        False,
        "Add the smoke DAG, in a bundle of its own. kitctl sets this key.",
        why="Off for plain Helm, so that the UI lists only your DAGs. The smoke DAG has no schedule.",
    )


class Values(Section):
    """Every key of the chart."""

    name_override: NamePrefix = knob(
        "", "Replaces `airflow` in names that consist of the release's name and the chart's name."
    )
    fullname_override: NamePrefix = knob(
        "",
        "Replaces the common prefix of all names, for example if the name of the release starts with a digit, "
        "because names of Services must start with a letter.",
    )
    common_labels: Labels = knob(
        {},
        "Labels of every object of the release. Labels that the chart sets itself cannot be replaced.",
        why="For labels of pods use `pods.podLabels`: they restart every pod.",
    )
    common_annotations: Annotations = knob(
        {}, "Annotations of every object of the release; for those of pods use `pods.podAnnotations`."
    )
    airflow_version: Label = knob(
        pin("airflow.version"),
        "Airflow version of the image, which the chart cannot find out by itself. Versions below 3.2.2 are refused, "
        "because their tasks can read the tokens of other tasks.",
    )
    image: AirflowImage = knob(AirflowImage(), "Image of Airflow.")
    executors: list[Executor] = knob(
        [Executor.KUBERNETES],
        "List of executors: `KubernetesExecutor`, `CeleryExecutor`, `LocalExecutor`, and classes of the image by their "
        "path, each with an alias if you like (`fast:LocalExecutor`). The first one runs tasks that name none; a task "
        "picks another one with `executor=`.",
        why="With the KubernetesExecutor, each task has its own pod with its own image and memory.",
    )
    config: Options = knob(
        {},
        "Options of airflow.cfg by section, for example `core: {parallelism: 64}`. They become environment variables, "
        "which override airflow.cfg. Refused are options that the chart sets itself, secrets, and names that Airflow 3 "
        "does not know; `env` takes those of your own plugins.",
    )
    env: list[EnvVar] = knob([], "More environment variables of every Airflow container, worker pods included.")
    env_from: list[EnvFrom] = knob(
        [],
        "ConfigMaps and Secrets whose keys become environment variables of every Airflow container. A change needs a "
        "restart.",
    )
    airflow_local_settings: LocalSettings = knob(
        LocalSettings(),
        "The file airflow_local_settings.py in every Airflow pod, for cluster policies and pod mutation hooks. It has "
        "the last word: the chart's own policies run before it.",
    )
    plugins: Plugins = knob(Plugins(), "Plugins of Airflow in a claim, for every Airflow pod.")
    pods: Pods = knob(
        Pods(),
        "What every pod of the release has: components, Jobs, worker pods and PostgreSQL. Each of their sections has "
        "the same keys. Maps are merged, and the section's entries win; a list of the section replaces this one, but "
        "`env` and lists that begin with `extra` or `first` are joined.",
    )
    dags: Dags = knob(Dags(), "How DAGs reach the pods.")
    templates: Templates = knob(Templates(), "Texts compiled by kitctl; empty means the files in the chart.")
    keys: Keys = knob(Keys(), "Fernet key, JWT key and passwords.")
    database: Database = knob(Database(), "The metadata database.")
    postgres: Postgres = knob(Postgres(), "The chart's own PostgreSQL.")
    database_cleanup: DatabaseCleanup = knob(
        DatabaseCleanup(), "CronJob that deletes old rows from the database with `airflow db clean`."
    )
    pgbouncer: Pgbouncer = knob(Pgbouncer(), "PgBouncer, a pool of database connections.")
    logs: Logs = knob(Logs(), "Task logs.")
    auth: Auth = knob(Auth(), "The auth manager.")
    admin: Admin = knob(Admin(), "The first user, of the auth managers `fab` and `simple`.")
    migrations: Migrations = knob(Migrations(), "The Job that migrates the database.")
    objects: Objects = knob(
        Objects(),
        "Pools, variables, connections, roles and users of Airflow. Those that are not named here stay as they are.",
    )
    api_server: ApiServer = knob(ApiServer(), "The API server, called webserver in Airflow 2.")
    scheduler: Scheduler = knob(Scheduler(), "The scheduler.")
    dag_processor: DagProcessor = knob(DagProcessor(), "The DAG processor.")
    triggerer: Triggerer = knob(Triggerer(), "The triggerer.")
    workers: Workers = knob(Workers(), "Worker pods, and Celery workers.")
    broker: Broker = knob(Broker(), "The message broker of Celery workers.")
    flower: Flower = knob(Flower(), "Flower, the web page of Celery workers.")
    ingress: Ingresses = knob(Ingresses(), "Ingresses, by which users reach the release from outside of the cluster.")
    http_route: HttpRoutes = knob(HttpRoutes(), "HTTPRoutes of the Gateway API, for the same purpose.")
    network_policy: NetworkPolicy = knob(NetworkPolicy(), "NetworkPolicies.")
    smoke: Smoke = knob(Smoke(), "The smoke DAG.")
    cluster_domain: Domain = knob(
        "cluster.local", "DNS domain of the cluster, used in full host names, which need fewer DNS queries."
    )
    extra_objects: list[KubeObject | str] = knob(
        [],
        "More objects to install with the release, for example a ConfigMap. Strings are rendered as templates (`tpl`).",
    )
