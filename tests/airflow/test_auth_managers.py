"""The presets of `auth.manager`: Airflow's real API server with the variables and files of the rendered pod."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from kitctl.tools.airflow.api import AirflowApi
from tests.airflow import api_server, keycloak_server
from tests.airflow.environment import keycloak
from tests.airflow.postgres_server import free_port
from tests.chart.release import CHART, render

ADMIN, JANE = 'pw, of:the $HOME "admin"', "jane's ü"
SIMPLE = (
    "auth.manager=simple",
    "auth.simple.users.jane=viewer",
    "auth.simple.passwordsSecret.name=airflow-passwords",
)


def write_passwords(home: Path, sets: tuple[str, ...]) -> int:
    """Run the script of the init container, with its variables; return its exit code."""
    init = next(c for c in render(sets=sets).pod("api-server").spec.init_containers if c.name == "write-passwords")
    script = CHART / "files" / init.command[-1].rpartition("/")[2]
    spec = importlib.util.spec_from_file_location("simple_passwords", script)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    more = {e.name: e.value for e in init.env if e.name.startswith("KIT_ADMIN")}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**api_server.variables(init, home), **more}.items():
            patch.setenv(name, value)
        return int(module.main(home / "secrets"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pod's folders, with the Secrets of a release with SimpleAuthManager."""
    folder = tmp_path_factory.mktemp("airflow")
    for name in ("secrets", "tmp"):
        (folder / name).mkdir()
    (folder / "secrets" / "admin-password").write_text(f"{ADMIN}\n", encoding="utf-8")
    (folder / "secrets" / "simple-passwords").write_text(json.dumps({"jane": JANE}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def simple(home: Path) -> Iterator[str]:
    """Run the API server with SimpleAuthManager; give its address."""
    assert write_passwords(home, SIMPLE) == 0
    with api_server.running(home, SIMPLE) as port:
        yield f"http://127.0.0.1:{port}"


def test_users_log_in_with_the_passwords_of_the_secrets(simple: str, home: Path) -> None:
    assert AirflowApi(simple, "admin", lambda: ADMIN).dags() == []
    jane = AirflowApi(simple, "jane", lambda: JANE)
    assert jane.dags() == []
    body = {"connection_id": "c", "conn_type": "http"}
    assert jane.send("POST", "/api/v2/connections", json=body).status_code == httpx.codes.FORBIDDEN
    assert AirflowApi(simple, "admin", lambda: ADMIN).send("POST", "/api/v2/connections", json=body).is_success
    # Airflow made up none, and printed none.
    assert json.loads((home / "tmp" / "simple_passwords.json").read_text()) == {"admin": ADMIN, "jane": JANE}
    assert "Password for user" not in (home / "log").read_text()


def test_nobody_else_gets_in(simple: str) -> None:
    for name, password in (("admin", "admin"), ("jane", ""), ("joe", JANE)):
        login = {"username": name, "password": password}
        assert httpx.post(f"{simple}/auth/token", json=login).status_code in {400, 401}
    assert httpx.get(f"{simple}/api/v2/dags").status_code == httpx.codes.UNAUTHORIZED
    assert httpx.get(f"{simple}/auth/token").status_code == httpx.codes.FORBIDDEN


def test_a_second_replica_and_a_restart_have_the_same_file(home: Path) -> None:
    file = home / "tmp" / "simple_passwords.json"
    before = file.read_bytes()
    assert write_passwords(home, SIMPLE) == 0
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (before, 0o600)


REALM = (
    "auth.manager=keycloak",
    f"auth.keycloak.realm={keycloak_server.REALM}",
    f"auth.keycloak.clientId={keycloak_server.CLIENT}",
    "auth.keycloak.clientSecret.name=keycloak-client",
)


@pytest.fixture(scope="module")
def behind_keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the API server with Keycloak's auth manager and the stand-in; give its address."""
    home = tmp_path_factory.mktemp("airflow")
    (home / "secrets").mkdir()
    (home / "secrets" / "keycloak-client-secret").write_text(f"{keycloak_server.SECRET}\n", encoding="utf-8")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with keycloak_server.running() as server:
        sets = (*REALM, f"auth.keycloak.serverUrl={server}/", f"apiServer.baseUrl={address}")
        with api_server.running(home, sets, python=keycloak(), port=port):
            yield address


def test_a_user_of_keycloak_logs_in(behind_keycloak: str) -> None:
    with httpx.Client(base_url=behind_keycloak, follow_redirects=True, timeout=60) as browser:
        home = browser.get("/auth/login")
        assert str(home.url).rstrip("/") == behind_keycloak, home.text[:1000]
        me = browser.get("/ui/auth/me")
        assert me.json()["username"] == "jane", me.text
        assert browser.get("/api/v2/dags").status_code == httpx.codes.OK


def test_kitctl_logs_in_as_the_client(behind_keycloak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = keycloak_server.CLIENT

    def api() -> AirflowApi:
        return AirflowApi(behind_keycloak, client, lambda: keycloak_server.SECRET, grant="client_credentials")

    assert api().dags() == []
    monkeypatch.setattr(keycloak_server.Realm, "permitted", frozenset({keycloak_server.SUBJECTS["jane"]}))
    assert api().send("GET", "/api/v2/dags").status_code == httpx.codes.FORBIDDEN


def test_nobody_gets_in_without_keycloak(behind_keycloak: str) -> None:
    assert httpx.get(f"{behind_keycloak}/api/v2/dags").status_code == httpx.codes.UNAUTHORIZED
    wrong = {"grant_type": "client_credentials", "client_id": keycloak_server.CLIENT, "client_secret": "guess"}
    assert httpx.post(f"{behind_keycloak}/auth/token", json=wrong).status_code == httpx.codes.FORBIDDEN
