"""What Helm's words mean: the chart's own refusals, values that the schema refuses, and the rest."""

from __future__ import annotations

import re

from kitctl.errors import ExitCode, KitError

_KIT_ID = re.compile(r"\[([a-z0-9]+(?:-[a-z0-9]+)+)\]")


def explain(words: str) -> KitError:
    """Turn Helm's words into an error of the kit.

    Args:
        words: What Helm printed on stderr.

    Returns:
        The chart's own refusal under its own id, a schema error naming the key, or `helm-failed`.
    """
    if unknown := re.findall(r"at '([^']*)': additional properties (.+?) not allowed", words):
        keys = [_dotted(where, name.strip("' ")) for where, names in unknown for name in names.split(",")]
        return KitError(
            "values-unknown-key",
            f"The chart has no value {', '.join(sorted(keys))}",
            cause=words,
            fix="docs/reference/values.md lists every key; mind upper and lower case (apiServer, not apiserver)",
            code=ExitCode.PREFLIGHT,
        )
    if "meet the specifications of the schema" in words:
        wrong = re.findall(r"at '([^']*)': (.+)", words)
        where, reason = wrong[0] if wrong else ("", words)
        return KitError(
            "values-wrong-type",
            f"The value of {_dotted(where, '') or 'a key'} is not what the chart takes: {reason}",
            cause=words,
            fix="docs/reference/values.md tells type and example of each key",
            code=ExitCode.PREFLIGHT,
        )
    return _own_words(words)


def _own_words(words: str) -> KitError:
    """Read a refusal of templates/_validate.tpl: `[id] message`, then the reason and the YAML to paste."""
    found = _KIT_ID.search(words)
    if not found:
        return KitError("helm-failed", "Helm refused", cause="\n".join(words.splitlines()[-20:]))
    tail = words[found.end() :].strip()
    first, _, rest = tail.partition("\n")
    cause, _, fix = rest.partition("\n\n")
    return KitError(found[1], first.strip(), cause=cause.strip(), fix=fix.strip(), code=ExitCode.PREFLIGHT)


def _dotted(pointer: str, name: str) -> str:
    """Join a JSON pointer and a key to the dotted form that --set takes."""
    parts = [p for p in re.split(r"[/.]", pointer) if p]
    return ".".join([*parts, name] if name else parts)
