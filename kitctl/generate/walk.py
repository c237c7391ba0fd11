"""Walks the values model: every key with its place, type, default and words."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from kitctl.model.values import Values


@dataclass(frozen=True)
class Key:
    """One key of values.yaml.

    Attributes:
        path: Its place, e.g. ("dags", "git", "repo"), in the spelling of values.yaml.
        field: pydantic's record of it.
        default: Its default as plain data.
        section: The model behind it when it is a closed object that is present by default, else None.
    """

    path: tuple[str, ...]
    field: FieldInfo
    default: Any
    section: type[BaseModel] | None

    @property
    def name(self) -> str:
        """The key itself."""
        return self.path[-1]

    @property
    def dotted(self) -> str:
        """The path as people write it, e.g. dags.git.repo."""
        return ".".join(self.path)

    @property
    def text(self) -> str:
        """Its one sentence."""
        return self.field.description or ""

    @property
    def unit(self) -> str:
        """Unit of the value, or ""."""
        return self._extra("unit")

    @property
    def why(self) -> str:
        """Reason of the default, or ""."""
        return self._extra("why")

    @property
    def called(self) -> str:
        """Name of its type with its range, or "" where Python's own type says enough."""
        return self._extra("called")

    @property
    def kubernetes(self) -> str:
        """Name of the Kubernetes type behind it, or ""."""
        return self._extra("kubernetes")

    def _extra(self, name: str) -> str:
        extra = self.field.json_schema_extra
        own = extra.get(name) if isinstance(extra, dict) else None
        return str(own or of_type(self.field.annotation, name))


def keys_of(model: type[BaseModel], defaults: dict[str, Any], prefix: tuple[str, ...] = ()) -> Iterator[Key]:
    """Yield the direct keys of one section, in the order of the model.

    Args:
        model: The section.
        defaults: Its defaults as plain data under their values.yaml names.
        prefix: Path of the section.
    """
    for name, field in model.model_fields.items():
        alias = field.alias or name
        value = defaults[alias]
        section = _section(field.annotation) if isinstance(value, dict) else None
        yield Key((*prefix, alias), field, value, section)


def every_key() -> Iterator[Key]:
    """Yield every key of values.yaml, sections before what they hold."""
    yield from _deep(Values, defaults())


def absent_sections() -> dict[type[BaseModel], str]:
    """Return the closed objects that values.yaml cannot show: those of empty lists, and those that are null.

    Returns:
        For each, the place where it comes first, such as `dags.bundle.items[]` or `dags.bundle.cache`.
    """
    found: dict[type[BaseModel], str] = {}
    for key in every_key():
        if key.section is None and (model := absent_section(key)):
            entry = "[]" if typing.get_origin(key.field.annotation) is list else ""
            found.setdefault(model, f"{key.dotted}{entry}")
    return found


def absent_section(key: Key) -> type[BaseModel] | None:
    """Return the closed object that a key may hold, or a list of which it may hold, while its default has none."""
    annotation = key.field.annotation
    return _section(typing.get_args(annotation)[0] if typing.get_origin(annotation) is list else annotation)


def described_at(key: Key) -> tuple[str, ...]:
    """Return the path of the key that explains this one: itself, or one of another section with the same words.

    Keys that all pods have are explained at pods, those of all components at apiServer, others at the first section
    that has them.
    """
    return _explained().get(_words(key), key.path)


def defaults() -> dict[str, Any]:
    """Return the model's defaults as values.yaml holds them."""
    return Values().model_dump(by_alias=True, mode="json")


def of_type(annotation: object, name: str) -> str:
    """Return a word that a type brings, e.g. the unit of a duration that may be empty; "" where it brings none."""
    if typing.get_origin(annotation) is typing.Annotated:
        extras = [getattr(mark, "json_schema_extra", None) for mark in typing.get_args(annotation)[1:]]
        return next((str(extra[name]) for extra in extras if isinstance(extra, dict) and name in extra), "")
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return next((word for part in typing.get_args(annotation) if (word := of_type(part, name))), "")
    return ""


@cache
def _explained() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Map the words of each key to the path of the key where they stand."""
    order = {"pods": 0, "apiServer": 1}
    keys = sorted(every_key(), key=lambda key: order.get(key.path[0], len(order)))
    return {_words(key): key.path for key in reversed(keys) if len(key.path) > 1}


def _words(key: Key) -> tuple[str, ...]:
    return key.name, key.text, key.unit, key.why


def _deep(model: type[BaseModel], values: dict[str, Any], prefix: tuple[str, ...] = ()) -> Iterator[Key]:
    for key in keys_of(model, values, prefix):
        yield key
        if key.section is not None:
            yield from _deep(key.section, key.default, key.path)


def _section(annotation: object) -> type[BaseModel] | None:
    """Find the section in a type such as Claim or `Claim | None`; dicts and lists of sections have none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            if found := _section(part):
                return found
    return None
