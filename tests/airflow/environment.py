"""An environment with the pinned Airflow, apart from the CLI's: `uv run --isolated` makes it from its cache."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from kitctl.model.versions import pin

PROVIDERS = ("cncf-kubernetes", "fab", "git")
PACKAGES = [
    f"apache-airflow-core=={pin('airflow.version')}",
    *(f"apache-airflow-providers-{name}=={pin(f'airflow.providers.{name}')}" for name in PROVIDERS),
]


def ask(request: dict[str, Any]) -> dict[str, Any]:
    """Let Airflow's own readers judge what the kit made.

    Args:
        request: As tests/airflow/reader.py takes it.
    """
    uv = shutil.which("uv")
    argv = [uv] if uv else [sys.executable, "-m", "uv"]
    argv += ["run", "--quiet", "--no-project", "--isolated", "--python", f"{sys.version_info[0]}.{sys.version_info[1]}"]
    argv += [word for package in PACKAGES for word in ("--with", package)]
    # In a folder of its own: Airflow has modules named like those of the standard library.
    argv += ["python", str(Path(__file__).with_name("reader.py"))]
    done = subprocess.run(argv, input=json.dumps(request), capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr[-4000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
