"""The list of generated files: where each stands and what makes its text. Pure; `__main__` writes and compares."""

from __future__ import annotations

from collections.abc import Callable

from kitctl.generate import reference, schema, values_yaml

Render = Callable[[], str]


def targets() -> dict[str, Render]:
    """Return each generated file's path, from the checkout's root, with the function that makes its text."""
    return {
        "chart/values.yaml": values_yaml.render,
        "chart/values.schema.json": schema.render,
        "docs/reference/values.md": reference.render,
    }
