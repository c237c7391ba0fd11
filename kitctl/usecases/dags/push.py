"""`kitctl dags push`: bring DAGs to the release by the way of its mode, and wait until Airflow has read them.

image: build a thin image, load it, roll the pods. pvc: copy into the claim. git and bundle: the commit is pushed by git
already, so wait until the cluster follows it. Each way is one function in `_WAYS`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kitctl.clusters import choice
from kitctl.errors import ExitCode, KitError
from kitctl.images import layers
from kitctl.model.image_ref import made_from_content
from kitctl.model.options.overlay import UpOptions
from kitctl.model.settings import Settings, work_dir
from kitctl.model.values.dags import DagMode
from kitctl.release import dag_rights
from kitctl.release.handle import Release, attach, setting
from kitctl.usecases.dags import claim
from kitctl.usecases.dags import commit as dags_commit
from kitctl.usecases.dags.parsed import Wanted, expected, wait_parsed, when

if TYPE_CHECKING:
    from kitctl.release.steps import Ask, Steps

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

    settings: Settings
    options: PushOptions
    release: Release
    steps: Steps
    ask: Ask
    deadline: float


def push(settings: Settings, options: PushOptions, steps: Steps, ask: Ask) -> dict[str, Any]:
    """Bring the DAGs, and wait unless --no-wait.

    Returns:
        {"ok", "mode", "dags", "import_errors", "seconds"} and what the mode adds: "image"; "changed", "removed",
        "files", "foreign"; "commit".

    Raises:
        KitError: `dags-missing`, `dags-empty`, `release-missing`, `dag-mode-unknown`, and those of the mode's way.
    """
    begin = time.monotonic()
    with steps.step("Check"):
        layers.look(options.path)
        release = attach(settings)
        mode = _mode(release)
        steps.note(f"the DAG mode is {mode.value}")
    if told := dag_rights.hint(options.path, granted=bool(setting(release.values, *dag_rights.KEY))):
        steps.note(told)
    if settings.dry_run:
        return {"dry_run": True, "mode": mode.value, "would": _WOULD[mode]}
    job = Push(settings, options, release, steps, ask, begin + settings.timeout)
    report = {"ok": True, "mode": mode.value, "dags": [], "import_errors": [], **_WAYS[mode](job)}
    report["ok"] = not report["import_errors"]
    report["seconds"] = round(time.monotonic() - begin, 1)
    return report


def _mode(release: Release) -> DagMode:
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


def _by_image(job: Push) -> dict[str, Any]:
    from kitctl.release import image_choice, inputs  # noqa: PLC0415
    from kitctl.usecases import deploy  # noqa: PLC0415

    s = job.settings
    with job.steps.step("Image"):
        where = choice.present(replace(s, context=s.context or job.release.kube.context))
        # A cluster that pulls its images is refused by `provide`, whatever the running one was built from.
        given = _as_before(job) if where.made_by_kit else UpOptions(dags=job.options.path)
        chosen = image_choice.provide(where, given, inputs.read(s), DagMode.IMAGE, job.steps.note)
    options = UpOptions(image=chosen.reference, template_dir=job.options.template_dir)
    done = deploy.redeploy(_keeping(job, chosen.special), options, job.steps, job.ask)
    if not s.wait:
        return {"image": chosen.reference}
    pods = job.release.kube.pods(s.namespace, f"{job.release.selector},app.kubernetes.io/component=dag-processor")
    born = max((when(p.created) for p in pods), default=0.0)
    return {
        "image": chosen.reference,
        "changed": done["changed"],
        **_wait(job, Wanted(expected(job.options.path), born)),
    }


def _as_before(job: Push) -> UpOptions:
    """Return the options that build the running image again, with the new DAGs in it."""
    from kitctl.release import image_origin  # noqa: PLC0415
    from kitctl.tools.builders import builder  # noqa: PLC0415

    o = job.options
    image = image_origin.running(job.release)
    known = image_origin.origin(builder.find(o.builder or ""), image, job.steps.note, keep=o.requirements is None)
    job.steps.note(f"building on {known.base}")
    requirements = o.requirements or image_origin.recorded(work_dir(job.settings.release), known.requirements)
    return UpOptions(dags=o.path, requirements=requirements, image=known.base, builder=o.builder, ca_bundle=o.ca_bundle)


def _keeping(job: Push, special: str) -> Settings:
    """Return the settings with the release's own values below the user's: a push changes nothing but the images."""
    import yaml  # noqa: PLC0415 - slow to import

    s = job.settings
    own = job.release.helm.values(s.release, s.namespace) or {}
    kept = {key: value for key, value in own.items() if key not in {"image", "airflowVersion"}}
    known = setting(kept, "dags", "specialImage") or ""
    if special != known and (not known or made_from_content(known)):  # one that the user named is theirs
        kept["dags"] = {**(kept.get("dags") or {}), "specialImage": special}
    folder = work_dir(s.release)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kept.yaml").write_text(yaml.safe_dump(kept), encoding="utf-8")
    return replace(s, values=(folder / "kept.yaml", *s.values))


def _by_claim(job: Push) -> dict[str, Any]:
    with job.steps.step("Copy"):
        report = claim.push(job.release, job.options.path, job.steps.note, job.deadline, prune=job.options.prune)
        if report["foreign"]:
            job.steps.note(f"{report['foreign']} files of others stay in the claim (--prune removes them)")
    brought_at, changed = float(report.pop("time")), report["changed"]
    report["changed"] = len(changed)
    if not job.settings.wait:
        return report
    wanted = Wanted(expected(job.options.path), brought_at, set(changed), exact=not report["foreign"])
    return {**report, **_wait(job, wanted)}


def _by_commit(job: Push) -> dict[str, Any]:
    commit = dags_commit.checkout(job.release, job.options.path).pushed_commit(job.steps.note)
    if not job.settings.wait:
        return {"commit": commit}
    with job.steps.step("Commit"):
        follow = dags_commit.follow_bundle if _mode(job.release) is DagMode.BUNDLE else dags_commit.follow_git_sync
        found = follow(job.release, commit, job.options.path, job.steps.note, job.deadline)
    return {"commit": commit, **found}


def _wait(job: Push, wanted: Wanted) -> dict[str, Any]:
    with job.steps.step("Parsed"):
        # A file whose text promises a DAG that it does not make would be waited for in vain.
        deadline = min(job.deadline, time.monotonic() + _READ_SECONDS)
        return wait_parsed(job.release.api(max(20.0, deadline - time.monotonic())), wanted, job.steps.note, deadline)


_WAYS: dict[DagMode, Callable[[Push], dict[str, Any]]] = {
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
