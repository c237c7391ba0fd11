"""The beginning of the process: what is answered without typer has the bytes that typer would print."""

import io
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import kitctl.__main__ as begin
from kitctl import cli


@pytest.fixture
def by_typer(monkeypatch):
    """Remember whether the whole command line was run."""
    seen = []
    monkeypatch.setattr(cli, "main", lambda: seen.append(True))
    return seen


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["--version"]])
@pytest.mark.parametrize("columns", ["80", "81", "200"])
def test_the_answer_is_what_typer_prints(monkeypatch, words, columns):
    monkeypatch.setenv("COLUMNS", columns)
    assert begin.answer(words) == CliRunner().invoke(cli.app, words, prog_name="kitctl").stdout


@pytest.mark.parametrize("words", [[], ["up"], ["up", "--help"], ["--help", "up"], ["--version", "-o", "json"]])
def test_everything_else_is_read_by_typer(words):
    assert begin.answer(words) == ""


def test_a_narrow_terminal_and_a_completing_shell_are_left_to_typer(monkeypatch):
    monkeypatch.setenv("COLUMNS", "79")
    assert begin.answer(["--help"]) == ""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("_KITCTL_COMPLETE", "complete_bash")
    assert begin.answer(["--help"]) == ""


class Full(io.StringIO):
    def flush(self):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("stdout", [None, Full()])
def test_without_a_working_stdout_the_error_comes_from_where_all_errors_come(monkeypatch, by_typer, stdout):
    monkeypatch.setattr(sys, "argv", ["kitctl", "--version"])
    monkeypatch.setattr(sys, "stdout", stdout)
    begin.main()
    assert by_typer == [True]


def test_help_imports_nothing_heavy():
    code = "import sys; sys.argv = ['kitctl', '--help']\nfrom kitctl.__main__ import main\nmain()\n"
    code += "print(sorted({'typer', 'typing', 'json', 're', 'pathlib'} & set(sys.modules)), file=sys.stderr)"
    argv = [sys.executable, "-S", "-c", code]
    env = {**os.environ, "COLUMNS": "80", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(argv, capture_output=True, text=True, env=env, check=True)
    assert (done.stdout[:13], done.stderr) == ("Usage: kitctl", "[]\n")
