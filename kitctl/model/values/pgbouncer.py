"""Values of PgBouncer, the pool of database connections."""

from __future__ import annotations

from kitctl.model.values._base import Section, knob, requests
from kitctl.model.values.image import Image
from kitctl.model.values.kube import Resources, ServerSettings
from kitctl.model.values.types import Count, ObjectName, Positive, SecondsOrNone, SecretKey
from kitctl.model.values.workload import Probe, ServiceFamilies, Workload
from kitctl.model.versions import pin


class PgbouncerTls(Section):
    """TLS between Airflow and PgBouncer; the one between PgBouncer and the server is that of `database`."""

    secret: ObjectName = knob(
        "",
        "Name of an existing Secret with certificate, private key and CA; empty means no TLS inside of the cluster. "
        "The certificate must name the Service: `<fullname>-pgbouncer.<namespace>.svc.<clusterDomain>`.",
    )
    certificate_key: SecretKey = knob("tls.crt", "Key of the certificate (PEM) in that Secret.")
    private_key_key: SecretKey = knob("tls.key", "Key of the private key (PEM, without a passphrase) in that Secret.")
    ca_key: SecretKey = knob("ca.crt", "Key of the CA (PEM) by which Airflow verifies the certificate.")


class Pgbouncer(Workload):
    """PgBouncer in transaction mode, through which the components reach the database. Migrations go around it."""

    enabled: bool = knob(
        False,
        "Run PgBouncer, in front of the chart's own PostgreSQL or of yours.",
        why="A small release opens fewer connections than PostgreSQL allows. Replicas and Celery workers add to them.",
    )
    image: Image = knob(
        Image(repository=pin("images.pgbouncer"), tag=pin("images.pgbouncer_tag")),
        "Image of PgBouncer: any image with the programs `pgbouncer` and `sh`.",
    )
    service: ServiceFamilies = knob(ServiceFamilies(), "Service of PgBouncer.")
    pool_size: Positive = knob(
        40,
        "Connections to the server that one pod opens and keeps.",
        unit="connections",
        why="The API server handles 40 requests at once, each in a transaction. Two pods fit into 100 connections.",
    )
    reserve_pool_size: Count = knob(
        5,
        "More connections that one pod opens when clients have waited for five seconds.",
        unit="connections",
        why="For peaks, and for a transaction that needs a second connection while the pool is used up.",
    )
    max_client_connections: Positive = knob(
        1000,
        "Connections of Airflow that one pod accepts; more are refused.",
        unit="connections",
        why="A connection that waits takes 2 KB. The limit should never be reached: it only stops a runaway client.",
    )
    tls: PgbouncerTls = knob(PgbouncerTls(), "TLS between Airflow and PgBouncer.")
    settings: ServerSettings = knob(
        {},
        'More settings of the section `[pgbouncer]` of `pgbouncer.ini`, such as `{server_idle_timeout: "300"}`.',
    )
    resources: Resources = knob(
        requests("50m", "32Mi"),
        "CPU and memory of PgBouncer.",
        why="PgBouncer uses one CPU at most. More replicas are for its availability, rarely for its speed.",
    )
    termination_grace_period_seconds: SecondsOrNone = knob(
        90, "Time that open transactions have to end when a pod is stopped; it accepts no new ones meanwhile."
    )
    startup_probe: Probe = knob(Probe(period_seconds=1, failure_threshold=60), "Startup probe: the port listens.")
    liveness_probe: Probe = knob(
        Probe(period_seconds=20, timeout_seconds=5, failure_threshold=6),
        "Liveness probe: the port listens. It does not ask the server, which a restart of PgBouncer would not repair.",
    )
