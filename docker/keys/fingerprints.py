"""Print a fingerprint of each key that this pod holds: `fingerprints.py SALT FOLDER`, as JSON from file name to text.

Run by `kitctl doctor` in the containers of a release. Fingerprints of one run can be compared with each other; the salt
is new each time, so that they tell nothing about a key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from pathlib import Path


def fingerprint(salt: str, value: bytes) -> str:
    """Return the fingerprint of a value; a newline at its end, as editors leave it, does not count."""
    return hmac.new(salt.encode(), value.removesuffix(b"\n"), hashlib.sha256).hexdigest()[:16]


if __name__ == "__main__":
    files = [path for path in sorted(Path(sys.argv[2]).iterdir()) if path.is_file()]
    sys.stdout.write(json.dumps({path.name: fingerprint(sys.argv[1], path.read_bytes()) for path in files}))
