# ruff: noqa: PLC0415 - Airflow reads its environment while it is imported
"""Runs inside an environment that holds Airflow: opens a bundle from the variables that the chart gives to a pod.

JSON on stdin: {"env": {NAME: value}, "bundle": name, "version": commit or null}; JSON on stdout: {"version", "files"}.
"""

from __future__ import annotations

import json
import os
import sys


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    out, sys.stdout = sys.stdout, sys.stderr
    os.environ |= request["env"]
    from airflow.dag_processing.bundles.manager import DagBundlesManager

    bundle = DagBundlesManager().get_bundle(request["bundle"], version=request["version"])
    bundle.initialize()
    version = bundle.get_current_version()
    files = sorted(p.relative_to(bundle.path).as_posix() for p in bundle.path.rglob("*.py"))
    json.dump({"version": getattr(version, "version", version), "files": files}, out)


if __name__ == "__main__":
    main()
