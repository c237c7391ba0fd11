"""Objects of Airflow, by section: their fields, how they are compared, and the requests that write them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

MASK = "***"
"""What Airflow answers in place of a secret, and what kitctl prints for one."""
TEXT, NUMBER, YES_NO, MAPPING, JSON = "a text", "a whole number", "true or false", "a mapping", "JSON data"
NAMES, PERMISSIONS = "a list of names", "a mapping of resources to lists of actions, such as {DAGs: [can_read]}"
DEFAULT_POOL = "default_pool"
BUILT_IN_ROLES = frozenset({"Admin", "Op", "User", "Viewer", "Public"})
"""Roles that FAB's auth manager makes again at each start."""
_FAB = "/auth/fab/v1"


@dataclass(frozen=True)
class Section:
    """A kind of object.

    Attributes:
        name: Key of the file, key of a page in the API, and the last part of its path.
        id: Field of a request that holds the name of an object.
        fields: What each field takes.
        required: Fields that the file must have.
        masked: Fields whose values are never printed.
        root: Path of the API; FAB's auth manager has one of its own.
    """

    name: str
    id: str
    fields: Mapping[str, str]
    required: tuple[str, ...]
    masked: frozenset[str] = frozenset()
    root: str = "/api/v2"

    @property
    def path(self) -> str:
        """Path in the API."""
        return f"{self.root}/{self.name}"

    @property
    def of_fab(self) -> bool:
        """Whether only FAB's auth manager has such objects."""
        return self.root == _FAB


SECTIONS = {
    section.name: section
    for section in (
        Section("pools", "name", {"slots": NUMBER, "description": TEXT, "include_deferred": YES_NO}, ("slots",)),
        Section("variables", "key", {"value": JSON, "description": TEXT}, ("value",)),
        Section(
            "connections",
            "connection_id",
            {
                **dict.fromkeys(("conn_type", "description", "host", "login", "schema", "password"), TEXT),
                "port": NUMBER,
                "extra": MAPPING,
            },
            ("conn_type",),
            frozenset({"password", "extra"}),
        ),
        Section("roles", "name", {"permissions": PERMISSIONS}, ("permissions",), root=_FAB),
        Section(
            "users",
            "username",
            {**dict.fromkeys(("email", "first_name", "last_name", "password"), TEXT), "roles": NAMES},
            ("email", "first_name", "last_name", "roles"),
            frozenset({"password"}),
            root=_FAB,
        ),
    )
}


@dataclass(frozen=True)
class FieldChange:
    """A field that differs; `***` stands for a secret, and None for a value that Airflow does not have."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True)
class ObjectChange:
    """An object that is wanted, or deleted.

    Attributes:
        section: pools, variables, connections, roles or users.
        name: Its name.
        action: "create", "update", "rewrite" if only secrets are written that nobody can compare, "delete", or "none".
        fields: Fields that differ.
        hidden: Fields that Airflow masks, so that they are written each time.
    """

    section: str
    name: str
    action: str
    fields: list[FieldChange]
    hidden: list[str]


@dataclass(frozen=True)
class Call:
    """A request to the API."""

    method: str
    path: str
    body: Mapping[str, Any]
    query: Mapping[str, Any] = field(default_factory=dict)


def compare(
    section: Section, name: str, values: Mapping[str, Any], now: Mapping[str, Any] | None, secret: Set[str]
) -> ObjectChange:
    """Compare the wanted values of an object with those that Airflow has.

    Args:
        section: Its kind.
        name: Its name.
        values: The wanted values, by field.
        now: The API's answer; None if there is no such object.
        secret: Fields that hold a text from a reference.
    """
    has = now or {}
    known = {one: same(has.get(one), value) for one, value in values.items()}

    def shown(one: str, value: Any) -> Any:
        return MASK if one in secret | section.masked and value not in (None, "") else value

    fields = [
        FieldChange(one, shown(one, has.get(one)), shown(one, values[one]))
        for one, equal in known.items()
        if equal is False
    ]
    hidden = [one for one, equal in known.items() if equal is None]
    action = "create" if now is None else "update" if fields else "rewrite" if hidden else "none"
    return ObjectChange(section.name, name, action, fields, hidden)


def write(section: Section, name: str, values: Mapping[str, Any], *, new: bool) -> Call:
    """Return the request that creates an object, or changes those fields of it."""
    body = {**values, section.id: name}
    if isinstance(body.get("extra"), dict):
        body["extra"] = json.dumps(body["extra"])
    if section.name == "users" and "roles" in body:
        body["roles"] = [{"name": role} for role in body["roles"]]
    if section.name == "roles":
        permissions = body.pop("permissions")
        body["actions"] = [
            {"action": {"name": action}, "resource": {"name": resource}}
            for resource, actions in permissions.items()
            for action in actions
        ]
    if new:
        return Call("POST", section.path, body)
    query = {}
    if section.name == "pools":
        # Airflow wants this field in each request. The mask says what to change; without one, it refuses default_pool.
        body = {"include_deferred": False, **body}
        query = {"update_mask": sorted(values)}
    return Call("PATCH", f"{section.path}/{quote(name, safe='~')}", body, query)


def shape(section: Section, answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of the API with the fields of the file."""
    found = dict(answer)
    if section.name == "users":
        found["roles"] = sorted(role["name"] for role in answer.get("roles") or ())
        found["password"] = MASK  # the API has no such field
    if section.name == "roles":
        permissions: dict[str, list[str]] = {}
        for one in answer.get("actions") or ():
            permissions.setdefault(one["resource"]["name"], []).append(one["action"]["name"])
        found["permissions"] = {name: sorted(permissions[name]) for name in sorted(permissions)}
    return found


def in_order(section: Section, values: dict[str, Any]) -> dict[str, Any]:
    """Return wanted values whose lists are sorted, where Airflow knows no order."""
    found = dict(values)
    if section.name == "users" and "roles" in found:
        found["roles"] = sorted(set(found["roles"]))
    if section.name == "roles":
        found["permissions"] = {name: sorted(set(actions)) for name, actions in found["permissions"].items() if actions}
    return found


def different(values: Mapping[str, Any], now: Mapping[str, Any] | None) -> list[str]:
    """Return the fields that certainly have other values than those that were written."""
    return [one for one, value in values.items() if same((now or {}).get(one), value) is False]


def refusal(answer: Any) -> str:
    """Return Airflow's reason without the request's values, which FastAPI repeats and which may be secrets.

    Args:
        answer: The JSON of the answer, or anything else if it had none.
    """
    detail = answer.get("detail") if isinstance(answer, dict) else None
    if isinstance(detail, list):
        return "; ".join(
            f"{'.'.join(str(step) for step in one.get('loc', ())[1:])}: {one.get('msg', '')}" for one in detail
        )
    return detail if isinstance(detail, str) else "no reason"


def scrub(text: str, secrets: Set[str]) -> str:
    """Return a text of the server without the secrets."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def leaves(value: Any) -> Iterator[Any]:
    """Return the scalars inside of a value."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


def is_masked(value: Any) -> bool:
    """Whether Airflow masked a value, or a part of it; Airflow gives JSON back as a text."""
    return any(isinstance(leaf, str) and MASK in leaf for leaf in leaves(data(value)))


def same(old: Any, new: Any) -> bool | None:
    """Whether Airflow has a value already; None if its answer is masked, so that nobody can tell.

    Args:
        old: The API's answer.
        new: The wanted value.
    """
    if old in (None, "") or new in (None, ""):
        return old in (None, "") and new in (None, "")
    if is_masked(old):
        return None
    return old == new or json.dumps(data(old), sort_keys=True) == json.dumps(data(new), sort_keys=True)


def data(value: Any) -> Any:
    """Return the data of a JSON text; any other value as it is."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
