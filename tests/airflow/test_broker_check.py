"""The check of an external broker asks real ones, as its pod does, and each answer leads to the refusal that fits."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from kitctl.errors import KitError
from kitctl.images.dag_import import REPORT
from kitctl.model.versions import data_dir
from kitctl.release.preflight.broker_refusal import refusal
from kitctl.release.preflight.source import Source
from tests.airflow import broker_servers
from tests.airflow.broker_servers import PASSWORD, Server
from tests.airflow.environment import celery, run_python

SCRIPT = (data_dir("docker") / "broker" / "ask.py").read_text()
PW = quote(PASSWORD, safe="")
VERIFY = "ssl_cert_reqs=required&ssl_check_hostname=true&ssl_ca_certs="
BY_URL = {"broker-url": Source("secret", "mine", "url")}
BY_PARTS = {
    "broker-password": Source("secret", "mine", "password"),
    "broker-ca.crt": Source("configMap", "ca", "ca.crt"),
}


@pytest.fixture(scope="module")
def redis() -> Iterator[Server]:
    with broker_servers.redis() as found:
        yield found


@pytest.fixture(scope="module")
def rabbitmq() -> Iterator[Server]:
    with broker_servers.rabbitmq() as found:
        yield found


def look(files: dict[str, str], wanted: dict[str, Source], folder: Path, **env: str) -> dict[str, Any]:
    """Run the script as the pod does, with these files of Secrets; return its report."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    spec = {
        "broker_url": (data_dir("chart") / "files" / "broker_url.py").read_text(),
        "secrets": str(folder),
        "files": sorted(wanted),
        "queues": ["default", "big"],
        "seconds": 2,
        "pauses": [0.1],
    }
    done = run_python(["-c", SCRIPT, json.dumps(spec)], env=env, python=celery())
    found = REPORT.search(done.stdout)
    assert found, done.stderr
    assert PASSWORD not in done.stdout
    assert PW not in done.stdout
    report: dict[str, Any] = json.loads(found[1])
    return report


def judged(url: str, folder: Path, **env: str) -> KitError | None:
    """Ask the broker of a URL in a Secret; return what stops the deploy."""
    return refusal(look({"broker-url": url}, BY_URL, folder, **env), BY_URL, "airflow")


def by_parts(
    folder: Path, host: str, port: int, *, password: str = PASSWORD, ca: Path | None = None
) -> KitError | None:
    """Ask a Redis that is described by parts, with TLS if it has a CA; return what stops the deploy."""
    files = {"broker-password": password} | ({"broker-ca.crt": ca.read_text()} if ca else {})
    env = {"KIT_BROKER_HOST": host, "KIT_BROKER_PORT": str(port), "KIT_BROKER_DATABASE": "0"}
    env |= {"KIT_BROKER_TLS": "true"} if ca else {}
    wanted = {name: source for name, source in BY_PARTS.items() if name in files}
    return refusal(look(files, wanted, folder, **env), wanted, "airflow")


@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        (f"redis://:{PW}@localhost:PORT/0", "", ""),
        (f"redis://default:{PW}@localhost:PORT/3", "", ""),
        (f"rediss://:{PW}@localhost:TLS/0?{VERIFY}FOLDER/ca.crt", "", ""),
        ("redis://:wrong@localhost:PORT/0", "broker-login-refused", "the default user"),
        (f"redis://nobody:{PW}@localhost:PORT/0", "broker-login-refused", "the user nobody"),
        ("redis://localhost:PORT/0", "broker-login-refused", "Authentication required"),
        (f"redis://:{PW}@localhost:PORT/99", "broker-database-missing", "no database 99"),
        (f"redis://narrow:{PW}@localhost:PORT/0", "broker-rights-missing", "ACL SETUSER narrow"),
        (
            f"redis://:{PW}@localhost:TLS/0",
            "broker-wants-tls",
            "Begin the URL in the Secret mine (key url) with rediss://",
        ),
        (f"rediss://:{PW}@localhost:PORT/0", "broker-without-tls", "redis://…"),
        (f"rediss://:{PW}@localhost:TLS/0?{VERIFY}FOLDER/other-ca.crt", "broker-certificate-refused", "?ssl_ca_certs="),
        (f"rediss://:{PW}@127.0.0.1:TLS/0?{VERIFY}FOLDER/ca.crt", "broker-certificate-refused", "IP address mismatch"),
        (f"rediss://:{PW}@localhost:TLS/0?{VERIFY}/absent", "broker-file-missing", "pods.extraVolumes"),
        (f"amqp://airflow:{PW}@localhost:PORT/airflow", "broker-kind-differs", "is not RabbitMQ but Redis or Valkey"),
        (f"redis://:{PW}@no-such-host.invalid:PORT/0", "broker-host-unknown", "no-such-host.invalid"),
        (f"redis://:{PW}@localhost:1/0", "broker-unreachable", "Connection refused"),
        (f"foo://:{PW}@localhost:PORT/0", "broker-url-invalid", "No such transport"),
        (f"localhost:PORT/{PW}", "broker-url-invalid", "no scheme"),
        ("redis://localhost:PORT\nredis://localhost:PORT", "broker-url-invalid", "several lines"),
        ("redis://:se#cret@localhost:PORT/0", "broker-url-invalid", "as '…'"),
        (f"sqs://:{PW}@", "broker-client-missing", "has no botocore"),
    ],
)
def test_each_answer_of_redis_has_its_refusal(redis: Server, tmp_path: Path, url: str, error: str, words: str) -> None:
    url = url.replace("PORT", str(redis.port)).replace("TLS", str(redis.tls_port))
    expect(judged(url.replace("FOLDER", str(redis.folder)), tmp_path), error, words)


@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        (f"amqp://airflow:{PW}@localhost:PORT/airflow", "", ""),
        (f"amqps://airflow:{PW}@localhost:TLS/airflow", "", ""),
        ("amqp://airflow:wrong@localhost:PORT/airflow", "broker-login-refused", "the user airflow"),
        (f"amqp://airflow:{PW}@localhost:PORT/absent", "broker-database-missing", "rabbitmqctl add_vhost absent"),
        (
            f"amqp://stranger:{PW}@localhost:PORT/airflow",
            "broker-rights-missing",
            "set_permissions -p airflow stranger",
        ),
        (f"amqp://cannot_declare:{PW}@localhost:PORT/airflow", "broker-rights-missing", "Queue.declare"),
        (f"amqp://cannot_publish:{PW}@localhost:PORT/airflow", "broker-rights-missing", "Basic.publish"),
        (f"amqp://other_queue:{PW}@localhost:PORT/airflow", "broker-rights-missing", "'default'"),
        (f"amqp://airflow:{PW}@localhost:TLS/airflow", "broker-wants-tls", "with amqps://"),
        (f"amqps://airflow:{PW}@localhost:PORT/airflow", "broker-without-tls", "amqp://…"),
        (f"amqps://airflow:{PW}@localhost:TLS/airflow?ssl_ca_certs=/x", "broker-url-invalid", "no ssl_ca_certs"),
        (f"redis://:{PW}@localhost:PORT/0", "broker-kind-differs", "is not Redis or Valkey but RabbitMQ"),
        (f"rediss://:{PW}@localhost:TLS/0", "broker-kind-differs", "begins with amqp://"),
    ],
)
def test_each_answer_of_rabbitmq_has_its_refusal(
    rabbitmq: Server, tmp_path: Path, url: str, error: str, words: str
) -> None:
    url = url.replace("PORT", str(rabbitmq.port)).replace("TLS", str(rabbitmq.tls_port))
    expect(judged(url, tmp_path, SSL_CERT_FILE=str(rabbitmq.folder / "ca.crt")), error, words)


def test_a_ca_that_nobody_knows_is_refused_for_rabbitmq_too(rabbitmq: Server, tmp_path: Path) -> None:
    found = judged(f"amqps://airflow:{PW}@localhost:{rabbitmq.tls_port}/airflow", tmp_path)
    expect(found, "broker-certificate-refused", "ssl_cacert")


def test_a_broker_by_parts_is_asked_with_its_password_and_ca(redis: Server, tmp_path: Path) -> None:
    assert by_parts(tmp_path, "localhost", redis.port) is None
    assert by_parts(tmp_path, "localhost", redis.tls_port, ca=redis.folder / "ca.crt") is None
    found = by_parts(tmp_path, "localhost", redis.port, password="wrong")
    expect(found, "broker-login-refused", "kubectl -n airflow patch secret mine")
    found = by_parts(tmp_path, "localhost", redis.tls_port, ca=redis.folder / "other-ca.crt")
    expect(found, "broker-certificate-refused", "create configmap broker-ca")


def test_by_parts_tls_and_kind_are_told_by_their_keys(redis: Server, rabbitmq: Server, tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    expect(by_parts(tmp_path, "localhost", redis.tls_port), "broker-wants-tls", "broker: {external: {tls: true}}")
    expect(by_parts(tmp_path, "localhost", rabbitmq.port), "broker-kind-differs", "broker.external.urlSecret")
    found = by_parts(tmp_path / "tls", "localhost", redis.port, ca=redis.folder / "ca.crt")
    expect(found, "broker-without-tls", "broker: {external: {tls: false}}")


def test_a_missing_secret_is_told_before_anybody_is_asked(tmp_path: Path) -> None:
    assert look({}, BY_URL, tmp_path) == {"missing": ["broker-url"]}
    found = refusal(look({"broker-password": "x"}, BY_PARTS, tmp_path), BY_PARTS, "airflow")
    expect(found, "broker-secret-incomplete", "kubectl -n airflow create configmap ca --from-file=ca.crt=")


def test_a_web_server_is_no_broker(tmp_path: Path) -> None:
    port = broker_servers.free_port()
    argv = [celery(), "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", tmp_path]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as process:
        try:
            assert broker_servers.eventually(port, b"GET / HTTP/1.0\r\n\r\n", b"HTTP/")
            expect(judged(f"redis://localhost:{port}/0", tmp_path), "broker-kind-differs", "but a web server")
        finally:
            process.terminate()


RABBIT = """
import sys
from kombu import Connection, Exchange, Queue
with Connection(sys.argv[1]) as connection, connection.channel() as channel:
    for name in sys.argv[2:]:
        Queue(name, Exchange(name), name, queue_arguments={"x-max-length": 5})(channel).declare()
"""


def test_queues_that_are_there_stay_and_no_others_are_left(rabbitmq: Server, tmp_path: Path) -> None:
    url = f"amqp://airflow:{PW}@localhost:{rabbitmq.port}/airflow"
    for user in broker_servers.RIGHTS:
        judged(url.replace("airflow:", f"{user}:"), tmp_path)
    assert judged(url, tmp_path) is None
    assert rabbitmq.queues() == []
    assert {name for name in rabbitmq.exchanges() if not name.startswith("amq.")} == {""}
    done = run_python(["-c", RABBIT, url, "big"], python=celery())
    assert done.ok, done.stderr
    expect(judged(url, tmp_path), "broker-queue-differs", "PRECONDITION_FAILED")
    assert rabbitmq.queues() == ["big"]


def test_nothing_is_left_in_redis(redis: Server, tmp_path: Path) -> None:
    assert judged(f"redis://:{PW}@localhost:{redis.port}/7", tmp_path) is None
    keys = "import redis, sys; print(redis.Redis.from_url(sys.argv[1]).keys())"
    done = run_python(["-c", keys, f"redis://:{PW}@localhost:{redis.port}/7"], python=celery())
    assert done.stdout.strip() == "[]", done.stderr


def expect(found: KitError | None, error: str, words: str) -> None:
    """Compare a refusal with the id and a part of its text that are expected; "" for none."""
    assert (found.id if found else "") == error, found and (found.message, found.cause)
    if found:
        assert words in f"{found.message}\n{found.cause}\n{found.fix}"
        assert found.cause
        assert "--no-check-broker" in found.fix or error == "broker-secret-incomplete"
        assert found.code == 3
