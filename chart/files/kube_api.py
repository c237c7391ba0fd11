"""The Kubernetes API for the kit's scripts: the standard library, with the token of the pod."""

# ruff: noqa: T201 - what it prints is the log of its pod

import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
ATTEMPTS = 30
PAUSE_SECONDS = 2.0

Request = Callable[[str, str, dict[str, Any] | None], tuple[int, dict[str, Any]]]
"""(method, path, body) to (HTTP status, answer)."""


def kubernetes_api(account: Path = ACCOUNT) -> Request:
    """Return a caller of the Kubernetes API with the pod's token; it raises OSError while the API does not answer."""
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    base = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    context = ssl.create_default_context(cafile=str(account / "ca.crt"))

    def request(method: str, path: str, body: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
        call = urllib.request.Request(  # noqa: S310 - the scheme is https, see above
            base + path,
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={
                "Authorization": f"Bearer {(account / 'token').read_text().strip()}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(call, context=context, timeout=10) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            return error.code, json.loads(text) if text.startswith("{") else {"message": text}

    return request


def patiently(work: Callable[[], str]) -> int:
    """Do a script's work and print what it says, waiting for an API that is not reachable yet; return the exit code.

    Args:
        work: Raises OSError while the API does not answer, and RuntimeError when there is no use in trying again.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            print(work())
        except RuntimeError as error:
            print(f"ERROR: {error}", file=sys.stderr)
            return 1
        except OSError as error:
            # A network policy needs a moment to let a new pod through.
            print(f"[{attempt} of {ATTEMPTS}] the Kubernetes API does not answer: {error}", flush=True)
            time.sleep(PAUSE_SECONDS)
        else:
            return 0
    return 1
