"""Build step: older versions of the tasks' API are made when somebody asks for them (airflow_kit_api_versions.py).

This puts that module beside Cadwyn, and a few lines that use it into Cadwyn's file, if Cadwyn is one that it was
written for. With AIRFLOW_KIT_DEFER_IMPORTS=False all versions are made at once, as released.

Usage: lazy_api_versions.py PYTHON
PYTHON is the interpreter of the environment.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

RUNTIME = Path(__file__).with_name("airflow_kit_api_versions.py")

LOOK = """
import importlib.util, sys
if importlib.util.find_spec("cadwyn") is None:
    sys.exit("absent")
sys.path.insert(0, sys.argv[1])
import airflow_kit_api_versions, cadwyn.applications
print(cadwyn.applications.__file__ if airflow_kit_api_versions.known() else "")
"""
HOOK = """

def _kit_initialize(self, _released=Cadwyn._cadwyn_initialize):
    import os

    if os.environ.get("AIRFLOW_KIT_DEFER_IMPORTS", "True").lower() == "false":
        return _released(self)
    import airflow_kit_api_versions

    return airflow_kit_api_versions.initialize(self)


Cadwyn._cadwyn_initialize = _kit_initialize
"""


def main() -> None:
    """Change the environment; one without Cadwyn is passed over.

    Raises:
        SystemExit: This Cadwyn is not known.
    """
    done = subprocess.run([sys.argv[1], "-c", LOOK, str(RUNTIME.parent)], capture_output=True, text=True, check=False)
    if done.returncode and done.stderr.strip() == "absent":
        sys.stdout.write("lazy_api_versions: cadwyn: not installed\n")
        return
    if done.returncode:
        sys.exit(f"lazy_api_versions: {done.stderr}")
    if not done.stdout.strip():
        sys.exit("lazy_api_versions: this Cadwyn is not the one of airflow_kit_api_versions.py")
    path = Path(done.stdout.strip())
    shutil.copy(RUNTIME, path.parents[1])
    path.write_text(path.read_text() + HOOK)
    sys.stdout.write("lazy_api_versions: older versions on demand\n")


if __name__ == "__main__":
    main()
