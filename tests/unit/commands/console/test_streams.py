"""Whether a person reads what is printed, tried on a real terminal."""

import os
import pty
import subprocess
import sys

import pytest

ASK = "import sys; from kitctl.commands.console.streams import watched; open(sys.argv[1], 'w').write(str(watched()))"


def answer(tmp_path, *, ci="", **streams):
    """Ask in a process whose streams are the given ones, else a terminal."""
    master, slave = pty.openpty()
    try:
        env = {**os.environ, "CI": ci}
        argv = [sys.executable, "-c", ASK, str(tmp_path / "answer")]
        subprocess.run(argv, env=env, check=True, **{"stdin": slave, "stdout": slave, "stderr": slave, **streams})
    finally:
        os.close(master)
        os.close(slave)
    return (tmp_path / "answer").read_text()


@pytest.mark.parametrize("ci", ["", "0", "false"])
def test_a_person_at_a_terminal_reads(tmp_path, ci):
    assert answer(tmp_path, ci=ci) == "True"


@pytest.mark.parametrize("lost", ["stdout", "stderr"])
def test_a_file_or_a_pipe_keeps_what_is_printed(tmp_path, lost):
    assert answer(tmp_path, **{lost: subprocess.PIPE}) == "False"


def test_the_terminals_of_ci_are_logs(tmp_path):
    assert answer(tmp_path, ci="true") == "False"
