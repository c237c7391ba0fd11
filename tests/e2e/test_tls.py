"""A release behind TLS on both sides: a database that asks for client certificates, and an ingress that ends TLS."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import SplitResult, urlencode, urlsplit

import pytest

from kitctl.images import recipes
from tests.airflow.postgres_server import certificates
from tests.e2e.git import images
from tests.e2e.git.stories import SMALL, remove, values_file
from tests.e2e.kit import CLUSTER, Kit, finish, start_run

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]
NAMESPACE = "e2e-database"
SITE = "flows.example.org"
SESSIONS = """
SELECT DISTINCT usename, ssl, client_dn FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
WHERE datname = 'airflow' AND client_addr IS NOT NULL
"""
HOST = f"database.{NAMESPACE}.svc.cluster.local"


def secret(kit: Kit, namespace: str, name: str, files: dict[str, Path]) -> None:
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}}
    text = json.dumps({**body, "stringData": {key: path.read_text() for key, path in files.items()}})
    kit.kubectl("apply", "-f", "-", namespace=namespace, text=text).ok()


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    certificates(folder, HOST, "airflow")
    return folder


@pytest.fixture(scope="module")
def mine(kit: Kit, certified: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A release on that database."""
    image = recipes.ensure_postgres_image(images.say)
    images.load(CLUSTER, image)
    manifest = (Path(__file__).parent / "database" / "server.yaml").read_text().replace("IMAGE", image)
    kit.kubectl("apply", "-f", "-", namespace=NAMESPACE, text=manifest).ok()
    secret(kit, NAMESPACE, "tls", {name: certified / name for name in ("server.crt", "server.key", "ca.crt")})
    kit.kubectl("rollout", "status", "deployment/database", "--timeout=120s", namespace=NAMESPACE, timeout=130).ok()
    database = {
        "host": HOST,
        "user": "airflow",
        "name": "airflow",
        "sslMode": "verify-full",
        "ca": {"secret": "database-ca"},
        "clientCertificate": {"secret": "database-client"},
        "password": False,
    }
    values = {**SMALL, "postgres": {"enabled": False}, "triggerer": {"enabled": True}, "database": database}
    tls = kit.sibling("e2e-tls", "tls")
    file = values_file(tmp_path_factory.mktemp("values"), values)
    tls.env = {**kit.env, "KITCTL_VALUES": str(file), "KITCTL_NODE_PORT": "30828"}
    tls.kubectl("create", "namespace", tls.namespace, namespace="default").ok()
    secret(tls, tls.namespace, "database-ca", {"ca.crt": certified / "ca.crt"})
    client = {"tls.crt": certified / "client.crt", "tls.key": certified / "client.key"}
    secret(tls, tls.namespace, "database-client", client)
    yield tls
    remove(tls)
    kit.kubectl("delete", "namespace", NAMESPACE, "--timeout=60s", namespace="default", timeout=90)


def test_every_pod_logs_in_by_its_certificate(mine: Kit) -> None:
    mine("up", "--no-smoke", timeout=600).ok()
    assert mine("status", "-o", "json").ok().json["healthy"] is True
    login = [
        "exec",
        "deploy/database",
        "--",
        "psql",
        "-h",
        "/var/run/postgresql",
        "-U",
        "owner",
        "-d",
        "airflow",
        "-Atc",
    ]
    assert mine.kubectl(*login, SESSIONS, namespace=NAMESPACE).ok().out.split() == ["airflow|t|/CN=airflow"]


def test_a_dag_runs_green_on_it(mine: Kit) -> None:
    api = mine.api()
    assert finish(api, "kit_smoke", start_run(api, "kit_smoke"), timeout=240) == "success"


def ask(url: SplitResult, method: str, path: str, body: str = "", **headers: str) -> HTTPResponse:
    """Ask as a controller in another pod does, which took the request by https."""
    connection = HTTPConnection(str(url.hostname), int(url.port or 80), timeout=60)
    forwarded = {"Host": SITE, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    connection.request(method, path, body=body or None, headers={**forwarded, **headers})
    return connection.getresponse()


def cookies(answer: HTTPResponse) -> dict[str, str]:
    """Return the cookies of an answer: name → the whole header, which must keep them from plain connections."""
    found = {value.split("=")[0]: value for value in answer.headers.get_all("Set-Cookie") or []}
    assert all("; secure" in value.lower() for value in found.values()), found
    return found


def follow(url: SplitResult, answer: HTTPResponse, jar: dict[str, str]) -> dict[str, str]:
    """Follow redirects as a browser does, none of which may leave https; return all cookies."""
    for _ in range(5):
        jar = {**jar, **cookies(answer)}
        if answer.status not in {302, 303, 307}:
            break
        target = urlsplit(str(answer.headers["Location"]))
        assert target.scheme in {"", "https"}, answer.headers["Location"]
        words = "; ".join(value.split(";")[0] for value in jar.values())
        answer = ask(url, "GET", f"{target.path}?{target.query}", Cookie=words)
    return jar


def test_a_user_logs_in_behind_an_ingress_that_ends_tls(mine: Kit) -> None:
    said = mine("credentials", "-o", "json").ok().json
    behind = ("--set", f"apiServer.baseUrl=https://{SITE}", "--set", "apiServer.trustedProxies={10.0.0.0/8}")
    mine("deploy", *behind, timeout=300).ok()
    url = urlsplit(said["url"])
    form = ask(url, "GET", "/auth/login/")
    jar = cookies(form)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.read().decode())
    assert token, "the log-in page has no form"
    body = urlencode({"csrf_token": token[1], "username": said["username"], "password": said["password"]})
    headers = {"Cookie": jar["session"].split(";")[0], "Content-Type": "application/x-www-form-urlencoded"}
    done = ask(url, "POST", "/auth/login/", body, **headers, Referer=f"https://{SITE}/auth/login/")
    assert done.status == 302, done.read().decode()[-500:]
    assert "_token" in follow(url, done, jar)
