"""Values: database, logs and keys."""

from __future__ import annotations

from typing import Literal

from kitctl.model.values._base import Section, knob, requests
from kitctl.model.values.claim import Claim
from kitctl.model.values.image import Image
from kitctl.model.values.kube import Resources, ServerSettings
from kitctl.model.values.types import (
    ConnectionId,
    ObjectName,
    OptionalSecretKey,
    Port,
    Required,
    Seconds,
    SecondsOrNone,
    SecretKey,
    Size,
    Unspaced,
)
from kitctl.model.values.workload import Placement
from kitctl.model.versions import pin


class DatabaseSecret(Section):
    """Where the password of an external database stands."""

    name: ObjectName = knob(
        "",
        "Name of an existing Secret; empty means the keys Secret.",
        why="Operators of databases and vaults write the password into a Secret of their own.",
    )
    key: SecretKey = knob(
        "postgres-password",
        "Key in that Secret. Any character works: the kit percent-encodes it.",
        why="The name that it has in the keys Secret; others call it `password`.",
    )
    user_key: OptionalSecretKey = knob(
        "",
        "Key of the user name in that Secret; empty means `database.user`.",
        why="Where user and password rotate together, both must come from one place.",
    )


class Database(Section):
    """The metadata database."""

    host: Unspaced = knob(
        "",
        "Host of an external PostgreSQL; empty means the kit's own (`postgres.enabled`).",
        why="The kit's own has one replica; what must not be lost belongs into a database with backups.",
    )
    port: Port = knob(5432, "Port of the database.", why="PostgreSQL's own; a PgBouncer in front has 6432.")
    name: Required = knob(
        "airflow", "Name of the database.", why="The kit's own server makes it; an external one must have it."
    )
    user: Required = knob(
        "airflow", "Name of the user.", why="Must own the database: migrations make and change tables."
    )
    ssl_mode: Literal["", "disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = knob(
        "",
        "TLS of the connection (libpq's sslmode); empty leaves it to the driver.",
        why="The driver takes TLS where the server offers it; only `verify-full` knows the server for sure.",
    )
    password_secret: DatabaseSecret = knob(DatabaseSecret(), "Secret that holds the password.")
    wait_timeout_seconds: Seconds = knob(
        600,
        "Time that a pod waits for the database and its migration before it gives up.",
        why="A first pull and migration take minutes on a slow line; after it the pod tries anew.",
    )


class PostgresStorage(Claim):
    """The volume of the kit's own PostgreSQL."""

    size: Size = knob(
        "8Gi", "Size of the volume.", why="Every task run adds rows; claims of many classes grow, none shrinks."
    )


class Postgres(Placement):
    """The kit's own PostgreSQL, for laptops and small teams."""

    enabled: bool = knob(
        True,
        "Run PostgreSQL in the release; set false together with `database.host`.",
        why="A first install needs nothing but the cluster.",
    )
    image: Image = knob(
        Image(repository=pin("images.postgres"), tag=pin("images.postgres_tag")), "Image of PostgreSQL."
    )
    storage: PostgresStorage = knob(PostgresStorage(), "Its volume; it outlives the release.")
    settings: ServerSettings = knob(
        {"max_connections": "200", "shared_buffers": "128MB"},
        "Settings of the server, passed with -c.",
        why="PostgreSQL's own 100 connections are used up by a few replicas of each component.",
    )
    resources: Resources = knob(
        requests("100m", "256Mi"),
        "CPU and memory of PostgreSQL.",
        why="Requests only: a server that meets a memory limit is killed, and all connections with it.",
    )
    termination_grace_period_seconds: SecondsOrNone = knob(
        120,
        "Time to stop cleanly.",
        why="A server that is killed before its checkpoint recovers for longer at its next start.",
    )


class LogsPersistence(Claim):
    """The volume that task logs are written to."""

    enabled: bool = knob(
        True, "Keep task logs on a claim shared by workers and API server.", why="Else they go with the pod."
    )
    size: Size = knob(
        "5Gi", "Size of the claim.", why="Nothing removes old task logs by itself, and a full claim loses new ones."
    )


class RemoteLogs(Section):
    """Task logs in an object store."""

    enabled: bool = knob(
        False,
        "Write task logs to an object store.",
        why="Off: it needs a bucket. It is the way where no claim can be shared.",
    )
    folder: Unspaced = knob(
        "",
        "Where, e.g. `s3://bucket/logs` or `gs://bucket/logs`.",
        why="Its scheme chooses the provider that writes them.",
    )
    connection: ConnectionId = knob(
        "",
        "Id of the Airflow connection for it.",
        why="Empty: the pods' cloud identity or the provider's default connection.",
    )
    encrypt: bool = knob(
        False,
        "Ask the store for encryption at rest.",
        why="For S3, where a bucket's policy refuses what is not encrypted.",
    )


class Logs(Section):
    """Where logs go."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = knob(
        "INFO", "Level of the logs.", why="DEBUG writes several times as much, and what tasks say drowns in it."
    )
    persistence: LogsPersistence = knob(LogsPersistence(), "Logs on a claim.")
    remote: RemoteLogs = knob(RemoteLogs(), "Logs in an object store.")


class KeysBootstrap(Section):
    """The Job that makes the keys where kitctl is not used."""

    enabled: bool = knob(
        True,
        "Run the Job; kitctl makes the keys before Helm runs, and then the Job finds them there.",
        why="Plain Helm and GitOps would else wait for a Secret for ever; `kitctl up` switches it off.",
    )
    resources: Resources = knob(
        requests("50m", "64Mi"),
        "CPU and memory of the Job.",
        why="A script without Airflow; a quota refuses pods that request nothing.",
    )


class Keys(Section):
    """The keys that are made once and never change."""

    existing_secret: ObjectName = knob(
        "",
        "Secret to use instead of the kit's, with the keys `fernet-key`, `jwt-secret`, `api-secret-key`, "
        "`postgres-password` and `admin-password`.",
        why="For keys from a vault. They must never change: another fernet key cannot read stored connections.",
    )
    bootstrap: KeysBootstrap = knob(KeysBootstrap(), "Job that makes the Secret when it is absent.")
