"""Credential helper of git in mode bundle: hands out what a mounted Secret holds now, so rotation needs no restart.

git calls it as `python3 -I git_credential.py FOLDER [--app-id ID --installation-id ID [--base-url URL]] get`. FOLDER
holds `username` and `password`, or `github-app-private-key`, with which it asks GitHub for a token of one hour and
keeps that in /tmp until ten minutes before its end.
"""

import argparse
import hashlib
import json
import os
import ssl
import sys
import time
import urllib.request
from pathlib import Path

EARLY_SECONDS = 600
TIMEOUT_SECONDS = 20


def main() -> int:
    """Answer one request of git on stdout; `store` and `erase` are ignored, as the Secret is the only truth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--app-id")
    parser.add_argument("--installation-id")
    parser.add_argument("--base-url", default="https://api.github.com")
    parser.add_argument("operation")
    options = parser.parse_args()
    if options.operation != "get":
        return 0
    sys.stdin.read()
    if options.app_id:
        username, password = "x-access-token", app_token(options)
    else:
        username, password = secret(options.folder, "username"), secret(options.folder, "password")
    sys.stdout.write(f"username={username}\npassword={password}\n")
    return 0


def secret(folder: Path, name: str) -> str:
    """Read one file of the Secret, without the line break that editors add."""
    return (folder / name).read_text(encoding="utf-8").strip("\r\n")


def app_token(options: argparse.Namespace) -> str:
    """Return a token of the GitHub App's installation, from the cache while it is good."""
    key = secret(options.folder, "github-app-private-key")
    name = hashlib.sha256(f"{options.base_url} {options.app_id} {options.installation_id} {key}".encode()).hexdigest()
    cache = Path(os.environ.get("TMPDIR", "/tmp")) / f"kit-git-{name[:16]}.json"  # noqa: S108 - the pod's own emptyDir
    try:
        kept = json.loads(cache.read_text(encoding="utf-8"))
        if kept["until"] > time.time():
            return str(kept["token"])
    except (OSError, ValueError, KeyError):
        pass
    token = ask_for_token(options, key)
    fresh = cache.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump({"token": token, "until": time.time() + 3600 - EARLY_SECONDS}, out)
    fresh.replace(cache)
    return token


def ask_for_token(options: argparse.Namespace, key: str) -> str:
    """Ask GitHub, with a signed claim to be the App."""
    import jwt  # noqa: PLC0415 - comes with Airflow; a password needs none of it

    now = int(time.time())
    # Issued a minute ago: GitHub refuses claims from the future, and clocks differ.
    claim = jwt.encode({"iat": now - 60, "exp": now + 540, "iss": options.app_id}, key, algorithm="RS256")
    request = urllib.request.Request(  # noqa: S310 - the address comes from the values of the release
        f"{options.base_url.rstrip('/')}/app/installations/{options.installation_id}/access_tokens",
        method="POST",
        headers={"Authorization": f"Bearer {claim}", "Accept": "application/vnd.github+json"},
    )
    context = ssl.create_default_context(cafile=os.environ.get("GIT_SSL_CAINFO") or None)
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=context) as answer:  # noqa: S310
        return str(json.load(answer)["token"])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, ValueError) as problem:
        sys.exit(f"git_credential.py: {problem}")
