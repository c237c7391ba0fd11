"""Delete worker pods that ended a while ago and that no scheduler deleted, for example because it crashed.

Runs in the CronJob clean-pods. Only the standard library, with the pod's own token. Pods that run or wait stay.
"""

# ruff: noqa: T201 - what it prints is the log of its pod

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parent))

from kube_api import Request, kubernetes_api, patiently

PAGE = 500
_NOT_FOUND, _CONFLICT, _REFUSED = 404, 409, 300
Object = dict[str, Any]


def ended(pod: Object) -> datetime:
    """Return when a finished pod ended: its last container, or, for an evicted one without any, its last change."""
    status = pod.get("status") or {}
    containers = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    times = [((c.get("state") or {}).get("terminated") or {}).get("finishedAt") for c in containers]
    times += [c.get("lastTransitionTime") for c in status.get("conditions") or []]
    known = [time for time in (*times, pod["metadata"].get("creationTimestamp")) if time]
    return max(datetime.fromisoformat(time) for time in known)


def left_over(pod: Object, now: datetime, age: timedelta, *, failed: bool = True) -> bool:
    """Tell whether a pod may go.

    Args:
        pod: A worker pod of this release.
        now: The time.
        age: Time that must have passed since its end.
        failed: Whether failed and evicted pods go as well.
    """
    phases = ("Succeeded", "Failed") if failed else ("Succeeded",)
    if (pod.get("status") or {}).get("phase") not in phases or pod["metadata"].get("deletionTimestamp"):
        return False
    return now - ended(pod) >= age


def worker_pods(request: Request, namespace: str, selector: str) -> Iterator[Object]:
    """Yield the pods that a label selector matches.

    Raises:
        RuntimeError: when the API refuses.
    """
    query = {"labelSelector": selector, "limit": str(PAGE)}
    while True:
        status, found = request("GET", f"/api/v1/namespaces/{namespace}/pods?{urlencode(query)}", None)
        if status >= _REFUSED:
            raise RuntimeError(f"Kubernetes answered {status} for the pods of {namespace}: {found.get('message', '')}")
        yield from found.get("items") or []
        query["continue"] = (found.get("metadata") or {}).get("continue") or ""
        if not query["continue"]:
            return


def clean(request: Request, namespace: str, selector: str, age: timedelta, *, failed: bool = True) -> str:
    """Delete what is left over, and return what was done.

    Raises:
        RuntimeError: when the API refuses.
    """
    if not selector:
        raise RuntimeError("KIT_SELECTOR is empty; it would match pods of others")
    now = datetime.now(UTC)
    found = list(worker_pods(request, namespace, selector))
    gone = 0
    for pod in found:
        if not left_over(pod, now, age, failed=failed):
            continue
        name = pod["metadata"]["name"]
        # By its uid: a pod of the same name may have taken its place.
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": pod["metadata"]["uid"]}}
        status, answer = request("DELETE", f"/api/v1/namespaces/{namespace}/pods/{name}", body)
        if status in (_NOT_FOUND, _CONFLICT):
            continue
        if status >= _REFUSED:
            raise RuntimeError(f"Kubernetes answered {status} for the pod {name}: {answer.get('message', '')}")
        gone += 1
        print(f"deleted {name}: {pod['status']['phase']} since {ended(pod):%Y-%m-%d %H:%M:%S} UTC", flush=True)
    return f"{gone} of {len(found)} worker pods in {namespace} were left over, and are deleted"


def main(argv: list[str] | None = None) -> int:
    """Clean once, waiting for a Kubernetes API that is not reachable yet; return the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=int, required=True)
    parser.add_argument("--keep-failed", action="store_true")
    wanted = parser.parse_args(argv)
    age = timedelta(minutes=wanted.minutes)

    def work() -> str:
        namespace, selector = os.environ["KIT_NAMESPACE"], os.environ["KIT_SELECTOR"]
        return clean(kubernetes_api(), namespace, selector, age, failed=not wanted.keep_failed)

    return patiently(work)


if __name__ == "__main__":
    sys.exit(main())
