"""Compares wanted objects with those of an Airflow, writes what differs, deletes the others, and reads them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.objects import prune, rules
from kitctl.model.objects.api import Api
from kitctl.model.objects.prune import Deletion, Kept, Surplus
from kitctl.model.objects.rules import MASK, ObjectChange
from kitctl.model.objects.wanted import Reference, Wanted, reference, wrong


@dataclass(frozen=True)
class ObjectsReport:
    """The report of `kitctl objects apply` and `diff`.

    Attributes:
        changed: Whether anything differs; false if only masked fields were written.
        written: Whether anything was written or deleted.
        objects: The objects of the file, then deletions.
        kept: Objects that are not in the file and are never deleted.
    """

    changed: bool
    written: bool
    objects: list[ObjectChange]
    kept: list[Kept]


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
    api: Api,
    steps: Sequence[Step],
    texts: Texts,
    deletions: Sequence[Deletion] = (),
    seen: Callable[[ObjectChange], None] = lambda change: None,
) -> bool:
    """Write what differs, then delete; return whether there was anything to do.

    Args:
        api: The calls.
        steps: From `plan`.
        texts: The texts of references.
        deletions: From `prune.find`.
        seen: Called after each object that was written or deleted.

    Raises:
        KitError: `objects-refused`, `objects-not-verified`, `objects-pool-in-use`, `objects-deletion-refused`,
            `objects-not-deleted` with what was done until then, or as the calls.
    """
    todo: list[Step | Deletion] = [step for step in steps if step.change.action != "none"]
    todo += deletions
    progress = _Progress(todo)
    for number, one in enumerate(todo):
        try:
            if isinstance(one, Deletion):
                prune.delete(api, one)
            else:
                _write(api, one, texts)
        except KitError as error:
            error.cause = progress.told(error, number)
            raise
        seen(one.change)
    if deletions:
        _look(api, deletions, progress)
    return bool(todo)


def report(steps: Sequence[Step], surplus: Surplus, *, written: bool) -> ObjectsReport:
    """Return what was, or would be, written and deleted."""
    changes = [step.change for step in steps] + [one.change for one in surplus.deletions]
    changed = any(c.action in ("create", "update", "delete") for c in changes)
    return ObjectsReport(changed, written, changes, list(surplus.kept))


_REFUSALS = ("objects-refused", "objects-pool-in-use", "objects-deletion-refused")
"""Errors after which it is certain that their object is as before."""


def _look(api: Api, deletions: Sequence[Deletion], progress: _Progress) -> None:
    """Read again whether what was deleted is gone."""
    try:
        left = list(prune.remaining(api, deletions))
    except KitError as error:
        error.cause = "\n".join([error.cause, *progress.lines(progress.todo, ())])
        raise
    if left:
        raise KitError(
            "objects-not-deleted",
            f"Still there after they were deleted: {', '.join(map(str, left))}",
            cause="\n".join(progress.lines([one for one in progress.todo if one not in left], left)),
            fix="kitctl objects diff FILE --prune    # does something else write these objects?",
        )


@dataclass(frozen=True)
class _Progress:
    """What is to be done, and how an error says how far it went."""

    todo: Sequence[Step | Deletion]

    def told(self, error: KitError, number: int) -> str:
        """Return the cause of an error at an object, with what was done before it."""
        one = self.todo[number]
        deletes, refused = isinstance(one, Deletion), error.id in _REFUSALS
        unsure = "" if refused else f"May be {'deleted' if deletes else 'written'}: {_names([one])}"
        left = self.todo[number if deletes and refused else number + 1 :]
        return "\n".join(line for line in (error.cause, unsure, *self.lines(self.todo[:number], left)) if line)

    def lines(self, done: Sequence[Step | Deletion], left: Sequence[Step | Deletion]) -> Iterator[str]:
        """Return what was done and what was not; without deletions, nothing is said of them."""
        kinds: dict[str, type] = {"written": Step}
        if any(isinstance(one, Deletion) for one in self.todo):
            kinds["deleted"] = Deletion
        for word, moves in (("{} before: ", done), ("Not {}: ", left)):
            for verb, kind in kinds.items():
                found = _names([one for one in moves if isinstance(one, kind)])
                yield word.format(verb if word.startswith("Not") else verb.capitalize()) + found


def _names(todo: Sequence[Step | Deletion]) -> str:
    return ", ".join(f"{one.change.section}.{one.change.name}" for one in todo) or "nothing"


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
