"""`kitctl dags push --watch`: push once, then again whenever a file of the folder changes, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.model.values.dags import DagMode
from kitctl.release.handle import attach
from kitctl.release.operation import Ask, Steps
from kitctl.usecases.dags.push import PushOptions, PushReport, WouldPush, mode_of, push

_NAMED = 3  # changed files that a line names


def watch(
    settings: Settings,
    options: PushOptions,
    steps: Steps,
    ask: Ask,
    *,
    changes: Callable[[Path], Iterable[set[Path]]],
    show: Callable[[PushReport | WouldPush], None],
    broken: Callable[[KitError], None],
) -> None:
    """Push, and push again after each change. A later push that fails ends nothing: the next save mends it.

    Args:
        settings: The release.
        options: What a push takes.
        steps: Progress.
        ask: Questions.
        changes: Yields the files that changed; it ends with Ctrl-C.
        show: Takes the report of each push.
        broken: Takes the error of a later push.

    Raises:
        KitError: `push-watch-git` in the modes git and bundle, and what the first push raises.
    """
    mode = mode_of(attach(settings))
    if mode in {DagMode.GIT, DagMode.BUNDLE}:
        raise KitError(
            "push-watch-git",
            f"In mode {mode.value}, files of this machine do not reach the release",
            cause="The release reads commits that were pushed to its repository",
            fix="git commit -a && git push && kitctl dags push",
            code=ExitCode.USAGE,
        )
    show(push(settings, options, steps, ask))
    if settings.dry_run:
        return
    steps.note(f"watching {options.path}; Ctrl-C ends it")
    for files in changes(options.path):
        steps.note(f"changed: {_names(files, options.path)}")
        try:
            show(push(settings, options, steps, ask))
        except KitError as error:
            broken(error)


def _names(files: set[Path], folder: Path) -> str:
    root = folder.resolve()
    names = sorted(str(f.relative_to(root)) if f.is_relative_to(root) else str(f) for f in files)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
