"""The log-in of values-examples/oidc-ingress.yaml: the real API server, and a provider of OpenID Connect."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from tests.airflow import api_server
from tests.airflow.environment import oidc_provider
from tests.chart.release import ROOT
from tests.e2e.kit import wait_for

PROVIDER = 9411
USER = {
    "sub": "jane",
    "preferred_username": "jane",
    "email": "jane@example.com",
    "given_name": "Jane",
    "family_name": "Doe",
    "groups": ["airflow-admins"],
}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Run the provider with one user; give its address."""
    argv = [str(oidc_provider().with_name("oidc-provider-mock")), "--port", str(PROVIDER)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for("the provider", lambda: api_server.listens(PROVIDER), timeout=60)
            address = f"http://127.0.0.1:{PROVIDER}"
            httpx.put(f"{address}/users/jane", json=USER).raise_for_status()
            yield address
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def server(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the API server with the file of the example; give its address."""
    home = tmp_path_factory.mktemp("airflow")
    values = yaml.safe_load((ROOT / "values-examples" / "oidc-ingress.yaml").read_text(encoding="utf-8"))
    (home / "webserver_config.py").write_text(values["apiServer"]["webserverConfig"]["text"], encoding="utf-8")
    secrets = {"SSO_ISSUER": provider, "SSO_CLIENT_ID": "airflow", "SSO_CLIENT_SECRET": "a secret"}
    with api_server.running(home, (), secrets) as port:
        yield f"http://127.0.0.1:{port}"


def test_a_user_of_the_provider_logs_in_and_has_the_role_of_the_group(
    server: str, provider: str, tmp_path: Path
) -> None:
    with httpx.Client(base_url=server, follow_redirects=True, timeout=120) as browser:
        form = browser.get("/auth/login/sso")
        assert str(form.url).startswith(f"{provider}/oauth2/authorize"), form.text[:1000]
        # The provider's page asks who logs in.
        home = browser.post(str(form.url), data={"sub": "jane"})
        assert home.status_code == 200, home.text[:1000]
        assert str(home.url).startswith(server)
        token = browser.cookies.get("_token")
        assert token, dict(browser.cookies)
        me = browser.get("/ui/auth/me", headers={"Authorization": f"Bearer {token}"})
        assert me.json()["username"] == "jane", me.text
        # A new user is a Viewer, who does not see connections; the group makes an Admin of her.
        menu = browser.get("/ui/auth/menus", headers={"Authorization": f"Bearer {token}"}).json()
        assert "Connections" in menu["authorized_menu_items"], menu


def test_nobody_else_gets_in(server: str) -> None:
    assert httpx.get(f"{server}/ui/auth/me").status_code == 401
