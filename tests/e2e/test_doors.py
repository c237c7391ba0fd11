"""The UI and Flower below a path, behind an Ingress and a Gateway that end TLS, as users reach them: by a browser.

A real controller serves both kinds. The release first has Ingresses, then HTTPRoutes for the same address.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.airflow.postgres_server import certificates
from tests.e2e.doors import browser, controller
from tests.e2e.git.stories import SMALL, remove
from tests.e2e.kit import RESULTS, Kit, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(1500)]
SITE = "flows.example.org"
PATH = "/team/airflow"
FLOWER = f"{PATH}/flower"
BASE = f"https://{SITE}{PATH}"
SMOKE = "kit_smoke"
TLS = [{"secretName": "flows-tls"}]
INGRESS = {
    "ui": {"enabled": True, "className": "traefik", "hosts": [SITE], "path": PATH, "tls": TLS},
    "flower": {"enabled": True, "className": "traefik", "path": FLOWER, "tls": TLS},
}
PARENTS = [{"name": controller.GATEWAY, "namespace": controller.NAMESPACE, "sectionName": "https"}]
ROUTES = {
    "ui": {"enabled": True, "parentRefs": PARENTS, "hostnames": [SITE], "path": PATH},
    "flower": {"enabled": True, "parentRefs": PARENTS, "path": FLOWER},
}
VALUES: dict[str, Any] = {
    **SMALL,
    "apiServer": {"resources": {"requests": {"cpu": "50m"}}, "trustedProxies": ["10.0.0.0/8"]},
    "executors": ["CeleryExecutor"],
    "workers": {"celery": {"replicas": 1, "concurrency": 2, "resources": {"requests": {"cpu": "50m"}}}},
    "flower": {"enabled": True},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("doors")
    certificates(found, SITE, "nobody")
    return found


@pytest.fixture(scope="module")
def proxy(kit: Kit, folder: Path) -> Iterator[controller.Controller]:
    with controller.running(kit, folder) as found:
        yield found


@pytest.fixture(scope="module")
def mine(kit: Kit, folder: Path) -> Iterator[Kit]:
    found = kit.sibling("e2e-doors", "doors")
    found.env = {**kit.env, "KITCTL_NODE_PORT": "30829"}
    found.kubectl("create", "namespace", found.namespace, namespace="default").ok()
    controller.certificate(found, "flows-tls", found.namespace, folder)
    yield found
    remove(found)


def up(kit: Kit, folder: Path, doors: dict[str, Any]) -> Kit:
    """Bring the release up; its smoke run ends well only if tasks report below the path."""
    file = folder / "values.yaml"
    file.write_text(json.dumps({**VALUES, **doors}))
    kit("up", "-f", file, timeout=900).ok()
    return kit


@pytest.fixture(scope="module")
def ingress(mine: Kit, folder: Path, proxy: controller.Controller) -> Kit:
    """The release with its Ingresses."""
    return up(mine, folder, {"ingress": INGRESS})


class Https(HTTPSConnection):
    """A connection to a controller for the site, whose name the certificate must have."""

    def __init__(self, proxy: controller.Controller, folder: Path) -> None:
        super().__init__(proxy.host, proxy.https, timeout=60)
        self.trust = ssl.create_default_context(cafile=folder / "ca.crt")

    def connect(self) -> None:
        raw = socket.create_connection((self.host, self.port), timeout=60)
        self.sock = self.trust.wrap_socket(raw, server_hostname=SITE)


def ask(proxy: controller.Controller, folder: Path, path: str) -> tuple[int, str]:
    """Return the status that a path answers with, and where it sends its reader."""
    connection = Https(proxy, folder)
    connection.request("GET", path, headers={"Host": SITE})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers.get("Location", "")


def serves_only_its_paths(proxy: controller.Controller, folder: Path) -> None:
    """Check what the site answers, with a certificate that must be its own."""
    wait_for("the UI behind the door", lambda: ask(proxy, folder, PATH)[0] == 307, timeout=60)
    # Until its own rule is there, the UI's rule has Flower's path as well; nobody sees a page without the password.
    wait_for("Flower behind the door", lambda: ask(proxy, folder, FLOWER + "/")[0] == 401, timeout=60)
    assert ask(proxy, folder, PATH) == (307, f"{BASE}/")
    assert ask(proxy, folder, f"{PATH}/api/v2/version")[0] == 200
    assert ask(proxy, folder, f"{PATH}s")[0] == 404
    assert ask(proxy, folder, "/")[0] == 404


def test_the_commands_know_the_path(ingress: Kit) -> None:
    said = ingress("status", "-o", "json").ok().json
    assert said["healthy"] is True
    assert urlsplit(said["url"]).path == PATH
    assert urlsplit(ingress("open", "ui", "--print").ok().out.strip()).path.rstrip("/") == PATH
    assert urlsplit(ingress("open", "flower", "--print").ok().out.strip()).path.rstrip("/") == FLOWER


def test_the_ingresses_have_the_certificate_and_serve_only_their_paths(
    ingress: Kit, proxy: controller.Controller, folder: Path
) -> None:
    serves_only_its_paths(proxy, folder)


def log_in(page: Page, said: dict[str, Any]) -> Page:
    """Log in as a user does who types the address."""
    page.goto(f"{BASE}/")
    page.fill("#username", said["username"])
    page.fill("#password", said["password"])
    page.click("[type=submit]")
    page.wait_for_url(re.compile(rf"^{BASE}/(?!auth)"))
    return page


@pytest.fixture(scope="module")
def said(ingress: Kit) -> dict[str, Any]:
    """What the command says of the ways to log in."""
    found: dict[str, Any] = ingress("credentials", "-o", "json").ok().json
    return found


@pytest.fixture(scope="module")
def chromium(proxy: controller.Controller) -> Iterator[Browser]:
    with browser.running(SITE, proxy) as found:
        yield found


@pytest.fixture(scope="module")
def page(said: dict[str, Any], chromium: Browser) -> Page:
    """A page of somebody who has just logged in."""
    return log_in(browser.visit(chromium), said)


def test_a_user_logs_in_and_stays_on_https(page: Page) -> None:
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    cookies = {c["name"]: c for c in page.context.cookies()}
    assert {"session", "_token"} & set(cookies)
    assert {(c["path"].rstrip("/"), c["secure"]) for c in cookies.values()} == {(PATH, True)}


def test_a_user_opens_a_run_and_reads_a_log(page: Page) -> None:
    page.goto(f"{BASE}/dags/{SMOKE}/runs")
    page.locator(f"a[href*='/dags/{SMOKE}/runs/']").first.click()
    # The grid also has a link to the task without a run.
    page.locator("a[href*='/runs/'][href*='/tasks/give']").first.click()
    # What the task itself printed is in a group that the page folds.
    expect(page.get_by_text("Returned value was: 6").first).to_be_visible(timeout=browser.PATIENCE)
    RESULTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=RESULTS / "behind-an-ingress.png")


def sees_flower(chromium: Browser, said: dict[str, Any], picture: str) -> None:
    """Look at Flower as its user: the worker stands in the list, and a link of the page stays below the path."""
    page = browser.visit(
        chromium, http_credentials={"username": said["flower_username"], "password": said["flower_password"]}
    )
    page.goto(f"https://{SITE}{FLOWER}/")
    expect(page.get_by_role("link", name=re.compile("celery@")).first).to_be_visible(timeout=browser.PATIENCE)
    page.get_by_role("link", name="Tasks").first.click()
    page.wait_for_url(re.compile(rf"^https://{SITE}{FLOWER}/tasks"))
    page.screenshot(path=RESULTS / picture)


def test_flower_lists_the_worker_behind_its_ingress(chromium: Browser, said: dict[str, Any]) -> None:
    sees_flower(chromium, said, "flower-behind-an-ingress.png")


@pytest.fixture(scope="module")
def route(ingress: Kit, folder: Path) -> Kit:
    """The release after its doors became HTTPRoutes of a Gateway."""
    before = {p["metadata"]["uid"] for p in ingress.pods("api-server") + ingress.pods("flower")}
    up(ingress, folder, {"httpRoute": ROUTES})
    # The address is the same, so nobody has to start again.
    assert {p["metadata"]["uid"] for p in ingress.pods("api-server") + ingress.pods("flower")} == before
    assert not ingress.get("ingresses")
    return ingress


def test_a_gateway_serves_the_same_address(route: Kit, proxy: controller.Controller, folder: Path) -> None:
    serves_only_its_paths(proxy, folder)
    for found in route.get("httproutes"):
        (parent,) = found["status"]["parents"]
        assert {c["type"]: c["status"] for c in parent["conditions"]} == {"Accepted": "True", "ResolvedRefs": "True"}


def test_a_user_logs_in_behind_the_gateway(route: Kit, chromium: Browser, said: dict[str, Any]) -> None:
    page = log_in(browser.visit(chromium), said)
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    sees_flower(chromium, said, "flower-behind-a-gateway.png")
