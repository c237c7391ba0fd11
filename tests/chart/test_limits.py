"""The chart compares quantities as Kubernetes does: the official client is asked about each pair."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

from kubernetes.utils.quantity import parse_quantity

from tests.chart.release import template

AMOUNTS = [
    *(
        "0",
        "1m",
        "100m",
        "499m",
        "500m",
        "0.5",
        ".5",
        "0.50",
        "1",
        "1000m",
        "1001m",
        "1.001",
        "2",
        "1e3",
        "1E3",
        "1k",
        "1Ki",
        "1024",
    ),
    *(
        "128974848",
        "129e6",
        "129M",
        "123Mi",
        "1G",
        "1Gi",
        "1024Mi",
        "0.9Gi",
        "1.5Gi",
        "1536Mi",
        "1T",
        "1Ti",
        "1P",
        "1Pi",
        "1E",
        "1Ei",
    ),
]


def refused(pairs: list[tuple[str, str]], folder: Path) -> set[tuple[str, str]]:
    """Return the pairs of request and limit that the chart refuses, from one render."""
    containers = [
        {"name": f"c{i}", "image": "x", "resources": {"requests": {"cpu": low}, "limits": {"cpu": high}}}
        for i, (low, high) in enumerate(pairs)
    ]
    file = folder / "values.yaml"
    file.write_text(json.dumps({"triggerer": {"extraContainers": containers}}), encoding="utf-8")
    found = re.findall(
        r"^\[limit-below-request\] triggerer\.extraContainers\[(\d+)\]", template((str(file),)).stderr, re.MULTILINE
    )
    return {pairs[int(number)] for number in found}


def test_a_limit_is_below_its_request_where_kubernetes_says_so(tmp_path: Path) -> None:
    pairs = list(itertools.product(AMOUNTS, repeat=2))
    below = {(low, high) for low, high in pairs if parse_quantity(high) < parse_quantity(low)}
    assert len(below) > 400
    assert refused(pairs, tmp_path) == below
