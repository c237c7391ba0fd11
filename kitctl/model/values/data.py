"""Values: database, logs and keys."""

from __future__ import annotations

from typing import Literal

from kitctl.model.values._base import Quantity, Resources, Section, StringMap, knob, requests
from kitctl.model.values.dags import Claim
from kitctl.model.values.image import Image
from kitctl.model.values.workload import Placement
from kitctl.model.versions import pin


class DatabaseSecret(Section):
    """Where the password of an external database stands."""

    name: str = knob("", "Name of an existing Secret; empty means the keys Secret.")
    key: str = knob("postgres-password", "Key in that Secret. Any character works: the kit percent-encodes it.")
    user_key: str = knob("", "Key of the user name in that Secret; empty means `database.user`.")


class Database(Section):
    """The metadata database."""

    host: str = knob("", "Host of an external PostgreSQL; empty means the kit's own (`postgres.enabled`).")
    port: int = knob(5432, "Port of the database.")
    name: str = knob("airflow", "Name of the database.")
    user: str = knob("airflow", "Name of the user.")
    ssl_mode: Literal["", "disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = knob(
        "", "TLS of the connection (libpq's sslmode); empty leaves it to the driver."
    )
    password_secret: DatabaseSecret = knob(DatabaseSecret(), "Secret that holds the password.")
    wait_timeout_seconds: int = knob(
        600, "Time that a pod waits for the database and its migration before it gives up.", unit="seconds"
    )


class PostgresStorage(Claim):
    """The volume of the kit's own PostgreSQL."""

    size: Quantity = knob("8Gi", "Size of the volume.", unit="Kubernetes quantity")


class Postgres(Placement):
    """The kit's own PostgreSQL, for laptops and small teams."""

    enabled: bool = knob(True, "Run PostgreSQL in the release; set false together with `database.host`.")
    image: Image = knob(
        Image(repository=pin("images.postgres"), tag=pin("images.postgres_tag")), "Image of PostgreSQL."
    )
    storage: PostgresStorage = knob(PostgresStorage(), "Its volume; it outlives the release.")
    settings: StringMap = knob(
        {"max_connections": "200", "shared_buffers": "128MB"}, "Settings of the server, passed with -c."
    )
    resources: Resources = knob(requests("100m", "256Mi"), "CPU and memory of PostgreSQL.")
    termination_grace_period_seconds: int = knob(120, "Time to stop cleanly.", unit="seconds")


class LogsPersistence(Claim):
    """The volume that task logs are written to."""

    enabled: bool = knob(
        True, "Keep task logs on a claim shared by workers and API server.", why="Else they go with the pod."
    )
    size: Quantity = knob("5Gi", "Size of the claim.", unit="Kubernetes quantity")


class RemoteLogs(Section):
    """Task logs in an object store."""

    enabled: bool = knob(False, "Write task logs to an object store.")
    folder: str = knob("", "Where, e.g. `s3://bucket/logs` or `gs://bucket/logs`.")
    connection: str = knob("", "Id of the Airflow connection for it.")
    encrypt: bool = knob(False, "Ask the store for encryption at rest.")


class Logs(Section):
    """Where logs go."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = knob("INFO", "Level of the logs.")
    persistence: LogsPersistence = knob(LogsPersistence(), "Logs on a claim.")
    remote: RemoteLogs = knob(RemoteLogs(), "Logs in an object store.")


class KeysBootstrap(Section):
    """The Job that makes the keys where kitctl is not used."""

    enabled: bool = knob(
        True, "Run the Job; kitctl makes the keys before Helm runs, and then the Job finds them there."
    )
    resources: Resources = knob(requests("50m", "64Mi"), "CPU and memory of the Job.")


class Keys(Section):
    """The keys that are made once and never change."""

    existing_secret: str = knob(
        "",
        "Secret to use instead of the kit's, with the keys `fernet-key`, `jwt-secret`, `api-secret-key`, "
        "`postgres-password` and `admin-password`.",
    )
    bootstrap: KeysBootstrap = knob(KeysBootstrap(), "Job that makes the Secret when it is absent.")
