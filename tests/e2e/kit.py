"""What the e2e tests drive the kit with: the command itself, kubectl, Airflow's REST API, and bounded waits."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kitctl import clusters
from kitctl.release.tasks.logs import lines
from kitctl.tools.airflow.api import AirflowApi
from kitctl.tools.deadline import Deadline
from kitctl.tools.toolbox import tool

ROOT = Path(__file__).resolve().parents[2]
CLUSTER = "kitctl-e2e"
DAGS = Path(__file__).parent / "dags"
RESULTS = Path(os.environ.get("KITCTL_TEST_RESULTS") or ROOT / "build" / "e2e")
FINISHED = {"success", "failed"}
T = TypeVar("T")


@dataclass(frozen=True)
class Done:
    """How a process ended.

    Attributes:
        argv: What was run.
        code: Exit code; negative for a signal.
        out: Its stdout.
        err: Its stderr.
        seconds: How long it took.
    """

    argv: Sequence[str]
    code: int
    out: str
    err: str
    seconds: float

    @property
    def json(self) -> Any:
        """Its stdout as JSON; the whole stdout must be one document."""
        try:
            return json.loads(self.out)
        except ValueError as exc:
            raise AssertionError(f"stdout of {self.argv} is no JSON:\n{self.out[-2000:]}\n{self.err[-2000:]}") from exc

    @property
    def error(self) -> dict[str, Any]:
        """The error that kitctl reported as JSON."""
        found = self.json
        assert set(found) == {"error"}, found
        return dict(found["error"])

    def ok(self) -> Done:
        """Return itself; any other end than 0 fails the test with what was said."""
        tail = f"{self.out[-3000:]}\n{self.err[-6000:]}"
        assert self.code == 0, f"{' '.join(self.argv)} ended with {self.code} after {self.seconds:.0f} s\n{tail}"
        return self


def run(
    argv: Sequence[str | Path],
    *,
    timeout: float,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    text: str = "",
) -> Done:
    """Run a process with a limit in seconds; a process that hangs is a failure, with what it said so far.

    Args:
        argv: Program and arguments.
        timeout: Seconds until the test fails.
        env: Variables added to the session's.
        cwd: Working folder.
        text: Its standard input; there is never a terminal.
    """
    words = [str(word) for word in argv]
    start = time.monotonic()
    try:
        done = subprocess.run(
            words,
            env={**os.environ, **(env or {})},
            timeout=timeout,
            capture_output=True,
            text=True,
            check=False,
            errors="replace",
            cwd=cwd,
            input=text,
        )
    except subprocess.TimeoutExpired as exc:
        said = "".join(t.decode(errors="replace") for t in (exc.stdout, exc.stderr) if isinstance(t, bytes))
        raise AssertionError(f"{' '.join(words)} still ran after {timeout:.0f} s:\n{said[-4000:]}") from exc
    return Done(words, done.returncode, done.stdout, done.stderr, time.monotonic() - start)


def wait_for(what: str, look: Callable[[], T | None], *, timeout: float, pause: float = 0.5) -> T:
    """Look again and again until there is something true.

    Args:
        what: What is waited for, for the message.
        look: Returns something false for "not yet".
        timeout: Seconds until the test fails.
        pause: Seconds between two looks.
    """
    end = time.monotonic() + timeout
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() >= end:
            raise AssertionError(f"waited {timeout:.0f} s in vain for: {what} (last look: {found!r})")
        time.sleep(pause)


claimed: set[str] = set()
"""Namespaces of the siblings that the module under test made."""


@dataclass
class Kit:
    """kitctl against one cluster, in a working folder of its own.

    Attributes:
        cwd: Working folder, where kitctl keeps `.kit`.
        env: Environment that names cluster, provider and kubeconfig.
        namespace: Namespace of the release.
        release: Name of the release.
        context: Kube context of its cluster.
    """

    cwd: Path
    env: dict[str, str]
    namespace: str = "airflow"
    release: str = "airflow"
    context: str = CLUSTER

    @property
    def program(self) -> Path:
        """The kitctl of the environment that runs the tests."""
        return Path(sys.executable).with_name("kitctl")

    def argv(self, *words: str | Path) -> list[str]:
        """Return the command line of one call."""
        return [str(self.program), *(str(word) for word in words)]

    def environment(self, env: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the variables of one call; the release is named here, so that a test's own flags win."""
        return {**self.env, "KITCTL_NAMESPACE": self.namespace, "KITCTL_RELEASE": self.release, **(env or {})}

    def __call__(self, *words: str | Path, timeout: float = 120, env: Mapping[str, str] | None = None) -> Done:
        """Run kitctl to its end."""
        return run(self.argv(*words), timeout=timeout, env=self.environment(env), cwd=self.cwd)

    def start(self, *words: str | Path, log: Path) -> subprocess.Popen[bytes]:
        """Start kitctl in a session of its own, and go on."""
        with log.open("wb") as out:
            return subprocess.Popen(
                self.argv(*words),
                env={**os.environ, **self.environment()},
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def sibling(self, namespace: str, release: str) -> Kit:
        """Return the same kit for another release; conftest.py deletes its namespace at the end of the module."""
        claimed.add(namespace)
        return Kit(self.cwd, self.env, namespace, release, self.context)

    def kubectl(self, *words: str, timeout: float = 60, namespace: str = "", text: str = "") -> Done:
        """Run kubectl against the cluster."""
        argv = [str(tool("kubectl")), "--context", self.context, "-n", namespace or self.namespace, *words]
        return run(argv, timeout=timeout, env=self.env, text=text)

    def helm(self, *words: str, timeout: float = 60, namespace: str = "") -> Done:
        """Run helm against the cluster."""
        argv = [str(tool("helm")), "--kube-context", self.context, "-n", namespace or self.namespace, *words]
        return run(argv, timeout=timeout, env=self.env)

    def get(self, kind: str, selector: str = "", namespace: str = "") -> list[dict[str, Any]]:
        """Return the objects of a kind."""
        more = ["-l", selector] if selector else []
        return list(self.kubectl("get", kind, "-o", "json", *more, namespace=namespace).ok().json["items"])

    def pods(self, component: str = "", *, namespace: str = "") -> list[dict[str, Any]]:
        """Return the release's pods, or those of one component."""
        selector = f"app.kubernetes.io/instance={self.release}"
        return self.get(
            "pods", selector + (f",app.kubernetes.io/component={component}" if component else ""), namespace
        )

    def at_rest(self) -> dict[str, dict[str, Any]]:
        """Return the release's pods by uid, without those of tasks and CronJobs, which come and go by themselves."""
        return {
            pod["metadata"]["uid"]: pod
            for pod in self.pods()
            if not pod["metadata"]["labels"]["app.kubernetes.io/component"].startswith(("worker", "clean-"))
        }

    def lasting(self) -> set[str]:
        """Return the uids of the release's pods that go on running: Kubernetes deletes Jobs that ended."""
        owners = {"ReplicaSet", "StatefulSet"}
        found = {uid: pod["metadata"] for uid, pod in self.at_rest().items()}
        return {
            uid
            for uid, one in found.items()
            if "deletionTimestamp" not in one and owners & {owner["kind"] for owner in one.get("ownerReferences") or ()}
        }

    def api_by_keys(self, keys: str, port: int) -> AirflowApi:
        """Return a session with a release that kitctl has not made, by what its NOTES tell.

        Args:
            keys: Name of the keys Secret.
            port: NodePort of the API server.
        """
        template = 'go-template={{index .data "admin-password" | base64decode}}'
        password = self.kubectl("get", "secret", keys, "-o", template).ok().out
        address = clusters.get("node", CLUSTER, Path(self.env["KUBECONFIG"])).node_port_address(port)
        return AirflowApi(f"http://{address}", "admin", lambda: password, patience=120.0)

    def api(self) -> AirflowApi:
        """Return a session with the release's REST API."""
        found = self("credentials", "-o", "json").ok().json
        return AirflowApi(found["url"], found["username"], lambda: found["password"], patience=120.0)


def states(api: AirflowApi, dag_id: str, run_id: str) -> dict[str, str]:
    """Return the state of every task instance of a run, mapped ones with their index."""
    return {
        t["task_id"] + (f"[{t['map_index']}]" if t["map_index"] >= 0 else ""): t["state"]
        for t in api.task_instances(dag_id, run_id)
    }


def start_run(api: AirflowApi, dag_id: str, conf: Mapping[str, Any] | None = None, *, timeout: float = 120) -> str:
    """Wait until a DAG is parsed, unpause it and start a run; return the run's id."""
    # A stale one was there before the last change of the release: its row stays, and a run of it is refused with 404.
    wait_for(
        f"the DAG {dag_id} to be parsed", lambda: not (api.dag(dag_id) or {}).get("is_stale", True), timeout=timeout
    )
    api.unpause(dag_id)
    return str(api.trigger(dag_id, conf)["dag_run_id"])


def finish(api: AirflowApi, dag_id: str, run_id: str, *, timeout: float) -> str:
    """Wait for the end of a run and return its state; one that does not end is a failure that shows its tasks."""
    run_ = api.wait_run(dag_id, run_id, Deadline(timeout))
    assert run_["state"] in FINISHED, (
        f"{dag_id} is {run_['state']} after {timeout:.0f} s: {states(api, dag_id, run_id)}"
    )
    return str(run_["state"])


def log_text(api: AirflowApi, dag_id: str, run_id: str, task_id: str, *, try_number: int = 1, index: int = -1) -> str:
    """Return the whole log of a try as text."""
    text, token = "", None
    for _ in range(50):
        events, token = api.task_log(dag_id, run_id, task_id, try_number, index, token)
        text += "".join(f"{line}\n" for event in events for line in lines(event))
        if not events or not token:
            break
    return text


def fresh_folder(path: Path) -> Path:
    """Return an empty folder."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path
