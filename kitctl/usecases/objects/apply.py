"""Compare the objects of a file with those of a release, and write what differs."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.objects.wanted import Reference, Wanted, read, wrong
from kitctl.model.objects.write import ObjectsReport, Texts, carry_out, plan, report
from kitctl.model.strict_yaml import Loader
from kitctl.release.auth import FAB
from kitctl.release.handle import Release


def diff(release: Release, file: Path) -> ObjectsReport:
    """Compare a file with a release.

    Raises:
        KitError: As `apply`, except those of writing.
    """
    wanted = _wanted(release, file)
    return report(plan(release.api(), wanted, _texts(release, file)), written=False)


def apply(release: Release, file: Path) -> ObjectsReport:
    """Write what differs, and read each object again.

    Raises:
        KitError: `objects-file-missing`, `objects-file-wrong`, `objects-key-unknown`, `objects-without-fab`,
            `objects-reference-missing` before anything is written; `objects-refused`, `objects-not-verified` with what
            was written until then.
    """
    wanted = _wanted(release, file)
    api, texts = release.api(), _texts(release, file)
    steps = plan(api, wanted, texts)
    return report(steps, written=not release.settings.dry_run and carry_out(api, steps, texts))


def _wanted(release: Release, file: Path) -> list[Wanted]:
    wanted = _read(file)
    name = next((one.section.name for one in wanted if one.section.of_fab), "")
    if name and release.auth.name != FAB:
        raise KitError(
            "objects-without-fab",
            f"The file has {name}, but the auth manager of the release is {release.auth.name}",
            cause="Only FAB's auth manager keeps users and roles in Airflow's database",
            fix="Remove roles and users from the file; docs/login.md says where this auth manager has them",
            code=ExitCode.PREFLIGHT,
        )
    return wanted


def _read(file: Path) -> list[Wanted]:
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
        document = yaml.load(text, Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as exc:
        # Only the problem and its line: PyYAML's own text quotes the file, which may hold secrets.
        line = exc.problem_mark.line + 1 if exc.problem_mark else 1
        raise wrong(f"{file} line {line}", exc.problem or "not YAML") from exc
    except (yaml.YAMLError, ValueError) as exc:  # ValueError: a date that does not exist
        raise wrong(str(file), "not YAML") from exc
    return read(document, str(file))


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
