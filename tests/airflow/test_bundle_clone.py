"""Mode bundle against a real git server: the variables of the chart let Airflow's own bundle clone with a password."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.airflow.environment import run_python
from tests.airflow.git_server import GitServer, serving
from tests.chart.release import CHART, render

READER = str(Path(__file__).with_name("bundle_reader.py"))


class Reader:
    """A pod that reads the bundle: its environment and its Secret, at places of this machine."""

    def __init__(self, server: GitServer, folder: Path) -> None:
        self.folder, self.secret = folder, folder / "secret"
        self.secret.mkdir()
        (self.secret / "username").write_text("bot\n", encoding="utf-8")
        self.password("first")
        item = "dags.bundle.items[0]"
        sets = (
            "dags.mode=bundle",
            f"{item}.name=team",
            f"{item}.repo={server.url}",
            f"{item}.subPath=flows",
            f"{item}.credentials.type=https",
            f"{item}.credentials.secret=creds",
        )
        env = render(sets=sets).pod("dag-processor").spec.containers[0].env
        places = {
            "/opt/airflow/kit/git_credential.py": str(CHART / "files" / "git_credential.py"),
            "/opt/airflow/git-credentials/team": str(self.secret),
            "/opt/airflow/bundles": str(folder / "bundles"),
            "!python3": f"!{sys.executable}",
        }
        self.env = {
            e.name: e.value for e in env if e.value and e.name.startswith(("GIT_", "AIRFLOW_CONN", "AIRFLOW__DAG_P"))
        }
        for inside, here in places.items():
            self.env = {name: value.replace(inside, here) for name, value in self.env.items()}
        self.env |= {"AIRFLOW_HOME": str(folder), "HOME": str(folder)}

    def password(self, text: str) -> None:
        (self.secret / "password").write_text(text, encoding="utf-8")

    def read(self, version: str | None = None) -> dict[str, Any]:
        request = {"env": self.env, "bundle": "team", "version": version}
        done = run_python([READER], json.dumps(request))
        assert done.ok, done.stderr[-3000:]
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    found = GitServer(tmp_path / "server")
    found.folder.mkdir()
    with serving(found):
        yield found


def test_a_run_keeps_its_commit_and_a_rotated_password_works_at_once(server: GitServer, tmp_path: Path) -> None:
    first = server.commit("flows/one.py", "1")
    pod = tmp_path / "pod"
    pod.mkdir()
    reader = Reader(server, pod)
    assert reader.read() == {"version": first, "files": ["one.py"]}

    second = server.commit("flows/two.py", "2")
    server.password = "second"
    reader.password("second")
    assert reader.read() == {"version": second, "files": ["one.py", "two.py"]}
    assert reader.read(version=first) == {"version": first, "files": ["one.py"]}


def test_a_password_that_is_wrong_ends_instead_of_asking(server: GitServer, tmp_path: Path) -> None:
    server.commit("flows/one.py", "1")
    pod = tmp_path / "pod"
    pod.mkdir()
    reader = Reader(server, pod)
    reader.password("wrong")
    with pytest.raises(AssertionError, match="Error cloning repository"):
        reader.read()


def test_no_password_is_left_in_the_clone(server: GitServer, tmp_path: Path) -> None:
    server.commit("flows/one.py", "1")
    pod = tmp_path / "pod"
    pod.mkdir()
    Reader(server, pod).read()
    configs = [p.read_text(encoding="utf-8") for p in (pod / "bundles").rglob("config")]
    assert configs
    assert not any("first" in text or "bot" in text for text in configs)
