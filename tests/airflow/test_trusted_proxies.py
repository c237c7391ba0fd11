"""The API server of the pinned Airflow behind a proxy that ends TLS: whom it believes, as the chart configures it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
from collections.abc import Iterator

import pytest

from tests.airflow.environment import interpreter
from tests.chart.release import render
from tests.e2e.kit import wait_for

TRUSTED, STRANGER = "127.0.0.2", "127.0.0.3"
SETS = ("apiServer.trustedProxies[0]=127.0.0.2/32", "apiServer.baseUrl=https://flows.example.org")
# What the container gets that matters here; paths of the pod do not exist on this machine.
NAMES = {"FORWARDED_ALLOW_IPS", "AIRFLOW__FAB__COOKIE_SECURE", "AIRFLOW__API__BASE_URL"}
HEADERS = {"Host": "flows.example.org", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run the container's own command with its own environment; give the port."""
    home = tmp_path_factory.mktemp("airflow")
    container = render(sets=SETS).pod("api-server").spec.containers[0]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    env = {
        **os.environ,
        **{e.name: e.value for e in container.env if e.name in NAMES},
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    airflow = str(interpreter().with_name("airflow"))
    subprocess.run([airflow, "db", "migrate"], env=env, check=True, capture_output=True, timeout=300)
    words = [str(port) if word == "8080" else word for word in container.args[1:]]
    log = home / "log"
    with log.open("wb") as out, subprocess.Popen([airflow, *words], env=env, stdout=out, stderr=out) as process:
        try:
            wait_for("the API server", lambda: listens(port) or process.poll() is not None, timeout=240)
            assert process.poll() is None, log.read_text(errors="replace")[-3000:]
            yield port
        finally:
            process.terminate()


def listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def ask(port: int, path: str, source: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120, source_address=(source, 0))
    connection.request("GET", path, headers=HEADERS)
    answer = connection.getresponse()
    answer.read()
    return answer


@pytest.mark.parametrize(("source", "scheme"), [(TRUSTED, "https"), (STRANGER, "http")])
def test_redirects_keep_the_scheme_that_a_trusted_proxy_tells(server: int, source: str, scheme: str) -> None:
    assert ask(server, "/auth/login", source).headers["Location"] == f"{scheme}://flows.example.org/auth/login/"


def test_the_cookie_of_the_log_in_form_is_secure(server: int) -> None:
    cookies = ask(server, "/auth/login/", TRUSTED).headers.get_all("Set-Cookie") or []
    assert cookies
    assert [cookie for cookie in cookies if "; Secure" not in cookie] == []
