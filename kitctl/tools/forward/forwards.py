"""Port-forwards that live until `kitctl down`, for clusters whose NodePorts this machine cannot reach.

`kubectl port-forward` ends whenever its pod goes. So a small supervisor (supervisor.py) runs detached, starts
it again, and keeps its address in a state file:

    ~/.local/state/kitctl/<context>/<namespace>/<release>/forward-<service>.json    {"pid", "port", "kubeconfig"}
                                                          forward-<service>.log

The supervisor holds a lock on the state file for as long as it lives: a held lock, not a process id, tells that it is
there, so a pid that was given to another program is never killed.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kitctl.errors import ExitCode, KitError
from kitctl.tools import process
from kitctl.tools.deadline import Deadline

HOST = "127.0.0.1"
_SECOND_CHANCE = 5.0
"""Seconds until a supervisor that died at once is started again."""
_TERM_SECONDS, _KILL_SECONDS = 5.0, 5.0
"""How long a supervisor is asked to end, and how long it is then killed."""


@dataclass(frozen=True)
class Target:
    """What to forward to.

    Attributes:
        kubectl: The program.
        context: Kube context; "" means the current one.
        kubeconfig: Kubeconfig file; None means kubectl's own choice.
        namespace: Namespace of the release.
        release: Helm release.
        service: Name of the Service.
        port: Port of the Service.
    """

    kubectl: Path
    context: str
    kubeconfig: Path | None
    namespace: str
    release: str
    service: str
    port: int = 8080

    @property
    def state(self) -> Path:
        """The state file of this forward."""
        return state_dir(self.context, self.namespace, self.release) / f"forward-{self.service}.json"

    @property
    def log(self) -> Path:
        """Where supervisor and kubectl write their complaints."""
        return self.state.with_suffix(".log")


def state_dir(context: str, namespace: str, release: str) -> Path:
    """Return the folder of what kitctl knows about a release on this machine.

    Context names may hold anything (`arn:aws:eks:…/name`), so they are percent-encoded. Namespace and release are two
    levels: joined by a dash, ("a-b", "c") and ("a", "b-c") would be one folder.
    """
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "kitctl" / (quote(context, safe="") or "current") / namespace / release


def ensure_forward(target: Target, wait_seconds: float = 20.0) -> str:
    """Return an address of this machine that leads to the Service, starting a supervised forward where none runs.

    Args:
        target: What to forward to.
        wait_seconds: How long the address may take to answer.

    Returns:
        `http://127.0.0.1:<port>`; the port stays the same for as long as it can.

    Raises:
        KitError: `forward-failed` (code UNREACHABLE) with the last words of kubectl.
    """
    kubeconfig = str(target.kubeconfig.absolute() if target.kubeconfig else "")
    if is_running(target.state) and read_state(target.state).get("kubeconfig", "") != kubeconfig:
        stop(target.state)  # the same context name in another file may be another cluster
    started: Deadline | None = None

    def works() -> int | None:
        nonlocal started
        if is_running(target.state):
            port = int(read_state(target.state).get("port") or 0)
            return port if port and answers(port) else None
        if started is None or started.over:
            _start(target)
            started = Deadline(_SECOND_CHANCE)
        return None

    if port := Deadline(wait_seconds).until(works, every=0.1):
        return f"http://{HOST}:{port}"
    if started:
        stop(target.state)  # it never worked; one that did comes back by itself
    raise KitError(
        "forward-failed",
        f"The port-forward to the Service {target.service} did not start within {wait_seconds:.0f} s",
        cause=_tail(target.log),
        fix=f"kubectl -n {target.namespace} port-forward svc/{target.service} 8080:{target.port}",
        code=ExitCode.UNREACHABLE,
    )


def stop_forwards(context: str, namespace: str, release: str) -> int:
    """End all forwards of a release and remove what they left; returns how many ran."""
    folder = state_dir(context, namespace, release)
    ran = sum(stop(state) for state in sorted(folder.glob("forward-*.json")))
    for left in folder.glob("forward-*"):
        left.unlink(missing_ok=True)
    with suppress(OSError):  # other state of the release may live there
        for level in (folder, folder.parent, folder.parent.parent):
            level.rmdir()
    return ran


def stop(state: Path) -> bool:
    """End one supervisor and wait until it is gone; returns whether it ran."""
    if not is_running(state):
        return False
    polite = Deadline(_TERM_SECONDS)

    def ended() -> bool | None:
        if not is_running(state):
            return True
        if pid := int(read_state(state).get("pid") or 0):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if polite.over else signal.SIGTERM)
        return None

    Deadline(_TERM_SECONDS + _KILL_SECONDS).until(ended, every=0.1)
    return True


def is_running(state: Path) -> bool:
    """Whether a supervisor holds the lock of this state file."""
    import fcntl  # noqa: PLC0415 - not on Windows, where the module must still import

    try:
        with state.open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def read_state(state: Path) -> dict[str, Any]:
    """Return what the supervisor wrote, or {} where it is missing or half written."""
    try:
        found = json.loads(state.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def answers(port: int, timeout: float = 2.0) -> bool:
    """Whether HTTP is spoken behind a local port, whatever the answer says."""
    link = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        link.request("GET", "/api/v2/version")
        link.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()
    return True


def _start(target: Target) -> None:
    # The supervisor lives in /, so that it holds no folder of the user's: paths must not be relative.
    kubeconfig = str(target.kubeconfig.absolute()) if target.kubeconfig else ""
    env = {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    if files := os.environ.get("KUBECONFIG"):
        env["KUBECONFIG"] = os.pathsep.join(str(Path(f).absolute()) for f in files.split(os.pathsep) if f)
    argv = [sys.executable, "-m", "kitctl.tools.forward.supervisor", str(target.state), kubeconfig]
    argv += ["--", str(target.kubectl), *(["--context", target.context] if target.context else [])]
    argv += [*(["--kubeconfig", kubeconfig] if kubeconfig else []), "-n", target.namespace]
    argv += ["port-forward", "--address", HOST, f"svc/{target.service}", f"{{port}}:{target.port}"]
    target.state.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    process.spawn(argv, log=target.log, env=env, cwd=Path("/"))


def _tail(log: Path, lines: int = 8) -> str:
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
