"""Compare the database with the migrations of this image: `compare.py SCRIPTS`, JSON from file name to text.

Run by `kitctl up` and `kitctl deploy` in a short-lived pod with the new image, before anything changes. SCRIPTS are
the chart's own (chart/files): those of the release that runs may be of another version. Prints one line: `AHEAD` and
why, or `FITS`. Nothing is written to the database. Ends with 1 where the database does not answer.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

TRIES = 15
PAUSE_SECONDS = 1


def main(scripts: str) -> str:
    """Return the line that tells whether the database is ahead of the image."""
    folder = Path(tempfile.mkdtemp())
    for name, text in json.loads(scripts).items():
        (folder / name).write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    import wait_for_database as kit  # noqa: PLC0415 - it is there only now

    for left in reversed(range(TRIES)):
        try:
            connection = kit.connect()
            break
        except kit.NotYetError as error:
            # A proxy beside this program may still be starting.
            if not left:
                sys.exit(str(error))
            time.sleep(PAUSE_SECONDS)
    try:
        kit.check_migrated(connection, kit.expected_chains())
    except kit.NewerDatabaseError as error:
        return f"AHEAD {str(error).splitlines()[0]}"
    except kit.NotYetError:
        pass  # older than the image: the migrate Job will change that
    return "FITS"


if __name__ == "__main__":
    sys.stdout.write(f"{main(sys.argv[1])}\n")
