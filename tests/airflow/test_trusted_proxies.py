"""The API server of the pinned Airflow behind a proxy that ends TLS: whom it believes, as the chart configures it."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest

from tests.airflow import api_server

TRUSTED, STRANGER = "127.0.0.2", "127.0.0.3"
SETS = ("apiServer.trustedProxies[0]=127.0.0.2/32", "apiServer.baseUrl=https://flows.example.org")
HEADERS = {"Host": "flows.example.org", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run the server behind an https address; give the port."""
    with api_server.running(tmp_path_factory.mktemp("airflow"), SETS) as port:
        yield port


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
