"""Names of Airflow's options: those that Airflow 3 knows, what older ones became, and what is gone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_MOVED = {"kubernetes": "kubernetes_executor"}
"""Sections that have another name as a whole."""

_SPLIT = {"core": "logging"}
"""Sections of Airflow 1 whose options stand elsewhere now, under the same name; its own list has them no more."""

_OPEN = (
    "celery_broker_transport_options",
    "celery_result_backend_transport_options",
    "elasticsearch_configs",
    "opensearch_configs",
    "sentry",
)
"""Sections that are handed to another library as a whole, with any option."""

_UNLISTED = {
    "api": ["jwt_audience"],
    "celery": ["broker_connection_retry_on_startup"],
    "core": ["dbapihook_resolve_target_fields"],
    "logging": ["task_logs_to_stdout"],
    "opensearch": ["target_index", "write_to_os"],
    "scheduler": ["num_stuck_in_queued_retries"],
    "workers": ["api_retries", "api_retry_wait_max", "api_retry_wait_min"],
}
"""Options that Airflow and its providers read, although their reference does not have them."""

_POD = "worker pods are shaped by workers.* of the values, and by pod templates"
_DAGS = {
    "git_": "dags: {mode: git, git: {repo: …, ref: …}} in the values",
    "dags_volume": "dags: {mode: pvc, pvc: {…}} in the values",
    "dags_in_image": "dags: {mode: image} in the values",
}
"""How DAGs arrive, by how an option of the older executor begins."""

_GONE = {"webserver": "it went with the web server of Airflow 2", "kubernetes": _POD}
"""Sections that are gone, and what is there instead of the options that nothing took over."""


@cache
def _data() -> dict[str, Any]:
    text = (files("kitctl.model") / "data" / "airflow_options.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def airflow() -> str:
    """Return the version of the Airflow whose names these are."""
    return str(_data()["airflow"])


@cache
def known() -> dict[str, list[str]]:
    """Return the options by section."""
    options: dict[str, list[str]] = _data()["options"]
    return {section: sorted({*names, *_UNLISTED.get(section, [])}) for section, names in options.items()}


@dataclass(frozen=True)
class Rules:
    """What is known beside the names of today; names are `section.option`.

    Attributes:
        open_sections: Sections that take any option.
        sensitive: Options that Airflow marks as secrets, and fetches by `<option>_cmd` and `<option>_secret`.
        removed: Options that are gone.
        renamed: Older names, with those of today.
        still_read: Older names that Airflow still reads, with a warning; it ignores the others.
        moved: Sections that have another name as a whole.
        split: Sections whose options stand in another one, too.
        gone: Sections that are gone, with the reason.
    """

    open_sections: tuple[str, ...]
    sensitive: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: dict[str, str]
    still_read: tuple[str, ...]
    moved: dict[str, str]
    split: dict[str, str]
    gone: dict[str, str]


@cache
def rules() -> Rules:
    """Return the rules by which `renamed` and `gone` judge a name, for the chart."""
    renames = {old: _last_name(old) for old in _data()["renamed"]}
    # Airflow's own list may lead from one older name to the next.
    removed = {*_data()["removed"], *(old for old, new in renames.items() if new in _data()["removed"])}
    return Rules(
        open_sections=_OPEN,
        sensitive=tuple(_data()["sensitive"]),
        removed=tuple(sorted(removed)),
        renamed={old: new for old, new in renames.items() if old not in removed},
        still_read=tuple(_data()["still_read"]),
        moved=_MOVED,
        split=_SPLIT,
        gone=_GONE,
    )


def _last_name(name: str) -> str:
    renames: dict[str, str] = _data()["renamed"]
    while name in renames:
        name = renames[name]
    return name


def is_known(section: str, option: str) -> bool:
    """Tell whether Airflow 3 reads an option, or fetches it if it is a secret: `<option>_cmd` and `<option>_secret`."""
    fetched = (option.removesuffix(end) for end in ("_cmd", "_secret") if option.endswith(end))
    return (
        section in _OPEN
        or option in known().get(section, [])
        or any(f"{section}.{base}" in rules().sensitive for base in fetched)
    )


def is_unlisted(section: str, option: str) -> bool:
    """Tell whether Airflow or a provider reads an option although its reference does not have it."""
    return option in _UNLISTED.get(section, ())


@cache
def sensitive() -> dict[tuple[str, str], tuple[str, str]]:
    """Return the options that Airflow marks as secrets, also by older names, each with its name in Airflow 3."""
    names: dict[str, str] = {name: name for name in rules().sensitive}
    names |= {old: new for old, new in rules().renamed.items() if new in names}
    return {_split(name): _split(now) for name, now in sorted(names.items())}


def _split(name: str) -> tuple[str, str]:
    section, _, option = name.rpartition(".")
    return section, option


def renamed(section: str, option: str) -> tuple[str, str] | None:
    """Return section and option that Airflow 3 has for an older name, or None.

    Args:
        section: Section of airflow.cfg, e.g. "webserver".
        option: Option in it; `<option>_cmd` and `<option>_secret` follow their option if it is a secret.
    """
    section, option = section.lower(), option.lower()
    if is_known(section, option):
        return None
    here = _MOVED.get(section, section)
    if new := rules().renamed.get(f"{here}.{option}"):
        return _split(new)
    if here != section and is_known(here, option):
        return here, option
    if is_known(_SPLIT.get(section, ""), option):
        return _SPLIT[section], option
    for end in ("_cmd", "_secret"):
        base = renamed(section, option.removesuffix(end)) if option.endswith(end) else None
        if base and ".".join(base) in rules().sensitive:
            return base[0], base[1] + end
    return None


def gone(section: str, option: str) -> str:
    """Return why an option has no place in Airflow 3, in words for people, or "" when nothing is known of it."""
    section, option = section.lower(), option.lower()
    if is_known(section, option) or renamed(section, option):
        return ""
    if f"{section}.{option}" in rules().removed:
        return "was removed in Airflow 3, and does nothing"
    if section == "kubernetes" and (way := [text for start, text in _DAGS.items() if option.startswith(start)]):
        return f"was removed, and does nothing; instead: {way[0]}"
    return f"was removed, and does nothing; {_GONE[section]}" if section in _GONE else ""
