"""The user's values: merged by Helm, once for each command, and refused here where Helm's own words would not help."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.options.overlay import mode_unknown
from kitctl.model.settings import Settings
from kitctl.model.user_values import UserValues
from kitctl.model.values.dags import DagMode
from kitctl.model.versions import data_dir
from kitctl.tools.helm.client import Helm
from kitctl.tools.helm.sources import Sources

_KINDS = {"object": "keys and values", "array": "a list", "integer": "a number", "boolean": "true or false"}


def read(settings: Settings, flag: DagMode | None = None, below: Mapping[str, Any] | None = None) -> UserValues:
    """Return the user's values as Helm merges them, and the DAG mode.

    Args:
        settings: The values files and --set options.
        flag: The DAG mode that --dag-mode names. As in Helm, only --set wins over it.
        below: Values that the user's own win over: those of the running release, where they are kept.

    Raises:
        KitError: `values-missing`, `values-invalid`, `set-invalid`, `dag-mode-unknown`.
    """
    sources = Sources.of(settings)
    user = UserValues(_with(sources, below))
    if flag and (not sources.any_set or UserValues(_merged(sources.only_sets())).find("dags", "mode") is None):
        return UserValues(user.document, flag)
    word = user.find("dags", "mode")
    if isinstance(word, str) and word not in list(DagMode):
        raise mode_unknown(word)
    # What is not even a word is left to the chart's schema.
    return UserValues(user.document, DagMode(word) if isinstance(word, str) else DagMode.IMAGE)


def read_any_mode(settings: Settings, below: Mapping[str, Any] | None = None) -> UserValues:
    """Return the same; a DAG mode that does not exist counts as the chart's default, and stays in the document.

    Raises:
        KitError: `values-missing`, `values-invalid`, `set-invalid`.
    """
    document = _with(Sources.of(settings), below)
    word = UserValues(document).find("dags", "mode")
    return UserValues(document, DagMode(word) if word in list(DagMode) else DagMode.IMAGE)


def _with(sources: Sources, below: Mapping[str, Any] | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="kitctl-values-") as folder:
        kept = Path(folder, "kept.json")
        kept.write_text(json.dumps(below or {}), encoding="utf-8")  # JSON is YAML, and quicker to write
        return _merged(sources.between((kept,) if below else ()))


def _merged(sources: Sources) -> dict[str, Any]:
    return Helm().merge(sources) if sources.files or sources.any_set else {}


def refuse_nulls(user: UserValues) -> None:
    """Refuse null where the chart needs a section, a list, a number, a yes or no, or one of a few words.

    `scheduler:` alone in a file is null, and so is `replicas:`, which would mean no pods. Other keys may be null: a
    text without a default is empty, and Kubernetes decides what may be unset in its own types.

    Raises:
        KitError: `values-wrong-type` with all such keys.
    """
    if found := nulls(user):
        raise null_error(found)


def nulls(user: UserValues) -> list[tuple[tuple[str, ...], str]]:
    """Return the keys that must not be null, with what each takes."""
    schema = json.loads((data_dir("chart") / "values.schema.json").read_text(encoding="utf-8"))
    return [(key, wanted) for key in user.nulls() if (wanted := _wanted(schema, key))]


def null_error(found: list[tuple[tuple[str, ...], str]]) -> KitError:
    """Return the error of keys that must not be null, as `nulls` returns them."""
    names = [".".join(key) for key, _ in found]
    kinds = ", ".join(f"{name} takes {wanted}" for name, (_, wanted) in zip(names, found, strict=True))
    return KitError(
        "values-wrong-type",
        f"{', '.join(names)} must not be null",
        cause=f"null removes the chart's own value, and the templates need one: {kinds}",
        fix=f"Remove {names[0]} to use the chart's own value, which this shows:\n"
        f"scripts/tool helm show values {data_dir('chart')} | grep -n {found[0][0][-1]}:",
        code=ExitCode.PREFLIGHT,
    )


def refuse_hidden(user: UserValues, flags: Mapping[str, Any]) -> None:
    """Refuse values of the user where the flags set keys below.

    The chart's schema refuses `apiServer: hello`, but not once `--node-port` has made a mapping of it.

    Args:
        user: The user's values.
        flags: The values that the flags become, which Helm reads after the user's files.

    Raises:
        KitError: `values-wrong-type` with all such keys.
    """
    found = user.hidden_by(flags)
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


def _wanted(schema: Mapping[str, Any], key: tuple[str, ...]) -> str:
    """Return what a key of the chart takes where it cannot be null, else "". Helm refuses unknown keys itself."""
    node: Mapping[str, Any] = schema
    for name in key:
        node = _resolved(schema, (node.get("properties") or {}).get(name) or {})
    if "enum" in node and None not in node["enum"]:
        return "one of " + ", ".join(map(str, node["enum"]))
    return _KINDS.get(str(node.get("type")), "")


def _resolved(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(node.get("$ref", "")).rpartition("/")[2]
    return schema["$defs"][name] if name else node
