"""The UI below a path behind an ingress that ends TLS, as users reach it: by a browser."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.airflow.postgres_server import certificates
from tests.e2e.doors import browser, controller
from tests.e2e.git.stories import SMALL, remove, values_file
from tests.e2e.kit import RESULTS, Kit

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]
SITE = "flows.example.org"
INGRESS = {"enabled": True, "hosts": [SITE], "path": "/team/airflow", "tls": [{"secretName": "flows-tls"}]}
BASE = f"https://{SITE}/team/airflow"
SMOKE = "kit_smoke"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("doors")
    certificates(found, SITE, "nobody")
    return found


@pytest.fixture(scope="module")
def mine(kit: Kit, folder: Path) -> Iterator[Kit]:
    server = {"resources": {"requests": {"cpu": "50m"}}, "trustedProxies": ["10.0.0.0/8"]}
    file = values_file(folder, {**SMALL, "apiServer": server, "ingress": {"ui": INGRESS}})
    found = kit.sibling("e2e-doors", "doors")
    found.env = {**kit.env, "KITCTL_VALUES": str(file), "KITCTL_NODE_PORT": "30829"}
    found.kubectl("create", "namespace", found.namespace, namespace="default").ok()
    body = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": "flows-tls"}}
    data = {key: (folder / name).read_text() for key, name in (("tls.crt", "server.crt"), ("tls.key", "server.key"))}
    found.kubectl("apply", "-f", "-", text=json.dumps({**body, "stringData": data})).ok()
    yield found
    remove(found)


@pytest.fixture(scope="module")
def up(mine: Kit) -> Kit:
    """The release, whose smoke run ended well: its tasks report below the path."""
    mine("up", timeout=600).ok()
    return mine


@pytest.fixture(scope="module")
def proxy(up: Kit, folder: Path) -> Iterator[controller.Controller]:
    node = urlsplit(up("credentials", "-o", "json").ok().json["url"]).hostname
    with controller.running(up, str(node), folder) as found:
        yield found


def test_the_commands_know_the_path(up: Kit) -> None:
    said = up("status", "-o", "json").ok().json
    assert said["healthy"] is True
    assert urlsplit(said["url"]).path == "/team/airflow"
    assert urlsplit(up("open", "ui", "--print").ok().out.strip()).path.rstrip("/") == "/team/airflow"


class Https(HTTPSConnection):
    """A connection to this machine for the site, whose name the certificate must have."""

    def connect(self) -> None:
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.sock = ssl.create_default_context(cafile=self.ca).wrap_socket(raw, server_hostname=SITE)

    ca = ""


def ask(connection: HTTPConnection, path: str) -> tuple[int, str]:
    connection.request("GET", path, headers={"Host": SITE})
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.headers.get("Location", "")


def test_the_ingress_has_the_certificate_and_serves_only_its_path(proxy: controller.Controller, folder: Path) -> None:
    site = Https("127.0.0.1", proxy.https)
    site.ca = str(folder / "ca.crt")
    assert ask(site, "/team/airflow") == (307, f"{BASE}/")
    assert ask(site, "/team/airflow/api/v2/version")[0] == 200
    assert ask(site, "/team/airflows")[0] == 503
    assert ask(site, "/")[0] == 503


@pytest.fixture(scope="module")
def page(up: Kit, proxy: controller.Controller) -> Iterator[Page]:
    """A page of somebody who has just logged in."""
    said = up("credentials", "-o", "json").ok().json
    with browser.browsing(SITE, proxy) as context:
        found = context.new_page()
        found.goto(f"{BASE}/")
        found.fill("#username", said["username"])
        found.fill("#password", said["password"])
        found.click("[type=submit]")
        found.wait_for_url(re.compile(rf"^{BASE}/(?!auth)"))
        yield found


def test_a_user_logs_in_and_stays_on_https(page: Page) -> None:
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    cookies = {c["name"]: c for c in page.context.cookies()}
    assert {"session", "_token"} & set(cookies)
    assert {(c["path"].rstrip("/"), c["secure"]) for c in cookies.values()} == {("/team/airflow", True)}


def test_a_user_opens_a_run_and_reads_a_log(page: Page) -> None:
    page.goto(f"{BASE}/dags/{SMOKE}/runs")
    page.locator(f"a[href*='/dags/{SMOKE}/runs/']").first.click()
    # The grid also has a link to the task without a run.
    page.locator("a[href*='/runs/'][href*='/tasks/give']").first.click()
    # What the task itself printed is in a group that the page folds.
    expect(page.get_by_text("Returned value was: 6").first).to_be_visible(timeout=browser.PATIENCE)
    RESULTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=RESULTS / "behind-an-ingress.png")
