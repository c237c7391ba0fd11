"""Commands in hints and fixes: completed with what the user named, and left alone where they name it themselves."""

import json
import shlex
import sys
from pathlib import Path

import pytest

from kitctl import cli
from kitctl.commands.console import paste
from kitctl.commands.console.paste import Typed, complete
from kitctl.errors import KitError
from kitctl.model.settings import Settings
from kitctl.release import handle
from tests.unit.commands.test_tree import TREE, WITHOUT_PROJECT

RELEASE = (("-n", "cl"), ("--release", "my rel"))
N, C = "-n cl --release 'my rel'", "--context prod --kubeconfig k.yaml"
CLUSTER = (("--context", "prod"), ("--kubeconfig", "k.yaml"))
TYPED = Typed(RELEASE, CLUSTER, client=CLUSTER)
PROJECT = Typed(project=(("--project", "p/kitctl.yaml"), ("-e", "prod")), client=CLUSTER)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("kitctl status", f"kitctl status {N} {C}"),
        ("kitctl logs scheduler -f", f"kitctl logs {N} {C} scheduler -f"),
        ("kitctl dags push ./dags", f"kitctl dags push {N} {C} ./dags"),
        ("kitctl up --provider node", f"kitctl up {N} --provider node"),
        ("kitctl up --context=NAME", f"kitctl up {N} --context=NAME"),
        ("kitctl down -n other", f"kitctl down --release 'my rel' {C} -n other"),
        ("kitctl cluster create", f"kitctl cluster create {C}"),
        ("kitctl image build --tag x && kitctl up", f"kitctl image build --tag x && kitctl up {N} {C}"),
        ("kitctl run etl --unpause", f"kitctl run {N} {C} etl --unpause"),
        ("kitctl scale --workers 2", f"kitctl scale {N} {C} --workers 2"),
        ("kitctl --version", "kitctl --version"),
        ("kitctl updates nothing", "kitctl updates nothing"),
        ("kubectl -n cl get pods", f"kubectl {C} -n cl get pods"),
        ("kubectl --context x get ns", "kubectl --kubeconfig k.yaml --context x get ns"),
        ("kubectl config get-contexts", "kubectl --kubeconfig k.yaml config get-contexts"),
        ("helm list -A", "helm --kube-context prod --kubeconfig k.yaml list -A"),
        ("-o yaml | kubectl apply -f -", f"-o yaml | kubectl {C} apply -f -"),
        ("scripts/tool helm show values", "scripts/tool helm show values"),
        ("a folder of kitctl's", "a folder of kitctl's"),
    ],
)
def test_commands_name_what_the_user_named(text, wanted):
    assert complete(text, TYPED) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("kitctl status", "kitctl status --project p/kitctl.yaml -e prod"),
        ("kitctl config show -e dev", "kitctl config show --project p/kitctl.yaml -e dev"),
        ("kitctl image build", "kitctl image build --project p/kitctl.yaml -e prod"),
        ("kitctl cluster create", "kitctl cluster create --project p/kitctl.yaml -e prod"),
        ("kubectl get ns", f"kubectl {C} get ns"),
        ("kitctl --version", "kitctl --version"),
    ],
)
def test_commands_use_the_project_that_was_used(text, wanted):
    assert complete(text, PROJECT) == wanted


def every_command():
    return [
        " ".join(path)
        for path, command in TREE
        if path and path not in WITHOUT_PROJECT and not hasattr(command, "list_commands")
    ]


@pytest.mark.parametrize("words", every_command())
def test_every_command_keeps_the_project(words):
    assert complete(f"kitctl {words}", PROJECT).endswith(" -e prod")


@pytest.mark.parametrize("text", ["kitctl status", "kubectl get pods", "run `kitctl up` again", "kitctl up, then wait"])
def test_without_flags_nothing_is_added(text):
    assert complete(text, Typed()) == text


def test_programs_that_are_not_on_path_are_called_by_their_file():
    typed = Typed(programs={"kitctl": ".venv/bin/kitctl", "kubectl": "/c/kubectl"})
    assert (
        complete("sudo kitctl status && kubectl get ns", typed) == "sudo .venv/bin/kitctl status && /c/kubectl get ns"
    )


@pytest.fixture
def given(monkeypatch):
    monkeypatch.setattr(paste, "program", lambda: "kitctl")
    monkeypatch.setattr(paste, "_file", lambda name: f"/cache/{name}")
    paste.remember(Settings(namespace="cl", kubeconfig=Path("k")))
    yield
    paste.forget()


def test_only_what_was_given_is_added_and_comments_stay(given):
    text = "kitctl status    # kitctl up makes it\nkubectl get ns\nNothing here"
    assert paste.pasteable(text) == (
        "kitctl status -n cl --kubeconfig k    # kitctl up makes it\n/cache/kubectl --kubeconfig k get ns\nNothing here"
    )


@pytest.mark.parametrize("output", ["text", "json"])
def test_the_fix_of_every_error_repeats_the_flags(monkeypatch, capsys, output):
    def attach(_):
        raise KitError("x", "wrong", fix="kitctl up")

    monkeypatch.setattr(paste, "program", lambda: "kitctl")
    monkeypatch.setattr(handle, "attach", attach)
    monkeypatch.setattr(sys, "argv", shlex.split(f"kitctl status -n cl --release r -o {output}"))
    with pytest.raises(SystemExit):
        cli.main()
    out = capsys.readouterr()
    fix = json.loads(out.out)["error"]["fix"] if output == "json" else out.err
    assert "kitctl up -n cl --release r" in fix
