"""Two Airflows below two paths of one host: pages, probes and links of each are its own, and so are its cookies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.client import HTTPConnection
from http.cookies import SimpleCookie

import pytest

from tests.airflow import api_server
from tests.chart.release import render

HOST = "flows.example.org"
PATHS = ("/a", "/team/b")


def sets(path: str) -> tuple[str, ...]:
    return ("ingress.ui.enabled=true", f"ingress.ui.hosts={{{HOST}}}", f"ingress.ui.path={path}")


@pytest.fixture(scope="module", params=PATHS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """The port and the path of one of them."""
    with api_server.running(tmp_path_factory.mktemp("airflow"), sets(request.param)) as port:
        yield port, request.param


def ask(port: int, path: str) -> tuple[int, str, list[str], str]:
    """Return the status, the place that the answer leads to, its cookies and its text."""
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path, headers={"Host": HOST})
    answer = connection.getresponse()
    headers = answer.headers
    return answer.status, headers.get("Location", ""), headers.get_all("Set-Cookie") or [], answer.read().decode()


def test_the_path_itself_leads_to_the_ui(server: tuple[int, str]) -> None:
    port, path = server
    assert ask(port, path)[:2] == (307, f"http://{HOST}{path}/")
    status, _, _, text = ask(port, f"{path}/dags/any")
    assert status == 200
    assert re.search(r'<base href="([^"]+)"', text)[1] == f"{path}/"  # type: ignore[index]


def test_the_probes_ask_where_the_server_answers(server: tuple[int, str]) -> None:
    port, path = server
    container = render(sets=sets(path)).pod("api-server").spec.containers[0]
    probes = (container.startup_probe, container.readiness_probe, container.liveness_probe)
    assert {p.http_get.path.startswith(f"{path}/") for p in probes} == {True}
    assert {ask(port, p.http_get.path)[0] for p in probes} == {200}


def test_cookies_of_the_log_in_are_for_the_path_only(server: tuple[int, str]) -> None:
    port, path = server
    cookies = [m for line in ask(port, f"{path}/auth/login/")[2] for m in SimpleCookie(line).values()]
    assert [(cookie.key, cookie["path"]) for cookie in cookies] == [("session", f"{path}/")]
