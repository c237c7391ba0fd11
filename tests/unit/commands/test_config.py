"""`kitctl config show`: the value of each option, and what gave it."""

import json
import shlex

import pytest

from kitctl import cli
from kitctl.commands.options.known import IN_FILE


@pytest.fixture
def show(tmp_path, monkeypatch, capsys):
    """Run `config show` in a folder with a project file; returns (exit code, stdout)."""
    monkeypatch.chdir(tmp_path)

    def run(line="", text=""):
        if text:
            (tmp_path / "kitctl.yaml").write_text(text)
        monkeypatch.setattr("sys.argv", ["kitctl", "config", "show", *shlex.split(line)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, capsys.readouterr().out

    return run


def options(out):
    return {one["option"]: one for one in json.loads(out)["options"]}


PROJECT = """\
release: etl
values: [values.yaml]
environment: dev
environments:
  dev:
    context: kind-kind
  prod:
    context: prod
    values: [prod.yaml]
    timeout: 1800
"""


def test_each_value_names_what_gave_it(show, monkeypatch):
    monkeypatch.setenv("KITCTL_CONTEXT", "other")
    monkeypatch.setenv("CONFIGMAP_BRANCH", "main")
    code, out = show("-e prod -o json -f typed.yaml --no-wait", PROJECT)
    found = options(out)
    assert code == 0
    assert list(found["release"].values()) == ["release", "etl", "project", "kitctl.yaml line 1"]
    assert (found["context"]["value"], found["context"]["source"], found["context"]["origin"]) == (
        "other",
        "variable",
        "KITCTL_CONTEXT",
    )
    assert found["git-ref"]["origin"] == "CONFIGMAP_BRANCH"
    assert found["timeout"]["origin"] == "kitctl.yaml environments.prod line 10"
    assert (found["timeout"]["value"], found["wait"]["value"]) == (1800.0, False)
    assert (found["wait"]["source"], found["wait"]["origin"]) == ("flag", "--wait")
    assert found["values"]["value"] == ["values.yaml", "prod.yaml", "typed.yaml"]
    assert found["values"]["origin"] == "kitctl.yaml line 2, kitctl.yaml environments.prod line 9, --values"
    assert (found["namespace"]["value"], found["namespace"]["source"]) == ("airflow", "default")


def test_every_option_of_a_project_is_shown(show):
    assert set(options(show("-o json")[1])) == set(IN_FILE)


def test_the_environment_and_the_file_are_named(show, tmp_path):
    found = json.loads(show("-o json", PROJECT)[1])
    assert (found["project"], found["environment"]) == (str(tmp_path / "kitctl.yaml"), "dev")
    assert found["environments"] == ["dev", "prod"]
    lines = show()[1].splitlines()
    assert lines[:2] == [f"project file: {tmp_path}/kitctl.yaml", "environment:  dev (the file has: dev, prod)"]
    assert "release" in lines[4]
    assert "kitctl.yaml line 1" in lines[4]


def test_without_a_project_all_are_defaults(show):
    found = json.loads(show("-o json")[1])
    assert (found["project"], found["environment"], found["environments"]) == ("", "", [])
    assert {one["source"] for one in found["options"]} == {"default"}
    assert show()[1].startswith("project file: none\n")


@pytest.mark.parametrize("output", ["text", "json", "yaml"])
def test_secrets_are_masked(show, output):
    _, out = show(f"-o {output} --set admin.password=s3cret --git-repo https://a:s3cret@example.com/x")
    assert "s3cret" not in out
    assert "admin.password=***" in out


def test_a_group_without_a_command_shows_its_help(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["kitctl", "config"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert (end.value.code, "show" in capsys.readouterr().err) == (2, True)


def test_a_mistake_in_the_file_ends_it(show):
    code, out = show("-o json", "namespce: a\n")
    assert (code, json.loads(out)["error"]["id"]) == (2, "project-option-unknown")
