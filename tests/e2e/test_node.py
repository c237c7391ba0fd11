"""The built-in node, for real: made, used, killed, repaired, removed. Needs root on Linux and `get-tools --group node`.

It is a cluster of its own, beside whatever else runs; the tests build on each other from top to bottom.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from kitctl import clusters
from kitctl.clusters.node import cgroups, images, processes
from kitctl.clusters.node.layout import Layout
from kitctl.tools.toolbox import tool

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(300)]

NAME = "kitctl-e2e-node"
IMAGE = "kitctl.local/e2e/busybox:1"
PORT = 30871
SYSCTLS = (
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
)
OURS = ("kitctl", "kubelet", "containerd", "netns", "nsfs", "cni-")
PROBE = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: probe}
spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: probe}
spec:
  replicas: 2
  selector: {matchLabels: {k: probe}}
  template:
    metadata: {labels: {k: probe}}
    spec:
      containers:
        - name: web
          image: kitctl.local/e2e/busybox:1
          imagePullPolicy: Never
          command: [/bin/busybox, httpd, -f, -p, "8080", -h, /data]
          readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
          volumeMounts: [{name: data, mountPath: /data}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: probe}}]
---
apiVersion: v1
kind: Service
metadata: {name: probe}
spec: {type: NodePort, selector: {k: probe}, ports: [{port: 80, targetPort: 8080, nodePort: 30871}]}
"""


@dataclass
class Host:
    """The machine before the node came."""

    mounts: set[str]
    sysctls: list[str]
    rules: str


@dataclass
class Node:
    """The node under test with a kubeconfig of its own."""

    cluster: Any
    kubeconfig: Path
    host: Host

    def kubectl(self, *arguments: str, text: str | None = None, check: bool = True) -> str:
        command = [str(tool("kubectl")), "--kubeconfig", str(self.kubeconfig), "--context", NAME, *arguments]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout + done.stderr

    def fetch(self, path: str) -> str:
        with urllib.request.urlopen(f"http://{self.cluster.node_port_address(PORT)}{path}", timeout=5) as answer:
            return str(answer.read().decode())

    def answers(self) -> bool:
        try:
            return "written-by-one" in self.fetch("/file")
        except OSError:
            return False


def look() -> Host:
    rules = subprocess.run(["iptables-save"], capture_output=True, text=True, check=False).stdout
    kept = [line for line in rules.splitlines() if not line.startswith("#")]
    return Host(
        # Image builds of others come and go meanwhile; ours would carry one of these words.
        {line for line in Path("/proc/self/mountinfo").read_text().splitlines() if any(word in line for word in OURS)},
        [Path("/proc/sys", name).read_text() for name in SYSCTLS],
        "\n".join(line.split(" [")[0] for line in kept),
    )


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def quiet(_: str) -> None:
    return None


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    kubeconfig = tmp_path_factory.mktemp("kube") / "config"
    cluster = clusters.get("node", NAME, kubeconfig)
    cluster.delete(quiet)
    host = look()
    cluster.create(quiet)
    yield Node(cluster, kubeconfig, host)
    cluster.delete(quiet)


def test_it_is_ready_with_dns_and_a_default_storage_class(node: Node) -> None:
    assert node.cluster.exists()
    assert "Ready" in node.kubectl("get", "nodes", "--no-headers")
    classes = json.loads(node.kubectl("get", "storageclass", "-o", "json"))["items"]
    assert [c["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"] for c in classes] == ["true"]
    assert "True" in node.kubectl(
        "-n", "kube-system", "get", "deployment", "coredns", "-o", "jsonpath={.status.conditions}"
    )


def test_the_context_is_written_and_made_current(node: Node) -> None:
    document = yaml.safe_load(node.kubeconfig.read_text())
    assert document["current-context"] == node.cluster.context() == NAME


def test_an_image_is_loaded_under_its_name(node: Node, tmp_path: Path) -> None:
    assert not node.cluster.has_image(IMAGE)
    archive = images.write(images.Image(IMAGE, images.BUSYBOX, "bin/busybox", ("bin/sh",)), tmp_path)
    node.cluster.load_image(IMAGE, archive, quiet)
    assert node.cluster.has_image(IMAGE)


def test_pods_share_a_volume_and_answer_on_the_node_port(node: Node) -> None:
    node.kubectl("apply", "-f", "-", text=PROBE)
    node.kubectl("rollout", "status", "deployment/probe", "--timeout=60s")
    first, second = node.kubectl("get", "pods", "-l", "k=probe", "-o", "name").split()
    node.kubectl("exec", first, "--", "/bin/sh", "-c", "echo written-by-one > /data/file")
    assert "written-by-one" in node.kubectl("exec", second, "--", "/bin/busybox", "cat", "/data/file")
    until(node.answers)  # kube-proxy gathers changes for a second
    assert {node.fetch("/file").strip() for _ in range(8)} == {"written-by-one"}


def test_a_pod_that_is_gone_is_told_at_once(node: Node) -> None:
    pod = node.kubectl("get", "pods", "-l", "k=probe", "-o", "name").split()[0]
    address = node.kubectl("get", pod, "-o", "jsonpath={.status.podIP}")
    gone = f"{address.rpartition('.')[0]}.254"
    # Without an answer the kernel goes on asking for two minutes, and a scheduler with its database hangs as long.
    said = node.kubectl("exec", pod, "--", "/bin/sh", "-c", f"/bin/busybox nc -w 10 {gone} 80 2>&1 || true")
    assert "No route to host" in said


def test_pods_find_services_by_name(node: Node) -> None:
    pod = node.kubectl("get", "pods", "-l", "k=probe", "-o", "name").split()[0]
    address = node.kubectl("get", "service", "probe", "-o", "jsonpath={.spec.clusterIP}")
    found = node.kubectl("exec", pod, "--", "/bin/busybox", "nslookup", "probe.default.svc.cluster.local")
    assert address in found
    # Through the Service's address to a pod of the same node, itself included.
    request = f"printf 'GET /file HTTP/1.0\\r\\n\\r\\n' | /bin/busybox nc -w 3 {address} 80"
    for _ in range(4):
        assert "written-by-one" in node.kubectl("exec", pod, "--", "/bin/sh", "-c", request)


def test_pod_security_is_enforced(node: Node) -> None:
    node.kubectl("create", "namespace", "strict")
    node.kubectl("label", "namespace", "strict", "pod-security.kubernetes.io/enforce=restricted")
    answer = node.kubectl("-n", "strict", "run", "p", f"--image={IMAGE}", check=False)
    assert 'violates PodSecurity "restricted' in answer


def test_the_programs_of_the_node_cannot_be_changed_from_inside(node: Node) -> None:
    layout = Layout(NAME)
    programs = {program: program.stat() for program in (layout.kit / "bin").iterdir()}
    # One program has several names. All of them are in this folder: none is a name of a file that root runs elsewhere.
    names = Counter(found.st_ino for found in programs.values())
    assert [str(program) for program, found in programs.items() if found.st_nlink != names[found.st_ino]] == []
    # Not a program that runs: writing to that is refused as "Text file busy" on any file system.
    write = processes.inside(layout, "sh", "-c", "echo x >>/kit/bin/kubeadm || echo x >/kit/bin/more")
    done = subprocess.run(write, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Read-only file system" in done.stderr


def test_creating_again_changes_nothing(node: Node) -> None:
    fields = "-o=jsonpath={range .items[*]}{.metadata.uid} {.status.containerStatuses[*].restartCount}{'\\n'}{end}"
    before = node.kubectl("get", "pods", "-A", fields)
    node.cluster.create(quiet)
    assert node.kubectl("get", "pods", "-A", fields) == before


def test_the_host_is_untouched_while_it_runs(node: Node) -> None:
    now = look()
    assert now.mounts == node.host.mounts
    assert now.sysctls == node.host.sysctls
    assert now.rules == node.host.rules
    for path in ("/etc/kubernetes", "/var/lib/kubelet", "/var/lib/etcd", "/run/containerd/containerd.sock"):
        assert not Path(path).exists(), path


def test_it_comes_back_with_its_data_after_everything_was_killed(node: Node) -> None:
    for pid in cgroups.processes(NAME):
        with suppress(ProcessLookupError):  # pid 1 took it along
            os.kill(pid, signal.SIGKILL)
    until(lambda: not cgroups.processes(NAME))
    assert not node.cluster.exists()
    node.cluster.create(quiet)
    node.kubectl("rollout", "status", "deployment/probe", "--timeout=60s")

    until(node.answers)


def test_a_kubelet_that_dies_is_started_again(node: Node) -> None:
    def kubelets() -> list[int]:
        found = []
        for pid in cgroups.processes(NAME):
            with suppress(OSError):  # ended meanwhile
                if Path(f"/proc/{pid}/comm").read_text().strip() == "kubelet":
                    found.append(pid)
        return found

    (first,) = kubelets()
    os.kill(first, signal.SIGKILL)
    until(lambda: any(p != first for p in kubelets()), 15)
    assert node.cluster.exists()


def test_deleting_leaves_nothing(node: Node) -> None:
    layout = Layout(NAME)
    node.cluster.delete(quiet)
    gone(layout)
    now = look()
    assert (now.mounts, now.sysctls, now.rules) == (node.host.mounts, node.host.sysctls, node.host.rules)
    document = yaml.safe_load(node.kubeconfig.read_text())
    assert (document["contexts"], document["current-context"]) == ([], "")
    node.cluster.delete(quiet)  # absent is fine


def gone(layout: Layout) -> None:
    """Assert that nothing of the node is left on this machine."""
    assert not layout.state.exists()
    assert not cgroups.processes(NAME)
    assert not [m for m in cgroups.hierarchies() if (m / NAME).exists()]
    assert layout.veth not in subprocess.run(["ip", "link"], capture_output=True, text=True, check=True).stdout
    commands = [p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if p.exists()]
    assert not [c for c in commands if str(layout.state).encode() + b"/" in c]


@pytest.mark.parametrize("moment", ["pid", "kubernetes/admin.conf", "var/lib/kubelet/config.yaml"])
def test_a_killed_create_leaves_nothing_that_delete_does_not_find(node: Node, moment: str) -> None:
    layout = Layout(NAME)
    code = f"from kitctl.clusters import get; get('node', {NAME!r}).create(print)"
    env = {**os.environ, "KUBECONFIG": str(node.kubeconfig)}
    with subprocess.Popen([sys.executable, "-c", code], env=env) as create:
        until((layout.state / moment).exists)
        create.kill()
    node.cluster.delete(quiet)
    gone(layout)


def test_a_killed_create_is_finished_by_the_next_one(node: Node) -> None:
    layout = Layout(NAME)
    code = f"from kitctl.clusters import get; get('node', {NAME!r}).create(print)"
    env = {**os.environ, "KUBECONFIG": str(node.kubeconfig)}
    with subprocess.Popen([sys.executable, "-c", code], env=env) as create:
        until((layout.var / "lib/kubelet/config.yaml").exists)
        create.kill()
    node.cluster.create(quiet)
    assert node.cluster.exists()
