"""The entry point: one shape for every failure, exit codes, and the environment's twins of switches and lists."""

import errno
import json
import os
import pwd
import shlex
import signal
import subprocess
import sys

import pytest

from kitctl import cli
from kitctl.model.settings import Settings
from kitctl.release import handle
from kitctl.tools.process import ECHO
from kitctl.usecases import status


@pytest.fixture
def kitctl(monkeypatch, capsys):
    """Run a command line; returns (exit code, stdout, stderr)."""
    monkeypatch.setattr(ECHO, "verbose", 0)

    def run(line):
        monkeypatch.setattr("sys.argv", ["kitctl", *shlex.split(line)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out = capsys.readouterr()
        return end.value.code, out.out, out.err

    return run


@pytest.fixture
def seen(monkeypatch):
    """The settings that a command got; what `status` would do ends the call in an error of Python's own."""
    found: list[Settings] = []

    def attach(settings):
        found.append(settings)
        raise RuntimeError("no such thing")

    monkeypatch.setattr(handle, "attach", attach)
    monkeypatch.setattr(status, "read_status", lambda _: None)
    return found


@pytest.mark.parametrize(
    "line", ["status --bogus -o json", "nothing --output=json", "cluster -ojson", "logs --tail x -o json"]
)
def test_a_usage_error_is_json_where_json_was_asked(kitctl, line):
    code, out, err = kitctl(line)
    error = json.loads(out)["error"]
    assert (code, error["exit_code"], error["id"], err) == (2, 2, "usage", "")
    assert error["message"]
    assert "--help" in error["fix"]


@pytest.mark.parametrize(
    ("line", "fix"), [("-v status", "kitctl COMMAND -v"), ("dags -n x push", "kitctl dags COMMAND -n")]
)
def test_an_option_before_its_command_is_told_its_place(kitctl, line, fix):
    code, _, err = kitctl(line)
    assert code == 2
    assert f"Options come after the command name: {fix}" in err


@pytest.mark.parametrize(
    "line",
    ["up --dags ''", "up --requirements=", "image build --dags ''", "dags check ''", "status --kubeconfig ''"],
)
def test_an_empty_path_is_not_the_working_folder(kitctl, line):
    code, _, err = kitctl(line)
    assert code == 2
    assert "it is empty" in err


def test_an_empty_variable_is_none(kitctl, seen, monkeypatch):
    monkeypatch.setenv("KITCTL_KUBECONFIG", "")
    kitctl("status")
    assert seen[0].kubeconfig is None


def test_a_usage_error_for_people(kitctl):
    code, out, err = kitctl("status --bogus")
    assert (code, out) == (2, "")
    assert "No such option: --bogus" in err
    assert "kitctl status --help" in err


@pytest.mark.parametrize("line", ["", "cluster"])
def test_a_missing_command_shows_the_help(kitctl, line):
    code, out, err = kitctl(line)
    assert (code, out) == (2, "")
    assert err.startswith("Usage: kitctl")


@pytest.mark.parametrize("line", ["--help", "--version", "up --help", "cluster delete --help"])
def test_asking_for_help_is_no_failure(kitctl, line):
    code, out, _ = kitctl(line)
    assert code == 0
    assert out


def test_what_stands_behind_the_dashes_is_not_ours(kitctl):
    code, out, err = kitctl("exec --bogus scheduler -- kubectl get pods -o json")
    assert (code, out) == (2, "")
    assert "[usage]" in err


def test_a_fault_of_kitctl_has_the_shape_of_every_error(kitctl, seen):
    code, out, err = kitctl("status -o json")
    error = json.loads(out)["error"]
    assert (code, error["id"], err) == (1, "internal-error", "")
    assert "RuntimeError: no such thing" in error["message"]
    assert "-v" in error["fix"]


@pytest.mark.parametrize(("option", "shown"), [("", False), ("-v", True)])
def test_its_traceback_comes_only_with_v(kitctl, seen, option, shown):
    _, _, err = kitctl(f"status {option}")
    assert ("Traceback" in err) is shown


def test_a_full_disk_is_no_fault_of_kitctl(kitctl, monkeypatch):
    def attach(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(handle, "attach", attach)
    code, out, _ = kitctl("status -o json")
    assert (code, json.loads(out)["error"]["id"]) == (1, "disk-full")


def in_a_shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a command line as a process of its own; the shell takes its streams away."""
    argv = ["/bin/sh", "-c", f"{shlex.quote(sys.executable)} -m kitctl.cli {line}"]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_a_report_that_finds_no_space_is_told_on_stderr():
    ended = in_a_shell("render cfg -o json > /dev/full")
    assert "[disk-full]" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_without_home_the_files_of_kubectl_are_found_where_the_account_has_them(kitctl, seen, monkeypatch):
    monkeypatch.delenv("HOME")
    kitctl("status")
    assert os.environ["HOME"] == pwd.getpwuid(os.getuid()).pw_dir


def test_a_closed_stdout_is_no_fault_of_kitctl():
    ended = in_a_shell("status -n x --context nowhere >&-")
    assert "[context-missing]" in ended.stderr
    assert ended.returncode == 4


def test_an_interruption_keeps_its_exit_code(kitctl, monkeypatch):
    def attach(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(handle, "attach", attach)
    assert kitctl("status")[0] == 130


def test_sigterm_ends_a_command_with_143(kitctl, monkeypatch):
    def attach(_):
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(handle, "attach", attach)
    before = signal.getsignal(signal.SIGTERM)
    try:
        code, _, err = kitctl("status")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert code == 143
    assert "Terminated" in err


@pytest.mark.parametrize(("given", "count"), [("true", 1), ("False", 0), ("0", 0), ("2", 2), ("on", 1)])
def test_verbose_by_environment_takes_truth_and_counts(kitctl, seen, monkeypatch, given, count):
    monkeypatch.setenv("KITCTL_VERBOSE", given)
    kitctl("status")
    assert seen[0].verbose == count


def test_sets_by_environment_are_split_by_lines(kitctl, seen, monkeypatch):
    monkeypatch.setenv("KITCTL_SET", "a=hello world\n\n b=2 \n")
    kitctl("status")
    assert seen[0].sets == ("a=hello world", "b=2")
    kitctl("status --set c=3")
    assert seen[1].sets == ("c=3",)


def test_values_by_environment_are_split_at_colons(kitctl, seen, monkeypatch):
    monkeypatch.setenv("KITCTL_VALUES", "my values.yaml:b.yaml")
    kitctl("status")
    assert [str(path) for path in seen[0].values] == ["my values.yaml", "b.yaml"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        ("-1", "must be at least 1 second"),
        ("0", "must be at least 1 second"),
        ("0.5", "must be at least 1 second"),
        ("nan", "must be a finite number of seconds"),
        ("inf", "must be a finite number of seconds"),
    ],
)
def test_a_timeout_that_no_clock_reaches(kitctl, seen, seconds, words):
    code, _, err = kitctl(f"status --timeout {seconds}")
    assert (code, seen) == (2, [])
    assert "--timeout" in err
    assert words in err


@pytest.mark.parametrize("port", ["80", "29999", "32768"])
def test_a_node_port_lies_in_the_range_of_kubernetes(kitctl, port):
    code, _, err = kitctl(f"up --dry-run --node-port {port}")
    assert code == 2
    assert "--node-port" in err
