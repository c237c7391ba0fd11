"""The few names that the CLI must know before a release exists; after that, objects are found by their labels.

The chart's own home of names is chart/templates/_names.tpl; tests/unit/model/test_names.py holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from kitctl.errors import ExitCode, KitError

LIMIT = 40
"""Characters of the prefix of all names, so that each suffix and a pod's hash fit into Kubernetes' 63."""

_RELEASE_LIMIT, _LABEL_LIMIT = 53, 63
_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


def valid_cluster(name: str) -> bool:
    """Whether a cluster of the kit may have this name; it becomes a folder, a host name and a kube context."""
    return len(name) <= LIMIT and _DNS_LABEL.fullmatch(name) is not None


def check_cluster(name: str) -> None:
    """Refuse a name that no cluster of the kit may have.

    Raises:
        KitError: `cluster-name-invalid`.
    """
    if not valid_cluster(name):
        raise KitError(
            "cluster-name-invalid",
            f"{name!r} is not a valid cluster name",
            cause="At most 40 lower-case letters, digits and dashes, with a letter or digit at both ends",
            fix="--cluster-name kitctl-node",
            code=ExitCode.USAGE,
        )


@dataclass(frozen=True)
class Names:
    """Names of the objects of one release.

    Attributes:
        fullname: Prefix of all names.
        keys: Secret with the keys.
        keys_are_ours: Whether that Secret is the kit's to make, and not `keys.existingSecret`.
        executor_namespace: Namespace of the worker pods.
    """

    fullname: str
    keys: str
    keys_are_ours: bool
    executor_namespace: str

    def of(self, component: str) -> str:
        """Return the name of a component's object, e.g. `airflow-api-server`."""
        return f"{self.fullname}-{component}"

    @property
    def postgres_claim(self) -> str:
        """Claim that the StatefulSet of Postgres makes."""
        return f"data-{self.of('postgres')}-0"

    @property
    def claims(self) -> dict[str, str]:
        """Claims that the chart makes where the values want them: name to component."""
        made = {self.of(c): c for c in ("logs", "dags", "bundles")}
        brokers = {f"data-{self.of(kind)}-0": kind for kind in ("redis", "rabbitmq")}
        return {**made, self.postgres_claim: "postgres", **brokers}


def names(release: str, namespace: str, values: Mapping[str, Any]) -> Names:
    """Work out the names of a release.

    Args:
        release: Helm release name.
        namespace: Namespace of the release.
        values: The user's values, as Helm merged them; defaults may be absent.
    """
    word = str(values.get("nameOverride") or "airflow")
    prefix = values.get("fullnameOverride") or (release if word in release else f"{release}-{word}")
    fullname = _fit(str(prefix))
    existing = (values.get("keys") or {}).get("existingSecret")
    return Names(
        fullname=fullname,
        keys=str(existing or f"{fullname}-keys"),
        keys_are_ours=not existing,
        executor_namespace=str((values.get("workers") or {}).get("namespace") or namespace),
    )


def _fit(prefix: str) -> str:
    """Shorten a prefix as the chart does. Cut alone, two long releases of one namespace could meet."""
    if len(prefix) <= LIMIT:
        return prefix
    return f"{prefix[: LIMIT - 7].removesuffix('-')}-{sha256(prefix.encode()).hexdigest()[:6]}"


def check(release: str, namespace: str) -> None:
    """Refuse names that Helm or Kubernetes would refuse later, in words of their own.

    Raises:
        KitError: `release-name-invalid`, `namespace-name-invalid`.
    """
    _check("release-name-invalid", "release", release, _RELEASE_LIMIT)
    _check("namespace-name-invalid", "namespace", namespace, _LABEL_LIMIT)


def _check(error_id: str, what: str, name: str, limit: int) -> None:
    if len(name) <= limit and _DNS_LABEL.fullmatch(name):
        return
    wanted = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:limit].strip("-") or "airflow"
    raise KitError(
        error_id,
        f"{name!r} is not a valid {what} name",
        cause=f"Kubernetes allows lower-case letters, digits and dashes between them, at most {limit} characters",
        fix=f"--{what} {wanted}",
        code=ExitCode.USAGE,
    )
