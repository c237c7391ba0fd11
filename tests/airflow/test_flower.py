"""The script that starts Flower, with the Flower and Celery of the image: log-in, prefix, no tokens on its pages."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from kitctl.model.versions import data_dir
from kitctl.tools.deadline import Deadline
from tests.airflow.environment import flower, run_python

USER, PASSWORD = "gärtner", "p:a,s%s 'w\"ö€"
TOKEN = "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwMTkifQ.c2lnbmF0dXJl_-"
RUN = """
import json, sys, threading, time
folder, login, prefix, port, token = sys.argv[1:]
sys.path.insert(0, folder)
import start_flower

app = start_flower.application("memory://")

def work():
    # What a worker says of a task. A consumer that is not there yet misses it, so it is said again.
    number = 0
    while True:
        with app.connection() as connection:
            say = app.events.Dispatcher(connection, hostname="celery@worker-0", enabled=True).send
            say("worker-online", freq=2.0)
            message = json.dumps({"token": token, "ti": {"task_id": "extract"}})
            say("task-received", uuid="one", name="execute_workload", args=repr((message,)), kwargs="{}", retries=0)
            say("task-received", uuid="cut", name="execute_workload", args=repr((message,))[:60] + "...", retries=0)
            say("task-succeeded", uuid="one", result="None", runtime=0.5)
        time.sleep(0.3)

threading.Thread(target=work, daemon=True).start()
start_flower.start(app, login, prefix, int(port))
"""


@dataclass
class Page:
    """A Flower that runs."""

    port: int
    prefix: str
    process: subprocess.Popen[bytes]

    def get(self, path: str, login: str | None = f"{USER}:{PASSWORD}") -> tuple[int, dict[str, str], str]:
        """Ask for a path; returns status, headers and text."""
        headers = {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"} if login else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()


@pytest.fixture(scope="module", params=["", "airflow/flower"], ids=["root", "prefix"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("flower")
    script = folder / "run.py"
    script.write_text(RUN, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = [flower(), script, data_dir("chart") / "files", f"{USER}:{PASSWORD}", request.param, str(port), TOKEN]
    with (folder / "log").open("wb") as log, subprocess.Popen(argv, stdout=log, stderr=log, cwd=folder) as process:
        found = Page(port, f"/{request.param}".rstrip("/"), process)
        try:
            assert Deadline(60).until(lambda: answers(found) or None, every=0.2), (folder / "log").read_text()[-3000:]
            yield found
        finally:
            process.terminate()
            assert process.wait(timeout=20) == 0, (folder / "log").read_text()[-3000:]
    assert [path.name for path in folder.iterdir() if path.name not in {"log", "run.py"}] == [], "it writes nothing"


def answers(page: Page) -> bool:
    try:
        return page.get(f"{page.prefix}/healthcheck", login=None)[0] == 200
    except OSError:
        return False


def tasks(page: Page) -> dict[str, Any]:
    """Wait for what the worker said, and return it as Flower's API does."""

    def heard() -> dict[str, Any] | None:
        found: dict[str, Any] = json.loads(page.get(f"{page.prefix}/api/tasks")[2])
        return found if "cut" in found and found["one"]["state"] == "SUCCESS" else None

    found = Deadline(30).until(heard, every=0.3)
    assert found
    return found


@pytest.mark.parametrize("path", ["/", "/tasks", "/task/one", "/api/workers", "/api/tasks"])
@pytest.mark.parametrize("login", [None, f"{USER}:x", f"x:{PASSWORD}", "admin:admin", ":", "ä:ö"])
def test_nobody_gets_in_without_the_log_in(page: Page, path: str, login: str | None) -> None:
    status, headers, _ = page.get(page.prefix + path, login)
    # The browser asks for the log-in where the answer says so; Flower's API does not.
    asks = None if path.startswith("/api") else 'Basic realm="flower"'
    assert (status, headers.get("Www-Authenticate")) == (401, asks)


@pytest.mark.parametrize("path", ["/", "/workers", "/tasks", "/api/workers"])
def test_any_character_of_the_log_in_works(page: Page, path: str) -> None:
    assert page.get(page.prefix + path)[0] == 200


def test_the_pages_link_below_the_prefix(page: Page) -> None:
    text = page.get(f"{page.prefix}/")[2]
    assert f'href="{page.prefix}/tasks"' in text
    status, _, style = page.get(f"{page.prefix}/static/css/flower.css", login=None)
    assert (status, len(style) > 1000) == (200, True)


def test_a_path_without_its_slash_leads_to_the_page(page: Page) -> None:
    if page.prefix:
        status, headers, _ = page.get(page.prefix)
        assert (status, headers["Location"]) == (302, f"{page.prefix}/")


def test_tasks_are_shown_without_the_tokens_of_their_messages(page: Page) -> None:
    found = tasks(page)
    assert found["one"]["worker"] == "celery@worker-0"
    assert found["one"]["args"] == repr((json.dumps({"token": "***", "ti": {"task_id": "extract"}}),))
    assert found["cut"]["args"].endswith('"token": "***...')
    for path in ("/api/tasks", "/task/one", "/task/cut", "/api/task/info/one"):
        status, headers, text = page.get(page.prefix + path)
        assert (status, "eyJ" in text) == (200, False), path
        assert "***" in text, path
        assert int(headers["Content-Length"]) == len(text.encode()), path


def test_a_private_authority_verifies_the_broker_for_flowers_own_client_too() -> None:
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); import start_flower, flower.utils.broker as b\n"
        "app = start_flower.application(sys.argv[2])\n"
        "found = b.Broker(app.connection().as_uri(include_password=True), broker_use_ssl=app.conf.broker_use_ssl)\n"
        "args = found._get_redis_client_args()\n"
        "print(json.dumps([args[k] for k in ('host', 'db', 'password', 'ssl', 'ssl_ca_certs')]))\n"
        "print(args['ssl_cert_reqs'].__class__.__name__, int(args['ssl_cert_reqs']))"
    )
    url = (
        "rediss://:p%40s@redis.example.com:6380/3?ssl_cert_reqs=required&ssl_check_hostname=true&ssl_ca_certs=%2Fca.crt"
    )
    done = run_python(["-c", code, str(data_dir("chart") / "files"), url], python=flower())
    assert done.ok, done.stderr[-2000:]
    facts, mode = done.stdout.splitlines()
    assert json.loads(facts) == ["redis.example.com", 3, "p@s", True, "/ca.crt"]
    assert mode == "VerifyMode 2"


@pytest.mark.parametrize(("variables", "kept"), [({}, 10_000), ({"FLOWER_MAX_TASKS": "77"}, 77)])
def test_variables_set_other_options_and_no_argument_shows_the_log_in(variables: dict[str, str], kept: int) -> None:
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); import start_flower\n"
        "from flower.command import apply_env_options, options\n"
        "class App:\n"
        "    def start(self, argv): print(json.dumps(argv)); apply_env_options()\n"
        "start_flower.start(App(), 'user:secret', 'prefix')\n"
        "print(json.dumps([options.max_tasks, options.basic_auth]))\n"
    )
    done = run_python(["-c", code, str(data_dir("chart") / "files")], env=variables, python=flower())
    assert done.ok, done.stderr[-2000:]
    argv, found = map(json.loads, done.stdout.splitlines())
    assert argv == ["flower", "--port=5555", "--url-prefix=prefix"]
    assert found == [kept, ["user:secret"]]


def test_a_broker_that_falls_silent_stops_no_question_for_ever() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import start_flower\n"
        "app = start_flower.application(sys.argv[2])\n"
        "print(app.conf.broker_pool_limit)\n"
        "try: app.control.inspect(timeout=1).stats()\n"
        "except Exception as error: print(error)\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        done = run_python(["-c", code, str(data_dir("chart") / "files"), url], python=flower())
    assert done.ok, done.stderr[-2000:]
    limit, error = done.stdout.splitlines()
    assert (limit, "Timeout" in error) == ("None", True)
