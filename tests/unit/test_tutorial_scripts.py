"""The scripts of the minikube tutorial end in commands of kitctl; a stand-in of kitctl records them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from kitctl.model.options.overlay import dag_mode
from kitctl.model.values.dags import DagMode

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose kitctl only writes down how it was called."""
    for script in (
        "scripts/start_minikube.sh",
        "scripts/deploy.sh",
        "scripts/kitctl",
        "scripts/lib/say.sh",
        "docker/build.sh",
    ):
        (tmp_path / script).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / script, tmp_path / script)
    kitctl = tmp_path / ".venv" / "bin" / "kitctl"
    kitctl.parent.mkdir(parents=True)
    kitctl.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/calls\n')
    kitctl.chmod(0o755)
    return tmp_path


def run(checkout: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KITCTL_")}
    argv = [str(checkout / words[0]), *words[1:]]
    return subprocess.run(argv, env=clean | env, capture_output=True, text=True, check=False, timeout=20)


def calls(checkout: Path) -> list[str]:
    return (checkout / "calls").read_text().splitlines()


def test_the_three_scripts_of_the_tutorial_lead_to_one_release(checkout: Path) -> None:
    assert run(checkout, "scripts/start_minikube.sh").returncode == 0
    assert run(checkout, "docker/build.sh", "--dags", "my dags").returncode == 0
    assert run(checkout, "scripts/deploy.sh", "-d", "persistent_mode").returncode == 0
    assert calls(checkout) == [
        "cluster create --provider minikube",
        "image build --tag airflow:latest --dags my dags",
        "image load airflow:latest --provider minikube",
        "up --provider minikube --dag-mode persistent_mode --image airflow:latest",
    ]


def test_another_provider_can_be_chosen_and_options_added(checkout: Path) -> None:
    assert run(checkout, "scripts/deploy.sh", "-d", "git_mode", "--yes", KITCTL_PROVIDER="node").returncode == 0
    assert calls(checkout) == ["up --provider node --dag-mode git_mode --image airflow:latest --yes"]


def test_the_modes_of_the_tutorial_are_known() -> None:
    assert [dag_mode(name) for name in ("persistent_mode", "git_mode")] == [DagMode.PVC, DagMode.GIT]


@pytest.mark.parametrize("words", [(), ("persistent_mode",)])
def test_without_a_mode_it_is_refused_with_the_command(checkout: Path, words: tuple[str, ...]) -> None:
    done = run(checkout, "scripts/deploy.sh", *words)
    assert done.returncode == 2
    assert "scripts/deploy.sh -d persistent_mode" in done.stderr
    assert not (checkout / "calls").exists()


def test_help_is_the_head_of_the_script(checkout: Path) -> None:
    done = run(checkout, "scripts/deploy.sh", "--help")
    assert done.returncode == 0
    assert "deploy.sh -d git_mode" in done.stdout


def test_a_failed_build_loads_nothing(checkout: Path) -> None:
    kitctl = checkout / ".venv" / "bin" / "kitctl"
    kitctl.write_text(f'#!/bin/sh\necho "$@" >>{checkout}/calls\nexit 3\n')
    assert run(checkout, "docker/build.sh").returncode == 3
    assert calls(checkout) == ["image build --tag airflow:latest"]
