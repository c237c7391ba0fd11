"""The log-in of values-examples/ldap.yaml: the real API server, and a real LDAP server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from kitctl.tools.airflow.api import AirflowApi
from tests.airflow import api_server, ldap_server
from tests.airflow.environment import with_ldap
from tests.chart.release import ROOT


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the file of the example."""
    folder = tmp_path_factory.mktemp("airflow")
    values = yaml.safe_load((ROOT / "values-examples" / "ldap.yaml").read_text(encoding="utf-8"))
    (folder / "webserver_config.py").write_text(values["apiServer"]["webserverConfig"]["text"], encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[str]:
    """Run the API server beside the directory; give its address."""
    with ldap_server.running() as (address, authority):
        env = {"LDAP_SERVER": address, "LDAP_CA": str(authority), "LDAP_BIND_PASSWORD": ldap_server.BIND_PASSWORD}
        with api_server.running(home, (), env, python=with_ldap()) as port:
            # The first user, whom the chart's Job makes.
            words = ["users", "create", "--username", "admin", "--password", "the first", "--role", "Admin"]
            more = ["--email", "a@example.com", "--firstname", "A", "--lastname", "B"]
            whole = {
                **os.environ,
                **env,
                "AIRFLOW_HOME": str(home),
                "AIRFLOW__CORE__AUTH_MANAGER": api_server.FAB,
                "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
            }
            airflow = str(with_ldap().with_name("airflow"))
            subprocess.run([airflow, *words, *more], env=whole, check=True, capture_output=True, timeout=120)
            yield f"http://127.0.0.1:{port}"


def api(server: str, name: str, password: str) -> AirflowApi:
    return AirflowApi(server, name, lambda: password)


def test_a_user_of_the_directory_has_the_role_of_the_group(server: str) -> None:
    body = {"connection_id": "c", "conn_type": "http"}
    jane = api(server, "jane", ldap_server.PASSWORDS["jane"])
    assert jane.send("POST", "/api/v2/connections", json=body).status_code == httpx.codes.CREATED
    # In no group: a Viewer, who does not see connections.
    joe = api(server, "joe", ldap_server.PASSWORDS["joe"])
    assert joe.dags() == []
    assert joe.send("GET", "/api/v2/connections").status_code == httpx.codes.FORBIDDEN


def test_nobody_else_gets_in(server: str) -> None:
    for name, password in (("jane", "joe's"), ("nobody", "x"), ("jane)(uid=*", ldap_server.PASSWORDS["jane"])):
        login = {"username": name, "password": password}
        assert httpx.post(f"{server}/auth/token", json=login, timeout=30).status_code == httpx.codes.UNAUTHORIZED


def test_the_first_user_still_logs_in_to_the_rest_api_as_kitctl_does(server: str) -> None:
    assert api(server, "admin", "the first").dags() == []
