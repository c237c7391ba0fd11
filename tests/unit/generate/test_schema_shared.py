"""A schema says each thing once, and means what it meant."""

from __future__ import annotations

from typing import Any

from kitctl.generate import schema
from kitctl.generate.schema_shared import shared

LONG = {"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$", "minLength": 1, "maxLength": 63}
MAP = {"type": "object", "additionalProperties": {**LONG, "description": "inside"}}


def expanded(node: Any, defs: dict[str, Any]) -> Any:
    """Put what is referred to where the reference stands."""
    if isinstance(node, list):
        return [expanded(item, defs) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        rest = {word: part for word, part in node.items() if word != "$ref"}
        return expanded({**defs[node["$ref"].removeprefix("#/$defs/")], **rest}, defs)
    return {word: expanded(part, defs) for word, part in node.items()}


def test_what_occurs_again_is_a_reference_that_keeps_the_words_of_its_place():
    made = shared({"properties": {"a": {**LONG, "description": "one"}, "b": {**LONG, "default": "x"}}})
    assert made["$defs"] == {"Shared1": LONG}
    assert made["properties"]["a"] == {"$ref": "#/$defs/Shared1", "description": "one"}
    assert made["properties"]["b"] == {"$ref": "#/$defs/Shared1", "default": "x"}


def test_short_and_single_parts_stay_where_they_are():
    body = {"properties": {"a": {"type": "string"}, "b": {"type": "string"}, "c": LONG}, "$defs": {}}
    assert shared(body) == body


def test_names_of_the_users_keys_are_no_words_of_the_schema():
    body = {"properties": {"default": LONG, "enum": LONG, "properties": MAP, "more": MAP}}
    made = shared(body)
    assert expanded({"properties": made["properties"]}, made["$defs"]) == body
    assert made["properties"]["enum"] == {"$ref": "#/$defs/Shared1"}


def test_the_charts_schema_holds_its_kubernetes_types_once():
    text = schema.render()
    assert text.count('"kubernetes": "ResourceRequirements"') == 1
    assert text.count('"kubernetes": "Toleration"') == 1
