"""versions.toml is the one home of pinned versions; where a tool needs a second copy, the two agree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.version import Version

import kitctl
from kitctl.model.versions import document, pin

ROOT = Path(__file__).resolve().parents[2]
TOOLS = sorted(document()["tools"])
_REQUIRED = re.compile(r"^\s*(?:require\s+)?(\S+)\s+(v\S+)", re.MULTILINE)


def required(tool: str) -> dict[str, str]:
    """Return the modules of a tool's go.mod with their versions."""
    return dict(_REQUIRED.findall((ROOT / "scripts" / "tools" / tool / "go.mod").read_text()))


def locked(name: str) -> str:
    """Return the version of a package in the image's lock."""
    text = (ROOT / "docker" / "airflow" / "requirements.txt").read_text()
    found = re.search(rf"^{re.escape(name)}(?:\[[^\]]*\])?==([^\s;\\]+)", text, re.MULTILINE)
    assert found, f"{name} is not in docker/airflow/requirements.txt"
    return found[1]


@pytest.mark.parametrize("tool", TOOLS)
def test_go_builds_the_pinned_version_of(tool: str) -> None:
    section = document()["tools"][tool]
    assert required(tool)[section["module"]] == section["version"]


@pytest.mark.parametrize("tool", TOOLS)
def test_the_sums_are_committed_of(tool: str) -> None:
    section = document()["tools"][tool]
    sums = (ROOT / "scripts" / "tools" / tool / "go.sum").read_text()
    assert f"{section['module']} {section['version']} h1:" in sums


def test_every_go_module_has_a_pin() -> None:
    assert sorted(p.parent.name for p in (ROOT / "scripts" / "tools").glob("*/go.mod")) == TOOLS


def test_the_chart_is_of_this_kit_and_this_airflow() -> None:
    chart = yaml.safe_load((ROOT / "chart" / "Chart.yaml").read_text())
    assert chart["version"] == pin("kit.version")
    assert str(chart["appVersion"]) == pin("airflow.version")
    assert chart["kubeVersion"].startswith(f">={pin('kubernetes.minimum')}.")


def test_the_package_is_of_this_kit() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == kitctl.__version__ == pin("kit.version")


def test_the_image_locks_the_pinned_airflow() -> None:
    assert locked("apache-airflow-core") == pin("airflow.version")


@pytest.mark.parametrize("provider", sorted(document()["airflow"]["providers"]))
def test_the_image_locks_the_pinned_provider(provider: str) -> None:
    assert locked(f"apache-airflow-providers-{provider}") == pin(f"airflow.providers.{provider}")


def test_the_node_runs_a_supported_kubernetes() -> None:
    low, high, node = (Version(pin(f"kubernetes.{key}")) for key in ("minimum", "maximum", "version"))
    assert low <= node
    assert (node.major, node.minor) <= (high.major, high.minor)


def test_the_pinned_uv_is_new_enough_by_its_own_rule() -> None:
    assert Version(pin("uv.version")) >= Version(pin("uv.minimum"))
