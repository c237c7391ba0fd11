"""What goes into Helm: judged once before anything is made, written once when the images are known."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.image_choice import Choice
from kitctl.model.options.overlay import overlay
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import NODE_PORT, Settings, work_dir
from kitctl.model.user_values import UserValues
from kitctl.model.versions import data_dir
from kitctl.release import image_choice, templates, values
from kitctl.release.operation import Operation
from kitctl.tools.helm.client import Helm
from kitctl.tools.helm.sources import Sources

_FIRST = "# Written by kitctl for this release, each time anew: change your own values file instead.\n"


@dataclass(frozen=True)
class Inputs:
    """What every Helm command of one release gets.

    Attributes:
        sources: The values.
        check_repo: Whether the repositories are asked before the release changes.
        check_database: Whether an external database is asked before the release changes.
        check_logs: Whether a log is written to the store of the task logs before the release changes.
        check_broker: Whether an external broker is asked before the release changes.
        check_image: Whether the image is looked into before the release changes.
        compare_database: Whether the image is compared with the database before the release changes.
        roll_back: Whether a release that does not become ready goes back to the revision before.
    """

    sources: Sources
    check_repo: bool = True
    check_database: bool = True
    check_logs: bool = True
    check_broker: bool = True
    check_image: bool = False
    compare_database: bool = False
    roll_back: bool = False
    chart: Path = field(default_factory=lambda: data_dir("chart"))


@dataclass(frozen=True)
class Wish:
    """What the user asks for: the flags, their values, and the templates that were compiled for both.

    Attributes:
        settings: The release, and where the values come from.
        options: The flags.
        user: The values as Helm merged them.
        compiled: airflow.cfg and the pod template.
        made_by_kit: Whether the kit made the cluster: its requests are small, and the UI gets a NodePort.
    """

    settings: Settings
    options: UpOptions
    user: UserValues
    compiled: templates.Compiled
    made_by_kit: bool


def judged(op: Operation, options: UpOptions, *, smoke: bool) -> Wish:
    """Return what the user asks for, once everything about it that needs no cluster was judged.

    Raises:
        KitError: `rollback-needs-wait`; of the user's files, values, images and templates; of the chart's own rules.
    """
    if options.rollback_on_failure and not op.settings.wait:
        raise KitError(
            "rollback-needs-wait",
            "--rollback-on-failure cannot be used with --no-wait",
            cause="kitctl has to wait to find out whether the new revision becomes ready",
            fix="Leave out one of the two options",
            code=ExitCode.USAGE,
        )
    user = values.read(op.settings, options.dag_mode)
    options = options.fitting(user.mode, op.settings.from_project)
    image_choice.check(options, user)
    wanted = wish(op.settings, options, user, made_by_kit=op.cluster.made_by_kit)
    judge(wanted, smoke=smoke)
    return wanted


def wish(settings: Settings, options: UpOptions, user: UserValues, *, made_by_kit: bool) -> Wish:
    """Compile the templates, and refuse values that cannot be meant.

    Raises:
        KitError: `values-wrong-type`; of a broken template.
    """
    values.refuse_nulls(user)
    return Wish(settings, options, user, templates.compiled(user, options.template_dir), made_by_kit)


def judge(wanted: Wish, *, smoke: bool, below: Mapping[str, Any] | None = None) -> None:
    """Let the chart judge the values and pod templates. No cluster is needed, and no file stays.

    Raises:
        KitError: of the values' schema, of the chart's own rules, and `pod-template-invalid`.
    """
    with tempfile.TemporaryDirectory(prefix="kitctl-judge-") as folder:
        given = write(wanted, Choice(wanted.options.image), smoke=smoke, folder=Path(folder), below=below)
        s = wanted.settings
        # Airflow's scheduler would stop at a pod template that it cannot read.
        templates.pods_of(Helm().template(given.chart, s.release, s.namespace, given.sources))


def write(
    wanted: Wish,
    chosen: Choice,
    *,
    smoke: bool,
    folder: Path | None = None,
    below: Mapping[str, Any] | None = None,
    node_port: int | None = None,
    sets: tuple[str, ...] = (),
) -> Inputs:
    """Write what Helm reads.

    Args:
        wanted: What the user asks for.
        chosen: The images to run.
        smoke: Bring the smoke DAG.
        folder: Where to write; None means `.kit/<release>`, so that a person can go on with helm alone.
        below: Values below the kit's own: those of the running release, where they are kept.
        node_port: NodePort of the UI that the release has, which stays until --node-port or the values change it.
        sets: Values as --set takes them, over the user's files and below their own --set.

    Raises:
        KitError: `work-dir-unwritable`, `values-wrong-type`, `git-flags-unused`, `git-flags-ambiguous`.
    """
    options = wanted.options
    layers = overlay(
        options,
        mode=wanted.user.mode,
        bundles=wanted.user.find("dags", "bundle", "items") or (),
        made_by_kit=wanted.made_by_kit,
        node_port=options.node_port or node_port or NODE_PORT,
        chosen=chosen,
        smoke=smoke,
    )
    values.refuse_hidden(wanted.user, layers.flags)
    place = folder or _work_dir(wanted.settings)
    lower = [_dump(place / "kept.yaml", below)] if below else []
    lower.append(_dump(place / "values.yaml", layers.profile))
    upper = [_dump(place / "flags.yaml", layers.flags)] if layers.flags else []
    sources = Sources.of(wanted.settings).between(tuple(lower), tuple(upper)).below_sets(sets)
    return Inputs(
        sources.with_texts(wanted.compiled.write(place)),
        check_repo=options.check_repo,
        check_database=options.check_database,
        check_logs=options.check_logs,
        check_broker=options.check_broker,
        check_image=options.check_image and not chosen.looked,
        compare_database=options.check_image,
        roll_back=options.rollback_on_failure,
    )


@contextmanager
def scratch(settings: Settings) -> Iterator[Path | None]:
    """Yield where `write` shall write: a folder that goes again for a dry run, else None, which is `.kit/<release>`."""
    if not settings.dry_run:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="kitctl-dry-run-") as folder:
        yield Path(folder)


def _work_dir(settings: Settings) -> Path:
    """Make `.kit/<release>`, readable by its owner only, and hidden from git.

    Raises:
        KitError: `work-dir-unwritable`.
    """
    folder = work_dir(settings)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)  # values may hold secrets, e.g. in `env`
        (folder.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        (folder / "kept.yaml").unlink(missing_ok=True)
    except OSError as exc:
        raise KitError(
            "work-dir-unwritable",
            f"The folder {folder} cannot be written",
            cause=exc.strerror or str(exc),
            fix="Run kitctl in a folder that belongs to you: it writes files for Helm to .kit, there "
            "or beside kitctl.yaml",
            code=ExitCode.PREFLIGHT,
        ) from exc
    return folder


def _dump(path: Path, document: Mapping[str, Any]) -> Path:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(_FIRST + yaml.safe_dump(dict(document), sort_keys=False), encoding="utf-8")
    return path
