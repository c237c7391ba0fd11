"""Compare the objects of a file with those of a release, write what differs, and delete what the file leaves out."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.objects import prune
from kitctl.model.objects.api import Api
from kitctl.model.objects.prune import Surplus
from kitctl.model.objects.rules import Section
from kitctl.model.objects.wanted import Reference, Wanted, read, sections, wrong
from kitctl.model.objects.write import ObjectsReport, Texts, carry_out, plan, report
from kitctl.model.strict_yaml import Loader
from kitctl.release.auth import FAB
from kitctl.release.handle import Release
from kitctl.release.operation import Ask


@dataclass(frozen=True)
class Prune:
    """Deletes what the file does not name in the sections that it names.

    Attributes:
        ask: Asked before anything is done.
        note: Shows what will be deleted and what stays, a line for each object.
    """

    ask: Ask
    note: Callable[[str], None]


def diff(release: Release, file: Path, *, pruned: bool = False) -> ObjectsReport:
    """Compare a file with a release.

    Args:
        release: The release.
        file: The file.
        pruned: Also list what `apply` with `prune` would delete.

    Raises:
        KitError: As `apply`, except those of writing.
    """
    wanted, sections = _wanted(release, file)
    api = release.api()
    steps = plan(api, wanted, _texts(release, file))
    return report(steps, _surplus(release, api, sections, wanted) if pruned else Surplus(), written=False)


def apply(release: Release, file: Path, pruning: Prune | None = None) -> ObjectsReport:
    """Write what differs, and read each object again.

    Args:
        release: The release.
        file: The file.
        pruning: Deletes what the file does not name, after everything is written; None deletes nothing.

    Raises:
        KitError: `objects-file-missing`, `objects-file-wrong`, `objects-key-unknown`, `objects-without-fab`,
            `objects-reference-missing`, `declined`, `confirmation-needed` before anything is written;
            `objects-refused`, `objects-not-verified`, `objects-pool-in-use`, `objects-deletion-refused`,
            `objects-not-deleted` with what was done until then.
    """
    wanted, sections = _wanted(release, file)
    api, texts = release.api(), _texts(release, file)
    steps = plan(api, wanted, texts)
    surplus = _surplus(release, api, sections, wanted) if pruning else Surplus()
    if release.settings.dry_run:
        return report(steps, surplus, written=False)
    if pruning and surplus.deletions:
        _ask(release, surplus, pruning)
    return report(steps, surplus, written=carry_out(api, steps, texts, surplus.deletions))


def _surplus(release: Release, api: Api, sections: list[Section], wanted: list[Wanted]) -> Surplus:
    account = release.login.name if release.auth.name == FAB else ""
    return prune.find(api, sections, wanted, account)


def _ask(release: Release, surplus: Surplus, pruning: Prune) -> None:
    """Show what will be deleted, and ask.

    Raises:
        KitError: `declined`, `confirmation-needed`.
    """
    for one in surplus.deletions:
        pruning.note(f"delete {one}")
    for kept in surplus.kept:
        pruning.note(f"keep {kept.section}.{kept.name}: {kept.reason}")
    listed = ", ".join(map(str, surplus.deletions))
    if not pruning.ask(f"Delete what the file does not name in the release {release.settings.release} ({listed})?"):
        raise KitError(
            "declined",
            "Nothing was written or deleted",
            cause="The question was answered with no",
            fix="kitctl objects apply FILE    # without --prune, nothing is deleted",
            code=ExitCode.PREFLIGHT,
        )


def _wanted(release: Release, file: Path) -> tuple[list[Wanted], list[Section]]:
    """Return the objects of a file, and the sections that it names."""
    document = _read(file)
    wanted, named = read(document, str(file)), sections(document)
    name = next((section.name for section in named if section.of_fab), "")
    if name and release.auth.name != FAB:
        raise KitError(
            "objects-without-fab",
            f"The file has {name}, but the auth manager of the release is {release.auth.name}",
            cause="Only FAB's auth manager keeps users and roles in Airflow's database",
            fix="Remove roles and users from the file; docs/login.md says where this auth manager has them",
            code=ExitCode.PREFLIGHT,
        )
    return wanted, named


def _read(file: Path) -> Any:
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
    try:
        return yaml.load(text, Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as exc:
        # Only the problem and its line: PyYAML's own text quotes the file, which may hold secrets.
        line = exc.problem_mark.line + 1 if exc.problem_mark else 1
        raise wrong(f"{file} line {line}", exc.problem or "not YAML") from exc
    except (yaml.YAMLError, ValueError) as exc:  # ValueError: a date that does not exist
        raise wrong(str(file), "not YAML") from exc


def _texts(release: Release, file: Path) -> Texts:
    sources = _Sources(release, file.parent)
    return Texts(sources.read, sources.fix)


@dataclass
class _Sources:
    """Where references are read: the environment, files beside the objects, Secrets in the release's namespace."""

    release: Release
    folder: Path
    secrets: dict[str, dict[str, str] | None] = field(default_factory=dict)

    def read(self, found: Reference) -> str:
        try:
            if found.source == "secret":
                return self._secret(found.target, found.key)
            if found.source == "env":
                return os.environ[found.target]
            return (self.folder / found.target).read_text(encoding="utf-8").removesuffix("\n")
        except (KeyError, OSError, UnicodeDecodeError) as exc:
            raise LookupError("cannot be read") from exc

    def _secret(self, name: str, key: str) -> str:
        if name not in self.secrets:
            self.secrets[name] = self.release.kube.secret(self.release.settings.namespace, name)
        data = self.secrets[name]
        if data is None:
            raise LookupError(f"cannot be read: there is no such Secret in {self.release.settings.namespace}")
        if key not in data:
            raise LookupError(f"does not exist; the Secret has {', '.join(sorted(data)) or 'no keys'}")
        if "\ufffd" in data[key]:
            raise LookupError("is not UTF-8")
        return data[key].removesuffix("\n")

    def fix(self, found: Reference) -> str:
        if found.source == "env":
            return f"export {found.target}=…"
        if found.source == "file":
            return f"Write the secret to {self.folder / found.target}, as UTF-8"
        namespace = self.release.settings.namespace
        return f"kubectl -n {namespace} create secret generic {found.target} --from-file={found.key}=FILE"
