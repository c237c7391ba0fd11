"""Certificates that do not end soon: the kubeconfig's, and those of the UI's addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from kitctl.tools.certificate import expires
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts, StopError
from kitctl.usecases.doctor.findings import Outcome, absent, error, good, warning

CHECK = Check(
    "certificates of the kubeconfig and of the Ingress that are valid for two weeks more; an error once one has ended",
    "the kubeconfig or the Ingress of the release has one",
)
_SOON = timedelta(days=14)


def look(facts: Facts) -> Outcome:
    """Read when they end."""
    ends = {name: end for name, pem, _ in _certificates(facts) if (end := expires(pem))}
    fixes = {name: fix for name, _, fix in _certificates(facts)}
    if not ends:
        return absent("There is no certificate")
    name, end = min(ends.items(), key=lambda item: item[1])
    left = end - datetime.now(UTC)
    if left < timedelta():
        return error(f"The certificate of {name} ended on {end:%Y-%m-%d}", fixes[name])
    if left < _SOON:
        return warning(f"The certificate of {name} ends on {end:%Y-%m-%d}", fixes[name])
    return good(f"certificates are valid until {end:%Y-%m-%d}")


def _certificates(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Yield name, PEM and way to renew of each."""
    login = f"Log in to the cluster again, or renew it: kubectl config view    # context {facts.kube.context}"
    yield "the kubeconfig", facts.kube.certificate, login
    where = facts.given.namespace
    try:
        objects = facts.objects
    except StopError:
        return
    for name in _secrets(objects):
        held = facts.kube.secret(where, name) or {}
        fix = f"kubectl -n {where} create secret tls {name} --cert=tls.crt --key=tls.key --dry-run=client -o yaml"
        yield f"the Secret {name}", held.get("tls.crt", ""), f"{fix} | kubectl apply -f -"


def _secrets(objects: list[dict[str, object]]) -> list[str]:
    specs = [obj["spec"] for obj in objects if obj["kind"] == "Ingress"]
    return [str(tls["secretName"]) for spec in specs for tls in spec.get("tls") or () if tls.get("secretName")]  # type: ignore[attr-defined]
