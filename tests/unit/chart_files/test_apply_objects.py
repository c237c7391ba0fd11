"""apply_objects.py as its pod runs it: by path, with the copies of kitctl's modules beside it and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.unit.chart_files.conftest import FILES

PASSWORD = "s3cret-of-the-team"
CONNECTION = {"conn_type": "http", "password": {"secret": {"name": "team", "key": "pw"}}, "extra": {"a": 1}}


IDS = {"pools": "name", "variables": "key", "connections": "connection_id", "roles": "name", "users": "username"}


class Airflow(BaseHTTPRequestHandler):
    """An API server that keeps objects in memory, is away for the first request, and masks passwords."""

    kept: ClassVar[dict[str, dict[str, Any]]] = {}
    seen: ClassVar[list[str]] = []
    away: ClassVar[list[int]] = []
    passwords: ClassVar[dict[str, str]] = {}
    database: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        if self.away:
            self.answer(self.away.pop(), {})
        elif self.path == "/base/api/v2/version":
            self.answer(200, {"version": "3"})
        elif self.path == "/base/api/v2/monitor/health":
            self.answer(200, {"metadatabase": {"status": self.database[-1]}})
        elif "?" in self.path:
            self.page()
        else:
            found = self.kept.get(unquote(self.name()))
            self.answer(200, {**found, "password": "***"}) if found else self.answer(404, {"detail": "no"})

    def page(self) -> None:
        """Answer two objects of a list at a time, as if these were a hundred."""
        parts = urlsplit(self.path)
        section, query = self.name(), parse_qs(parts.query)
        assert (query["limit"], query["order_by"]) == (["100"], [IDS[section]])
        found = [(name.split("/", 1)[1], one) for name, one in self.kept.items() if name.startswith(f"{section}/")]
        offset = int(query["offset"][0])
        some = [{IDS[section]: name, **one} for name, one in found[offset : offset + 2]]
        self.answer(200, {section: some, "total_entries": len(found)})

    def name(self) -> str:
        """Return section and name of the path, still encoded."""
        path = urlsplit(self.path).path
        return path.split("/auth/fab/v1/" if "/fab/" in path else "/api/v2/")[1]

    def do_POST(self) -> None:
        body = self.body()
        if self.path == "/base/auth/token":
            good = self.passwords.get(body["username"]) == body["password"] and len(body) == 2
            self.answer(201, {"access_token": "t"}) if good else self.answer(401, {"detail": "Invalid credentials"})
            return
        section = self.name()
        name = body.pop(IDS[section])
        self.write(f"{section}/{name}", body)

    def do_DELETE(self) -> None:
        assert self.headers["Authorization"] == "Bearer t"
        assert not self.headers["Content-Length"]
        self.seen.append(f"DELETE {unquote(self.name())}")
        gone = self.kept.pop(unquote(self.name()), None)
        self.answer(204 if gone else 404, {})

    def do_PATCH(self) -> None:
        parts = urlsplit(self.path)
        body = self.body()
        self.seen.append(f"mask {parse_qs(parts.query).get('update_mask')}")
        self.write(unquote(self.name()), body)

    def write(self, name: str, body: dict[str, Any]) -> None:
        assert self.headers["Authorization"] == "Bearer t"
        self.seen.append(f"{self.command} {name}")
        if name.endswith("/bad"):
            self.answer(422, {"detail": [{"loc": ["body", "value"], "msg": "is bad", "input": PASSWORD}]})
            return
        if "password" in body and name.startswith("users/"):
            self.passwords[name.split("/")[1]] = body.pop("password")
        self.kept.setdefault(name, {}).update(body)
        self.answer(200, {})

    def body(self) -> dict[str, Any]:
        return dict(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def answer(self, code: int, body: dict[str, Any]) -> None:
        self.send_response(code)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class names it
        """Say nothing."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder like /opt/airflow of the pod."""
    shutil.copytree(FILES / "objects", tmp_path / "kit-objects")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "admin-password").write_text("admin-pw\n")
    (tmp_path / "references" / "team").mkdir(parents=True)
    (tmp_path / "references" / "team" / "pw").write_text(f"{PASSWORD}\n")
    return tmp_path


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Airflow.kept.clear()
    Airflow.seen.clear()
    Airflow.away[:] = []
    Airflow.database[:] = ["healthy"]
    Airflow.passwords.clear()
    Airflow.passwords["admin"] = "admin-pw"
    with ThreadingHTTPServer(("127.0.0.1", 0), Airflow) as found:
        thread = Thread(target=found.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def job(
    home: Path, server: ThreadingHTTPServer, objects: dict[str, Any], *, prune: bool = False
) -> subprocess.CompletedProcess[str]:
    (home / "kit-objects" / "objects.json").write_text(json.dumps(objects))
    # A proxy of the environment must not see requests to the server.
    env = {"KIT_AIRFLOW_URL": f"http://127.0.0.1:{server.server_port}/base", "KIT_USERNAME": "admin"}
    env |= {"KIT_PRUNE": "true"} if prune else {}
    env |= {"http_proxy": "http://127.0.0.1:9", "PYTHONDONTWRITEBYTECODE": "1"}
    argv = [sys.executable, "-ISB", str(home / "kit-objects" / "apply_objects.py")]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert PASSWORD not in done.stdout + done.stderr
    return done


def test_it_writes_what_differs_and_says_only_names(home: Path, server: ThreadingHTTPServer) -> None:
    objects = {
        "pools": {"heavy": {"slots": 4}, "default_pool": {"slots": 9}},
        "variables": {"region": "eu", "limits": {"rows": 1}, "a/b": {"value": 1, "description": "d"}},
        "connections": {"c": CONNECTION},
    }
    Airflow.kept["pools/default_pool"] = {"slots": 128}
    Airflow.away.append(503)
    first = job(home, server, objects)
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines() == [
        "waiting for the API server: HTTP 503",
        "pools.heavy: create: slots",
        "pools.default_pool: update: slots",
        "variables.region: create: value",
        "variables.limits: create: value",
        "variables.a/b: create: value, description",
        "connections.c: create: conn_type, password, extra",
        "6 objects: 6 written, 0 had these values already",
    ]
    assert Airflow.kept["connections/c"] == {"conn_type": "http", "password": PASSWORD, "extra": '{"a": 1}'}
    assert "mask ['slots']" in Airflow.seen

    second = job(home, server, objects)
    assert second.stdout.splitlines() == [
        "connections.c: rewrite: password (masked by Airflow, so written each time)",
        "6 objects: 1 written, 5 had these values already",
    ]


def test_a_missing_key_of_a_secret_stops_it_before_anything_is_written(home: Path, server: ThreadingHTTPServer) -> None:
    lost = {"secret": {"name": "team", "key": "lost"}}
    done = job(home, server, {"pools": {"p": {"slots": 1}}, "variables": {"v": lost}})
    assert done.returncode == 1
    first, _, fix = done.stderr.splitlines()
    assert first == (
        "ERROR: variables.v.value: The key lost of the Secret team does not exist in the namespace of the release "
        "[objects-reference-missing]"
    )
    assert fix.startswith("Fix: kubectl create secret generic team --from-file=lost=FILE")
    assert Airflow.seen == []


def test_a_refusal_names_the_object_and_no_value(home: Path, server: ThreadingHTTPServer) -> None:
    done = job(home, server, {"variables": {"bad": {"secret": {"name": "team", "key": "pw"}}, "z": 1}})
    assert done.returncode == 1
    assert "ERROR: Airflow refused variables.bad [objects-refused]" in done.stderr
    assert "422: value: is bad" in done.stderr
    assert "Not written: variables.z" in done.stderr


def test_values_that_no_file_may_have_are_refused(home: Path, server: ThreadingHTTPServer) -> None:
    for objects, error in (
        ({"pools": {"p": {"slots": "4"}}}, "objects-file-wrong"),
        ({"connections": {"c": {"conn_type": "http", "password": "plain"}}}, "objects-file-wrong"),
        ({"pools": {"p": {"slot": 4}}}, "objects-key-unknown"),
    ):
        done = job(home, server, objects)
        assert done.returncode == 1
        assert f"[{error}]" in done.stderr
    assert Airflow.seen == []


def test_a_log_in_that_is_refused(home: Path, server: ThreadingHTTPServer) -> None:
    (home / "secrets" / "admin-password").write_text("changed")
    done = job(home, server, {"pools": {"p": {"slots": 1}}})
    assert done.returncode == 1
    assert "Airflow refused the log-in of admin with HTTP 401 [objects-login-refused]" in done.stderr


ROLES = {"Analyst": {"permissions": {"DAGs": ["can_read", "can_edit"], "My Password": ["can_read"]}}}
JANE = {"email": "j@example.com", "first_name": "Jane", "last_name": "Doe", "roles": ["Analyst"]}
WITH_PASSWORD = {**JANE, "password": {"secret": {"name": "team", "key": "pw"}}}


def test_it_writes_roles_and_then_users(home: Path, server: ThreadingHTTPServer) -> None:
    first = job(home, server, {"users": {"jane": WITH_PASSWORD}, "roles": ROLES})
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines() == [
        "roles.Analyst: create: permissions",
        "users.jane: create: email, first_name, last_name, roles, password",
        "2 objects: 2 written, 0 had these values already",
    ]
    assert Airflow.seen == ["POST roles/Analyst", "POST users/jane"]
    assert Airflow.kept["users/jane"]["roles"] == [{"name": "Analyst"}]
    assert Airflow.passwords["jane"] == PASSWORD
    assert {"action": {"name": "can_read"}, "resource": {"name": "DAGs"}} in Airflow.kept["roles/Analyst"]["actions"]


def test_a_password_that_logs_in_is_not_written_again(home: Path, server: ThreadingHTTPServer) -> None:
    objects = {"users": {"jane": WITH_PASSWORD}}
    job(home, server, objects)
    assert job(home, server, objects).stdout == "1 objects: 0 written, 1 had these values already\n"
    Airflow.passwords["jane"] = "changed in the UI"
    assert job(home, server, objects).stdout.startswith("users.jane: update: password\n")
    assert Airflow.passwords["jane"] == PASSWORD


def test_a_password_is_not_taken_for_wrong_while_the_database_is_away(home: Path, server: ThreadingHTTPServer) -> None:
    job(home, server, {"users": {"jane": WITH_PASSWORD}})
    Airflow.seen.clear()
    Airflow.passwords["jane"] = ""
    Airflow.database.append("unhealthy")
    done = job(home, server, {"users": {"jane": WITH_PASSWORD}})
    assert (done.returncode, done.stderr) == (1, "ERROR: Airflow cannot reach its database\n")
    assert Airflow.seen == []


def test_a_new_user_needs_a_password(home: Path, server: ThreadingHTTPServer) -> None:
    done = job(home, server, {"pools": {"p": {"slots": 1}}, "users": {"jane": JANE}})
    assert done.returncode == 1
    assert "users.jane: a new user needs a password [objects-file-wrong]" in done.stderr
    assert Airflow.seen == []


def test_it_prunes_only_if_it_shall(home: Path, server: ThreadingHTTPServer) -> None:
    person = {**JANE, "roles": [{"name": "Boss"}]}
    kept = {f"variables/old{number}": {"value": "1"} for number in range(5)}
    kept |= {"pools/default_pool": {"slots": 1}, "pools/a/b": {"slots": 1}, "connections/c": {"conn_type": "http"}}
    kept |= {"users/admin": person, "users/kim": person}
    kept |= {f"roles/{name}": {"actions": []} for name in ("Admin", "Boss", "Old")}
    Airflow.kept.update(kept)
    objects = {"pools": {}, "variables": {"new": 1}, "roles": {}, "users": {}}
    assert job(home, server, objects).returncode == 0
    assert Airflow.kept.keys() == {*kept, "variables/new"}

    first = job(home, server, objects, prune=True)
    assert first.returncode == 0, first.stderr
    gone = ["users.kim", "roles.Old", *(f"variables.old{number}" for number in range(5)), "pools.a/b"]
    stays = [
        "users.admin: keep, this command logs in as this user",
        "roles.Admin: keep, Airflow's own role",
        "roles.Boss: keep, a role of admin, as whom this command logs in",
        "pools.default_pool: keep, Airflow needs this pool",
    ]
    end = "1 objects: 0 written, 1 had these values already, 8 deleted"
    assert first.stdout.splitlines() == [*stays, *(f"{one}: delete" for one in gone), end]
    assert Airflow.seen[-8:] == [f"DELETE {one.replace('.', '/', 1)}" for one in gone]

    second = job(home, server, objects, prune=True)
    assert second.stdout.splitlines() == [*stays, "1 objects: 0 written, 1 had these values already"]


def test_a_pool_in_use_fails_the_job_after_all_else(home: Path, server: ThreadingHTTPServer) -> None:
    Airflow.kept["pools/busy"] = {"slots": 1, "running_slots": 1}
    Airflow.kept["variables/old"] = {"value": "1"}
    done = job(home, server, {"pools": {"p": {"slots": 1}}, "variables": {}}, prune=True)
    assert done.returncode == 1
    assert "[objects-pool-in-use]" in done.stderr
    assert "Written before: pools.p\nDeleted before: variables.old\n" in done.stderr
    assert "pools/busy" in Airflow.kept
