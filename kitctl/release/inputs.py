"""What goes into Helm: compiled templates and values, written to `.kit/<release>` so that helm alone could go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.options.overlay import Overlay, mentions, mode_unknown
from kitctl.model.settings import Settings, work_dir
from kitctl.model.values.dags import DagMode
from kitctl.model.versions import data_dir

_FIRST = "# Written by kitctl for this release, each time anew: change your own values file instead.\n"


@dataclass(frozen=True)
class Inputs:
    """Arguments of every Helm call of one release, and whether repositories and image are asked before it changes."""

    chart: Path
    values: tuple[Path, ...]
    sets: tuple[str, ...]
    set_files: dict[str, Path]
    check_repo: bool = True
    check_image: bool = False

    def arguments(self) -> dict[str, Any]:
        """Return them as the keyword arguments that `Helm.template`, `plan` and `upgrade_install` share."""
        return {"values": self.values, "sets": self.sets, "set_files": self.set_files}


@dataclass(frozen=True)
class UserValues:
    """The user's own words: their files, parsed, and --set."""

    documents: tuple[Mapping[str, Any], ...]
    sets: tuple[str, ...]

    def mention(self, key: str) -> bool:
        """Whether they say something about a top-level key."""
        return mentions(key, list(self.documents), self.sets)

    def find(self, *path: str) -> Any:
        """Return the last plain value that they give at a path, or None."""
        found: Any = None
        for document in self.documents:
            node: Any = document
            for key in path:
                node = node.get(key) if isinstance(node, Mapping) else None
            found = node if node is not None else found
        dotted = ".".join(path) + "="
        for pair in (part.strip() for text in self.sets for part in text.split(",")):
            if pair.startswith(dotted):
                found = yaml.safe_load(pair.removeprefix(dotted) or "''")
        return found


def read(settings: Settings) -> UserValues:
    """Read the user's values files.

    Raises:
        KitError: `values-missing`, `values-invalid`.
    """
    return UserValues(tuple(_document(path) for path in settings.values), settings.sets)


def _document(path: Path) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise KitError(
            "values-missing",
            f"The values file {path} cannot be read",
            cause=exc.strerror or str(exc),
            fix="ls values-examples    # examples to start from",
            code=ExitCode.USAGE,
        ) from exc
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise _invalid(path, str(exc)) from exc
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise _invalid(path, f"The top level of {path} must be a mapping, not a {type(found).__name__}")
    return found


def _invalid(path: Path, cause: str) -> KitError:
    return KitError(
        "values-invalid",
        f"The values file {path} is not a YAML mapping",
        cause=cause,
        fix="Write KEY: VALUE lines, indented with spaces and not with tabs",
        code=ExitCode.USAGE,
    )


def mode_of(flag: DagMode | None, user: UserValues) -> DagMode:
    """Return the DAG mode that Helm will see; what is not even a word is left to the chart's schema to refuse.

    Raises:
        KitError: `dag-mode-unknown`.
    """
    word = user.find("dags", "mode")
    # --set is the last word in Helm, then flags, then files.
    if flag and not any("dags.mode=" in text for text in user.sets):
        return flag
    if isinstance(word, str) and word not in list(DagMode):
        raise mode_unknown(word)
    return DagMode(word) if isinstance(word, str) else DagMode.IMAGE


def write(settings: Settings, overlay: Overlay, mode: DagMode, template_dir: Path | None) -> Inputs:
    """Compile the templates and write all inputs.

    Args:
        settings: The user's values files and --set.
        overlay: Values below and above them.
        mode: How DAGs arrive, which chooses the pod template.
        template_dir: The user's own Jinja templates.

    Raises:
        KitError: of a broken template.
    """
    from kitctl.usecases.render.show import compile_templates  # noqa: PLC0415 - it reads values by this module

    folder = _folder(settings.release)
    set_files = compile_templates(folder, mode, template_dir).set_files
    if template_dir is None:
        set_files = unless_given(set_files, read(settings))
    values = [_dump(folder / "values.yaml", overlay.profile), *(p.absolute() for p in settings.values)]
    if overlay.flags:
        values.append(_dump(folder / "flags.yaml", overlay.flags))
    return Inputs(data_dir("chart"), tuple(values), settings.sets, set_files)


def unless_given(set_files: Mapping[str, Path], user: UserValues) -> dict[str, Path]:
    """Leave out the texts that the user's own values hold: --set-file would have the last word over them."""
    return {key: path for key, path in set_files.items() if not user.find(*key.split("."))}


def _folder(release: str) -> Path:
    """Make `.kit/<release>` in the current folder, which git shall not see.

    Raises:
        KitError: `work-dir-unwritable`.
    """
    folder = work_dir(release)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder.parent / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as exc:
        raise KitError(
            "work-dir-unwritable",
            f"The folder {folder} cannot be written",
            cause=exc.strerror or str(exc),
            fix="Run kitctl in a folder that belongs to you: it writes files for Helm to .kit in the current folder",
            code=ExitCode.PREFLIGHT,
        ) from exc
    return folder


def _dump(path: Path, values: Mapping[str, Any]) -> Path:
    path.write_text(_FIRST + yaml.safe_dump(dict(values), sort_keys=False), encoding="utf-8")
    return path
