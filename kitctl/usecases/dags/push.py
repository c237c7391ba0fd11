"""`kitctl dags push`: bring DAGs to the release by the way of its mode, and wait until Airflow has read them.

image: build a thin image, load it, roll the pods. pvc: copy into the claim. git and bundle: the commit is pushed by git
already, so wait until the cluster follows it. Each way is one function in `_WAYS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kitctl.clusters import choice
from kitctl.errors import ExitCode, KitError
from kitctl.images import layers
from kitctl.model import names
from kitctl.model.image_ref import made_from_content
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import Settings, work_dir
from kitctl.model.user_values import UserValues
from kitctl.model.values.dags import DagMode
from kitctl.release import dag_rights, image_choice, image_origin, inputs, values
from kitctl.release.handle import Release, setting
from kitctl.release.operation import Ask, Operation, Steps, begin
from kitctl.tools.builders import builder
from kitctl.usecases import deploy
from kitctl.usecases.dags import claim
from kitctl.usecases.dags import commit as dags_commit
from kitctl.usecases.dags.parsed import FileError, Parsed, Wanted, expected, wait_parsed, when

_READ_SECONDS = 300.0


@dataclass(frozen=True)
class PushOptions:
    """What `dags push` takes.

    Attributes:
        path: The DAG folder; in the git modes a checkout, or a folder in one.
        requirements: Mode image: Python requirements of the DAGs; None keeps those of the image that runs.
        prune: Mode pvc: also remove files that no push brought.
        template_dir: Mode image: the user's own Jinja templates, as `up` was given them.
        builder: Mode image: the image builder, as `up` takes it.
        ca_bundle: Mode image: CA certificates for the build, as `up` takes them.
    """

    path: Path
    requirements: Path | None = None
    prune: bool = False
    template_dir: Path | None = None
    builder: str | None = None
    ca_bundle: Path | None = None


@dataclass(frozen=True)
class Push:
    """One push under way."""

    op: Operation
    options: PushOptions
    mode: DagMode


@dataclass(frozen=True, kw_only=True)
class PushReport:
    """What a push brought. Which fields beside the first five are set depends on the mode.

    Attributes:
        ok: Whether every file imports.
        mode: The DAG mode.
        dags: Ids of the DAGs that Airflow has read.
        import_errors: Files that do not import.
        seconds: How long the push took.
        image: Mode image: the image that runs now.
        changed: Mode image: whether the release changed; mode pvc: how many files were written.
        removed: Mode pvc: how many files were removed.
        files: Mode pvc: how many files the folder has.
        foreign: Mode pvc: how many files of others the claim holds.
        commit: Modes git and bundle: the commit.
        bundle: Mode bundle: the bundle that follows the repository.
    """

    ok: bool = True
    mode: str = ""
    dags: tuple[str, ...] = ()
    import_errors: tuple[FileError, ...] = ()
    image: str | None = None
    changed: bool | int | None = None
    removed: int | None = None
    files: int | None = None
    foreign: int | None = None
    commit: str | None = None
    bundle: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class WouldPush:
    """What a dry run of a push would do."""

    dry_run: bool = True
    mode: str
    would: str


def push(settings: Settings, options: PushOptions, steps: Steps, ask: Ask) -> PushReport | WouldPush:
    """Bring the DAGs, and wait unless --no-wait.

    Raises:
        KitError: `dags-missing`, `dags-empty`, `release-missing`, `dag-mode-unknown`, and those of the mode's way.
    """
    with steps.step("Check"):
        layers.look(options.path)
        names.check(settings.release, settings.namespace)
        op = begin(settings, choice.present(settings), steps, ask)
        start, mode = op.deadline.now(), mode_of(op.release)
        steps.note(f"the DAG mode is {mode.value}")
    user = values.read(settings)
    granted = bool(setting(op.release.values, *dag_rights.KEY) or user.find(*dag_rights.KEY))
    if told := dag_rights.hint(options.path, granted=granted):
        steps.note(told)
    if settings.dry_run:
        return WouldPush(mode=mode.value, would=_WOULD[mode])
    report = _WAYS[mode](Push(op, options, mode))
    seconds = round(op.deadline.now() - start, 1)
    return replace(report, ok=not report.import_errors, mode=mode.value, seconds=seconds)


def mode_of(release: Release) -> DagMode:
    """Return the DAG mode of a release.

    Raises:
        KitError: `release-missing`, `dag-mode-unknown`.
    """
    release.workloads  # noqa: B018 - a release that is not there is told first
    word = str(setting(release.values, "dags", "mode") or "")
    if word in list(DagMode):
        return DagMode(word)
    raise KitError(
        "dag-mode-unknown",
        f"The DAG mode of the release {release.settings.release} is unknown",
        cause="Helm has no record of its values: it was made by Argo CD, Flux or from rendered manifests",
        fix="Commit the change to the repository that it is deployed from",
        code=ExitCode.PREFLIGHT,
    )


def _by_image(job: Push) -> PushReport:
    op, s = job.op, job.op.settings
    with op.alone():
        reference, changed = _with_image(job)
    if not s.wait:
        return PushReport(image=reference)
    pods = op.kube.pods(op.namespace, f"{op.release.selector},app.kubernetes.io/component=dag-processor")
    born = max((when(p.created) for p in pods), default=0.0)
    found = _wait(op, Wanted(expected(job.options.path), born))
    return PushReport(image=reference, changed=changed, dags=found.dags, import_errors=found.import_errors)


def _with_image(job: Push) -> tuple[str | None, bool]:
    """Build an image with the DAGs and deploy it; return its name, and whether the release changed."""
    op, s = job.op, job.op.settings
    with op.steps.step("Image"), op.deadline.stopped():
        # A cluster that pulls its images is refused by `provide`, whatever the running one was built from.
        made = op.cluster.made_by_kit
        before = _as_before(job) if made else UpOptions(dags=job.options.path)
        env = UserValues(values.read(s, below=_kept(op.release, "")).document).import_env()
        chosen = image_choice.provide(op.cluster, before, UserValues(values.read(s).document), op.note, env)
    # Built on the image that runs: nothing about it is to be looked into.
    options = UpOptions(image=chosen.reference, template_dir=job.options.template_dir, check_image=False)
    below = _kept(op.release, chosen.special)
    user = UserValues(values.read(s, below=below).document)
    wish = inputs.wish(s, options, user, made_by_kit=made)
    return chosen.reference, deploy.redeploy(op, wish, below).changed


def _as_before(job: Push) -> UpOptions:
    """Return the options that build the running image again, with the new DAGs in it."""
    o, op = job.options, job.op
    image = image_origin.running(op.release)
    known = image_origin.origin(builder.find(o.builder or ""), image, op.note, keep=o.requirements is None)
    op.note(f"building on {known.base}")
    requirements = o.requirements or image_origin.recorded(work_dir(op.settings), known)
    return UpOptions(dags=o.path, requirements=requirements, image=known.base, builder=o.builder, ca_bundle=o.ca_bundle)


_OF_THE_IMAGE = {"repository", "tag", "digest", "revision"}


def _kept(release: Release, special: str) -> dict[str, Any]:
    """Return the release's own values, which a push keeps; only the image itself is new."""
    own = release.helm.values(release.settings.release, release.settings.namespace) or {}
    kept = {key: value for key, value in own.items() if key not in {"image", "airflowVersion"}}
    if image := {key: value for key, value in (own.get("image") or {}).items() if key not in _OF_THE_IMAGE}:
        kept["image"] = image  # how it is pulled: policy and secrets
    known = setting(kept, "dags", "specialImage") or ""
    if special != known and (not known or made_from_content(known)):  # one that the user named is theirs
        kept["dags"] = {**(kept.get("dags") or {}), "specialImage": special}
    return kept


def _by_claim(job: Push) -> PushReport:
    op = job.op
    with op.steps.step("Copy"):
        copied = claim.push(op.release, job.options.path, op.note, op.deadline, prune=job.options.prune)
        if copied.foreign:
            op.note(f"{copied.foreign} files of others stay in the claim (--prune removes them)")
    report = PushReport(changed=len(copied.changed), removed=copied.removed, files=copied.files, foreign=copied.foreign)
    if not op.settings.wait:
        return report
    wanted = Wanted(expected(job.options.path), copied.time, set(copied.changed), exact=not copied.foreign)
    found = _wait(op, wanted)
    return replace(report, dags=found.dags, import_errors=found.import_errors)


def _by_commit(job: Push) -> PushReport:
    op, path = job.op, job.options.path
    commit = dags_commit.checkout(op.release, path).pushed_commit(op.note)
    if not op.settings.wait:
        return PushReport(commit=commit)
    with op.steps.step("Commit"):
        bundle = None
        if job.mode is DagMode.BUNDLE:
            found, bundle = dags_commit.follow_bundle(op.release, commit, path, op.note, op.deadline)
        else:
            found = dags_commit.follow_git_sync(op.release, commit, path, op.note, op.deadline)
    return PushReport(commit=commit, dags=found.dags, import_errors=found.import_errors, bundle=bundle)


def _wait(op: Operation, wanted: Wanted) -> Parsed:
    with op.steps.step("Parsed"):
        # A file whose text promises a DAG that it does not make would be waited for in vain.
        limit = op.deadline.sooner(_READ_SECONDS)
        return wait_parsed(op.release.api(limit.left(at_least=20.0)), wanted, op.note, limit)


_WAYS: dict[DagMode, Callable[[Push], PushReport]] = {
    DagMode.IMAGE: _by_image,
    DagMode.PVC: _by_claim,
    DagMode.GIT: _by_commit,
    DagMode.BUNDLE: _by_commit,
}
_WOULD = {
    DagMode.IMAGE: "build an image with the folder, load it, and roll the pods",
    DagMode.PVC: "copy the folder into the claim, and remove what an earlier push brought and is gone",
    DagMode.GIT: "wait until git-sync has the commit of the checkout, and Airflow has read it",
    DagMode.BUNDLE: "wait until the bundle has the commit of the checkout, and Airflow has read it",
}
