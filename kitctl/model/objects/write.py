"""Compares wanted objects with those of an Airflow, writes what differs, and reads each one again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from kitctl.errors import ExitCode, KitError
from kitctl.model.objects import rules
from kitctl.model.objects.rules import MASK, Call, ObjectChange, Section
from kitctl.model.objects.wanted import Reference, Wanted, reference, wrong


class Api(Protocol):
    """The calls to Airflow."""

    def object(self, section: Section, name: str) -> dict[str, Any] | None:
        """Return an object, or None."""

    def write(self, call: Call) -> str:
        """Send a request; return why Airflow refused it, or ""."""

    def takes_password(self, name: str, password: str) -> bool | None:
        """Whether a user logs in with this password; None if that cannot be told."""


@dataclass(frozen=True)
class ObjectsReport:
    """The report of `kitctl objects apply` and `diff`; `changed` is false if only masked fields were written."""

    changed: bool
    written: bool
    objects: list[ObjectChange]


@dataclass(frozen=True)
class Step:
    """An object, its values with the texts of references, and what differs."""

    wanted: Wanted
    values: dict[str, Any]
    change: ObjectChange


@dataclass
class Texts:
    """The texts of references, which must not be printed.

    Attributes:
        read: Returns a text; raises LookupError with the reason, such as "does not exist".
        fix: What to type if it raises.
        known: Texts that were read.
    """

    read: Callable[[Reference], str]
    fix: Callable[[Reference], str]
    known: set[str] = field(default_factory=set)

    def resolve(self, value: Any, place: str) -> Any:
        """Return a value with the texts of its references.

        Raises:
            KitError: `objects-reference-missing`.
        """
        if found := reference(value):
            text = self._read(found, place)
            self.known.add(text)
            return text
        if isinstance(value, dict):
            return {key: self.resolve(inner, f"{place}.{key}") for key, inner in value.items()}
        return [self.resolve(inner, place) for inner in value] if isinstance(value, list) else value

    def _read(self, found: Reference, place: str) -> str:
        try:
            text = self.read(found)
        except LookupError as exc:
            raise self._missing(found, place, str(exc.args[0])) from exc
        if not text or text == MASK:
            raise self._missing(found, place, "is empty" if not text else f"is {MASK}, Airflow's mask")
        return text

    def _missing(self, found: Reference, place: str, reason: str) -> KitError:
        return KitError(
            "objects-reference-missing",
            f"{place}: {str(found)[0].upper()}{str(found)[1:]} {reason}",
            cause="References are read before anything is written",
            fix=self.fix(found),
            code=ExitCode.PREFLIGHT,
        )


def plan(api: Api, objects: Sequence[Wanted], texts: Texts) -> list[Step]:
    """Read all references, then compare each object.

    Raises:
        KitError: `objects-reference-missing`, or as the calls.
    """
    resolved = [
        (wanted, {name: texts.resolve(value, f"{wanted}.{name}") for name, value in wanted.fields.items()})
        for wanted in objects
    ]
    return [_step(api, wanted, rules.in_order(wanted.section, values)) for wanted, values in resolved]


def _step(api: Api, wanted: Wanted, values: dict[str, Any]) -> Step:
    secret = {name for name, value in wanted.fields.items() if any(reference(one) for one in _parts(value))}
    now = _now(api, wanted)
    if wanted.section.name == "users":
        if now is None and not values.get("password"):
            raise wrong(str(wanted), "a new user needs a password")
        if now is not None and values.get("password"):
            # Writing the same password again would end the sessions of the user.
            right = api.takes_password(wanted.name, values["password"])
            now["password"] = {True: values["password"], False: None, None: MASK}[right]
    return Step(wanted, values, rules.compare(wanted.section, wanted.name, values, now, secret))


def _now(api: Api, wanted: Wanted) -> dict[str, Any] | None:
    found = api.object(wanted.section, wanted.name)
    return None if found is None else rules.shape(wanted.section, found)


def _parts(value: Any) -> Iterator[Any]:
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _parts(inner)


def carry_out(
    api: Api, steps: Sequence[Step], texts: Texts, seen: Callable[[ObjectChange], None] = lambda change: None
) -> bool:
    """Write what differs; return whether there was anything to write.

    Args:
        api: The calls.
        steps: From `plan`.
        texts: The texts of references.
        seen: Called after each object that was written.

    Raises:
        KitError: `objects-refused`, `objects-not-verified` with what was written until then, or as the calls.
    """
    todo = [step for step in steps if step.change.action != "none"]
    for number, step in enumerate(todo):
        try:
            _write(api, step, texts)
        except KitError as error:
            done, left = todo[:number], todo[number + 1 :]
            unsure = "" if error.id == "objects-refused" else f"May be written: {step.wanted}"
            lines = [error.cause, unsure, f"Written before: {_names(done)}", f"Not written: {_names(left)}"]
            error.cause = "\n".join(line for line in lines if line)
            raise
        seen(step.change)
    return bool(todo)


def report(steps: Sequence[Step], *, written: bool) -> ObjectsReport:
    """Return what was, or would be, written."""
    changes = [step.change for step in steps]
    return ObjectsReport(any(c.action in ("create", "update") for c in changes), written, changes)


def _names(steps: Sequence[Step]) -> str:
    return ", ".join(str(step.wanted) for step in steps) or "nothing"


def _write(api: Api, step: Step, texts: Texts) -> None:
    wanted = step.wanted
    call = rules.write(wanted.section, wanted.name, step.values, new=step.change.action == "create")
    if answer := api.write(call):
        raise KitError(
            "objects-refused",
            f"Airflow refused {wanted}",
            cause=rules.scrub(answer, texts.known),
            fix="Correct the object in the file and apply it again; what is written stays as it is",
        )
    if wrong := rules.different(step.values, _now(api, wanted)):
        raise KitError(
            "objects-not-verified",
            f"{wanted} does not have the values that were written",
            cause=f"Different when read again: {', '.join(wrong)}",
            fix="kitctl objects diff FILE    # does something else write this object?",
        )
