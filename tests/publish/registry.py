"""A registry of the tests, and what it holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


@dataclass(frozen=True)
class Registry:
    """A registry that runs.

    Attributes:
        address: Host and port.
        env: Environment in which image builders know that it has no TLS.
    """

    address: str
    env: Mapping[str, str]

    def manifest(self, name: str, reference: str) -> tuple[str, Any]:
        """Return the digest of a manifest, counted from its bytes, and the manifest."""
        url = f"http://{self.address}/v2/{name}/manifests/{reference}"
        answer = httpx.get(url, headers={"Accept": ", ".join(MANIFESTS)}).raise_for_status()
        return f"sha256:{hashlib.sha256(answer.content).hexdigest()}", json.loads(answer.content)

    def blob(self, name: str, digest: str) -> bytes:
        """Return the bytes of a blob."""
        url = f"http://{self.address}/v2/{name}/blobs/{digest}"
        return httpx.get(url, follow_redirects=True).raise_for_status().content

    def tags(self, name: str) -> list[str]:
        """Return the tags of a repository."""
        answer = httpx.get(f"http://{self.address}/v2/{name}/tags/list").raise_for_status()
        return sorted(answer.json()["tags"] or [])

    def repositories(self) -> list[str]:
        """Return the names of all repositories."""
        return list(httpx.get(f"http://{self.address}/v2/_catalog").raise_for_status().json()["repositories"])
