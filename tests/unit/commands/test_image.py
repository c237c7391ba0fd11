"""`kitctl image`: options reach the use case, reports keep their shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kitctl.commands.image import app
from kitctl.images import archives, recipes
from kitctl.model.options.overlay import UpOptions
from kitctl.model.values.dags import DagMode
from kitctl.usecases import prepare_images


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def build(dags: Path | None, requirements: Path | None, base: str, **more: Any) -> recipes.Built:
        seen.update(dags=dags, requirements=requirements, base=base, **more)
        more["progress"]("talk")
        return recipes.Built("kitctl.local/dags:0123456789ab", "3.3.2", True, "buildah")

    monkeypatch.setattr(recipes, "build", build)
    return seen


def run(*argv: str, env: dict[str, str] | None = None) -> Any:
    done = CliRunner().invoke(app, list(argv), env=env)
    assert done.exit_code == 0, done.output
    return done


def test_the_reference_is_all_that_stands_on_stdout(given: dict[str, Any]) -> None:
    done = run("build")
    assert (done.stdout, done.stderr) == ("kitctl.local/dags:0123456789ab\n", "talk\n")
    assert run("build", "-q").stderr == ""


def test_the_report_is_a_contract(given: dict[str, Any]) -> None:
    assert json.loads(run("build", "-o", "json").stdout) == {
        "image": "kitctl.local/dags:0123456789ab",
        "airflow_version": "3.3.2",
        "built": True,
        "builder": "buildah",
    }


def test_options_and_their_variables_reach_the_use_case(given: dict[str, Any], tmp_path: Path) -> None:
    argv = ["--requirements", "r.txt", "--base-image", "b:1", "--tag", "t:1", "--no-check", "--builder", "podman"]
    argv += [
        "--example",
        "zip",
        "--platform",
        "linux/arm64",
        "--ca-bundle",
        "ca.pem",
        "--airflow-version",
        "3.2.2",
        "--repository",
        "example.com/a",
        "--layer-cache",
        "example.com/layers",
        "--dry-run",
    ]
    run("build", *argv, env={"KITCTL_DAGS": str(tmp_path)})
    assert (given["dags"], given["requirements"], given["base"]) == (tmp_path, Path("r.txt"), "b:1")
    assert (given["tag"], given["check"], given["example"]) == ("t:1", False, "zip")
    assert given["repository"] == "example.com/a"
    assert given["options"] == recipes.ImageOptions(
        builder="podman",
        platform="linux/arm64",
        ca_bundle=Path("ca.pem"),
        airflow_version="3.2.2",
        layer_cache="example.com/layers",
        dry_run=True,
    )


def test_a_dry_push_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(recipes, "push", lambda reference, *_: sent.append(reference) or (reference, "sha256:0"))
    assert "would push x:1" in run("push", "x:1", "--dry-run").stderr
    assert json.loads(run("push", "x:1", "--dry-run", "-o", "json").stdout) == {
        "image": "x:1",
        "pushed": False,
        "digest": "",
    }
    assert sent == []
    assert run("push", "x:1").stdout == "x:1\n"
    assert json.loads(run("push", "x:1", "-o", "json").stdout)["digest"] == "sha256:0"


def test_prepare_takes_the_options_of_up_and_prints_the_images(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[UpOptions] = []

    def prepare(options: UpOptions, progress: Any) -> list[str]:
        seen.append(options)
        progress("talk")
        return ["a:1", "b:2"]

    monkeypatch.setattr(prepare_images, "prepare_images", prepare)
    done = run("prepare", "--dags", "d", "--dag-mode", "git_mode", "--image", "i:1")
    assert (done.stdout, done.stderr) == ("a:1\nb:2\n", "talk\n")
    assert seen == [UpOptions(dags=Path("d"), dag_mode=DagMode.GIT, image="i:1")]
    assert json.loads(run("prepare", "-o", "json").stdout) == {"images": ["a:1", "b:2"]}
    seen.clear()
    assert json.loads(run("prepare", "--dry-run", "-o", "json").stdout) == {"images": []}
    assert seen == []


def test_load_takes_the_kits_own_image_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipes, "ensure_airflow_image", lambda progress: "kitctl.local/airflow:own")
    monkeypatch.setattr(recipes, "load_into", lambda settings, reference, progress: (reference, True, "kitctl-node"))
    body = json.loads(run("load", "-o", "json").stdout)
    assert body == {"image": "kitctl.local/airflow:own", "loaded": True, "cluster": "kitctl-node"}
    assert run("load", "x:1").stdout == "x:1\n"


def test_save_and_restore_report_what_they_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "save", lambda reference, file, progress: f"docker.io/{reference}")
    monkeypatch.setattr(archives, "restore", lambda file, builder: ["a:1", builder])
    body = json.loads(run("save", "x.tar", "team/x:1", "-o", "json").stdout)
    assert body == {"image": "docker.io/team/x:1", "file": "x.tar", "saved": True}
    assert json.loads(run("restore", "x.tar", "-o", "json").stdout) == {"images": ["a:1", "auto"]}
    monkeypatch.setattr(archives, "save", lambda *_: pytest.fail("saved"))
    monkeypatch.setattr(archives, "restore", lambda *_: pytest.fail("restored"))
    assert json.loads(run("save", "x.tar", "x:1", "--dry-run", "-o", "json").stdout)["saved"] is False
    assert json.loads(run("restore", "x.tar", "--dry-run", "-o", "json").stdout) == {"images": []}


@pytest.mark.parametrize("argv", [[], ["build"], ["prepare"], ["load"], ["push"], ["save"], ["restore"]])
def test_every_help_ends_with_an_example(argv: list[str]) -> None:
    assert "Example: kitctl image" in run(*argv, "--help").stdout.strip().split("\n\n")[-1]
