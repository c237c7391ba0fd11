"""The same values give the same bytes, and the release record stays far below the limit of a Secret."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
from functools import cache

from kitctl.model.versions import pin
from kitctl.tools.toolbox import tool
from tests.chart.release import CHART, Release, render
from tests.chart.walk import every_story

PACKED_LIMIT = 500_000
"""Bytes; etcd takes 1.5 MB and a Secret 1 MiB. Half of that leaves room for the user's values and profiles."""


def fresh(*arguments: str) -> str:
    """Render without the cache of the tests."""
    argv = [str(tool("helm")), "template", "airflow", str(CHART), "--namespace", "airflow", *arguments]
    argv += ["--kube-version", pin("kubernetes.version")]
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60).stdout


@cache
def chart_files() -> dict[str, str]:
    """Return the texts that Helm packs with the release."""
    return {str(p): p.read_text(encoding="utf-8") for p in CHART.rglob("*") if p.is_file() and "tests" not in p.parts}


def test_two_renders_are_equal() -> None:
    assert fresh() == fresh()


def test_an_upgrade_renders_as_the_install_did() -> None:
    assert fresh() == fresh("--is-upgrade")


@every_story
def test_the_packed_release_is_small(release: Release) -> None:
    # Helm stores manifest and chart as JSON, gzipped, in base64 (and the Secret's own base64 on the wire).
    record = json.dumps({"manifest": release.text, "chart": chart_files()}).encode()
    packed = len(base64.b64encode(base64.b64encode(gzip.compress(record))))
    assert packed < PACKED_LIMIT


@every_story
def test_no_config_map_comes_near_its_limit(release: Release) -> None:
    for item in release.all("ConfigMap"):
        assert sum(len(text) for text in (item.data or {}).values()) < 300_000, item.metadata.name


def test_the_users_own_values_are_in_the_render_as_they_are() -> None:
    odd = "a b'c%d$e{{ f }}"
    release = render(sets=(f"config.email.from_email={odd}",))
    env = {e.name: e.value for e in release.pod("scheduler").spec.containers[0].env}
    assert env["AIRFLOW__EMAIL__FROM_EMAIL"] == odd
