"""Finds the objects of an Airflow that a file does not name, says which of them stay, and deletes the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from kitctl.errors import KitError
from kitctl.model.objects.api import Api
from kitctl.model.objects.rules import BUILT_IN_ROLES, DEFAULT_POOL, SECTIONS, Call, ObjectChange, Section
from kitctl.model.objects.wanted import Wanted

_STATES = ("running", "queued", "scheduled", "deferred")
_GONE = "404"


@dataclass(frozen=True)
class Deletion:
    """An object that is deleted, because the file names its section, but not the object."""

    section: Section
    name: str

    @property
    def change(self) -> ObjectChange:
        """Its line in the report."""
        return ObjectChange(self.section.name, self.name, "delete", [], [])

    def __str__(self) -> str:
        """Return its place, as in a file."""
        return f"{self.section.name}.{self.name}"


@dataclass(frozen=True)
class Kept:
    """An object that is not in the file and is never deleted, with the reason."""

    section: str
    name: str
    reason: str


@dataclass(frozen=True)
class Surplus:
    """What the file does not name: deletions in their order, and what stays."""

    deletions: Sequence[Deletion] = ()
    kept: Sequence[Kept] = ()


def find(api: Api, sections: Sequence[Section], wanted: Sequence[Wanted], account: str) -> Surplus:
    """Compare the names in some sections with those of the file.

    Args:
        api: The calls.
        sections: Sections that the file names, with or without objects; others are left alone.
        wanted: The objects of the file.
        account: The user that these calls log in as; "" if it is no user of Airflow's database.
    """
    own_roles = _roles_of(api, account) if account and any(one.of_fab for one in sections) else set()
    deletions, kept = [], []
    # Users go before their roles: the reverse of the order in which they are written.
    for section in reversed([one for one in SECTIONS.values() if one in sections]):
        known = {_key(section, one.name) for one in wanted if one.section == section}
        for name in (str(answer[section.id]) for answer in api.objects(section)):
            if _key(section, name) in known:
                continue
            if reason := _reason(section, name, account, own_roles):
                kept.append(Kept(section.name, name, reason))
            else:
                deletions.append(Deletion(section, name))
    return Surplus(deletions, kept)


def _key(section: Section, name: str) -> str:
    """Return what two names of one object share: FAB does not distinguish `Jane` from `jane`."""
    return name.lower() if section.name == "users" else name


def _roles_of(api: Api, account: str) -> set[str]:
    found = api.object(SECTIONS["users"], account) or {}
    return {str(role["name"]) for role in found.get("roles") or ()}


def _reason(section: Section, name: str, account: str, own_roles: set[str]) -> str:
    """Return why an object is never deleted; "" for any other."""
    if section.name == "pools" and name == DEFAULT_POOL:
        return "Airflow needs this pool"
    if section.name == "users" and _key(section, name) == _key(section, account):
        return "this command logs in as this user"
    if section.name == "roles" and name in BUILT_IN_ROLES:
        return "Airflow's own role"
    if section.name == "roles" and name in own_roles:
        return f"a role of {account}, as whom this command logs in"
    return ""


def delete(api: Api, one: Deletion) -> None:
    """Delete an object; one that is gone already is fine.

    Raises:
        KitError: `objects-pool-in-use`, `objects-deletion-refused`, or as the calls.
    """
    if one.section.name == "pools":
        _idle(api, one)
    answer = api.write(Call("DELETE", f"{one.section.path}/{quote(one.name, safe='~')}", {}))
    if answer and answer.split(":")[0] != _GONE:
        raise KitError(
            "objects-deletion-refused",
            f"Airflow refused to delete {one}",
            cause=answer,
            fix="Give the user of the log-in the right to delete it, or name the object in the file",
        )


def _idle(api: Api, one: Deletion) -> None:
    """Airflow deletes a pool in use without a word, and never starts a task of a pool that does not exist."""
    pool = api.object(one.section, one.name) or {}
    counts = {state: int(pool.get(f"{state}_slots") or 0) for state in _STATES}
    if used := ", ".join(f"{number} {state}" for state, number in counts.items() if number):
        raise KitError(
            "objects-pool-in-use",
            f"The pool {one.name} is not deleted while tasks use it",
            cause=f"Slots by the state of their tasks: {used}. Airflow would never start a task of a missing pool",
            fix="Wait until the tasks have ended, or give them another pool in the DAG; then run the command again",
        )


def remaining(api: Api, deletions: Sequence[Deletion]) -> Iterator[Deletion]:
    """Return the objects that Airflow still lists."""
    # Lists, since Airflow does not find every name that it has by its path, such as a connection `a/b`.
    for section in {one.section.name: one.section for one in deletions}.values():
        names = {str(answer[section.id]) for answer in api.objects(section)}
        yield from (one for one in deletions if one.section == section and one.name in names)
