"""TLS and log-in to a real PostgreSQL, by the scripts, environment and files that the chart gives to pods."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kitctl.model.versions import data_dir
from tests.airflow.environment import drivers, run_python
from tests.airflow.postgres_server import Server, running
from tests.chart.release import render

EXTERNAL = ("postgres.enabled=false", "database.host=localhost")
VERIFY = ("database.sslMode=verify-full", "database.ca.configMap=ca")
CERTIFICATE = ("database.clientCertificate.secret=client", "database.password=false", "database.user=with_certificate")
PASSWORD = ("database.user=with_password", "database.passwordSecret.name=pw", "database.passwordSecret.key=password")
PROXY = ("database.user=with_proxy", "database.password=false")
# What stands in the objects that the values above name.
OBJECTS = {"ca": {"ca.crt": "ca.crt"}, "client": {"tls.crt": "client.crt", "tls.key": "client.key"}}
WAYS = ("wait", "engine", "async_engine")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as started:
        yield started


def project(spec: object, server: Server, folder: Path, *, ca: str) -> None:
    """Lay the files of the pod's projected volume as the kubelet does, with its mode."""
    (volume,) = [v.projected for v in spec.volumes if v.name == "secrets"]  # type: ignore[attr-defined]
    for source in volume.sources:
        part = source.secret or source.config_map
        for item in part.items:
            target = folder / item.path
            if part.name == "pw":
                target.write_text("p@ss w/rd%\n", encoding="utf-8")
            elif part.name in OBJECTS:
                shutil.copy(server.folder / (ca if part.name == "ca" else OBJECTS[part.name][item.key]), target)
            else:
                continue
            # Only for root's files libpq takes a key that its group can read; pods have root's.
            target.chmod(volume.default_mode if os.geteuid() == 0 else 0o400)


def connect(
    server: Server, folder: Path, *sets: str, ca: str = "ca.crt", host: str = "localhost", component: str = "migrate"
) -> dict[str, str]:
    """Connect as a pod of these values does, and return what each way says."""
    pod = render(sets=(*EXTERNAL, *sets)).pod(component)
    project(pod.spec, server, folder, ca=ca)
    env = {e.name: e.value for e in pod.containers[0].env if e.name.startswith("KIT_DATABASE")}
    env |= {"KIT_DATABASE_PORT": str(server.port), "KIT_DATABASE_HOST": host, "HOME": str(folder)}
    script = Path(__file__).with_name("connect.py")
    done = run_python([str(script), str(data_dir("chart") / "files"), str(folder)], env=env, python=drivers())
    assert done.ok, done.stderr
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


def test_a_client_certificate_takes_the_place_of_the_password(server: Server, tmp_path: Path) -> None:
    said = connect(server, tmp_path, *VERIFY, *CERTIFICATE)
    assert said == dict.fromkeys(WAYS, "with_certificate t /CN=with_certificate")


def test_a_password_over_a_verified_connection(server: Server, tmp_path: Path) -> None:
    assert connect(server, tmp_path, *VERIFY, *PASSWORD) == dict.fromkeys(WAYS, "with_password t")


@pytest.mark.parametrize(
    ("ca", "host", "words"),
    [("other-ca.crt", "localhost", "certificate verify failed"), ("ca.crt", "127.0.0.1", "match")],
)
def test_a_server_that_cannot_prove_its_name_is_refused(
    server: Server, tmp_path: Path, ca: str, host: str, words: str
) -> None:
    said = connect(server, tmp_path, *VERIFY, *PASSWORD, ca=ca, host=host)
    for way in WAYS:
        assert re.match(rf"(?s)refused: .*{words}", said[way]), said


def test_the_server_asks_for_the_certificate(server: Server, tmp_path: Path) -> None:
    said = connect(server, tmp_path, *VERIFY, *CERTIFICATE[1:])
    for way in WAYS:
        assert re.match(r"(?s)refused: .*valid client certificate", said[way]), said


def test_behind_a_proxy_that_logs_in_no_password_is_needed(server: Server, tmp_path: Path) -> None:
    assert connect(server, tmp_path, *PROXY, "database.sslMode=disable") == dict.fromkeys(WAYS, "with_proxy f")
