"""What kitctl says to a command line that it does not understand, and to conditions of the machine."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kitctl.commands.options import defaults
from kitctl.release import handle
from tests.unit.commands.sandbox import LINES, Place, make_place


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Place:
    return make_place(tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("statsu", "kitctl status"),
        ("Status", "kitctl status"),
        ("chek", "kitctl dags check"),
        ("migrate", "kitctl values migrate"),
        ("install", "kitctl deploy"),
        ("uninstall", "kitctl down"),
        ("dags chek", "kitctl dags check"),
        ("cluster delet -n x", "kitctl cluster delete"),
        ("push", "kitctl image push"),
        ("push", "kitctl dags push"),
        ("delete", "kitctl down"),
    ],
)
def test_a_misspelled_command_is_guessed(place: Place, line: str, meant: str) -> None:
    done = place.run(*line.split())
    assert (done.code, done.out) == (2, "")
    assert "Did you mean " in done.err
    assert f"{meant.removeprefix('kitctl')}\n" in done.err
    assert "--help" in done.err


def test_a_word_that_resembles_nothing_is_not_guessed(place: Place) -> None:
    done = place.run("xyzzy")
    assert done.code == 2
    assert "'xyzzy'" in done.err
    assert "Did you mean" not in done.err


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("help", "Usage: kitctl [OPTIONS] COMMAND"),
        ("help status", "Usage: kitctl status"),
        ("help dags check", "Usage: kitctl dags check"),
        ("help exec scheduler -- rm -r /", "Usage: kitctl exec"),
        ("help run -o json", "Usage: kitctl run"),
    ],
)
def test_help_is_a_word_as_well(place: Place, line: str, first: str) -> None:
    done = place.run(*line.split())
    assert done.code == 0
    assert done.out.startswith(first)


def test_help_about_nothing_is_a_usage_error(place: Place) -> None:
    assert place.run("help", "statsu").code == 2


def test_version_is_a_word_as_well(place: Place) -> None:
    assert place.run("version").out.split()[:2] == ["kitctl:", place.run("--version").out.strip()]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("status --timeout 5m", "--timeout: '5m' is not a number"),
        ("status --timeout 0", "--timeout: must be at least 1 second"),
        ("up --node-port 80", "--node-port: 80 is too small; the least is 30000"),
        ("up --node-port 40000", "--node-port: 40000 is too large; the most is 32767"),
        ("logs scheduler --tail 1.5", "--tail: '1.5' is not a whole number"),
        ("status -o xml", "--output: 'xml' is not one of 'text', 'json', 'yaml'"),
        ("dags check --jobs -1", "--jobs: -1 is too small; the least is 0"),
    ],
)
def test_a_wrong_value_is_told_in_plain_words(place: Place, line: str, words: str) -> None:
    done = place.run(*line.split())
    assert done.code == 2
    assert f"Error: {words} [usage]" in done.err


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("KITCTL_TIMEOUT", "x", "'x' is not a number"),
        ("KITCTL_QUIET", "maybe", "'maybe' is neither true nor false"),
        ("KITCTL_OUTPUT", "JSON", "'JSON' is not one of 'text', 'json', 'yaml'"),
    ],
)
def test_a_wrong_variable_is_named(
    place: Place, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    assert f"Error: {name}: {words} [usage]" in place.run("status").err


def test_a_wrong_value_of_the_project_file_has_the_same_words(place: Place) -> None:
    (place.folder / "kitctl.yaml").write_text("timeout: 5m\n")
    assert "Cause: '5m' is not a number" in place.run("status").err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("run", "kitctl run needs DAG"),
        ("exec", "kitctl exec needs COMPONENT"),
        ("image save", "kitctl image save needs FILE"),
        ("values migrate", "kitctl values migrate needs FILES"),
    ],
)
def test_a_missing_argument_is_shown_in_its_place(place: Place, line: str, words: str) -> None:
    done = place.run(*line.split())
    assert done.code == 2
    assert f"Error: {words} [usage]" in done.err
    assert f"Cause: Usage: kitctl {line} " in done.err


@pytest.mark.parametrize(
    ("line", "variable", "as_json"),
    [
        ("status -o json -o text", "", False),
        ("status -o text --output=json", "", True),
        ("status -qo json", "", True),
        ("status -qojson", "", True),
        ("status", "json", True),
        ("status -o text", "json", False),
    ],
)
def test_an_error_has_the_format_that_a_report_would_have(
    place: Place, monkeypatch: pytest.MonkeyPatch, line: str, variable: str, as_json: bool
) -> None:
    monkeypatch.setenv("KITCTL_OUTPUT", variable)
    done = place.run(*line.split(), "--context", "nowhere")
    assert done.code == 4
    assert (done.out != "") is as_json
    assert ("[context-missing]" in done.err) is not as_json


GONE = ("--provider", "existing", "--context", "gone")
LONG = "x" * 300
PATHS = {
    "dags check": (LONG,),
    "dags push": (LONG,),
    "dags test": ("etl", LONG),
    "objects apply": (LONG,),
    "objects diff": (LONG,),
    "values migrate": (LONG,),
    "image restore": (LONG,),
    "image save": (LONG, "a/b:1"),
    "init": (LONG,),
}


@pytest.mark.parametrize("name", PATHS)
def test_an_argument_too_long_for_a_file_is_no_bug(place: Place, name: str) -> None:
    done = place.run(*name.split(), *PATHS[name], "-o", "json")
    assert (done.id, done.code) == ("usage", 2)
    assert "255" in done.out


@pytest.mark.parametrize("option", ["kubeconfig", "values", "project"])
@pytest.mark.parametrize(("value", "words"), [(LONG, "255"), ("", "it is empty")])
def test_every_command_refuses_such_a_path(place: Place, option: str, value: str, words: str) -> None:
    # `init` reads no project file.
    for name in [name for name in LINES if (name, option) != ("init", "project")]:
        done = place.command(name, f"--{option}={value}", "-o", "json")
        assert (name, done.id, done.code) == (name, "usage", 2)
        assert words in done.out


def test_a_folder_that_begins_with_a_dash_is_no_option(place: Place) -> None:
    (place.folder / "-d").mkdir()
    (place.folder / "-d" / "etl.py").write_text("from airflow import DAG\nd = DAG('x', schedule_interval='@daily')\n")
    done = place.run("dags", "check", "--no-image", "./-d", "-o", "json")
    report = json.loads(done.out)
    assert report["files"] == ["etl.py"]
    assert "AIR301" in {found["rule"] for found in report["findings"]}
    assert done.code == 1


def test_a_file_that_may_not_be_read_is_no_bug_of_kitctl(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def attach(_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/srv/my file")

    monkeypatch.setattr(handle, "attach", attach)
    done = place.run("status")
    assert done.code == 1
    assert "Error: /srv/my file cannot be used [file-unusable]" in done.err
    assert "Cause: Permission denied" in done.err
    assert "ls -ld '/srv/my file'" in done.err


def test_a_link_that_leads_nowhere_is_no_file_to_read(place: Place) -> None:
    (place.folder / "kitctl.yaml").symlink_to("nowhere.yaml")
    done = place.run("config", "show", "-o", "json")
    assert (done.id, done.code) == ("project-missing", 2)
    assert "leads nowhere" in done.out


@pytest.mark.parametrize("text", ["{" * 3000, "- " * 3000])
@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("kitctl.yaml", "config show"),
        ("deep.yaml", "objects apply deep.yaml"),
        ("deep.yaml", "values migrate deep.yaml"),
        ("deep.yaml", "render values -f deep.yaml"),
    ],
)
def test_a_file_that_is_nested_too_deeply_is_no_bug(place: Place, text: str, file: str, line: str) -> None:
    (place.folder / file).write_text(text)
    done = place.run(*line.split(), "-o", "json", "--provider", "existing", "--context", "gone")
    assert done.id not in {"", "internal-error"}
    assert done.code in {2, 3, 4}


@pytest.mark.parametrize("text", ["namespace: x\0\n", "? [a, b]\n: c\n", 'kubeconfig: "a\\0b"\n'])
def test_a_project_file_with_odd_characters_is_no_bug(place: Place, text: str) -> None:
    (place.folder / "kitctl.yaml").write_text(text)
    done = place.run("config", "show", "-o", "json")
    assert done.id.startswith("project-")
    assert done.code == 2
    assert "ScalarNode" not in done.out


def test_an_interrupt_while_options_are_read_keeps_its_exit_code(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(defaults.project_file, "find", find)
    done = place.run("status", "-o", "json")
    assert (done.code, done.out) == (130, "")
    assert "Interrupted" in done.err


def test_a_folder_that_was_removed_is_told(place: Place) -> None:
    gone = place.folder / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    done = place.run("dags", "check", "-o", "json")
    assert (done.id, done.code) == ("folder-removed", 2)
    assert place.run("dags", "check", "--help").code == 0


def test_what_the_terminal_cannot_write_is_spelled(place: Place) -> None:
    (place.folder / "größe.py").write_text("def (:\n")
    argv = [sys.executable, "-m", "kitctl", "dags", "check", "--no-image", str(place.folder / "größe.py")]
    root = str(Path(__file__).parents[4])
    env = {**os.environ, "PYTHONPATH": root, "PYTHONIOENCODING": "ascii", "PATH": os.defpath}
    done = subprocess.run(argv, capture_output=True, env=env, check=False)
    assert done.stderr == b""
    assert b"gr\\xf6\\xdfe.py:1: error" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("scheduler: {replicas: 1}\ntriggerer: {}\nscheduler: {replicas: 2}\n", "values-key-repeated", "line 3"),
        ("scheduler:\n  replicas: 1\n  replicas: 2\n", "values-key-repeated", "scheduler.replicas"),
        ("pods: {volumes: [{name: a, name: b}]}\n", "values-key-repeated", "pods.volumes.name"),
        ("scheduler: {replicas: 1}\n---\nscheduler: {replicas: 2}\n", "values-invalid", "more than one document"),
        ("---\n---\nscheduler: {replicas: 2}\n", "values-invalid", "before line 3"),
    ],
)
@pytest.mark.parametrize("name", ["render values", "deploy", "up", "values migrate"])
def test_what_helm_would_leave_out_without_a_word_is_refused(
    place: Place, name: str, text: str, error: str, words: str
) -> None:
    (place.folder / "mine.yaml").write_text(text)
    file = ("mine.yaml",) if name == "values migrate" else ("-f", "mine.yaml")
    done = place.run(*name.split(), *file, "--provider", "existing", "--context", "gone", "-o", "json")
    assert (done.id, done.code) == (error, 2)
    assert words in done.out


@pytest.mark.parametrize(
    "text",
    [
        "---\nscheduler: &one {replicas: 2}\ntriggerer: *one\n---\n",
        "scheduler: &one {replicas: 2}\ntriggerer: {<<: *one}\ndagProcessor: {<<: *one, replicas: 1}\n",
        '{"scheduler": {"replicas": 2}}',
        "# nothing\n",
    ],
)
def test_values_that_helm_takes_whole_are_not_refused(place: Place, text: str) -> None:
    (place.folder / "mine.yaml").write_text(text)
    assert place.run("render", "values", "-f", "mine.yaml").code == 0


@pytest.mark.parametrize("option", ["--set", "--set-string", "--set-file", "--set-json"])
@pytest.mark.parametrize("pair", ["", " ", "=x", ".a=1"])
def test_a_setting_without_a_key_is_refused(place: Place, option: str, pair: str) -> None:
    done = place.run("render", "values", option, pair, "-o", "json")
    assert (done.id, done.code) == ("usage", 2)
    assert option in done.out


def test_a_setting_without_a_key_may_be_a_secret(place: Place) -> None:
    assert "hunter2" not in place.run("render", "values", "--set", "=hunter2").err


@pytest.mark.parametrize("line", ["logs --dag etl --task one", "image load", "image save file.tar"])
def test_an_argument_that_may_be_left_out_is_not_empty(place: Place, line: str) -> None:
    assert place.run(*line.split(), *GONE, "-o", "json").id not in {"", "usage"}


@pytest.mark.parametrize(
    "words",
    [("run", ""), ("exec", "", "--", "true"), ("dags", "test", " "), ("image", "load", ""), ("image", "push", "")],
)
def test_an_empty_name_is_refused(place: Place, words: tuple[str, ...]) -> None:
    done = place.run(words[0], *words[1:2], "-o", "json", *words[2:])
    assert (done.id, done.code) == ("usage", 2)
    assert "it is empty" in done.out
