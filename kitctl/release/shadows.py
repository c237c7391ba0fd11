"""Values that a flag would hide: Helm drops a text or a list where a later document has keys and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.release.inputs import UserValues


def refuse(user: UserValues, flags: Mapping[str, Any]) -> None:
    """Refuse what stands in the user's files where the flags set keys below.

    `apiServer: hello` is answered by the chart's schema, but not once `--node-port` has made keys and values of it.

    Args:
        user: The user's own values.
        flags: The document of the typed flags, which Helm reads after them.

    Raises:
        KitError: `values-wrong-type` with all such keys.
    """
    found = dict(pair for document in user.documents for pair in _shadowed(document, flags))
    if not found:
        return
    names = ", ".join(found)
    raise KitError(
        "values-wrong-type",
        f"{names} is {', '.join(repr(value) for value in found.values())}, but a flag sets a key below it",
        cause="Helm would silently drop what the file says",
        fix=f"Write a mapping for {names}, or remove it if the flag is enough",
        code=ExitCode.PREFLIGHT,
    )


def _shadowed(node: Mapping[str, Any], flags: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in flags.items():
        mine = node.get(key)
        if mine is None or not isinstance(value, Mapping):
            continue
        if isinstance(mine, Mapping):
            yield from _shadowed(mine, value, f"{above}{key}.")
        else:
            yield f"{above}{key}", mine
