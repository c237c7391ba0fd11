"""kitctl.yaml below every command: precedence, layers, paths, and errors before anything happens."""

import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kitctl import cli
from kitctl.commands.console import paste
from kitctl.commands.options.defaults import Defaults
from kitctl.commands.options.known import IN_FILE, LAYERS, TYPED_ONLY
from kitctl.release import handle
from tests.unit.commands.test_tree import TREE, WITHOUT_PROJECT

WORDS = {
    "ports": "8080:30809",
    "node-port": "30001",
    "jobs": "3",
    "timeout": "30",
    "dag-mode": "git",
    "set-json": "a=1",
}


def sample(key):
    """A text that an option takes, and that is not its default."""
    option = IN_FILE[key]
    if option.kind is bool:
        return str(not option.flag.default).lower()
    return WORDS.get(key, "a=b" if key in LAYERS - {"values"} else "text")


COMMANDS = [
    (path, command)
    for path, command in TREE
    if path and path not in WITHOUT_PROJECT and not hasattr(command, "list_commands")
]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Write the project file of the current folder."""
    monkeypatch.chdir(tmp_path)

    def write(text):
        (tmp_path / "kitctl.yaml").write_text(text)
        return tmp_path

    return write


@pytest.fixture
def kitctl(monkeypatch, capsys):
    """Run `status` with more words; returns (exit code, stderr, settings or None)."""
    seen = []

    def attach(settings):
        seen.append(settings)
        raise SystemExit(0)

    monkeypatch.setattr(handle, "attach", attach)

    def run(line="", command="status"):
        seen.clear()
        monkeypatch.setattr("sys.argv", ["kitctl", command, *shlex.split(line)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, capsys.readouterr().err, seen[0] if seen else None

    return run


def context(path, command, *args):
    """The context of a command line, with a word for each argument that the command needs."""
    needed = ["x" for param in command.params if param.param_type_name == "argument" and param.required]
    return command.make_context(path[-1], [*args, *needed])


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])
def test_every_option_of_every_command_follows_flag_variable_file_default(project, monkeypatch, path, command):
    project("".join(f"{key}: {sample(key)}\n" for key in IN_FILE))
    ctx = context(path, command)
    assert isinstance(ctx.default_map, Defaults)
    keys = ctx.default_map.keys_of
    assert len(keys) >= 13  # the global ones
    source = {name: ctx.get_parameter_source(name).name for name in keys}
    assert source == dict.fromkeys(keys, "DEFAULT_MAP")
    by_file = {name: ctx.params[name] for name in keys}
    for name, key in keys.items():
        option = IN_FILE[key]
        monkeypatch.setenv(option.flag.env[0], sample(key))
        by_variable = context(path, command)
        assert by_variable.get_parameter_source(name).name == "ENVIRONMENT"
        wanted = [*by_file[name], *by_file[name]] if key in LAYERS else by_file[name]
        assert by_variable.params[name] == wanted, key
        param = next(one for one in command.params if one.name == name)
        if param.param_type_name == "option":
            args = [f"--{key}"] if option.kind is bool else [f"--{key}", sample(key)]
            typed = context(path, command, *args)
            assert typed.get_parameter_source(name).name == "COMMANDLINE"
        monkeypatch.delenv(option.flag.env[0])
    Path("kitctl.yaml").unlink()
    plain = context(path, command)
    assert {plain.get_parameter_source(name).name for name in keys} == {"DEFAULT"}


def test_each_option_is_in_the_file_or_typed_only():
    named = {
        max(param.opts, key=len).removeprefix("--")
        for path, command in TREE
        for param in command.params
        if path and param.param_type_name == "option"
    }
    assert named - {*IN_FILE, *TYPED_ONLY, "help"} == set()


def test_a_flag_wins_over_a_variable_over_an_environment_over_the_file(project, kitctl, monkeypatch):
    project("namespace: file\nenvironments:\n  prod:\n    namespace: prod\n")
    assert kitctl()[2].namespace == "file"
    assert kitctl("-e prod")[2].namespace == "prod"
    monkeypatch.setenv("KITCTL_ENVIRONMENT", "prod")
    assert kitctl()[2].namespace == "prod"
    monkeypatch.setenv("KITCTL_NAMESPACE", "variable")
    assert kitctl()[2].namespace == "variable"
    assert kitctl("-n flag")[2].namespace == "flag"


def test_the_file_says_which_environment_is_usual(project, kitctl):
    project("environment: dev\nenvironments:\n  dev: {namespace: d}\n  prod: {namespace: p}\n")
    assert kitctl()[2].namespace == "d"
    assert kitctl("-e prod")[2].namespace == "p"


def test_null_takes_a_setting_back(project, kitctl):
    project("context: c\nset: [a=1]\nenvironments:\n  x: {context: null, set: ~}\n")
    assert (kitctl()[2].context, kitctl()[2].sets) == ("c", ("a=1",))
    assert (kitctl("-e x")[2].context, kitctl("-e x")[2].sets) == (None, ())


def test_values_and_sets_are_layers(project, kitctl, monkeypatch):
    project(
        "values: base.yaml\nset: {a.b: 1}\nenvironments:\n  prod:\n    values: [prod.yaml, more.yaml]\n    set: [c=2]\n"
    )
    found = kitctl("-e prod -f typed.yaml --set d=3")[2]
    assert [str(path) for path in found.values] == ["base.yaml", "prod.yaml", "more.yaml", "typed.yaml"]
    assert found.sets == ("a.b=1", "c=2", "d=3")
    monkeypatch.setenv("KITCTL_SET", "e=4 5")
    monkeypatch.setenv("KITCTL_VALUES", "v.yaml")
    found = kitctl()[2]
    assert found.sets == ("a.b=1", "e=4 5")
    assert [str(path) for path in found.values] == ["base.yaml", "v.yaml"]


def test_a_mapping_becomes_what_helm_reads_back(project, kitctl):
    project(
        "set: {a.b: 'x,y', c: '{z}', d: 'e\\f', g: null, h: ''}\n"
        "set-json: {k: {l: [1, 2]}, m: text}\nset-string: {n: 1.10}\n"
    )
    found = kitctl()[2]
    assert found.sets == (r"a.b=x\,y", r"c=\{z}", r"d=e\\f", "g=null", "h=")
    assert found.set_jsons == ('k={"l": [1, 2]}', 'm="text"')
    assert found.set_strings == ("n=1.10",)


def test_paths_start_at_the_file(project, kitctl, monkeypatch):
    top = project(
        "values: [v.yaml, /abs.yaml]\nkubeconfig: ~/k\nset-file: ['a=x.txt,b=y.txt', 'c=/z']\nenvironment: d\n"
        "environments:\n  d:\n    set-file: {e: f}\n"
    )
    monkeypatch.setenv("HOME", "/home/ana")
    assert [str(path) for path in kitctl()[2].values] == ["v.yaml", "/abs.yaml"]
    (top / "sub").mkdir()
    monkeypatch.chdir(top / "sub")
    found = kitctl()[2]
    assert [str(path) for path in found.values] == [str(top / "v.yaml"), "/abs.yaml"]
    assert str(found.kubeconfig) == "/home/ana/k"
    assert found.set_files == (f"a={top}/x.txt,b={top}/y.txt", "c=/z", f"e={top}/f")
    assert found.folder == top


def test_another_file_can_be_named(project, kitctl, monkeypatch):
    top = project("namespace: here\n")
    (top / "ci").mkdir()
    (top / "ci" / "other.yaml").write_text("namespace: other\nvalues: [v.yaml]\n")
    found = kitctl("--project ci/other.yaml")[2]
    assert (found.namespace, str(found.values[0]), found.folder) == ("other", "ci/v.yaml", top / "ci")
    monkeypatch.setenv("KITCTL_PROJECT", "ci/other.yaml")
    assert kitctl()[2].namespace == "other"
    found = kitctl("--project /dev/null")[2]
    assert (found.namespace, found.folder) == ("airflow", None)


@pytest.mark.parametrize(
    ("text", "error", "words", "fix"),
    [
        ("namespce: a", "project-option-unknown", "line 1: there is no option namespce", "namespace: …"),
        ("no-wait: true", "project-option-unknown", "no-wait", "wait: false"),
        ("dag_mode: git", "project-option-unknown", "dag_mode", "dag-mode: …"),
        ("zzzzzz: 1", "project-option-unknown", "zzzzzz", "Delete line 1"),
        ("environments:\n  prod:\n    namespce: a", "project-option-unknown", "line 3", "namespace: …"),
        ("yes: true", "project-option-typed-only", "yes", "Delete line 1"),
        ("output: json", "project-option-typed-only", "output", "Delete line 1"),
        (
            "environments:\n  a:\n    environment: b",
            "project-option-typed-only",
            "inside of an environment",
            "top level",
        ),
        ("namespace: [a, b]", "project-value-wrong", "namespace must be one value", "namespace: …"),
        ("namespace: {a: b}", "project-value-wrong", "namespace must be one value", "namespace: …"),
        ("values: {a: b}", "project-value-wrong", "values must be a list", "values: [values.yaml]"),
        ("values: [[a]]", "project-value-wrong", "values", "values: […]"),
        ("values: [~]", "project-value-wrong", "values", "values: […]"),
        ("set: {a: [1]}", "project-value-wrong", "set", "set: […]"),
        ("timeout: soon", "project-value-wrong", "line 1: timeout", "timeout: …"),
        ("wait: maybe", "project-value-wrong", "wait must be true or false", "wait: …"),
        ("node-port: 80", "project-value-wrong", "node-port", "node-port: …"),
        ("ports: [80]", "project-value-wrong", "ports", "ports: …"),
        ("environments:\n  a:\n    jobs: x", "project-value-wrong", "line 3: jobs", "jobs: …"),
        ("password: x", "project-secret", "password", "kubectl create secret"),
        ("set: [admin.password=x]", "project-secret", "set: admin.password", "kubectl create secret"),
        ("set-string: {a.token: x}", "project-secret", "set-string: a.token", "kubectl create secret"),
        ("git-repo: https://a:b@example.com/x", "project-secret", "git-repo", "kubectl create secret"),
        ("environment: prod\nenvironments: {dev: }", "project-environment-unknown", "no environment prod", "-e dev"),
        ("environment: prod", "project-environment-unknown", "no environment prod", "environments: {prod: {}}"),
        ("a: [", "project-not-yaml", "not YAML", "namespace: team"),
    ],
)
def test_mistakes_end_every_command_before_anything_happens(project, kitctl, text, error, words, fix):
    project(text + "\n")
    code, err, seen = kitctl()
    assert (code, seen) == (2, None)
    assert f"[{error}]" in err
    assert words in err
    assert fix in err


@pytest.mark.parametrize("by", ["flag", "variable"])
def test_an_environment_needs_a_project(tmp_path, monkeypatch, kitctl, by):
    monkeypatch.chdir(tmp_path)
    if by == "variable":
        monkeypatch.setenv("KITCTL_ENVIRONMENT", "prod")
    code, err, seen = kitctl("-e prod" if by == "flag" else "")
    assert (code, seen) == (2, None)
    assert "no kitctl.yaml was found" in err


@pytest.mark.parametrize("words", [["--help"], ["-e", "x", "--help"], ["--project", "none", "-h"], ["--bogus"]])
def test_help_and_usage_errors_never_read_the_file(project, monkeypatch, words):
    project("a: [")
    result = CliRunner().invoke(cli.app, ["status", *words])
    assert "project-not-yaml" not in str(result.exception)
    assert "Usage:" in result.output


def test_help_shows_the_defaults_of_kitctl(project):
    project("namespace: team\n")
    assert "default: airflow" in CliRunner().invoke(cli.app, ["status", "--help"], env={"COLUMNS": "200"}).output


def test_completion_never_reads_the_file(project):
    project("a: [")
    env = {"_KITCTL_COMPLETE": "complete_bash", "COMP_WORDS": "kitctl status --name", "COMP_CWORD": "2"}
    result = CliRunner().invoke(cli.app, [], env=env, prog_name="kitctl")
    assert (result.exit_code, result.output.split()) == (0, ["--namespace"])


def test_fixes_repeat_what_was_typed_over_the_file_and_nothing_else(project, kitctl, monkeypatch, capsys):
    monkeypatch.setattr(paste, "program", lambda: "kitctl")
    monkeypatch.setattr(paste, "_file", lambda name: name)
    project("namespace: team\ncontext: c\nenvironment: dev\nenvironments: {dev: , prod: {release: r}}\n")
    for line, kitctl_flags, kubectl_flags in [
        ("", "", " --context c"),
        ("-n airflow", " -n airflow", " --context c"),
        ("-e prod", " -e prod", " --context c"),
        ("--context d --project kitctl.yaml", " --context d --project kitctl.yaml", " --context d"),
    ]:
        kitctl(line)
        assert paste.pasteable("kitctl up") == f"kitctl up{kitctl_flags}"
        assert paste.pasteable("kubectl get ns") == f"kubectl{kubectl_flags} get ns"
    paste.forget()


def test_the_dags_of_the_project_are_those_that_are_checked(project, monkeypatch):
    top = project("dags: flows\n")
    (top / "flows").mkdir()
    monkeypatch.chdir(top / "flows")
    command = next(command for path, command in COMMANDS if path == ("dags", "check"))
    assert command.make_context("check", []).params["path"] == top / "flows"
