"""Two at a time never work on one release."""

import subprocess
import sys

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.tools.deadline import Deadline
from kitctl.tools.release_lock import held

HOLD = """
import sys
from kitctl.tools.deadline import Deadline
from kitctl.tools.release_lock import held
with held("c", "n", "r", print, Deadline(0)):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path, monkeypatch):
    """Another kitctl that holds the release."""
    monkeypatch.setenv("KITCTL_CACHE", str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_release_that_is_free_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("KITCTL_CACHE", str(tmp_path))
    notes = []
    now = Deadline(0)
    with held("arn:aws:eks/x", "n", "r", notes.append, now), held("arn:aws:eks/x", "n", "other", notes.append, now):
        assert notes == []


def test_one_that_is_held_is_waited_for_and_refused_in_time(other):
    notes = []
    with pytest.raises(KitError) as raised, held("c", "n", "r", notes.append, Deadline(0)):
        pytest.fail("two holders")
    assert (raised.value.id, raised.value.code) == ("release-locked", ExitCode.TIMEOUT)
    assert "waiting" in notes[0]


def test_a_killed_holder_frees_it(other):
    other.kill()
    other.wait()
    with held("c", "n", "r", pytest.fail, Deadline(0)):
        pass
