"""Watches pods through kubectl, event by event, and begins again whenever the server ends the watch or goes away."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from kitctl.errors import KitError
from kitctl.tools.deadline import endless
from kitctl.tools.handover import stream_lines
from kitctl.tools.kube import read
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.contexts import kubectl_argv
from kitctl.tools.kube.http import refused_right
from kitctl.tools.kube.objects import Pod
from kitctl.tools.process import Result

_PAUSE = 2.0  # seconds between two watches: servers end them after some minutes, dead ones end them at once
_FAILURES = 3  # of kubectl one after the other, while the cluster answers
_PASSING = frozenset({"cluster-unreachable", "kubernetes-refused"})
"""Errors of a cluster that restarts; who waits for it need not start again."""

T = TypeVar("T")
Lost = Callable[[KitError | None], object]
"""Takes the error of a cluster that stopped answering, and None when it answers again."""


def passing(error: KitError) -> bool:
    """Whether an error may go by itself, as while an API server restarts."""
    return error.id in _PASSING


def watch(kube: Kube, kubeconfig: Path | None, namespace: str, selector: str, lost: Lost) -> Iterator[tuple[str, Pod]]:
    """Yield (event, pod) for ever; the event is ADDED, MODIFIED or DELETED.

    Args:
        kube: The cluster.
        kubeconfig: Kubeconfig file, None for kubectl's rules.
        namespace: Namespace of the pods.
        selector: Label selector.
        lost: Told when the cluster stops answering, and when it answers again. Pods that went meanwhile are DELETED.

    Raises:
        KitError: `forbidden`, `unauthorized`, or `watch-failed`.
    """
    argv = [*kubectl_argv(kube.context or None, kubeconfig), "-n", namespace, "get", "pods", "-l", selector]
    argv += ["--watch", "--output-watch-events", "-o", "json"]
    known: dict[str, Pod] = {}
    failures = 0
    while True:
        present = {pod.uid for pod in _answer(lambda: kube.pods(namespace, selector), lost)}
        for uid in [uid for uid in known if uid not in present]:
            yield "DELETED", known.pop(uid)
        ended: list[Result] = []
        for event in documents(stream_lines(argv, ended.append)):
            if event["object"].get("kind") == "Pod":
                pod, failures = read.pod(event["object"]), 0
                known[pod.uid] = pod
                if event["type"] == "DELETED":
                    del known[pod.uid]
                yield event["type"], pod
        failures = failures + 1 if ended and not ended[0].ok else 0
        if failures >= _FAILURES:
            raise _failed(namespace, ended[0].stderr)
        endless().pause(_PAUSE)


def _answer(ask: Callable[[], T], lost: Lost) -> T:
    """Ask until there is an answer."""
    told = False
    while True:
        try:
            found = ask()
        except KitError as error:
            if not passing(error):
                raise
            if not told:
                lost(error)
            told = True
            endless().pause(_PAUSE)
            continue
        if told:
            lost(None)
        return found


def _failed(namespace: str, words: str) -> KitError:
    return refused_right(words) or KitError(
        "watch-failed",
        f"kubectl cannot watch the pods of the namespace {namespace}",
        cause=words.strip(),
        fix=f"kubectl -n {namespace} get pods --watch    # tells the same; correct what it names",
    )


def documents(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a stream that has each over several lines; the closing brace stands alone."""
    held: list[str] = []
    for line in lines:
        held.append(line)
        if line.rstrip() == "}" or (len(held) == 1 and line.rstrip().endswith("}")):
            yield json.loads("\n".join(held))
            held = []
