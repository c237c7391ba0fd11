"""`up`, `down`, `deploy` and `cluster` as a person types them: options, reports, exit codes."""

import inspect
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import fields

import pytest
from typer.testing import CliRunner

from kitctl.cli import app
from kitctl.clusters import choice, node
from kitctl.commands import deploy, up
from kitctl.commands.options.inject import with_options
from kitctl.commands.options.release import Typed
from kitctl.errors import KitError
from kitctl.model.options.new_cluster import NewCluster
from kitctl.model.options.up import UpOptions
from kitctl.model.values.dags import DagMode

REPORT = {
    "url": "http://10.0.0.1:30809",
    "username": "admin",
    "password": "secret",
    "release": "airflow",
    "namespace": "airflow",
    "context": "kitctl-node",
    "image": "a:1",
    "changed": True,
    "smoke": "success",
}


@pytest.fixture
def called(monkeypatch):
    """Replace the use cases; remember what they were called with."""
    seen = {}

    def up(settings, options, steps, ask):
        seen.update(settings=settings, options=options)
        return {**REPORT, "namespace": settings.namespace}

    def down(settings, steps, ask, *, volumes, cluster):
        seen.update(settings=settings, volumes=volumes, cluster=cluster)
        report = {"release": "airflow", "namespace": "airflow", "context": "c", "removed": ["release airflow"]}
        return {**report, "kept": ["Secret airflow-keys"], "notes": []}

    monkeypatch.setattr("kitctl.usecases.up.up", up)
    monkeypatch.setattr("kitctl.usecases.deploy.deploy", up)
    monkeypatch.setattr("kitctl.usecases.down.down", down)
    return seen


def run(*args, **env):
    result = CliRunner().invoke(app, list(args), env={"KITCTL_OUTPUT": "", **env} if env else None)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def process(*args, **env):
    """Run the whole program, as exit codes are its affair."""
    argv = [sys.executable, "-m", "kitctl.cli", *args]
    given = {**os.environ, **env}
    return subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=given, check=False)


@pytest.fixture
def on_path(monkeypatch):
    monkeypatch.setattr("kitctl.commands.console.paste.shutil.which", lambda _: "/usr/local/bin/kitctl")


def test_what_comes_next_can_be_pasted_where_path_has_no_kitctl(called, monkeypatch, tmp_path):
    monkeypatch.setattr("kitctl.commands.console.paste.shutil.which", lambda _: None)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / ".venv" / "bin" / "kitctl")])
    assert f"  {tmp_path}/.venv/bin/kitctl status" in run("up").stdout
    monkeypatch.chdir(tmp_path)
    assert "  .venv/bin/kitctl status" in run("up").stdout


def commands_of(out):
    """Return the commands under "Next:"."""
    return [line.split("#")[0].strip() for line in out.partition("Next:")[2].splitlines() if line]


def test_up_tells_how_to_get_in_and_what_comes_next(called, on_path, monkeypatch):
    monkeypatch.setattr(up, "watched", lambda: True)
    out = run("up").stdout
    assert "http://10.0.0.1:30809" in out
    assert "password: secret" in out
    assert commands_of(out) == ["kitctl status", "kitctl open", "kitctl down"]


@pytest.mark.parametrize("output", ["text", "json", "yaml"])
def test_up_prints_no_password_into_a_log(called, on_path, output):
    done = run("up", "-o", output)
    assert "secret" not in done.output
    assert "admin" in done.output
    if output == "text":
        assert commands_of(done.stdout)[0] == "kitctl credentials"


def test_without_a_first_user_nobody_is_sent_for_a_password(called, on_path, monkeypatch):
    monkeypatch.setitem(REPORT, "password", None)
    assert "kitctl credentials" not in run("up").stdout


def test_next_commands_name_another_namespace(called, on_path):
    assert "kitctl status -n team" in run("up", "-n", "team").stdout


def test_the_hints_of_down_mean_the_release_that_was_removed(called, on_path):
    lines = run("down", "-n", "cl", "--release", "cl").stdout.splitlines()[-2:]
    assert [line.split("  #")[0].strip() for line in lines] == [
        "kitctl up -n cl --release cl",
        "kitctl down -n cl --release cl --volumes",
    ]


def test_up_as_json_is_a_contract(called):
    report = json.loads(run("up", "-o", "json").stdout)
    assert {"url", "username", "password", "release", "namespace", "context", "image"} <= set(report)


@pytest.mark.parametrize("mode", ["git", "git_mode"])
def test_options_reach_the_use_case(called, mode, tmp_path):
    run(
        "up",
        *("--dag-mode", mode),
        *("--git-repo", "https://example.com/d.git"),
        *("--git-ref", "v1"),
        *("--git-sub-path", "dags"),
        *("--git-secret", "s"),
        *("--git-auth", "https"),
        *("--image", "a:1"),
        *("--template-dir", str(tmp_path)),
        *("--node-port", "30001"),
        "--no-smoke",
    )
    options = called["options"]
    assert options.dag_mode is DagMode.GIT
    assert (options.git_repo, options.git_ref, options.git_sub_path) == ("https://example.com/d.git", "v1", "dags")
    assert (options.git_secret, options.git_auth) == ("s", "https")
    assert (options.image, options.template_dir, options.node_port) == ("a:1", tmp_path, 30001)
    assert options.smoke is False


def test_the_tutorials_variables_are_understood(called):
    run("up", KITCTL_DAG_MODE="git_mode", CONFIGMAP_GIT_REPO="https://example.com/d.git", CONFIGMAP_BRANCH="main")
    options = called["options"]
    assert (options.dag_mode, options.git_repo, options.git_ref) == (DagMode.GIT, "https://example.com/d.git", "main")


def test_the_kits_own_variables_win_over_those(called):
    run("up", KITCTL_GIT_REPO="new", CONFIGMAP_GIT_REPO="old")
    assert called["options"].git_repo == "new"


def test_an_unknown_mode_is_a_usage_error(called):
    with pytest.raises(KitError) as raised:
        run("up", "--dag-mode", "nfs")
    assert raised.value.id == "dag-mode-unknown"


def test_deploy_has_no_options_of_images_and_clusters(called):
    assert run("deploy", "--dags", "x").exit_code == 2
    assert run("deploy", "--image", "a:1").exit_code == 0
    assert called["options"].image == "a:1"


def test_each_field_of_the_use_case_is_an_option_of_up_with_the_same_default():
    use_case = {f.name: f.default for f in fields(UpOptions)}
    new_cluster = {f.name: f.default for f in fields(NewCluster)}
    assert {f.name for f in fields(Typed)} == use_case.keys() - {"new_cluster"} | new_cluster.keys()
    for command in (up.up, deploy.deploy):
        options = {p.name: p.default for p in inspect.signature(command).parameters.values() if p.name in use_case}
        assert options.items() <= use_case.items()
    without = {"dags", "requirements", "smoke", "builder", "ca_bundle", "new_cluster"}
    assert use_case.keys() - options == without


def test_a_field_that_is_left_out_must_be_there():
    with pytest.raises(TypeError, match="nosuch"):
        with_options(Typed, without={"nosuch"})


def test_down_keeps_data_unless_asked(called):
    out = run("down").stdout
    assert (called["volumes"], called["cluster"]) == (False, False)
    assert "kept    Secret airflow-keys" in out
    run("down", "--volumes", "--cluster", "--yes")
    assert (called["volumes"], called["cluster"], called["settings"].yes) == (True, True, True)
    assert json.loads(run("down", "-o", "json").stdout)["kept"] == ["Secret airflow-keys"]


class Cluster:
    name, provider, there = "kitctl-node", "node", False

    def context(self):
        return self.name

    def exists(self):
        return self.there

    def create(self, note, wanted):
        self.there = True


def test_cluster_create_reports(monkeypatch):
    monkeypatch.setattr(choice, "cluster", lambda _: Cluster())
    report = json.loads(run("cluster", "create", "-o", "json").stdout)
    assert report == {"cluster": "kitctl-node", "provider": "node", "context": "kitctl-node", "running": True}


def test_cluster_delete_asks_for_the_data(monkeypatch, tmp_path):
    seen = []
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path))
    monkeypatch.setattr(node.NodeCluster, "delete", lambda self, _: seen.append(self.name))
    (tmp_path / "kitctl-node").mkdir()
    with pytest.raises(KitError) as raised:
        run("cluster", "delete")
    assert raised.value.id == "confirmation-needed"
    assert seen == []
    assert json.loads(run("cluster", "delete", "--yes", "-o", "json").stdout)["deleted"] is True
    assert seen == ["kitctl-node"]


def test_cluster_delete_as_a_dry_run_says_what_it_would_do(monkeypatch, tmp_path):
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path))
    words = ("cluster", "delete", "--dry-run")
    assert json.loads(run(*words, "-o", "json").stdout) == {"dry_run": True, "would": []}
    assert run(*words).stdout == "would change nothing\n"
    (tmp_path / "kitctl-node").mkdir()
    assert run(*words).stdout == "would delete the cluster kitctl-node with all its data\n"


def test_cluster_delete_refuses_a_path_before_it_asks():
    for option in ("", "--dry-run", "--yes"):
        with pytest.raises(KitError) as raised:
            run("cluster", "delete", "--cluster-name", "../../etc", *filter(None, [option]))
        assert raised.value.id == "cluster-name-invalid"


@pytest.mark.parametrize("command", [["up"], ["down"], ["deploy"], ["cluster", "create"], ["cluster", "delete"]])
def test_every_help_ends_with_an_example(command):
    out = run(*command, "--help").stdout.strip()
    assert out.splitlines()[-1].strip().startswith(f"Example: kitctl {' '.join(command)}")


@pytest.mark.parametrize(
    ("args", "code", "error"),
    [
        (["up", "-n", "No_Good"], 2, "namespace-name-invalid"),
        (["up", "--dag-mode", "nfs"], 2, "dag-mode-unknown"),
        (["up", "--set", "bogus=1"], 3, "values-unknown-key"),
        (["up", "--dags", "/nowhere"], 3, "dags-missing"),
        (["up", "--image", "apache/airflow:2.10.5"], 3, "image-too-old"),
        (["up", "--context", "no-such-context"], 4, "context-missing"),
        (["deploy", "--context", "no-such-context"], 4, "context-missing"),
        (["down", "--context", "no-such-context"], 4, "context-missing"),
    ],
)
def test_refusals_have_an_exit_code_and_one_shape(args, code, error, tmp_path):
    empty = tmp_path / "config"
    empty.write_text("apiVersion: v1\nkind: Config\n")
    done = process(*args, "-o", "json", KITCTL_KUBECONFIG=str(empty))
    assert done.returncode == code, done.stderr
    body = json.loads(done.stdout)["error"]
    assert body["id"] == error
    assert body["message"]
    assert body["exit_code"] == code
    assert body["page"] == f"docs/errors.md#{error}"


def test_a_server_that_does_not_answer_ends_with_code_4_within_seconds(tmp_path):
    config = tmp_path / "config"
    config.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: dead\n"
        "clusters: [{name: d, cluster: {server: 'https://127.0.0.1:1'}}]\n"
        "contexts: [{name: dead, context: {cluster: d, user: u}}]\nusers: [{name: u, user: {}}]\n"
    )
    done = process("deploy", "--kubeconfig", str(config), "--context", "dead", "-o", "json")
    assert done.returncode == 4
    assert json.loads(done.stdout)["error"]["id"] == "cluster-unreachable"


def test_ctrl_c_ends_with_130_and_says_that_it_can_be_run_again(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        config = tmp_path / "config"
        config.write_text(
            "apiVersion: v1\nkind: Config\ncurrent-context: slow\n"
            f"clusters: [{{name: d, cluster: {{server: 'http://127.0.0.1:{server.getsockname()[1]}'}}}}]\n"
            "contexts: [{name: slow, context: {cluster: d, user: u}}]\nusers: [{name: u, user: {}}]\n"
        )
        # A shell that runs the tests in the background has them ignore Ctrl-C, and whatever they start.
        python = ["env", "--default-signal=INT", sys.executable]
        argv = [*python, "-m", "kitctl.cli", "deploy", "--kubeconfig", str(config), "--context", "slow"]
        kitctl = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
        server.settimeout(60)
        connection, _ = server.accept()  # held open: it waits for an answer that never comes
        kitctl.send_signal(signal.SIGINT)
        _, words = kitctl.communicate(timeout=30)
        connection.close()
    assert kitctl.returncode == 130
    assert "run the same command again" in words
