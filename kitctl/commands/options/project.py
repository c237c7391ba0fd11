"""kitctl.yaml becomes texts for click, as if the environment had set them; every setting is judged first."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from kitctl.commands.options.known import IN_FILE, LAYERS, TYPED_ONLY, Option
from kitctl.errors import ExitCode, KitError
from kitctl.model.project_file import ENVIRONMENT, ENVIRONMENTS, Entry, Item, ProjectFile, wrong
from kitctl.model.secret_names import holds_secret, in_url

Value = str | list[str]


@dataclass(frozen=True)
class Setting:
    """What the file says to one option: the value, and the entries that it comes from."""

    value: Value
    entries: list[Entry]


def settings(file: ProjectFile, environment: str) -> dict[str, Setting]:
    """Return what a file says for an environment, by key.

    Args:
        file: The file.
        environment: Its environment, "" for none.

    Raises:
        KitError: `project-option-unknown`, `project-option-typed-only`, `project-value-wrong`, `project-secret`,
            `project-environment-unknown` (code USAGE).
    """
    parts = {ENVIRONMENTS: file.entries, **file.environments}
    values = {(part, e.key): judged(file, e) for part, entries in parts.items() for e in entries.values()}
    if environment and environment not in file.environments:
        raise environment_unknown(environment, file)
    own = file.environments.get(environment, {})
    found: dict[str, Setting] = {}
    for key in IN_FILE:
        base, over = file.entries.get(key), own.get(key)
        entries = [e for e in (base, over) if e] if key in LAYERS else [e for e in (over or base,) if e]
        if over and over.value is None:
            continue
        texts = [(e, values[e.environment or ENVIRONMENTS, key]) for e in entries]
        kept = [(e, text) for e, text in texts if text is not None]
        if kept:
            lists = [text for _, text in kept if isinstance(text, list)]
            found[key] = Setting([t for text in lists for t in text] if lists else kept[0][1], [e for e, _ in kept])
    return found


def judged(file: ProjectFile, entry: Entry) -> Value | None:
    """Return the texts of one setting; None where it is null.

    Raises:
        KitError: as `settings`.
    """
    option = IN_FILE.get(entry.key)
    if option is None:
        raise _no_option(file, entry)
    if entry.value is None:
        return None
    folder = file.path.parent if file.path.is_file() else Path()
    if not option.many:
        if not isinstance(entry.value, str):
            raise wrong(file.path, entry, "one value", f"{entry.key}: …")
        _refuse_secret(file, entry, entry.value)
        return _placed(entry.value, folder) if option.is_path else entry.value
    texts = [_text(file, entry, option, folder, item) for item in _items(file, entry)]
    for text in texts:
        _refuse_secret(file, entry, text)
    return texts


def _items(file: ProjectFile, entry: Entry) -> list[tuple[str, Item]]:
    """Return the values of an option that may be repeated, each with its key where they are a mapping."""
    if isinstance(entry.value, str):
        return [("", Item(entry.value, entry.value))]
    if isinstance(entry.value, list):
        return [("", item) for item in entry.value]
    if not entry.key.startswith("set"):
        raise wrong(file.path, entry, "a list", f"{entry.key}: [{'values.yaml' if entry.key == 'values' else '…'}]")
    return list((entry.value or {}).items())


def _text(file: ProjectFile, entry: Entry, option: Option, folder: Path, pair: tuple[str, Item]) -> str:
    """Return one value as the command line has it."""
    key, item = pair
    if key and entry.key == "set-json":
        return f"{key}={json.dumps(item.data, default=str)}"
    text = "null" if key and entry.key == "set" and item.data is None else item.text
    if text is None:
        more = "; set-json takes lists and mappings, and a values file all of them" if entry.key in LAYERS else ""
        raise wrong(
            file.path, entry, "a list of single values", f"{entry.key}: […]", f"An item is no single value{more}"
        )
    if entry.key == "set-file":
        pairs = [f"{key}={text}"] if key else re.split(r"(?<!\\),", text)
        return ",".join(name + eq + _placed(path, folder) for name, eq, path in (p.partition("=") for p in pairs))
    if key:
        # What Helm would read as the start of the next setting, of a list or of an escape.
        return f"{key}=" + re.sub(r"[\\,]|^\{", lambda sign: "\\" + sign[0], text)
    return _placed(text, folder) if option.is_path else text


def _placed(text: str, folder: Path) -> str:
    """Return a path of the file, which starts at the file's folder; from the current folder, it stays as it is."""
    path = Path(text).expanduser() if text.startswith("~/") else Path(text)
    inside = folder.absolute() == Path.cwd()
    return str(path if inside or not text else folder / path) if text else text


def _refuse_secret(file: ProjectFile, entry: Entry, text: str) -> None:
    """Refuse a secret: the file is committed."""
    if in_url(text) or (entry.key in LAYERS - {"values"} and holds_secret(text)):
        name = entry.key if in_url(text) else f"{entry.key}: {text.partition('=')[0]}"
        raise _secret(file, entry, name)


def _secret(file: ProjectFile, entry: Entry, name: str) -> KitError:
    return KitError(
        "project-secret",
        f"{file.path} line {entry.line} holds a secret: {name}",
        cause="The project file is committed, and read by everybody who reads the repository",
        fix="kubectl create secret generic NAME --from-literal=KEY=…    # and name the Secret in the values",
        code=ExitCode.USAGE,
    )


def _no_option(file: ProjectFile, entry: Entry) -> KitError:
    """Return the error of a key that the file cannot have."""
    place = f"{file.path} line {entry.line}"
    if entry.key in TYPED_ONLY or entry.key in {ENVIRONMENT, ENVIRONMENTS}:
        within = entry.key in {ENVIRONMENT, ENVIRONMENTS}
        return KitError(
            "project-option-typed-only",
            f"{place}: {entry.key} cannot be set {'inside of an environment' if within else 'in a project file'}",
            cause="It belongs to the top level of the file"
            if within
            else "It belongs to a single call, so it is typed, or set by its variable KITCTL_…",
            fix=f"Move {entry.key} to the top level" if within else f"Delete line {entry.line}",
            code=ExitCode.USAGE,
        )
    if holds_secret(f"{entry.key}=x"):
        return _secret(file, entry, entry.key)
    off = next((key for key, one in IN_FILE.items() if f"/--{entry.key}" in "".join(one.flag.names)), None)
    spelt = entry.key.lower().replace("_", "-").lstrip("-")
    near = [spelt] if spelt in IN_FILE else get_close_matches(spelt, [*IN_FILE, ENVIRONMENT, ENVIRONMENTS], 1, 0.6)
    fix = f"{off}: false" if off else f"{near[0]}: …" if near else f"Delete line {entry.line}"
    return KitError(
        "project-option-unknown",
        f"{place}: there is no option {entry.key}",
        cause=f"Did you mean {off or near[0]}?"
        if off or near
        else "The keys of a project file are the long names of options, without dashes; kitctl config show lists them",
        fix=fix,
        code=ExitCode.USAGE,
    )


def environment_unknown(name: str, file: ProjectFile | None) -> KitError:
    """Return the error of an environment that the project does not have; None means that there is no project."""
    known = list(file.environments) if file else []
    near = get_close_matches(name, known, 1, 0.5) or known[:1]
    return KitError(
        "project-environment-unknown",
        f"There is no environment {name}" + (f" in {file.path}" if file else ", because no kitctl.yaml was found"),
        cause=f"It has {', '.join(known)}"
        if known
        else f"{file.path} has no environments"
        if file
        else f"kitctl looked in {Path.cwd()} and above it",
        fix=f"-e {near[0]}"
        if near
        else f"{ENVIRONMENTS}: {{{name}: {{}}}}    # in {file.path}; or leave -e and KITCTL_ENVIRONMENT out"
        if file
        else "Run kitctl in the project's folder, or name the file: --project FILE",
        code=ExitCode.USAGE,
    )


def described(file: ProjectFile, found: Mapping[str, Setting], key: str) -> str:
    """Return where the value of an option stands in the file."""
    return ", ".join(file.place(entry) for entry in found[key].entries)
