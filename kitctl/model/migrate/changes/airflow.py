"""Changes of the image, the executors, and the files that Airflow reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from kitctl.model.executors import OF_AIRFLOW_2
from kitctl.model.migrate.changes.plain import put_all
from kitctl.model.migrate.result import Verdict
from kitctl.model.migrate.work import Item, Outcome, templated, worst
from kitctl.model.versions import pin

_OLDEST = (3, 2, 2)
_GIT_SYNC = 4
_MANAGERS = {
    "FabAuthManager": "fab",
    "SimpleAuthManager": "simple",
    "KeycloakAuthManager": "keycloak",
}


def executors_of(value: Any) -> list[str]:
    """Return the list for an executor, or for several between commas, with the names of Airflow 3."""
    named = [part.strip() for part in str(value).split(",") if part.strip()]
    return list(dict.fromkeys(new for name in named for new in OF_AIRFLOW_2.get(name.split(".")[-1], [name])))


def executors(item: Item) -> Outcome:
    """Set the list of executors."""
    if templated(item.value):
        return Verdict.UNSET, "the other chart sets it from `executor`"
    if isinstance(item.value, dict):
        raise TypeError("executors")
    value = ",".join(item.value) if isinstance(item.value, list) else item.value
    return put_all(item, executors_of(value))


def version_of(tag: Any) -> tuple[int, ...]:
    """Return the version with which a tag begins, such as (2, 9, 1) of "2.9.1-python3.11"; () if there is none."""
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", str(tag))
    return tuple(map(int, found.groups())) if found else ()


def version(item: Item) -> Outcome:
    """Set the version or tag if it is one that the kit runs."""
    found = version_of(item.value)
    if found and found < _OLDEST:
        return Verdict.DECIDE, (
            f"left out, so that the release gets Airflow {pin('airflow.version')}: build an image on that version if "
            "you have one of your own (kitctl image build), and check your DAGs first (kitctl dags check)"
        )
    verdict, why = put_all(item, str(item.value), verbatim=isinstance(item.value, str))
    return verdict, why or ("" if found else "the image must have Airflow 3.2.2 or later")


def repository(item: Item) -> Outcome:
    """Set the name of the image, unless its tag stays behind."""
    tags = [item.near(name) for name in ("tag", "defaultAirflowTag", "imageTag")]
    if any((found := version_of(tag)) and found < _OLDEST for tag in tags if tag is not None):
        return Verdict.DECIDE, "left out together with its tag, which has an older Airflow"
    if "puckel" in str(item.value):
        return Verdict.DECIDE, f"left out: {item.text}"
    return put_all(item, item.value, verbatim=True)


def git_sync_tag(item: Item) -> Outcome:
    """Set the tag of git-sync if it is one of version 4."""
    found = version_of(item.value)
    if found and found[0] < _GIT_SYNC:
        return Verdict.CHANGED, "left out: the kit has version 4, whose settings have other names"
    return put_all(item, str(item.value))


def auth_manager(item: Item) -> Outcome:
    """Set the auth manager by its short name, or by the path of its class."""
    return put_all(item, _MANAGERS.get(str(item.value).split(".")[-1], item.value))


def python_file(item: Item) -> Outcome:
    """Set text, ConfigMap or Secret of a Python file that Airflow reads."""
    (to,) = item.targets()[:1] or [()]
    value = item.value
    if isinstance(value, str):
        kind = "configMap" if item.key[-1].endswith("ConfigMapName") else "text"
        return _python_text(item, (*to, kind), value)
    kinds = {"stringOverride": "text", "existingSecret": "secret"}
    return worst(
        _python_text(item, (*to, kind), value[name])
        for name, kind in kinds.items()
        if isinstance(value, dict) and value.get(name)
    )


def _python_text(item: Item, to: tuple[str, ...], value: str) -> Outcome:
    if templated(value):
        return Verdict.DECIDE, f"set {'.'.join(to)}: the old text is a template of the other chart"
    verdict, why = item.put(to, value, verbatim=True)
    if to[-1] == "text" and verdict is Verdict.CHANGED:
        return verdict, "check its imports: many modules have other names in Airflow 3"
    return verdict, why


def prefix(item: Item) -> Outcome:
    """Set a name without the hyphen at its end."""
    return put_all(item, str(item.value).rstrip("-"))


CHANGES: dict[str, Callable[[Item], Outcome]] = {
    "executors": executors,
    "version": version,
    "repository": repository,
    "git-sync-tag": git_sync_tag,
    "auth-manager": auth_manager,
    "python-file": python_file,
    "prefix": prefix,
}
