"""Programs that take over, or whose lines are read while they run."""

import os
import subprocess
import sys
import time

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.tools.handover import follow, relay, replace, stream_lines
from kitctl.tools.process import Result


def test_the_exit_code_of_the_other_program_is_ours():
    code = "from kitctl.tools.handover import replace; replace(['sh', '-c', 'cat; exit 7'])"
    done = subprocess.run([sys.executable, "-c", code], input="in", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (7, "in")


def test_an_absent_program():
    with pytest.raises(KitError) as raised:
        replace(["no-such-program-here"])
    assert (raised.value.id, raised.value.code) == ("tool-missing", ExitCode.PREFLIGHT)


def test_lines_come_while_the_program_runs():
    begin = time.monotonic()
    lines = stream_lines(["sh", "-c", "echo $$; echo two; exec sleep 60"], pytest.fail)
    pid = int(next(lines))
    assert next(lines) == "two"
    lines.close()
    assert time.monotonic() - begin < 30
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_end_of_the_program_is_the_end_of_the_lines():
    ended = []
    assert list(stream_lines(["sh", "-c", "echo a; echo why >&2; exit 3"], ended.append)) == ["a"]
    assert ended == [Result(3, "", "why\n")]


def test_lines_are_handed_on_with_the_exit_code_of_the_program():
    seen = []
    assert relay(["sh", "-c", "echo a; echo b; exit 3"], seen.append) == 3
    assert seen == ["a", "b"]


def test_a_reader_that_stops_ends_the_program():
    def stop(line):
        raise KeyboardInterrupt(line)

    with pytest.raises(KeyboardInterrupt) as raised:
        relay(["sh", "-c", "echo $$; exec sleep 60"], stop)
    with pytest.raises(ProcessLookupError):
        os.kill(int(str(raised.value)), 0)


def test_what_is_followed_comes_line_by_line_and_is_kept():
    seen = []
    done = follow(["sh", "-c", 'echo "$A"; echo b >&2; exit 3'], seen.append, timeout=30, env={"A": "a"})
    assert (done.code, done.stdout, seen) == (3, "a\nb\n", ["a", "b"])


def test_what_is_followed_ends_when_its_time_is_up():
    seen = []
    done = follow(["sh", "-c", "echo $$; exec sleep 60"], seen.append, timeout=0.5)
    assert done.code == -9
    with pytest.raises(ProcessLookupError):
        os.kill(int(seen[0]), 0)


def test_a_follower_that_stops_ends_the_program():
    def stop(line):
        raise KeyboardInterrupt(line)

    with pytest.raises(KeyboardInterrupt) as raised:
        follow(["sh", "-c", "echo $$; exec sleep 60"], stop, timeout=30)
    with pytest.raises(ProcessLookupError):
        os.kill(int(str(raised.value)), 0)


def test_an_absent_program_cannot_be_followed():
    with pytest.raises(KitError) as raised:
        follow(["no-such-program-here"], print, timeout=1)
    assert raised.value.id == "tool-missing"
