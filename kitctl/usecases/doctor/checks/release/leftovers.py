"""Data of an older install: a database whose password is gone cannot be used any more."""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.model.names import names
from kitctl.release.preflight import cluster
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, good, refused

CHECK = Check("no database volume without the Secret that holds its password", "a cluster answers")


def look(facts: Facts) -> Outcome:
    """Look for claim and keys."""
    kube, where = facts.kube, facts.given.namespace
    config = facts.record.config if facts.record else {}
    own_postgres = bool((config.get("postgres") or {}).get("enabled", True))
    called = names(facts.given.release, where, config)
    try:
        cluster.claim_has_keys(kube, where, called, own_postgres=own_postgres)
    except KitError as error:
        return refused(error)
    if facts.record is not None:
        return good("nothing of an older install")
    kept = [f"claim {called.postgres_claim}"] if kube.claim(where, called.postgres_claim) else []
    kept += [f"Secret {called.keys}"] if kube.secret(where, called.keys) else []
    if kept:
        return good(f"up goes on with the data of an earlier install: {', '.join(kept)}")
    return good("nothing of an older install")
