"""Ask the database whether the release can use it: `ask.py SPEC`, SPEC being JSON.

Run by `kitctl doctor` in a short-lived pod that is made from the migrate Job. SPEC holds `scripts` (the chart's own,
from chart/files, by their names), `secrets` (the folder of the Secrets), `files` (those that must be there), and
`tries` to reach the server, a second apart: a proxy beside this program may still be starting, and the network of a new
pod is late. Prints one line, `KITCTL-REPORT {json}`:

    missing    files that are not there; then nothing else
    step       what failed: url, name, connect, login, use; "" if all went well
    said       the words of the error
    host, port, name, user    of the address, as far as they are known
    version    of the server, for example "17.6"
    encoding   of the database

No report holds the password, and nothing is written. What it means is judged by kitctl.
"""

from __future__ import annotations

import json
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SECONDS = 5.0
PAUSE_SECONDS = 1.0
CLOSED = ("Connection refused", "timed out", "timeout expired", "No route to host", "Network is unreachable")
RIGHTS = """
SELECT current_setting('server_version'), pg_encoding_to_char(encoding),
       has_schema_privilege(current_user, current_schema(), 'CREATE')
FROM pg_database WHERE datname = current_database()
"""


def main(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the report."""
    folder = Path(tempfile.mkdtemp())
    for name, text in spec["scripts"].items():
        (folder / name).write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    import database  # noqa: PLC0415 - it is there only now
    import database_url  # noqa: PLC0415

    secrets = Path(spec["secrets"])
    missing = [name for name in spec["files"] if not (secrets / name).is_file()]
    if missing:
        return {"missing": missing}
    try:
        to = database_url.address(secrets)
    except database_url.UrlError as error:
        return {"step": "url", "said": str(error)}
    where = {"host": to.host, "port": to.port, "name": to.name, "user": to.user}
    if failed := unreachable(str(to.host), int(to.port or 5432), spec["tries"]):
        return {**where, **failed}
    try:
        connection = database.connect(secrets)
    except database.NotYetError as error:
        said = str(error).strip()
        return {**where, "step": "connect" if any(word in said for word in CLOSED) else "login", "said": said}
    except database_url.UrlError as error:
        return {**where, "step": "url", "said": str(error)}
    return {**where, **used(connection)}


def unreachable(host: str, port: int, tries: int) -> dict[str, str]:
    """Look up the host and open a connection; return the step that failed, {} if none did."""
    if host.startswith("/"):
        return {}  # a socket of a proxy beside this program
    for left in reversed(range(tries)):
        try:
            socket.create_connection((host, port), SECONDS).close()
        except (OSError, UnicodeError) as error:
            if not left:
                name = isinstance(error, (socket.gaierror, UnicodeError))
                return {"step": "name" if name else "connect", "said": f"{type(error).__name__}: {error}"}
            time.sleep(PAUSE_SECONDS)
        else:
            break
    return {}


def used(connection: Any) -> dict[str, str]:
    """Ask what the migration will need."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(RIGHTS)
            version, encoding, creates = cursor.fetchone()
    except Exception as error:  # noqa: BLE001 - of the driver, which only the pod has
        return {"step": "use", "said": f"{type(error).__name__}: {error}".strip()}
    finally:
        connection.close()
    told = {"version": str(version), "encoding": str(encoding)}
    if creates:
        return {**told, "step": "", "said": ""}
    return {**told, "step": "use", "said": "permission denied: the user may not create tables in its schema"}


if __name__ == "__main__":
    sys.stdout.write(f"KITCTL-REPORT {json.dumps(main(json.loads(sys.argv[1])))}\n")
