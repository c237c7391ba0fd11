"""Values of the store that task logs are uploaded to."""

from __future__ import annotations

from typing import Literal

from kitctl.model.values._base import Section, knob
from kitctl.model.values.types import ConnectionId, HttpAddress, ObjectName, Port, SecretKey, Unspaced


class LogsConnection(Section):
    """The Secret that holds the connection to the store."""

    name: ObjectName = knob("", "Name of an existing Secret; empty means that there is none.")
    key: SecretKey = knob(
        "connection", "Key of the connection: JSON or a URI, as the variable AIRFLOW_CONN_… takes it."
    )


class S3Credentials(Section):
    """The Secret with an access key of S3."""

    name: ObjectName = knob("", "Name of an existing Secret; empty means the cloud identity of the pods.")
    access_key_id_key: SecretKey = knob("access-key-id", "Key of the access key's ID.")
    secret_access_key_key: SecretKey = knob("secret-access-key", "Key of the secret access key.")


class S3Logs(Section):
    """S3, or a store that speaks its protocol, such as MinIO."""

    endpoint_url: HttpAddress = knob("", "URL of the store, for example `http://minio.storage:9000`; empty means AWS.")
    region: Unspaced = knob("", "Region of the bucket; empty means what the environment of the pods says.")
    credentials_secret: S3Credentials = knob(S3Credentials(), "Access key of the store.")


class AzureLogs(Section):
    """Azure Blob Storage."""

    container: Unspaced = knob("airflow-logs", "Container of the log files.")


class SearchSecret(Section):
    """The Secret with the address of Elasticsearch."""

    name: ObjectName = knob("", "Name of an existing Secret; empty means that logs are not in Elasticsearch.")
    key: SecretKey = knob("host", "Key of the URL, for example `https://user:password@es.example.com:9200`.")


class Elasticsearch(Section):
    """Elasticsearch."""

    host_secret: SearchSecret = knob(SearchSecret(), "Secret with the URL of the server, which holds the password.")
    write: Literal["store", "stdout"] = knob(
        "store",
        "Who writes the logs: `store` means that tasks write to the server, `stdout` that they print JSON lines, which "
        "a collector of yours takes there.",
    )
    index: Unspaced = knob("airflow-logs", "Index of the logs.")


class OpensearchSecret(Section):
    """The Secret with the log-in to OpenSearch."""

    name: ObjectName = knob("", "Name of an existing Secret with the user's name and password.")
    username_key: SecretKey = knob("username", "Key of the user's name.")
    password_key: SecretKey = knob("password", "Key of the password.")


class Opensearch(Section):
    """OpenSearch."""

    host: Unspaced = knob("", "URL of the server without user and port; empty means that logs are not in OpenSearch.")
    port: Port = knob(9200, "Port of the server.")
    credentials_secret: OpensearchSecret = knob(OpensearchSecret(), "Log-in to the server.")
    write: Literal["store", "stdout"] = knob("store", "Who writes the logs, as for Elasticsearch.")
    index: Unspaced = knob("airflow-logs", "Index of the logs.")


class RemoteLogs(Section):
    """Task logs in a store outside of the cluster's volumes."""

    enabled: bool = knob(False, "Keep task logs in a store, for example where nodes cannot share a claim.")
    folder: Unspaced = knob(
        "",
        "Folder in an object store, for example `s3://bucket/logs`, `gs://bucket/logs` or `wasb://logs`. Its scheme "
        "selects the provider. Empty for Elasticsearch and OpenSearch.",
    )
    connection: ConnectionId = knob(
        "",
        "ID of the Airflow connection to the store; empty means `connectionSecret`, the access key of `s3`, or else "
        "the cloud identity of the pods.",
    )
    connection_secret: LogsConnection = knob(LogsConnection(), "Secret with the connection to the store.")
    encrypt: bool = knob(False, "Request encryption at rest (S3 only), for buckets whose policy requires it.")
    s3: S3Logs = knob(S3Logs(), "Settings of a folder `s3://…`.")
    azure: AzureLogs = knob(AzureLogs(), "Settings of a folder `wasb://…`.")
    elasticsearch: Elasticsearch = knob(Elasticsearch(), "Logs in Elasticsearch.")
    opensearch: Opensearch = knob(Opensearch(), "Logs in OpenSearch.")
