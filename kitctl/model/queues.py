"""The queues of Celery workers, as values name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kitctl.model.user_values import UserValues

DEFAULT_QUEUE = "AIRFLOW__OPERATORS__DEFAULT_QUEUE"
"""Variable of the queue of tasks that name none."""
_DEFAULT = "default"


def default_queue(user: UserValues) -> str:
    """Return the queue of tasks that name none, as Airflow reads it: `env` wins over `config`."""
    found = _DEFAULT
    for section, options in (user.find("config") or {}).items():
        for option, value in (options or {}).items() if isinstance(options, Mapping) else ():
            if f"{section}.{option}".lower() == "operators.default_queue":
                found = str(value)
    for entry in [*(user.find("env") or ()), *(user.find("pods", "env") or ())]:
        if isinstance(entry, Mapping) and entry.get("name") == DEFAULT_QUEUE and entry.get("value"):
            found = str(entry["value"])
    return found


def variable(user: UserValues) -> dict[str, str]:
    """Return the variable by which tasks get that queue while their file is imported; {} for Airflow's own default."""
    name = default_queue(user)
    return {} if name == _DEFAULT else {DEFAULT_QUEUE: name}


def served(user: UserValues) -> list[str]:
    """Return the queues that workers.celery and its groups serve."""
    groups: list[Any] = [{"queues": user.find("workers", "celery", "queues") or [default_queue(user)]}]
    groups += user.find("workers", "celery", "groups") or []
    names = [str(name) for group in groups if isinstance(group, Mapping) for name in group.get("queues") or ()]
    return list(dict.fromkeys(names))
