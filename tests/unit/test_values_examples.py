"""Each file of values-examples/ is a valid set of values and tells what, when and how in its first lines."""

import re
from pathlib import Path

import pytest
import yaml

from kitctl.model.values import DagMode, Values

EXAMPLES = sorted((Path(__file__).parents[2] / "values-examples").iterdir())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_is_valid_against_the_model(path: Path):
    Values.model_validate(yaml.safe_load(path.read_text()))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_tells_what_when_and_how(path: Path):
    head = path.read_text().splitlines()[:3]
    assert [line.split(":")[0] for line in head] == ["# What", "# When", "# How"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_the_command_in_its_head_names_this_file(path: Path):
    assert f"values-examples/{path.name}" in path.read_text()


def test_every_dag_mode_has_an_example():
    modes = {yaml.safe_load(p.read_text()).get("dags", {}).get("mode") for p in EXAMPLES}
    assert {m.value for m in DagMode} <= modes


def referenced(node: object) -> set[str]:
    """Return the names of Secrets that values refer to."""
    if isinstance(node, list):
        return {name for item in node for name in referenced(item)}
    if not isinstance(node, dict):
        return set()
    found = {name for value in node.values() for name in referenced(value)}
    for key in ("secret", "existingSecret"):
        found |= {node[key]} if isinstance(node.get(key), str) else set()
    for key in ("passwordSecret", "secretKeyRef"):
        found |= {node[key]["name"]} if isinstance(node.get(key), dict) else set()
    return found


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_its_secrets_are_made_by_its_commands_in_a_namespace_that_is_there(path: Path):
    text = path.read_text()
    made_by_operator = re.findall(r"[-\w]+", "".join(re.findall(r"operator makes (.*)", text)))
    names = referenced(yaml.safe_load(text)) - set(made_by_operator)
    assert [name for name in names if f"create secret generic {name} " not in text] == []
    before, made, _ = text.partition("create secret generic")
    assert not made or "kubectl create namespace airflow" in before
