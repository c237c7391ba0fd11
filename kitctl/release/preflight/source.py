"""Where a file of a pod comes from, and how it is made where it is missing."""

from __future__ import annotations

from typing import NamedTuple


class Source(NamedTuple):
    """A key of a Secret or of a ConfigMap.

    Attributes:
        kind: "secret" or "configMap".
        name: Its name.
        key: The key.
    """

    kind: str
    name: str
    key: str

    @property
    def title(self) -> str:
        """Its kind as people write it."""
        return {"secret": "Secret", "configMap": "ConfigMap"}[self.kind]

    def absent(self, namespace: str) -> str:
        """Return the sentence that tells that it is not there."""
        return f"The namespace {namespace} has no {self.title} {self.name} with the key {self.key}"

    def made_by(self, namespace: str) -> str:
        """Return the commands that create it; ConfigMaps hold CA certificates."""
        new = f"create secret generic {self.name} --from-literal={self.key}=…"
        if self.kind == "configMap":
            new = f"create configmap {self.name} --from-file={self.key}=ca.pem"
        return (
            f"kubectl -n {namespace} {new}\n"
            f"If the {self.title} exists: add the key with kubectl -n {namespace} edit {self.title.lower()} {self.name}"
        )
