"""Values: database, logs and keys."""

from __future__ import annotations

from typing import Literal

from kitctl.model.values._base import Section, knob, requests
from kitctl.model.values.cleaning import LogsRetention
from kitctl.model.values.image import Image
from kitctl.model.values.kube import Resources, ServerSettings
from kitctl.model.values.log_store import RemoteLogs
from kitctl.model.values.objects import Authority, Claim
from kitctl.model.values.types import (
    ClaimFolder,
    ObjectName,
    OptionalSecretKey,
    OptionalSize,
    Port,
    Required,
    Seconds,
    SecondsOrNone,
    SecretKey,
    Size,
    Unspaced,
)
from kitctl.model.values.workload import OwnPod, ServiceAccount, ServiceFamilies
from kitctl.model.versions import pin


class DatabaseSecret(Section):
    """The Secret with the password of an external database."""

    name: ObjectName = knob("", "Name of an existing Secret; empty means the keys Secret.")
    key: SecretKey = knob(
        "postgres-password", "Key of the password in that Secret. The password may contain any character."
    )
    user_key: OptionalSecretKey = knob(
        "",
        "Key of the user name in that Secret, if it is rotated together with the password; empty means "
        "`database.user`.",
    )


class DatabaseClient(Section):
    """The client certificate with which Airflow logs in to an external database."""

    secret: ObjectName = knob("", "Name of an existing Secret with certificate and private key; empty means none.")
    certificate_key: SecretKey = knob("tls.crt", "Key of the certificate (PEM) in that Secret.")
    private_key_key: SecretKey = knob("tls.key", "Key of the private key (PEM, without a passphrase) in that Secret.")


class DatabaseUrl(Section):
    """A Secret that holds the whole URL of an external database."""

    name: ObjectName = knob("", "Name of an existing Secret; empty means that the URL is made from the parts.")
    key: OptionalSecretKey = knob(
        "uri",
        "Key of the URL in that Secret, `postgresql://user:password@host:5432/name`, percent-encoded.",
        why="CloudNativePG writes it under this key into the Secret `<cluster>-app`.",
    )


class Database(Section):
    """The metadata database."""

    host: Unspaced = knob(
        "",
        "Host of an external PostgreSQL; empty means the chart's own (`postgres.enabled`).",
        why="The chart's own PostgreSQL has one replica and no failover: use an external one in production.",
    )
    port: Port = knob(5432, "Port of the database. With a URL from a Secret, only NetworkPolicies use it.")
    name: Required = knob("airflow", "Name of the database. An external database must exist before the install.")
    user: Required = knob(
        "airflow", "Name of the database user. It must own the database, because migrations create and change tables."
    )
    ssl_mode: Literal["", "disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = knob(
        "",
        "TLS mode of the connection (`sslmode` of libpq); empty leaves it to the driver.",
        why="Default: TLS if the server offers it. `verify-ca` checks its certificate, `verify-full` also its name.",
    )
    ca: Authority = knob(Authority(), "CA of the server's certificate, for `verify-ca` and `verify-full`.")
    client_certificate: DatabaseClient = knob(DatabaseClient(), "Certificate that the server asks of its clients.")
    password: bool = knob(
        True,
        "Log in with a password. With false, no pod mounts one.",
        why="Set it to false for a client certificate, or for a proxy in the pod that logs in for Airflow.",
    )
    password_secret: DatabaseSecret = knob(DatabaseSecret(), "Secret that holds the password.")
    url_secret: DatabaseUrl = knob(
        DatabaseUrl(), "Secret with the whole URL, instead of host, port, name, user and password above."
    )
    wait_timeout_seconds: Seconds = knob(
        600,
        "Time that a pod waits for the database and its migration before it fails and starts again.",
        why="Over a slow connection, the first image pull and the migration take minutes.",
    )


class PostgresStorage(Claim):
    """The volume of the kit's own PostgreSQL."""

    size: Size = knob(
        "8Gi",
        "Size of the claim.",
        why="Every task run adds rows. Many storage classes can enlarge a claim later, none can shrink it.",
    )


class Postgres(OwnPod):
    """The chart's own PostgreSQL, for laptops and small teams."""

    enabled: bool = knob(True, "Run PostgreSQL in the release. Set it to false if you set `database.host`.")
    image: Image = knob(
        Image(repository=pin("images.postgres"), tag=pin("images.postgres_tag")), "Image of PostgreSQL."
    )
    storage: PostgresStorage = knob(
        PostgresStorage(), "Claim of the database. It is kept when the release is uninstalled."
    )
    service: ServiceFamilies = knob(ServiceFamilies(), "Service of PostgreSQL.")
    settings: ServerSettings = knob(
        {"max_connections": "200", "shared_buffers": "128MB"},
        "Settings of the server, passed with `-c`.",
        why="A few replicas of each component use up PostgreSQL's default of 100 connections.",
    )
    resources: Resources = knob(
        requests("100m", "256Mi"),
        "CPU and memory of PostgreSQL.",
        why="No limits: a server that exceeds its memory limit is killed, and all connections are lost.",
    )
    shm_size_limit: OptionalSize = knob(
        "256Mi",
        "Size of /dev/shm, which counts as memory; empty means the container runtime's default, usually 64 MB.",
        why="Parallel queries share memory there, and fail where it is too small.",
    )
    termination_grace_period_seconds: SecondsOrNone = knob(
        120,
        "Time that the server has to shut down cleanly before it is killed.",
        why="A server that is killed needs longer for its next start.",
    )


class LogsPersistence(Claim):
    """The volume that task logs are written to."""

    enabled: bool = knob(
        True,
        "Keep task logs on a claim that worker pods and the API server share.",
        why="Without it, logs are lost when the pod is deleted.",
    )
    size: Size = knob(
        "5Gi",
        "Size of the claim.",
        why="A full claim loses new logs; `retention` deletes old ones before. Many claims can be enlarged later.",
    )
    sub_path: ClaimFolder = knob(
        "",
        "Folder of the claim that holds the logs, for a claim that several releases share; empty means its root. It is "
        "created if it does not exist.",
        why="Without folders of their own, releases would read and overwrite each other's logs.",
    )
    retention: LogsRetention = knob(LogsRetention(), "CronJob that deletes old task logs from the claim.")


class Logs(Section):
    """Where task logs are stored."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = knob("INFO", "Log level of all components and tasks.")
    format: Literal["text", "json"] = knob(
        "text", "Form of the lines that components print: text for people, or JSON for a collector."
    )
    persistence: LogsPersistence = knob(LogsPersistence(), "Task logs on a claim.")
    remote: RemoteLogs = knob(RemoteLogs(), "Task logs in a store outside of the volumes of the cluster.")


class KeysBootstrap(OwnPod):
    """The Job that creates the keys where kitctl is not used."""

    enabled: bool = knob(
        True,
        "Run the Job, which creates the keys Secret if it does not exist.",
        why="Plain Helm and GitOps need it. `kitctl up` creates the Secret itself and switches the Job off.",
    )
    resources: Resources = knob(requests("50m", "64Mi"), "CPU and memory of the Job.")
    active_deadline_seconds: Seconds | None = knob(
        3600,
        "Time after which the Job is ended and counts as failed, whatever it does; empty means never.",
        why="A pod that can never start would wait for ever. The Job takes seconds, but a slow pull takes minutes.",
    )
    service_account: ServiceAccount = knob(ServiceAccount(), "ServiceAccount of the Job.")


class Keys(Section):
    """The keys and passwords, which are created once and never change."""

    existing_secret: ObjectName = knob(
        "",
        "Existing Secret to use instead of a generated one, with those of the keys `fernet-key`, `jwt-secret`, "
        "`api-secret-key`, `postgres-password`, `admin-password`, `broker-password` and `flower-password` that your "
        "values use.",
        why="The keys must never change: with another Fernet key, Airflow cannot decrypt stored connections.",
    )
    bootstrap: KeysBootstrap = knob(KeysBootstrap(), "Job that creates the keys Secret.")
