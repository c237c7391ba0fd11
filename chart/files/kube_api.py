"""The Kubernetes API for the kit's scripts: the standard library, with the token of the pod."""

import json
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")

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
