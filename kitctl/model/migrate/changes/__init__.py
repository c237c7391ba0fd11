"""How values change: a function for each name that `how` in the tables of kitctl/model/data/peers may have."""

from __future__ import annotations

from collections.abc import Callable

from kitctl.model.migrate.changes import airflow, dags, doors, objects, plain, secret, stores, variables, workers
from kitctl.model.migrate.work import Item, Outcome

Change = Callable[[Item], Outcome]

CHANGES: dict[str, Change] = {
    name: change
    for module in (plain, airflow, dags, doors, objects, secret, stores, variables, workers)
    for name, change in module.CHANGES.items()
}
"""Changes of a whole value, by the first word of `how`."""

_SCALAR = """
version repository git-sync-tag auth-manager prefix reference field setting budget safe cron days seconds executors ref
url-path ssl-mode user-key whole boolean credentials key-of-git
"""
SCALAR = tuple(_SCALAR.split())
"""Names of the changes that take one text or number."""

EACH = variables.EACH
"""Names of the changes that take each key below a section alone."""
