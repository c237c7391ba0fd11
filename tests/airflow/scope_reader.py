"""Runs in an environment with Airflow: the KubernetesExecutor of one release, in a namespace with the pods of two.

Takes on standard input {"pods": [pod], "settings": folder} and prints what the executor did with them:
{"adopted": [name], "deleted": [name], "watched": [name], "read": [name], "in_task": [name], "problems": [text]}.
Each pod is an object of Kubernetes. The Kubernetes API is a small stand-in, which applies the selectors that it gets.
"""

# ruff: noqa: T201 - what it prints is its answer

import json
import os
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

REQUEST = json.load(sys.stdin)
PODS: list[dict[str, Any]] = REQUEST["pods"]
DID: dict[str, list[str]] = {name: [] for name in ("adopted", "deleted", "watched", "read", "in_task", "problems")}


def takes(selector: str, labels: dict[str, str]) -> bool:
    """Whether a label selector takes a pod."""
    for part in re.findall(r"(?:[^,(]|\([^)]*\))+", selector):
        if many := re.fullmatch(r"(\S+) notin \((.*)\)", part):
            fits = labels.get(many[1]) not in many[2].split(",")
        elif "!=" in part:
            fits = labels.get(part.partition("!=")[0]) != part.partition("!=")[2]
        elif "=" in part:
            fits = labels.get(part.partition("=")[0]) == part.partition("=")[2]
        else:
            raise ValueError(part)
        if not fits:
            return False
    return True


def phase_fits(selector: str, phase: str) -> bool:
    """Whether a field selector on the phase takes a pod."""
    if not selector:
        return True
    field, equal, value = re.fullmatch(r"([^!=]+)(!?=)(.*)", selector).groups()  # type: ignore[union-attr]
    assert field == "status.phase", selector
    return (phase == value) == (equal == "=")


class Api(BaseHTTPRequestHandler):
    """The part of the Kubernetes API that the executor calls."""

    def _send(self, answer: Any) -> None:
        text = answer if isinstance(answer, str) else json.dumps(answer)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_GET(self) -> None:
        """Answer a list, a watch, a log, or what there is."""
        path, query = urlsplit(self.path).path, {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        if path == "/version":
            self._send({"major": "1", "minor": "34"})
        elif path == "/apis":
            self._send({"kind": "APIGroupList", "groups": []})
        elif path == "/api/v1":
            pod = {"name": "pods", "kind": "Pod", "namespaced": True, "verbs": ["get", "list"], "singularName": ""}
            self._send({"kind": "APIResourceList", "groupVersion": "v1", "resources": [pod]})
        elif path.endswith("/log"):
            DID["read"].append(path.split("/")[-2])
            self._send("a line\n")
        else:
            assert path in {"/api/v1/namespaces/airflow/pods", "/api/v1/pods"}, path
            found = [
                pod
                for pod in PODS
                if takes(query.get("labelSelector", ""), pod["metadata"]["labels"])
                and phase_fits(query.get("fieldSelector", ""), pod["status"]["phase"])
            ]
            if query.get("watch"):
                self._send("".join(json.dumps({"type": "MODIFIED", "object": pod}) + "\n" for pod in found))
            else:
                self._send({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": found})

    def do_PATCH(self) -> None:
        """Note who is patched."""
        self.rfile.read(int(self.headers["Content-Length"]))
        DID["adopted"].append(self.path.rpartition("/")[2])
        self._send(PODS[0])

    def do_DELETE(self) -> None:
        """Note who is deleted."""
        DID["deleted"].append(urlsplit(self.path).path.rpartition("/")[2])
        self._send(PODS[0])

    def log_message(self, *_: Any) -> None:
        """Say nothing: standard output is the answer."""


def serve() -> None:
    """Start the stand-in, and tell Airflow where it is."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {}}],
    }
    path = Path(REQUEST["settings"]) / "kubeconfig"
    path.write_text(json.dumps(config))
    options = {"IN_CLUSTER": "False", "CONFIG_FILE": str(path), "NAMESPACE": "airflow", "ASYNC_POD_CREATION": "False"}
    os.environ.update({f"AIRFLOW__KUBERNETES_EXECUTOR__{key}": value for key, value in options.items()})


def main() -> None:
    """Do what a scheduler does that takes the place of a killed one, and what the API server does for a log."""
    serve()
    from airflow.models.taskinstancekey import TaskInstanceKey  # noqa: PLC0415 - Airflow reads its options at import
    from airflow.providers.cncf.kubernetes.executors import kubernetes_executor as executor  # noqa: PLC0415
    from airflow.providers.cncf.kubernetes.executors import kubernetes_executor_utils as utils  # noqa: PLC0415
    from airflow.providers.cncf.kubernetes.kube_client import get_kube_client  # noqa: PLC0415

    client = get_kube_client()
    mine = executor.KubernetesExecutor(parallelism=4)
    mine.job_id, mine.scheduler_job_id, mine.kube_client = 2, "2", client
    mine._alive_other_scheduler_job_ids = set  # no database here
    mine.kube_scheduler = utils.AirflowKubernetesScheduler.__new__(utils.AirflowKubernetesScheduler)
    mine.kube_scheduler.kube_client, mine.kube_scheduler.kube_config = client, mine.kube_config
    mine.kube_scheduler.team_name = None

    key = TaskInstanceKey("d", "t_runs", "r", 1, -1)
    task = SimpleNamespace(key=key, queued_by_job_id=1, id="i", hostname="h", executor_config={}, **key._asdict())
    left = mine.try_adopt_task_instances([task])
    DID["problems"] += [f"not adopted: {task.key}"] * len(left)
    for result in mine.completed.values():
        mine.kube_scheduler.delete_pod(pod_name=result.pod_name, namespace=result.namespace)

    queue: Queue[Any] = Queue()
    watcher = utils.KubernetesJobWatcher("airflow", queue, "0", "1", mine.kube_config)
    watcher._run(client, "0", "1", mine.kube_config)
    while not queue.empty():
        DID["watched"].append(queue.get().pod_name)

    said, streams = mine.get_streaming_task_log(task, 1)
    for stream in streams:
        list(stream)
    DID["problems"] += [text for text in said if "failed" in text]

    from airflow.sdk.execution_time import task_runner  # noqa: PLC0415

    task_runner.SUPERVISOR_COMMS = None  # as in the process of a task, with the LocalExecutor
    DID["in_task"] = [pod.metadata.name for pod in client.list_namespaced_pod("airflow").items]
    print(json.dumps(DID))


main()
