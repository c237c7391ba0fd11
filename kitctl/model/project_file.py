"""kitctl.yaml, the settings of a project: where it lies, and what it says, with the line of each setting.

Texts stay as they were written: `kubernetes-version: 1.30` is "1.30", not the number 1.3. What an option makes of its
text is click's business, as for a variable of the environment.
"""

from __future__ import annotations

import shlex
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kitctl.errors import ExitCode, KitError

NAME = "kitctl.yaml"
ENVIRONMENT, ENVIRONMENTS = "environment", "environments"


@dataclass(frozen=True)
class Item:
    """A value of a list or of a mapping: its text, None where it is no scalar, and its data."""

    text: str | None
    data: Any


@dataclass(frozen=True)
class Entry:
    """One setting of the file.

    Attributes:
        key: Long name of an option, without its dashes.
        value: Text, list or mapping; None for null, which takes the setting of the file back.
        line: Line of the key, from 1 on.
        environment: Environment that it belongs to; "" for all.
    """

    key: str
    value: str | list[Item] | dict[str, Item] | None
    line: int
    environment: str = ""


@dataclass(frozen=True)
class ProjectFile:
    """What a file says.

    Attributes:
        path: The file, as it was named.
        entries: Settings of all environments.
        environments: Settings of single ones.
        default: Which environment is used where nobody names one.
    """

    path: Path
    entries: Mapping[str, Entry] = field(default_factory=dict)
    environments: Mapping[str, Mapping[str, Entry]] = field(default_factory=dict)
    default: Entry | None = None

    def place(self, entry: Entry) -> str:
        """Return where a setting stands, for people."""
        within = f"{ENVIRONMENTS}.{entry.environment} " if entry.environment else ""
        return f"{self.path.name} {within}line {entry.line}"


def find(start: Path, home: Path | None) -> Path | None:
    """Return the kitctl.yaml of a folder: in it, or in the nearest one above, up to the git root or the home folder.

    A folder above to which everybody may write, such as /tmp, ends the search as well: the file of a stranger could
    name a kubeconfig that runs programs.

    Raises:
        KitError: `project-misnamed` if the nearest one is called kitctl.yml.
    """
    for folder in (start, *start.parents):
        if folder != start and folder.stat().st_mode & stat.S_IWOTH:
            return None
        if (file := folder / NAME).is_file() or file.is_symlink():
            return file  # a link that leads nowhere is told, since its settings were meant
        if (other := file.with_suffix(".yml")).is_file():
            raise KitError(
                "project-misnamed",
                f"{other} is not read: a project file is called {NAME}",
                cause="kitctl would work with other settings than those in the file",
                fix=f"mv {shlex.quote(str(other))} {shlex.quote(str(file))}",
                code=ExitCode.USAGE,
            )
        if folder == home or (folder / ".git").exists():
            return None
    return None


def read(path: Path) -> ProjectFile:
    """Read a file; an empty one sets nothing.

    Raises:
        KitError: `project-missing`, `project-unreadable`, `project-not-yaml`, `project-key-repeated`,
            `project-value-wrong` (code USAGE).
    """
    import yaml  # noqa: PLC0415 - 20 ms that only a project should pay

    text, loader = _text(path), None
    try:
        loader = yaml.SafeLoader(text)  # refuses control characters
        top = loader.get_single_node()
        return _Reader(path, loader).file(top)
    except (yaml.YAMLError, ValueError, RecursionError) as exc:  # ValueError: dates such as 2026-13-45
        mark = getattr(exc, "problem_mark", None)
        raise KitError(
            "project-not-yaml",
            f"{path} is not YAML" + (f": line {mark.line + 1}, column {mark.column + 1}" if mark else ""),
            cause=" ".join(filter(None, (getattr(exc, "context", ""), getattr(exc, "problem", "") or str(exc)))),
            fix="namespace: team    # one option and its value on a line, indented by blanks only",
            code=ExitCode.USAGE,
        ) from exc
    finally:
        if loader is not None:
            loader.dispose()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as exc:
        raise KitError(
            "project-missing",
            f"The project file {path} does not exist",
            cause="It is a link that leads nowhere" if path.is_symlink() else "--project or KITCTL_PROJECT names it",
            fix="Correct the path, or leave it out: kitctl then looks for kitctl.yaml in this folder and above",
            code=ExitCode.USAGE,
        ) from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise KitError(
            "project-unreadable",
            f"The project file {path} cannot be read",
            cause=str(exc),
            fix=f"ls -l {path}    # kitctl needs the right to read it, and text in UTF-8",
            code=ExitCode.USAGE,
        ) from exc


@dataclass(frozen=True)
class _Reader:
    """Reads the nodes of yaml, whose types its stubs do not know."""

    path: Path
    loader: Any
    seen: dict[int, dict[str, tuple[int, Any]]] = field(default_factory=dict)

    def file(self, top: Any) -> ProjectFile:
        pairs = {} if top is None or _null(top) else self.pairs(top, "The top level", 1)
        single, default = pairs.pop(ENVIRONMENTS, None), pairs.pop(ENVIRONMENT, None)
        environments = {}
        if single and not _null(single[1]):
            for name, (line, node) in self.pairs(single[1], ENVIRONMENTS, single[0]).items():
                inner = {} if _null(node) else self.pairs(node, f"{ENVIRONMENTS}.{name}", line)
                environments[name] = {k: self.entry(k, n, at, name) for k, (at, n) in inner.items()}
        chosen = self.entry(ENVIRONMENT, default[1], default[0]) if default else None
        if chosen and not isinstance(chosen.value, str | None):
            raise wrong(self.path, chosen, "the name of an environment", "environment: dev")
        entries = {k: self.entry(k, n, at) for k, (at, n) in pairs.items()}
        return ProjectFile(self.path, entries, environments, chosen if chosen and chosen.value else None)

    def pairs(self, node: Any, name: str, line: int) -> dict[str, tuple[int, Any]]:
        """Return the keys of a mapping, each with its line and value. An alias leads to the same mapping again."""
        if id(node) in self.seen:
            return dict(self.seen[id(node)])
        if node.id != "mapping":
            raise KitError(
                "project-value-wrong",
                f"{self.path} line {node.start_mark.line + 1}: {name} must be a mapping",
                cause=f"There is a {node.id} where options and their values are expected",
                fix="namespace: team    # each option with its value on a line of its own",
                code=ExitCode.USAGE,
            )
        found: dict[str, tuple[int, Any]] = {}
        for key, value, merged in self._members(node):
            if key.id != "scalar":
                raise KitError(
                    "project-value-wrong",
                    f"{self.path} line {key.start_mark.line + 1}: a key of {name} is a {key.id}",
                    cause="Each key is the name of an option",
                    fix="namespace: team    # each option with its value on a line of its own",
                    code=ExitCode.USAGE,
                )
            text, at = str(key.value), key.start_mark.line + 1
            if merged and text in found:
                continue
            if text in found and not merged:
                raise KitError(
                    "project-key-repeated",
                    f"{self.path} line {at}: {text} stands here a second time",
                    cause=f"It is set in line {found[text][0]} as well, and only one of the two could count",
                    fix=f"Delete line {at} or line {found[text][0]}",
                    code=ExitCode.USAGE,
                )
            found[text] = (at, value)
        self.seen[id(node)] = found
        return dict(found)

    def _members(self, node: Any) -> Iterator[tuple[Any, Any, bool]]:
        """Yield key, value and whether they come from `<<`; a mapping's own keys first, since they win."""
        own = {id(key) for key, _ in node.value}
        yield from ((key, value, False) for key, value in node.value if key.tag != "tag:yaml.org,2002:merge")
        self.loader.flatten_mapping(node)
        yield from ((key, value, True) for key, value in node.value if id(key) not in own)

    def entry(self, key: str, node: Any, line: int, environment: str = "") -> Entry:
        value: str | list[Item] | dict[str, Item] | None
        if _null(node):
            value = None
        elif node.id == "scalar":
            value = str(node.value)
        elif node.id == "sequence":
            value = [self.item(item) for item in node.value]
        else:
            value = {name: self.item(item) for name, (_, item) in self.pairs(node, key, line).items()}
        return Entry(key, value, line, environment)

    def item(self, node: Any) -> Item:
        text = str(node.value) if node.id == "scalar" and not _null(node) else None
        return Item(text, self.loader.construct_object(node, deep=True))


def _null(node: Any) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:null")


def wrong(path: Path, entry: Entry, wanted: str, example: str, cause: str = "") -> KitError:
    """Return the error of a value that is not what its option takes.

    Args:
        path: The file.
        entry: The setting.
        wanted: What the option takes, for example "one value".
        example: A line to paste.
        cause: What is wrong with the value, if it has the right shape.
    """
    value = entry.value
    shape = "a list" if isinstance(value, list) else "a mapping" if isinstance(value, dict) else "one value"
    return KitError(
        "project-value-wrong",
        f"{path} line {entry.line}: {entry.key} must be {wanted}",
        cause=cause or f"It is {shape}",
        fix=example,
        code=ExitCode.USAGE,
    )
