"""Port-forwards: a stand-in for kubectl serves HTTP on the local port, so that the supervisor is tested whole."""

import os
import signal
import socket
import stat
import sys
import time
from pathlib import Path

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.tools.forward import forwards
from kitctl.tools.forward.forwards import Target, ensure_forward, is_running, read_state, state_dir, stop_forwards

KUBECTL = f"""#!{sys.executable}
import http.server, os, pathlib, sys
here = pathlib.Path(__file__).parent
with (here / "calls").open("a") as calls:
    calls.write(f"{{os.getpid()}} {{' '.join(sys.argv[1:])}}\\n")
(here / "env").write_text(os.environ.get("KUBECONFIG", ""))
if (here / "broken").exists():
    sys.exit("error: services \\"airflow-api-server\\" not found")
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"{{}}")
    def log_message(self, *args): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[-1].split(":")[0])), Handler).serve_forever()
"""


@pytest.fixture
def target(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("KITCTL_FORWARD_CHECK_SECONDS", "0.2")
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(KUBECTL)
    kubectl.chmod(stat.S_IRWXU)
    yield Target(kubectl, "ctx/a:b", None, "ns", "rel", "airflow-api-server")
    stop_forwards("ctx/a:b", "ns", "rel")


def calls(target: Target) -> list[str]:
    return (target.kubectl.parent / "calls").read_text().splitlines()


def wait(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("did not happen in time")


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except OSError:
        return True


def test_a_forward_answers_and_passes_context_namespace_and_service(target):
    url = ensure_forward(target)
    assert forwards.answers(int(url.rsplit(":", 1)[1]))
    [call] = calls(target)
    assert "--context ctx/a:b -n ns port-forward --address 127.0.0.1 svc/airflow-api-server" in call
    assert call.endswith(":8080")


def test_a_second_call_uses_the_forward_that_runs(target):
    assert ensure_forward(target) == ensure_forward(target)
    assert len(calls(target)) == 1


def test_it_comes_back_on_the_same_port_when_kubectl_ends(target):
    url = ensure_forward(target)
    os.kill(int(calls(target)[0].split()[0]), signal.SIGKILL)
    wait(lambda: len(calls(target)) == 2)
    assert ensure_forward(target) == url


def test_no_two_releases_share_a_folder():
    assert state_dir("c", "a-b", "c") != state_dir("c", "a", "b-c")


def test_stop_ends_supervisor_and_kubectl_and_leaves_no_file(target):
    ensure_forward(target)
    pids = [int(read_state(target.state)["pid"]), int(calls(target)[0].split()[0])]
    assert stop_forwards("ctx/a:b", "ns", "rel") == 1
    wait(lambda: all(gone(pid) for pid in pids))
    assert not state_dir("ctx/a:b", "ns", "rel").parents[1].exists()
    assert stop_forwards("ctx/a:b", "ns", "rel") == 0


def test_kubectl_goes_with_a_supervisor_that_was_killed_and_the_port_is_found_again(target):
    url = ensure_forward(target)
    os.kill(int(read_state(target.state)["pid"]), signal.SIGKILL)
    wait(lambda: not is_running(target.state) and gone(int(calls(target)[0].split()[0])))
    assert ensure_forward(target) == url


def test_a_taken_port_is_not_insisted_upon(target):
    url = ensure_forward(target)
    assert forwards.stop(target.state)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", int(url.rsplit(":", 1)[1])))
        other.listen()
        assert ensure_forward(target) != url


def test_another_kubeconfig_is_another_cluster(target, tmp_path):
    ensure_forward(target)
    other = Target(target.kubectl, target.context, tmp_path / "config", "ns", "rel", target.service)
    ensure_forward(other)
    assert f"--kubeconfig {tmp_path / 'config'}" in calls(target)[-1]


def test_relative_paths_are_the_callers(target, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", f"one{os.pathsep}/two")
    other = Target(target.kubectl, target.context, Path("config"), "ns", "rel", target.service)
    ensure_forward(other)
    ensure_forward(other)
    [call] = calls(target)
    assert f"--kubeconfig {tmp_path / 'config'}" in call
    assert (tmp_path / "env").read_text() == f"{tmp_path / 'one'}{os.pathsep}/two"


def test_the_words_of_kubectl_are_in_the_error_and_nothing_keeps_running(target):
    (target.kubectl.parent / "broken").touch()
    with pytest.raises(KitError) as caught:
        ensure_forward(target, wait_seconds=2)
    assert caught.value.id == "forward-failed"
    assert caught.value.code is ExitCode.UNREACHABLE
    assert 'services "airflow-api-server" not found' in caught.value.cause
    assert not is_running(target.state)


def test_a_damaged_state_file_is_no_obstacle(target):
    target.state.parent.mkdir(parents=True)
    target.state.write_text("{half")
    assert ensure_forward(target).startswith("http://127.0.0.1:")


def test_a_pid_of_another_program_is_never_killed(target):
    target.state.parent.mkdir(parents=True)
    target.state.write_text(f'{{"pid": {os.getpid()}, "port": 1}}')
    assert stop_forwards("ctx/a:b", "ns", "rel") == 0
