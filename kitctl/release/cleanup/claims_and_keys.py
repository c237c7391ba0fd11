"""What outlives a release: the claims and the keys Secret that the kit made for it.

They are found by the names that the chart gives them, and must carry the labels of the release, too: the label
`app.kubernetes.io/instance` alone may stand on the data of another chart's release of the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kitctl.model.names import Names, names
from kitctl.model.settings import Settings
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.objects import COMPONENT, INSTANCE, KEPT_BY_ARGO, NAME, OURS, PART_OF, Claim
from kitctl.tools.kube.rights import unless_forbidden

OPENS = "airflow-kit/opens"
"""Annotation of the keys Secret: the database whose connections its Fernet key decrypts."""

_CLAIM, _SECRET = "PersistentVolumeClaim", "Secret"
_SUFFIXES = ("-keys", "-logs", "-dags", "-bundles")
_EXISTING = (
    ("logs", "persistence"),
    ("dags", "pvc"),
    ("dags", "bundle", "cache"),
    ("plugins",),
    ("postgres", "storage"),
    ("broker", "redis", "storage"),
    ("broker", "rabbitmq", "storage"),
)


@dataclass(frozen=True)
class Thing:
    """A claim or a Secret that the kit made.

    Attributes:
        kind: Its kind.
        name: Its name, in the namespace of the release.
        needed_by: Data that stays and is useless without it; "" where nothing needs it.
    """

    kind: str
    name: str
    needed_by: str = ""

    def __str__(self) -> str:
        """Return it as "Kind name"."""
        return f"{self.kind} {self.name}"


def left_behind(kube: Kube, settings: Settings, config: Mapping[str, Any] | None) -> list[Thing]:
    """Return what outlives a release.

    Args:
        kube: The cluster.
        settings: The release.
        config: Values of Helm's newest record; None where Helm knows no release (any more).
    """
    claims = kube.claims(settings.namespace, settings.release)
    secrets = kube.list("Secret", settings.namespace, f"{OURS},{INSTANCE}={settings.release}")
    known = names_of(settings, config, claims, [str(secret["metadata"]["name"]) for secret in secrets])
    theirs = _users_claims(config or {})
    ours = [c.name for c in own_claims(claims, known) if c.name not in theirs]
    database = any(one.postgres_claim in ours for one in known)
    keys = {one.of("keys") for one in known}
    found = [Thing(_CLAIM, name) for name in ours]
    for secret in secrets:
        if secret["metadata"]["name"] in keys and "fernet-key" in (secret.get("data") or {}):
            found.append(Thing(_SECRET, secret["metadata"]["name"], _needed_by(secret, config, known, own=database)))
    return found


def own_claims(claims: Iterable[Claim], known: Iterable[Names]) -> list[Claim]:
    """Return the claims that the chart made, from those that carry the release's instance label."""
    wanted = {name: component for one in known for name, component in one.claims.items()}
    return [
        claim
        for claim in claims
        if claim.labels.get(NAME) == "airflow" and claim.labels.get(COMPONENT) == wanted.get(claim.name, "?")
    ]


def mark(kube: Kube, namespace: str, known: Names, config: Mapping[str, Any]) -> None:
    """Write into the keys Secret of the kit which database it opens, for a `down --volumes` that finds no record.

    Args:
        kube: The cluster.
        namespace: Namespace of the release.
        known: Names of the release's objects.
        config: Its values, as Helm merged them.
    """
    if not known.keys_are_ours:
        return
    opens, keys = users_database(config) or _own(known), known.keys
    secret = unless_forbidden(lambda: kube.get("Secret", namespace, keys), None)
    # Those for Argo CD: a Secret of an older kit has none.
    marks = {OPENS: opens, **KEPT_BY_ARGO}
    if secret is not None and not marks.items() <= (secret["metadata"].get("annotations") or {}).items():
        unless_forbidden(lambda: kube.annotate("Secret", namespace, keys, marks), None)


def users_database(config: Mapping[str, Any]) -> str:
    """Return the user's own database or database claim that a release uses; "" where the kit's own claim holds it."""
    postgres = config.get("postgres") or {}
    if postgres.get("enabled") is False:
        database = config.get("database") or {}
        secret = (database.get("urlSecret") or {}).get("name")
        return f"database {database.get('host') or (f'of the Secret {secret}' if secret else '')}".strip()
    claim = (postgres.get("storage") or {}).get("existingClaim")
    return f"claim {claim}" if claim else ""


def _own(known: Names) -> str:
    return f"claim {known.postgres_claim}"


def _needed_by(
    secret: Mapping[str, Any], config: Mapping[str, Any] | None, known: Iterable[Names], *, own: bool
) -> str:
    """Return the data that stays and needs the keys, "" where none does or the kit's own claim holds it."""
    if config is not None:
        return users_database(config)
    opens = (secret["metadata"].get("annotations") or {}).get(OPENS)
    if opens in {_own(one) for one in known} or (opens is None and own):
        return ""
    return opens or "database of that release, which may be one of your own"


def names_of(
    settings: Settings, config: Mapping[str, Any] | None, claims: Iterable[Claim], secrets: Iterable[str] = ()
) -> list[Names]:
    """Return the names that a release has, and those under which it left things before its prefix changed.

    Without a record of Helm, only what is left tells the prefix.

    Args:
        settings: The release.
        config: Its values, as far as they are known.
        claims: Claims that carry its instance label.
        secrets: Names of Secrets that carry the kit's labels.
    """
    first = names(settings.release, settings.namespace, config or {})
    marked = [claim.name for claim in claims if claim.labels.get(PART_OF) == "airflow-kit"]
    prefixes = [name.rpartition("-")[0] for name in [*secrets, *marked] if name.endswith(_SUFFIXES)]
    more = [names(settings.release, settings.namespace, {"fullnameOverride": p}) for p in dict.fromkeys(prefixes) if p]
    return [first, *(one for one in more if one.fullname != first.fullname)]


def _users_claims(config: Mapping[str, Any]) -> set[str]:
    """Return the claims that the values name as the user's own."""
    found = set()
    for path in _EXISTING:
        section: Any = config
        for key in path:
            section = (section or {}).get(key)
        found.add(str((section or {}).get("existingClaim") or ""))
    return found - {""}
