"""`kitctl render cfg|pod|values|manifests`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from kitctl.commands.console.report import as_yaml, emit, teller
from kitctl.commands.options import flags
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.model.options.overlay import dag_mode as mode_of
from kitctl.model.settings import Output, Settings

if TYPE_CHECKING:
    from kitctl.render.findings import Finding

app = make_app("Show airflow.cfg, pod templates, values and manifests", "kitctl render cfg")


@dataclass(frozen=True)
class Warned:
    """What a check found that does not stop a deployment: the place in the file, and what is wrong."""

    field: str
    rule: str


@dataclass(frozen=True)
class Checked:
    """The report of `render cfg --check` and `render pod --check`; a file with errors ends in an error instead."""

    file: str
    ok: bool
    warnings: list[Warned]


@dataclass(frozen=True)
class Cfg:
    """The report of `render cfg`: the file, and `config` of the values, which wins over it."""

    airflow_cfg: str
    config: dict[str, Any]


@dataclass(frozen=True)
class PodText:
    """The report of `render pod`: a pod template, or the pod of a task, as YAML."""

    pod: str


@app.command(epilog="Example: kitctl render cfg --template-dir ./templates")
@with_settings
def cfg(
    settings: Settings,
    *,
    template_dir: flags.TemplateDir,
    check: flags.CheckFile,
) -> None:
    """Show airflow.cfg as it is mounted, and the options that the values set by environment variables."""
    from kitctl.release import templates  # noqa: PLC0415
    from kitctl.render import user_texts  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.render import show  # noqa: PLC0415 - keeps --help fast

    if check is not None:
        _checked(settings, check, user_texts.check_cfg_file(check))
        return
    text = templates.render_cfg(template_dir)
    merged = show.values(settings)
    config = merged.get("config") or {}
    _warn(settings, user_texts.release_warnings(merged, text))
    emit(Cfg(text, config), settings.output, lambda: text + _as_comment(config))


def _as_comment(config: dict[str, Any]) -> str:
    """Show values.config below the file: as a comment, since it comes by environment and wins."""
    if not config:
        return ""
    lines = [f"# [{section}] {key} = {value}" for section, keys in config.items() for key, value in keys.items()]
    return "\n# By environment, from `config` of the values; it wins over the file:\n" + "\n".join(lines) + "\n"


@app.command(epilog="Example: kitctl render pod --dag-mode git --profile gpu -f my-values.yaml")
@with_settings
def pod(
    settings: Settings,
    *,
    dag_mode: flags.DagMode,
    template_dir: flags.TemplateDir,
    profile: flags.Profile,
    dag: flags.DagFile,
    task: flags.TaskOfFile,
    dag_id: flags.DagId,
    image: flags.Image,
    check: flags.CheckFile,
) -> None:
    """Show a worker pod template as the scheduler reads it, or the pod of one task, or check a template."""
    from kitctl.release import templates  # noqa: PLC0415
    from kitctl.render import user_texts  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.render import show, task_pod  # noqa: PLC0415 - keeps --help fast

    if check is not None:
        _checked(settings, check, user_texts.check_pod_file(check))
        return
    if bool(dag) != bool(task):
        raise typer.BadParameter("--dag FILE and --task ID are needed together")
    if dag is not None:
        pod_text = task_pod.task_pod(
            settings,
            dag,
            task,
            dag_id=dag_id,
            image=image or "",
            mode=mode_of(dag_mode),
            template_dir=template_dir,
            progress=teller(settings),
        )
        emit(PodText(pod_text), settings.output, lambda: pod_text)
        return
    text = show.pod(settings, profile or "default", mode_of(dag_mode), template_dir)
    _warn(settings, user_texts.pod_warnings({profile: text}))
    _warn(settings, user_texts.release_warnings(show.values(settings), templates.render_cfg(template_dir)))
    emit(PodText(text), settings.output, lambda: text)


@app.command(epilog="Example: kitctl render values -f my-values.yaml")
@with_settings
def values(settings: Settings, *, dag_mode: flags.DagMode) -> None:
    """Show the values that Helm would use: the defaults of the chart, your files, and --set."""
    from kitctl.render import user_texts  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.render import show  # noqa: PLC0415 - keeps --help fast

    found = show.values(settings, mode_of(dag_mode))
    _warn(settings, user_texts.release_warnings(found))
    emit(found, settings.output, lambda: as_yaml(found))


@app.command(epilog="Example: kitctl render manifests -f my-values.yaml > airflow.all.yaml")
@with_settings
def manifests(settings: Settings, *, dag_mode: flags.DagMode, template_dir: flags.TemplateDir) -> None:
    """Show every object of the release, for `kubectl apply -f` or for review."""
    from kitctl.release import templates  # noqa: PLC0415
    from kitctl.render import user_texts  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.render import show  # noqa: PLC0415 - keeps --help fast

    text = show.manifests(settings, mode_of(dag_mode), template_dir)
    _warn(settings, user_texts.pod_warnings(templates.pods_of(text)))
    _warn(settings, user_texts.release_warnings(show.values(settings), templates.render_cfg(template_dir)))
    if settings.output is Output.JSON:
        emit({"apiVersion": "v1", "kind": "List", "items": show.objects_of(text)}, settings.output, lambda: text)
    else:
        sys.stdout.write(text)


def _checked(settings: Settings, path: Path, found: Sequence[Finding]) -> None:
    """Report a check without errors."""
    report = Checked(str(path), True, [Warned(f.field, f.rule) for f in found])
    _warn(settings, found)
    emit(report, settings.output, lambda: f"{path}: ok")


def _warn(settings: Settings, found: Sequence[Finding]) -> None:
    if not settings.quiet:
        sys.stderr.write("".join(f"Warning: {finding}\n" for finding in found))
