"""What a cluster needs for autoscalers: the metrics server and KEDA, from the manifests in their own Go modules."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from kitctl.tools.toolbox import tool
from tests.e2e.git import images
from tests.e2e.kit import CLUSTER, Done, Kit, run, wait_for

GROUPS = ("v1beta1.metrics.k8s.io", "v1beta1.external.metrics.k8s.io")
"""APIServices of the metrics server and of KEDA."""


@contextmanager
def running(kit: Kit) -> Iterator[None]:
    """Run both; all of it goes away at the end.

    Args:
        kit: Command for the cluster.
    """
    metrics, keda = images.metrics_server(), images.keda()
    images.load(CLUSTER, metrics, keda)
    wanted = [
        *_changed(_manifests(kit, "metrics-server", "sigs.k8s.io/metrics-server", "manifests/base"), metrics),
        *_changed(_manifests(kit, "keda", "github.com/kedacore/keda/v2", "config/minimal"), keda),
    ]
    text = yaml.safe_dump_all(wanted)
    try:
        _whole(kit, text, "apply", "--server-side").ok()
        for group in GROUPS:
            wait_for(group, lambda group=group: _available(kit, group), timeout=180, pause=1)
        yield
    finally:
        # The releases are gone by now: a ScaledObject would keep its definition until the operator has seen its end.
        _whole(kit, text, "delete", "--ignore-not-found", "--wait")


def _whole(kit: Kit, text: str, *words: str) -> Done:
    """Run kubectl on objects of several namespaces: each names its own."""
    argv = [str(tool("kubectl")), "--context", kit.context, *words, "-f", "-"]
    return run(argv, timeout=180, env=kit.env, text=text)


def _manifests(kit: Kit, name: str, module: str, folder: str) -> list[dict[str, Any]]:
    """Return the objects of a kustomization of a Go module, in the version that the test's image has."""
    argv = ["go", "list", "-m", "-json", module]
    done = subprocess.run(
        argv, cwd=images.TESTS / "images" / name, capture_output=True, text=True, check=True, timeout=300
    )
    built = kit.kubectl("kustomize", str(Path(json.loads(done.stdout)["Dir"], folder)), namespace="default").ok()
    return [one for one in yaml.safe_load_all(built.out) if one]


def _changed(objects: list[dict[str, Any]], image: str) -> list[dict[str, Any]]:
    """Return the objects with the image that was built here, which stands on a node whose kubelet signs for itself."""
    for one in objects:
        if one["kind"] != "Deployment":
            continue
        pod = one["spec"]["template"]["spec"]
        pod["securityContext"] = {"runAsNonRoot": True, "runAsUser": 10001}
        for container in pod["containers"]:
            container |= {"image": image, "imagePullPolicy": "Never"}
            if container["name"] == "metrics-server":
                container["args"].append("--kubelet-insecure-tls")
    return objects


def _available(kit: Kit, group: str) -> bool:
    path = 'jsonpath={.status.conditions[?(@.type=="Available")].status}'
    return kit.kubectl("get", "apiservice", group, "-o", path).out == "True"
