"""What a shell offers after TAB: names of the release, and nothing, soon, where nobody knows them."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from kitctl import cli
from kitctl.commands.options import complete
from kitctl.errors import KitError
from kitctl.model.settings import Settings
from kitctl.release import handle
from kitctl.tools.kube import contexts
from kitctl.tools.kube.client import Kube


def offered(words: str) -> list[str]:
    """Return what bash would offer for the last word."""
    env = {
        "_KITCTL_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    return CliRunner().invoke(cli.app, [], env=env, prog_name="kitctl").stdout.split()


class Release:
    """A release with two components and two DAGs."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def workloads(self) -> list[Any]:
        if self.settings.namespace != "team":
            raise KitError("release-missing", "none", cause="", fix="")
        return [SimpleNamespace(component=name) for name in ("scheduler", "api-server", "scheduler")]

    def api(self, _: float) -> Any:
        return SimpleNamespace(dags=lambda: [{"dag_id": "etl"}, {"dag_id": "etl_daily"}, {"dag_id": "report"}])


@pytest.fixture(autouse=True)
def cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    def listed(kind: str, namespace: str = "", selector: str = "") -> list[dict[str, Any]]:
        if kind == "Namespace":
            return [{"metadata": {"name": name}} for name in ("team", "tools", "default")]
        assert (namespace, selector) == ("team", "owner=helm")
        return [{"metadata": {"name": "x", "labels": {"name": name}}} for name in ("etl", "etl", "bi")]

    monkeypatch.setattr(handle, "attach", Release)
    monkeypatch.setattr(complete, "_release", lambda ctx: Release(complete._settings(ctx)))
    monkeypatch.setattr(Kube, "connect", lambda *_: SimpleNamespace(list=listed))
    monkeypatch.setattr("kitctl.clusters.choice.context", lambda _: "c")
    monkeypatch.setattr(contexts, "names", lambda _: ["prod", "dev"])


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("kitctl logs -n team s", ["scheduler"]),
        ("kitctl exec -n team ", ["api-server", "scheduler"]),
        ("kitctl logs -n other ", []),
        ("kitctl run et", ["etl", "etl_daily"]),
        ("kitctl logs --dag r", ["report"]),
        ("kitctl open f", ["flower"]),
        ("kitctl status -n t", ["team", "tools"]),
        ("kitctl status -n team --release ", ["bi", "etl"]),
        ("kitctl deploy --context p", ["prod"]),
    ],
)
def test_names_that_begin_as_typed(words: str, names: list[str]) -> None:
    assert offered(words) == names


def test_dags_of_a_folder_need_no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert offered("kitctl dags test ") == []
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "a.py").write_text("d = DAG('first')\ne = DAG('second')\n")
    assert offered("kitctl dags test f") == ["first"]


def test_a_cluster_that_does_not_answer_keeps_no_shell() -> None:
    answered = threading.Event()
    assert complete._offer(lambda: ["late"] if answered.wait(60) else [], "", seconds=0.2) == []
    answered.set()
