"""Make the Secret with the keys of the release when it is absent; never change one that exists.

Runs in the keys Job, for who installs without kitctl. Only the standard library, with the Job's own token.
"""

import base64
import json
import os
import secrets
import string
import sys
from collections.abc import Collection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from kube_api import ACCOUNT, Request, kubernetes_api, patiently

BROKER = "broker-password"
FLOWER = "flower-password"
"""Secrets of older releases lack these; they are missed only if the release has a broker or a Flower."""
_NOT_FOUND, _CONFLICT = 404, 409


def random_text(length: int) -> str:
    """Return letters and digits: safe to paste into any shell, URL or form."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))


def new_keys() -> dict[str, str]:
    """Return one new set of keys by their names in the Secret."""
    return {
        "fernet-key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "jwt-secret": secrets.token_urlsafe(64),  # HS512 wants as many bytes as its hash has
        "api-secret-key": secrets.token_urlsafe(32),
        "postgres-password": random_text(32),
        "admin-password": random_text(20),
        BROKER: random_text(32),
        FLOWER: random_text(24),
    }


def ensure(
    request: Request,
    namespace: str,
    name: str,
    labels: dict[str, str],
    annotations: dict[str, str] | None = None,
    *,
    uses: Collection[str] = (),
) -> str:
    """Make the Secret unless it is there.

    Args:
        request: Calls the Kubernetes API.
        namespace: Namespace of the release.
        name: Name of the Secret.
        labels: Labels of the Secret.
        annotations: Annotations of the Secret.
        uses: Which of the passwords that a release may lack (BROKER, FLOWER) this one uses.

    Returns:
        What was done, for the log.

    Raises:
        RuntimeError: when the API refuses, or when the existing Secret lacks a key.
    """
    path = f"/api/v1/namespaces/{namespace}/secrets"
    status, found = request("GET", f"{path}/{name}", None)
    if status == _NOT_FOUND:
        body = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "labels": labels, "annotations": annotations or {}},
            "type": "Opaque",
            "stringData": new_keys(),
        }
        status, found = request("POST", path, body)
        if status == _CONFLICT:
            # Another run of the Job, or kitctl, was faster; its keys count.
            status, found = request("GET", f"{path}/{name}", None)
        elif status < 300:  # noqa: PLR2004 - HTTP's own boundary
            return f"made the Secret {name}"
    if status >= 300:  # noqa: PLR2004
        raise RuntimeError(f"Kubernetes answered {status} for the Secret {name}: {found.get('message', '')}")
    wanted = set(new_keys()) - ({BROKER, FLOWER} - set(uses))
    missing = sorted(wanted - set(found.get("data") or {}))
    if missing:
        added = json.dumps({"stringData": dict.fromkeys(missing, "…")}, ensure_ascii=False)
        raise RuntimeError(
            f"the Secret {name} exists but lacks {', '.join(missing)}. The Job never changes a Secret; add the keys"
            f" with: kubectl -n {namespace} patch secret {name} -p '{added}'"
        )
    return f"the Secret {name} exists and stays as it is"


def main() -> int:
    """Make the Secret, waiting for a Kubernetes API that is not reachable yet; return the exit code."""
    namespace = (ACCOUNT / "namespace").read_text().strip()
    labels = json.loads(os.environ.get("KIT_LABELS", "{}"))
    annotations = json.loads(os.environ.get("KIT_ANNOTATIONS", "{}"))
    variables = {"KIT_BROKER": BROKER, "KIT_FLOWER": FLOWER}
    uses = [key for name, key in variables.items() if os.environ.get(name) == "true"]
    return patiently(
        lambda: ensure(kubernetes_api(), namespace, os.environ["KIT_SECRET"], labels, annotations, uses=uses)
    )


if __name__ == "__main__":
    sys.exit(main())
