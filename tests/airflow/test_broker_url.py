"""Celery reads the URL that broker_url.py prints: any password, and TLS that verifies the name of the server."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from kitctl.model.versions import data_dir
from tests.airflow.environment import celery, run_python
from tests.chart.release import render

READ = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import broker_url
from celery import Celery
app = Celery(broker=broker_url.url(Path(sys.argv[2])))
with app.connection_for_write() as connection:
    found = connection.info()
    ssl = connection.ssl
    found |= {"password": connection.password, "ssl": {k: str(v) for k, v in ssl.items()} if ssl else None}
print(json.dumps(found, default=str))
"""
ODD = "p@ss w:rd/%41$(HOME)${x}\\'\"`#?&+=,;é "


def read(folder: Path, *sets: str, password: str) -> dict[str, Any]:
    """Let Celery read the URL in a pod of a Celery worker, with the variables that the chart gives to it."""
    secrets = folder / "secrets"
    secrets.mkdir(exist_ok=True)
    (secrets / "broker-password").write_text(password, encoding="utf-8")
    env = {
        e.name: e.value for e in render(sets=("executors={CeleryExecutor}", *sets)).pod("celery").spec.containers[0].env
    }
    broker = {name: value for name, value in env.items() if name.startswith("KIT_BROKER")}
    script = folder / "read.py"
    script.write_text(READ)
    words = [str(script), str(data_dir("chart") / "files"), str(secrets)]
    done = run_python(words, env={**os.environ, **broker}, python=celery())
    assert done.ok, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("password", ["pw", ODD, "%", ":", "@/"])
def test_any_password_reaches_the_client(tmp_path: Path, password: str) -> None:
    found = read(tmp_path, password=password)
    assert found["password"] == password
    assert (found["hostname"], found["port"]) == ("airflow-redis.airflow.svc.cluster.local", 6379)
    assert (found["virtual_host"], found["ssl"]) == ("0", None)


@pytest.mark.parametrize("password", ["pw", ODD])
def test_so_it_does_for_rabbitmq(tmp_path: Path, password: str) -> None:
    found = read(tmp_path, "broker.kind=rabbitmq", password=password)
    assert (found["userid"], found["password"], found["virtual_host"]) == ("airflow", password, "airflow")
    assert (found["hostname"], found["port"]) == ("airflow-rabbitmq.airflow.svc.cluster.local", 5672)
    assert found["transport"] == "amqp"


def test_tls_verifies_the_server_and_its_name(tmp_path: Path) -> None:
    external = ("broker.kind=external", "broker.external.host=redis.example.com", "broker.external.tls=true")
    found = read(tmp_path, *external, "broker.external.database=3", password=ODD)
    assert (found["password"], found["hostname"], found["virtual_host"]) == (ODD, "redis.example.com", "3")
    assert found["ssl"]["ssl_cert_reqs"] in {"VerifyMode.CERT_REQUIRED", "2"}
    assert found["ssl"]["ssl_check_hostname"] == "True"
    assert found["ssl"]["ssl_ca_certs"] == "/etc/ssl/certs/ca-certificates.crt"


def test_the_locked_celery_has_what_the_provider_imports() -> None:
    """Celery 5.7 has no `retry` there any more: with it, no scheduler and no worker of the CeleryExecutor starts."""
    words = "from celery.backends.database import DatabaseBackend, Task, retry, session_cleanup"
    done = run_python(["-c", words], python=celery())
    assert done.ok, done.stderr


def test_rabbitmq_confirms_what_it_has_and_redis_does_not_mind(tmp_path: Path) -> None:
    """The chart sets the option for each broker by a URL, whose kind it cannot see."""
    script = tmp_path / "confirms.py"
    script.write_text(
        "import sys\n"
        "from celery import Celery\n"
        "app = Celery(broker=sys.argv[1])\n"
        "app.conf.broker_transport_options = {'confirm_publish': True}\n"
        "import amqp, kombu.transport.virtual.base as virtual, kombu.transport.redis as redis\n"
        "connection = amqp.Connection(**app.connection_for_write().transport_options)\n"
        "print(connection.confirm_publish, 'confirm_publish' in redis.Channel.from_transport_options)\n"
    )
    done = run_python([str(script), "amqp://a:b@c/d"], python=celery())
    assert done.stdout.split() == ["True", "False"], done.stderr
