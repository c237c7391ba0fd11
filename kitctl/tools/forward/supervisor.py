"""The detached process behind a port-forward: `python -m kitctl.tools.forward.supervisor STATE KUBECONFIG -- ARGV…`.

It keeps `kubectl port-forward` running until SIGTERM. Only the standard library is imported, so that it stays small
for the hours that it lives.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO, NoReturn

from kitctl.tools.deadline import Deadline
from kitctl.tools.forward.forwards import HOST, answers, read_state

PREFERRED_PORT = 30809
"""The port of the minikube tutorial, so that the address is the same with and without NodePorts."""
CHECK_SECONDS = float(os.environ.get("KITCTL_FORWARD_CHECK_SECONDS", "5"))
"""Time between two looks. A pod that vanished with its node leaves kubectl hanging, so only a look tells."""
BAD_LOOKS = 3
"""Failed looks in a row until kubectl is replaced: one may be a busy server."""
GIVE_UP_SECONDS = 1800.0
"""Time without any success until the supervisor ends: the cluster was probably deleted behind our back."""


_PR_SET_PDEATHSIG = 1


def free_port(wanted: int) -> int:
    """Return `wanted` where nothing listens on it, else a port that the kernel picks."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free local port")


def _die_with_us() -> None:
    """Let the kernel end kubectl with its supervisor, also after SIGKILL; elsewhere than on Linux it would stay."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Starts kubectl, looks at the forward, and starts it anew."""

    def __init__(self, state: Path, kubeconfig: str, argv: list[str]) -> None:
        """Take the state file, the kubeconfig to note in it, and kubectl's arguments with `{port}` in one of them."""
        self.state, self.kubeconfig, self.argv = state, kubeconfig, argv
        self.child: subprocess.Popen[bytes] | None = None
        self.port = int(read_state(state).get("port") or PREFERRED_PORT)

    def lock(self) -> IO[str] | None:
        """Take the lock that tells others that this supervisor lives; None where another one has it."""
        held = self.state.open("a+", encoding="utf-8")

        def taken() -> bool | None:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return None
            return True

        if Deadline(1).until(taken, every=0.05):  # whoever only asks `is_running` holds the lock for an instant
            return held
        held.close()
        return None

    def start(self, held: IO[str]) -> None:
        """Start kubectl on a free port and write the port down."""
        self.port = free_port(self.port)
        held.seek(0)
        held.truncate()
        json.dump({"pid": os.getpid(), "port": self.port, "kubeconfig": self.kubeconfig}, held)
        held.flush()
        argv = [a.replace("{port}", str(self.port)) for a in self.argv]
        # kubectl tells of every connection on stdout; only its complaints belong in a log that lives for days.
        self.child = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            preexec_fn=_die_with_us,  # noqa: PLW1509 - there is one thread
        )

    def look(self) -> bool:
        """Wait one period or until kubectl ends; tell whether the forward works."""
        assert self.child is not None  # noqa: S101 - for the type checker
        try:
            self.child.wait(CHECK_SECONDS)
        except subprocess.TimeoutExpired:
            return answers(self.port)
        return False

    def end_child(self) -> None:
        """End kubectl, by force after 3 s."""
        if self.child is None or self.child.poll() is not None:
            return
        self.child.terminate()
        try:
            self.child.wait(3)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def run(self, held: IO[str]) -> None:
        """Keep the forward up until nothing worked for GIVE_UP_SECONDS."""
        hope = Deadline(GIVE_UP_SECONDS)
        pause = 0.2
        while not hope.over:
            self.start(held)
            lived, bad = Deadline(CHECK_SECONDS), 0
            while bad < BAD_LOOKS and self.child is not None and self.child.poll() is None:
                bad = 0 if self.look() else bad + 1
                if bad == 0:
                    hope = Deadline(GIVE_UP_SECONDS)
            self.end_child()
            # A forward that lived for a while comes back at once; one that cannot start is tried ever more slowly.
            pause = 0.2 if lived.over else min(pause * 2, 5.0)
            hope.pause(pause)


def main() -> NoReturn:
    """Run until SIGTERM."""
    split = sys.argv.index("--")
    supervisor = Supervisor(Path(sys.argv[1]), sys.argv[2], sys.argv[split + 1 :])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    held = supervisor.lock()
    if held is None:
        sys.exit(0)
    try:
        supervisor.run(held)
    finally:
        supervisor.end_child()
    sys.exit(0)


if __name__ == "__main__":
    main()
