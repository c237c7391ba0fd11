"""A new project renders without a flag, in each DAG mode and environment; Helm reads back what kitctl.yaml sets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

KITCTL = [sys.executable, "-m", "kitctl"]
ROOT = Path(__file__).resolve().parents[2]


def kitctl(*words: str, cwd: Path) -> str:
    """Run kitctl in a folder, and return what it prints."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("KITCTL_")} | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([*KITCTL, *words], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("mode", ["image", "pvc", "git", "bundle"])
def test_a_new_project_renders(tmp_path: Path, mode: str) -> None:
    kitctl("init", "etl", "--dag-mode", mode, "--git-repo", "https://example.com/dags.git", cwd=tmp_path)
    for environment in ("dev", "prod"):
        text = kitctl("render", "manifests", "-e", environment, cwd=tmp_path / "etl" / "dags")
        found = [obj for obj in yaml.safe_load_all(text) if obj]
        servers = [obj for obj in found if obj["metadata"]["name"] == "etl-airflow-api-server"]
        assert {obj["metadata"]["namespace"] for obj in servers} == {"etl"}
        assert len(found) > 20
    values = yaml.safe_load(kitctl("render", "values", cwd=tmp_path / "etl"))
    assert values["dags"]["mode"] == mode
    assert values["config"]["core"]["default_timezone"] == "utc"


def test_helm_reads_back_what_a_mapping_sets(tmp_path: Path) -> None:
    wanted = {"a": "x,y", "b": "{z}", "c": "e\\f", "d": "p=q"}
    keys = {f"config.x_{name}.y": text for name, text in wanted.items()}
    (tmp_path / "kitctl.yaml").write_text(yaml.safe_dump({"set": keys}))
    config = yaml.safe_load(kitctl("render", "values", cwd=tmp_path))["config"]
    assert {name: config[f"x_{name}"]["y"] for name in wanted} == wanted
