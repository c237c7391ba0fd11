"""From nothing to a green DAG run. Every step converges: whatever an interrupted `up` left, the next one goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kitctl import __version__, clusters
from kitctl.clusters import choice
from kitctl.errors import ExitCode, KitError
from kitctl.model import names
from kitctl.model.image_choice import Choice
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import Settings
from kitctl.release import dag_rights, image_choice, inputs, kept, rollout
from kitctl.release.health.airflow_health import ailing
from kitctl.release.operation import Ask, Operation, Steps, begin
from kitctl.release.preflight import machine
from kitctl.release.scaling import numbers

if TYPE_CHECKING:
    from kitctl.release.handle import Release
    from kitctl.tools.airflow.api import AirflowApi

SMOKE_MARK = "airflow-kit/smoke"
"""Annotation of the release's ConfigMap: chart and image whose smoke run was green."""


@dataclass(frozen=True)
class UpReport:
    """What `up` made.

    Attributes:
        url: Address of the UI.
        auth_manager: As in `auth.manager`.
        log_in: How users log in, in words.
        username: Name of the first user; None where the auth manager has none.
        password: Their password, or None where it is not known.
        release: Helm release.
        namespace: Its namespace.
        context: Kube context.
        image: Airflow image that runs.
        changed: Whether Helm ran.
        smoke: "success", or why the smoke run was not needed or not possible.
    """

    url: str
    auth_manager: str
    log_in: str
    username: str | None
    password: str | None
    release: str
    namespace: str
    context: str
    image: str
    changed: bool
    smoke: str


def up(settings: Settings, options: UpOptions, steps: Steps, ask: Ask) -> UpReport | rollout.Would:
    """Run the whole story.

    1. judge what the user gave, without touching anything; 2. cluster; 3. images; 4. release (preflight, keys, Helm,
    wait); 5. health; 6. smoke run; 7. report.

    Raises:
        KitError: of every step.
    """
    op, wish = prepared(settings, options, steps, ask, look_at_machine=settings.dry_run)
    where = op.cluster
    if settings.dry_run and where.made_by_kit and not where.exists():
        known = clusters.made(where.provider, where.name)
        first = f"start the cluster {where.name} again" if known else f"make the cluster {where.name}"
        return rollout.Would(would=(first, "build images", "install the release"))
    with steps.step("Cluster"):
        if clusters.makes(where.provider) and not settings.dry_run:
            where.create(steps.note, wish.options.new_cluster)
        op.kube  # noqa: B018 - connects: a cluster that does not answer ends here
    op.confirm_cluster()
    with op.alone(), given_to_helm(op, wish, kept.read(op)) as given:
        done = rollout.deploy(op, given)
    return rollout.Would.of(done) if settings.dry_run else _finish(op, wish.options, done)


def prepared(
    settings: Settings, options: UpOptions, steps: Steps, ask: Ask, *, look_at_machine: bool
) -> tuple[Operation, inputs.Wish]:
    """Judge what the user gave, without touching anything.

    Raises:
        KitError: of names, options, values and templates; of a machine that cannot build images.
    """
    with steps.step("Check"):
        names.check(settings.release, settings.namespace)
        where = choice.cluster(settings)
        if where.made_by_kit and not clusters.made(where.provider, where.name):
            clusters.takes(where.provider, options.new_cluster)
        op = begin(settings, where, steps, ask)
        wish = inputs.judged(op, options, smoke=True)
        # A builder or CA bundle that is not there is found now, and not after the cluster was made.
        machine.check(where, wish.options, wish.user, machine=look_at_machine)
    dags, granted = wish.options.dags, bool(wish.user.find(*dag_rights.KEY))
    if dags and (told := dag_rights.hint(dags, granted=granted)):
        steps.note(told)
    return op, wish


@contextmanager
def given_to_helm(op: Operation, wish: inputs.Wish, before: kept.Kept) -> Iterator[inputs.Inputs]:
    """Provide the images, and write what Helm gets; a dry run only names the images, and its files go again.

    Args:
        op: The operation.
        wish: What the user asks for.
        before: What the release was made with.
    """
    with op.steps.step("Images"), op.deadline.stopped():
        wish, below = kept.mode(op, wish, before)
        wish, chosen = _images(op, wish, before)
    keeping = numbers.keep(op, before, wish.user)
    with inputs.scratch(op.settings) as folder:
        yield inputs.write(
            wish, chosen, smoke=True, folder=folder, below=below, node_port=before.node_port, sets=keeping
        )


def _images(op: Operation, wish: inputs.Wish, before: kept.Kept) -> tuple[inputs.Wish, Choice]:
    """Let what the image was made with stay, build what is missing, and return the images to run."""
    wish = replace(wish, options=kept.options(op, wish.options, before, wish.user))
    if stays := before.stays(wish.options, wish.user):
        op.note(f"keeping the image {stays.reference} (--dags, --requirements or --image changes it)")
    dry_run = op.settings.dry_run
    return wish, image_choice.provide(op.cluster, wish.options, wish.user, op.note, kept=stays, dry_run=dry_run)


def _finish(op: Operation, options: UpOptions, done: rollout.Deployed) -> UpReport:
    """Prove that the release works, and report how to log in."""
    release, steps, settings = op.release, op.steps, op.settings
    smoke = "not asked for"
    if settings.wait:
        with steps.step("Health"):
            api = release.api(op.deadline.left(at_least=20.0))
            _healthy(op, api)
        if options.smoke and (why := _shut_out(release, api)):
            smoke = f"not possible: {why}"
            steps.note(f"no smoke run: {why}")
        elif options.smoke:
            smoke = _smoke(op, api, done)
    return UpReport(
        url=release.url(),
        auth_manager=release.auth.name,
        log_in=release.auth.log_in,
        username=release.username if release.auth.passwords else None,
        password=_password(release),
        release=settings.release,
        namespace=settings.namespace,
        context=op.cluster.context(),
        image=done.image,
        changed=done.changed,
        smoke=smoke,
    )


def _shut_out(release: Release, api: AirflowApi) -> str:
    """Return why kitctl cannot run a DAG, or ""."""
    if release.auth.passwords:
        return "" if _password(release) is not None else "nobody's password is known"
    try:
        api.dags()
    except KitError as error:
        # Keycloak's own permissions may be missing, as they are before `airflow keycloak-auth-manager create-all`.
        if error.id not in {"auth-manager-unsupported", "api-login-refused", "api-refused", "keycloak-secret-missing"}:
            raise
        return f"{error.message}: {error.cause}"
    return ""


def _password(release: Release) -> str | None:
    if not release.auth.passwords:
        return None
    try:
        return release.password
    except KitError as error:
        if error.id not in {"keys-missing", "password-missing"}:
            raise
        return None  # a Secret of the user's own, or no admin user


def _healthy(op: Operation, api: AirflowApi) -> None:
    """Wait until each component that the release runs reports a fresh heartbeat.

    Raises:
        KitError: `airflow-unhealthy` (code TIMEOUT).
    """
    missing: list[str] = []
    workloads = op.kube.workloads(op.namespace, op.settings.release)
    running = {w.component for w in workloads if w.wanted > 0}

    def healthy() -> bool | None:
        nonlocal missing
        missing = sorted(ailing(api.health(), running))
        op.note(f"waiting for {', '.join(missing)}" if missing else "every component that runs is healthy")
        return None if missing else True

    if not op.deadline.until(healthy):
        raise KitError(
            "airflow-unhealthy",
            f"Airflow reports {', '.join(missing)} as not healthy",
            cause="Their pods run, but have not written a recent heartbeat to the database",
            fix="kitctl logs scheduler    # and the logs of the component that is named",
            code=ExitCode.TIMEOUT,
        )


def _smoke(op: Operation, api: AirflowApi, done: rollout.Deployed) -> str:
    """Run the smoke DAG once for each chart and image.

    Returns:
        "success", or why it was not run.
    """
    from kitctl.release.smoke import run_smoke  # noqa: PLC0415
    from kitctl.release.tasks.reasons import reasons  # noqa: PLC0415

    config = done.names.of("config")
    mark = f"{__version__}/{done.image}"
    found = op.kube.get("ConfigMap", op.namespace, config) or {"metadata": {}}
    if (found["metadata"].get("annotations") or {}).get(SMOKE_MARK) == mark:
        return "was green before"
    if not (op.release.values.get("smoke") or {}).get("enabled"):
        return "switched off by smoke.enabled"
    with op.steps.step("Smoke run"):
        run_smoke(
            api, op.note, op.deadline, lambda task: reasons(op.release, api, task, int(task["try_number"]), log=False)
        )
    op.kube.annotate("ConfigMap", op.namespace, config, {SMOKE_MARK: mark})
    return "success"
