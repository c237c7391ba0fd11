"""Watches pods through kubectl, event by event, and begins again whenever the server ends the watch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kitctl.tools.deadline import endless
from kitctl.tools.handover import stream_lines
from kitctl.tools.kube import read
from kitctl.tools.kube.contexts import kubectl_argv
from kitctl.tools.kube.objects import Pod

_PAUSE = 2.0  # seconds between two watches: servers end them after some minutes, dead ones end them at once


def watch(context: str, kubeconfig: Path | None, namespace: str, selector: str) -> Iterator[tuple[str, Pod]]:
    """Yield (event, pod) for ever; the event is ADDED, MODIFIED or DELETED.

    Args:
        context: Kube context.
        kubeconfig: Kubeconfig file, None for kubectl's rules.
        namespace: Namespace of the pods.
        selector: Label selector.
    """
    argv = [*kubectl_argv(context or None, kubeconfig), "-n", namespace, "get", "pods", "-l", selector]
    while True:
        for event in documents(stream_lines([*argv, "--watch", "--output-watch-events", "-o", "json"])):
            if event["object"].get("kind") == "Pod":
                yield event["type"], read.pod(event["object"])
        endless().pause(_PAUSE)


def documents(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a stream that has each over several lines; the closing brace stands alone."""
    held: list[str] = []
    for line in lines:
        held.append(line)
        if line.rstrip() == "}" or (len(held) == 1 and line.rstrip().endswith("}")):
            yield json.loads("\n".join(held))
            held = []
