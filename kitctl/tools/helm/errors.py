"""What Helm's words mean: the chart's own refusals, values that the schema refuses, and the rest."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kitctl.errors import ExitCode, KitError
from kitctl.tools.helm.values_files import counted_value, dotted, keys_set, set_by

_DEBUG = "Use --debug flag to render out invalid YAML"
_KIT_ID = re.compile(r"(?:^|: )\[([a-z0-9]+(?:-[a-z0-9]+)+)\]", re.MULTILINE)


def explain(words: str, files: Sequence[Path] = (), sets: Sequence[str] = ()) -> KitError:
    """Turn Helm's words into an error of the kit.

    Args:
        words: What Helm printed on stderr.
        files: The values files that Helm read, so that the error can name the one that sets a refused key.
        sets: What `--set` and `--set-string` got.

    Returns:
        The chart's own refusal under its own id, a schema error naming the key, or `helm-failed`.
    """
    if unknown := re.findall(r"at '([^']*)': additional properties (.+?) not allowed", words):
        return _unknown(
            [(where, name.strip("' ")) for where, names in unknown for name in names.split(",")], words, files, sets
        )
    if missing := re.findall(r"at '([^']*)': missing propert(?:y|ies) (.+)", words):
        places = [(where, name.strip("' ")) for where, names in missing for name in names.split(",")]
        return _missing(places, files, words)
    if of_schema(words):
        return _wrong(words, files, sets)
    return _own_words(words)


def of_schema(words: str) -> bool:
    """Whether the schema of the values refuses them, and not a rule of the chart."""
    return "meet the specifications of the schema" in words or words.startswith("- at '")


def _unknown(places: list[tuple[str, str]], words: str, files: Sequence[Path], sets: Sequence[str]) -> KitError:
    """Return the error of keys that the schema does not have, with what took the place of each that somebody set."""
    from kitctl.model.values.keys.unknown import meant  # noqa: PLC0415 - builds the whole model

    keys = sorted(tuple(part for part in (*where.split("/"), name) if part) for where, name in places)
    known = [f"{dotted(w, '')} takes {told}" for w, name in places if (told := _allowed(f"{w}/{name}"))]
    known += meant(keys, keys_set(files, sets))
    return KitError(
        "values-unknown-key",
        f"The chart has no value {', '.join(sorted(dotted(*place) for place in places))}",
        cause=set_by(files, [f"{where}/{name}" for where, name in places]) + words,
        fix="\n".join(dict.fromkeys(known)) or "docs/reference/values.md lists all keys; they are case-sensitive",
        code=ExitCode.PREFLIGHT,
    )


def _wrong(words: str, files: Sequence[Path], sets: Sequence[str]) -> KitError:
    """Return the error of values that the schema refuses."""
    wrong = re.findall(r"at '([^']*)': (.+)", words)
    # A section that may be null fails twice; only what is inside tells why.
    wrong = [(place, why) for place, why in wrong if not why.endswith(("'anyOf' failed", "want null"))] or wrong
    where, reason = wrong[0] if wrong else ("", words)
    if where == "/dags/mode":
        return KitError(
            "values-wrong-type",
            f"dags.mode is not a DAG mode: {reason}",
            cause=set_by(files, [where]) + words,
            fix="dags: {mode: pvc}    # or image, git, bundle; the old persistent_mode is pvc, git_mode is git",
            code=ExitCode.PREFLIGHT,
        )
    # The schema lets Helm say what fits, which is the fix; here stands what was found.
    if reason.startswith("value must be '"):
        reason = counted_value(where, files, sets)
    return KitError(
        "values-wrong-type",
        f"{dotted(where, '') or 'A value'} is not valid" + (f": {reason}" if reason else ""),
        cause=set_by(files, [place for place, _ in wrong]) + words,
        fix=_takes([place for place, _ in wrong]) or "docs/reference/values.md has type and example of each key",
        code=ExitCode.PREFLIGHT,
    )


def _missing(places: list[tuple[str, str]], files: Sequence[Path], words: str) -> KitError:
    """Return the error of keys that were removed: by null, or by --reuse-values with the values of an older chart."""
    names = ", ".join(sorted(dotted(*place) for place in places))
    return KitError(
        "values-missing-key",
        f"{names} has no value",
        cause=set_by(files, [f"{where}/{name}" for where, name in places])
        + "null removes the chart's own value, and `helm upgrade --reuse-values` leaves out the keys of a newer chart",
        fix=f"Remove the null of {names}, or use --reset-then-reuse-values instead of --reuse-values",
        code=ExitCode.PREFLIGHT,
    )


def _takes(places: list[str]) -> str:
    """Say of each refused key what it takes, as far as the model knows."""
    known = {dotted(place, ""): _allowed(place) for place in places}
    return "\n".join(f"{key} takes {told}" for key, told in known.items() if told)


def _allowed(pointer: str) -> str:
    from kitctl.model.values.keys.allowed import allowed  # noqa: PLC0415 - builds the whole model

    return allowed(pointer)


def of_chart(words: str) -> list[KitError]:
    """Read the refusals of the chart (templates/_problem.tpl): for each `[id] what`, the reason, and what to paste."""
    text = words.replace(_DEBUG, "").strip()
    marks = list(_KIT_ID.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    found = ((mark[1], *_parts(text[mark.end() : end])) for mark, end in zip(marks, ends[: len(marks)], strict=True))
    return [KitError(error_id, what, why, paste, ExitCode.PREFLIGHT) for error_id, what, why, paste in found]


def _own_words(words: str) -> KitError:
    """Return one error for all refusals of the chart: the first gives the id, and all are told."""
    found = of_chart(words)
    if not found:
        return _helm_itself(words.replace(_DEBUG, "").strip())
    others = [f"Also [{one.id}] {one.message}" + (f"\n{one.cause}" if one.cause else "") for one in found[1:]]
    return replace(
        found[0],
        cause="\n".join(part for part in (found[0].cause, *others) if part),
        fix="\n".join(dict.fromkeys(one.fix for one in found if one.fix)),
    )


def _parts(text: str) -> tuple[str, str, str]:
    """Split one refusal into what, why, and what to paste; the last begins behind `Fix:` or a blank line."""
    what, _, rest = text.strip().partition("\n")
    why, *more = re.split(r"\n\s*\n|^\s*Fix:\s*", rest, maxsplit=1, flags=re.MULTILINE)
    return what.strip(), textwrap.dedent(why).strip(), textwrap.dedent(more[0] if more else "").strip("\n ")


def _helm_itself(text: str) -> KitError:
    from kitctl.tools.kube.http import refused_right  # noqa: PLC0415 - brings httpx

    tail = "\n".join(text.splitlines()[-20:])
    if other := re.search(r'(\w+) "([^"]+)" in namespace "([^"]*)" exists and cannot be imported', text):
        kind, name, namespace = other.groups()
        return KitError(
            "object-not-ours",
            f"A {kind} {name} exists already and does not belong to this release",
            cause=tail,
            fix=f"kubectl -n {namespace} get {kind.lower()} {name} -o yaml    # who made it?\n"
            "Then choose another --release or -n, or remove it yourself",
            code=ExitCode.PREFLIGHT,
        )
    if missing := re.search(r"no matches for kind \"([^\"]+)\" in version \"([^\"]+)\"", text):
        return KitError(
            "kind-unknown",
            f"The cluster has no kind {missing[1]} in {missing[2]}",
            cause=tail,
            fix="Install the operator that provides it, or remove the value that adds this object",
            code=ExitCode.PREFLIGHT,
        )
    if "cluster unreachable" in text:
        return KitError(
            "cluster-unreachable",
            "Helm cannot reach the cluster",
            cause=tail,
            fix="kubectl config get-contexts    # then --context NAME; the kit's own cluster: kitctl cluster create",
            code=ExitCode.UNREACHABLE,
        )
    if missing_right := refused_right(text):
        return missing_right
    if unread := _unread(text):
        return unread
    return KitError("helm-failed", "Helm failed", cause=tail, fix="Run it again with -v to see Helm's command line")


def _unread(text: str) -> KitError | None:
    """Return the error of a values file or a --set option that Helm could not read, or None."""
    if unread := re.search(r"failed parsing (--set[a-z-]*) data:? (.+)", text):
        option, why = unread.groups()
        return KitError(
            "set-invalid",
            f"{option} cannot be parsed: {why}",
            cause="It takes KEY=VALUE, with a dot between sections; write a comma in a value as \\,",
            fix="--set scheduler.replicas=2    # or a file with -f, where nothing is escaped",
            code=ExitCode.USAGE,
        )
    if unreadable := re.search(r"^(?:Error: )?(?:open|read) (.+?): (.+)$", text, re.MULTILINE):
        return KitError(
            "values-missing",
            f"The values file {unreadable[1]} cannot be read",
            cause=unreadable[2],
            fix="ls values-examples    # examples to start from",
            code=ExitCode.USAGE,
        )
    if invalid := re.search(r"failed to parse (.+?): (?:error converting YAML to JSON: )?((?s:.+))", text):
        return _not_values(*invalid.groups())
    return None


def _not_values(path: str, why: str) -> KitError:
    if "cannot unmarshal" in why:
        fix = f"The top level of {path} must be a mapping, such as scheduler: {{replicas: 2}}"
    else:
        fix = f"Correct that line of {path}; YAML takes no tabs for indentation"
    return KitError("values-invalid", f"The values file {path} is not a YAML mapping", why.strip(), fix, ExitCode.USAGE)
