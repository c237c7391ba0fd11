"""Look at what the values add to Airflow's processes: `look.py SPEC`, with the image that will run them.

Run by `kitctl up` and `kitctl deploy` in a short-lived pod, before anything changes. SPEC is JSON and holds `settings`,
the text of airflow_local_settings.py or null; `file`, where a volume holds it, or ""; `manager`, the path of the auth
manager's class, or ""; `realm`, the URL of a realm of Keycloak, or "". Prints one line, `KITCTL-REPORT {json}`: what is
wrong, under the keys "syntax", "missing" and "away".
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

SECONDS = 10
NAME = "airflow_local_settings.py"


def syntax(text: str | None, file: str) -> str:
    """Return what Python says against the text, or ""; the file may be missing, since its volume is optional."""
    if text is None and file and Path(file).exists():
        text = Path(file).read_text(encoding="utf-8")
    if text is None:
        return f"There is no {NAME}" if file else ""
    try:
        compile(text, NAME, "exec")
    except (SyntaxError, ValueError) as error:
        line = f"line {error.lineno}: " if isinstance(error, SyntaxError) and error.lineno else ""
        return f"{line}{error.msg if isinstance(error, SyntaxError) else error}"
    return ""


def missing(path: str) -> str:
    """Return why a class cannot be imported, or ""."""
    module, _, name = path.rpartition(".")
    if not module:
        return ""
    try:
        getattr(importlib.import_module(module), name)
    except Exception as error:  # noqa: BLE001 - a module may raise anything
        return f"{type(error).__name__}: {error}"
    return ""


def away(realm: str) -> str:
    """Return why a realm of Keycloak does not answer, or ""."""
    if not realm:
        return ""
    import requests  # noqa: PLC0415 - the provider brings it, and reads the same variables of proxies and CAs

    try:
        requests.get(f"{realm}/.well-known/openid-configuration", timeout=SECONDS).raise_for_status()
    except requests.RequestException as error:
        return str(error)
    return ""


def main() -> None:
    """Print the report."""
    spec = json.loads(sys.argv[1])
    found = {"syntax": syntax(spec["settings"], spec["file"]), "missing": missing(spec["manager"])}
    if not found["missing"]:
        found["away"] = away(spec["realm"])
    sys.stdout.write("KITCTL-REPORT " + json.dumps({key: said for key, said in found.items() if said}) + "\n")


if __name__ == "__main__":
    main()
