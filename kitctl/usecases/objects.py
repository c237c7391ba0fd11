"""Compare connections, variables and pools of a file with those of a release, and write what differs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.objects import MASK, Wanted, parse, reference, same
from kitctl.release.handle import Release

if TYPE_CHECKING:
    from kitctl.tools.airflow.api import AirflowApi


@dataclass(frozen=True)
class FieldChange:
    """A field that differs; `***` stands for a secret, and None for a value that Airflow does not have."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True)
class ObjectChange:
    """An object of the file.

    Attributes:
        section: pools, variables or connections.
        name: Its name.
        action: "create", "update", "rewrite" if only secrets are written that nobody can compare, or "none".
        fields: Fields that differ.
        hidden: Fields that Airflow masks, so that they are written each time.
    """

    section: str
    name: str
    action: str
    fields: list[FieldChange]
    hidden: list[str]


@dataclass(frozen=True)
class ObjectsReport:
    """The report of `kitctl objects apply` and `diff`; `changed` is false if only masked fields were written."""

    changed: bool
    written: bool
    objects: list[ObjectChange]


@dataclass(frozen=True)
class _Step:
    wanted: Wanted
    values: dict[str, Any]
    change: ObjectChange


@dataclass
class _Secrets:
    """Reads references, and knows afterwards which texts must not be printed."""

    folder: Path
    texts: set[str] = field(default_factory=set)

    def resolve(self, value: Any, place: str) -> Any:
        """Return a value with the texts of its references."""
        if found := reference(value):
            text = self._read(*found, place)
            self.texts.add(text)
            return text
        if isinstance(value, dict):
            return {key: self.resolve(inner, f"{place}.{key}") for key, inner in value.items()}
        return [self.resolve(inner, place) for inner in value] if isinstance(value, list) else value

    def _read(self, source: str, target: str, place: str) -> str:
        try:
            text = os.environ[target] if source == "env" else (self.folder / target).read_text(encoding="utf-8")
        except (KeyError, OSError, UnicodeDecodeError) as exc:
            raise _no_reference(source, target, place, "cannot be read") from exc
        text = text.removesuffix("\n") if source == "file" else text
        if not text or text == MASK:
            raise _no_reference(source, target, place, "is empty" if not text else f"is {MASK}, Airflow's mask")
        return text

    def scrub(self, text: str) -> str:
        """Return a text of the server without the secrets."""
        for secret in sorted(self.texts, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text


def diff(release: Release, file: Path) -> ObjectsReport:
    """Compare a file with a release.

    Raises:
        KitError: As `apply`, except those of writing.
    """
    steps, _ = _plan(release.api(), file)
    return _report(steps, written=False)


def apply(release: Release, file: Path) -> ObjectsReport:
    """Write what differs, and read each object again.

    Raises:
        KitError: `objects-file-missing`, `objects-file-wrong`, `objects-key-unknown`, `objects-reference-missing`
            before anything is written; `objects-refused`, `objects-not-verified` with what was written until then.
    """
    api = release.api()
    steps, secrets = _plan(api, file)
    if release.settings.dry_run:
        return _report(steps, written=False)
    todo = [step for step in steps if step.change.action != "none"]
    for number, step in enumerate(todo):
        try:
            _write(api, step, secrets)
        except KitError as error:
            done, left = todo[:number], todo[number + 1 :]
            unsure = "" if error.id == "objects-refused" else f"May be written: {step.wanted}"
            lines = [error.cause, unsure, f"Written before: {_names(done)}", f"Not written: {_names(left)}"]
            error.cause = "\n".join(line for line in lines if line)
            raise
    return _report(steps, written=bool(todo))


def _no_reference(source: str, target: str, place: str, reason: str) -> KitError:
    thing = f"The variable {target}" if source == "env" else f"The file {target}"
    return KitError(
        "objects-reference-missing",
        f"{place}: {thing} {reason}",
        cause="References are read before anything is written; paths start at the folder of the file with the objects",
        fix=f"export {target}=…" if source == "env" else f"Write the secret to {target}, as UTF-8",
        code=ExitCode.PREFLIGHT,
    )


def _names(steps: list[_Step]) -> str:
    return ", ".join(str(step.wanted) for step in steps) or "nothing"


def _plan(api: AirflowApi, file: Path) -> tuple[list[_Step], _Secrets]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise KitError(
            "objects-file-missing",
            f"{file} cannot be read",
            cause=exc.strerror or "" if isinstance(exc, OSError) else "It is not UTF-8",
            fix="Name the file with the objects: kitctl objects apply FILE",
            code=ExitCode.PREFLIGHT,
        ) from exc
    secrets = _Secrets(file.parent)
    resolved = [
        (wanted, {name: secrets.resolve(value, f"{wanted}.{name}") for name, value in wanted.fields.items()})
        for wanted in parse(text, str(file))
    ]
    return [_Step(w, values, _change(w, values, api.object(w.section.name, w.name))) for w, values in resolved], secrets


def _change(wanted: Wanted, values: dict[str, Any], now: dict[str, Any] | None) -> ObjectChange:
    known = {name: same((now or {}).get(name), value) for name, value in values.items()}
    fields = [
        FieldChange(name, *_shown(wanted, name, (now or {}).get(name), values[name]))
        for name, equal in known.items()
        if equal is False
    ]
    hidden = [name for name, equal in known.items() if equal is None]
    action = "create" if now is None else "update" if fields else "rewrite" if hidden else "none"
    return ObjectChange(wanted.section.name, wanted.name, action, fields, hidden)


def _shown(wanted: Wanted, name: str, old: Any, new: Any) -> Iterator[Any]:
    secret = name in wanted.section.masked or wanted.fields[name] != new
    for value in (old, new):
        yield MASK if secret and value not in (None, "") else value


def _write(api: AirflowApi, step: _Step, secrets: _Secrets) -> None:
    wanted = step.wanted
    answer = api.write_object(
        wanted.section.name, wanted.section.id, wanted.name, step.values, new=step.change.action == "create"
    )
    if answer:
        raise KitError(
            "objects-refused",
            f"Airflow refused {wanted}",
            cause=secrets.scrub(answer),
            fix="Correct the object in the file and apply it again; what is written stays as it is",
        )
    now = api.object(wanted.section.name, wanted.name) or {}
    wrong = [name for name, value in step.values.items() if same(now.get(name), value) is False]
    if wrong:
        raise KitError(
            "objects-not-verified",
            f"{wanted} does not have the values that were written",
            cause=f"Different when read again: {', '.join(wrong)}",
            fix="kitctl objects diff FILE    # does something else write this object?",
        )


def _report(steps: list[_Step], *, written: bool) -> ObjectsReport:
    changes = [step.change for step in steps]
    return ObjectsReport(any(c.action in ("create", "update") for c in changes), written, changes)
