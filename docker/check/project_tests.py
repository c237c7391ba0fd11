"""Run a project's tests with pytest in this image, against an Airflow of its own.

    python3 project_tests.py DAGS [--variables FILE] -- ARGUMENT...

The working folder is the project. What pytest prints is the output, and its exit code is that of the script.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import sandbox


def main() -> int:
    """Run pytest."""
    mark = sys.argv.index("--")
    parser = argparse.ArgumentParser()
    parser.add_argument("dags")
    parser.add_argument("--variables", type=Path)
    given = parser.parse_args(sys.argv[1:mark])
    with tempfile.TemporaryDirectory(prefix="airflow-") as home:
        sandbox.make(Path(home), given.dags, given.variables)
        argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *sys.argv[mark + 1 :]]
        sys.stdout.flush()
        return subprocess.run(argv, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
