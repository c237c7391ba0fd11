"""Which Airflow image `up` runs, and bringing it onto the cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kitctl.clusters.base import Cluster
from kitctl.errors import ExitCode, KitError
from kitctl.model.executors import without_alias
from kitctl.model.image_choice import Choice
from kitctl.model.image_ref import full, made_from_content
from kitctl.model.options.up import UpOptions
from kitctl.model.user_values import UserValues
from kitctl.model.values.dags import DagMode
from kitctl.model.versions import data_dir, pin

if TYPE_CHECKING:
    from kitctl.images.building import ImageOptions


def check(options: UpOptions, user: UserValues) -> None:
    """Refuse folders, files and image names that cannot work, before anything is built or made.

    Raises:
        KitError: `dags-missing`, `dags-empty`, `image-too-old`, `dags-not-used`, and those of `requirements.read`.
    """
    from kitctl.images import layers, requirements, versions  # noqa: PLC0415

    if options.dags:
        layers.look(options.dags)
        if user.mode is not DagMode.IMAGE:
            raise KitError(
                "dags-not-used",
                f"--dags puts a folder into the image, but the DAG mode is {user.mode.value}",
                cause="In this mode Airflow reads its DAGs from elsewhere and would never look at that folder",
                fix="Leave --dags out, or use --dag-mode image"
                + ("; `kitctl dags push` copies it into the claim" if user.mode is DagMode.PVC else ""),
                code=ExitCode.USAGE,
            )
    requirements.read(options.requirements)
    reference = options.image or (named(user) if user.mention("image") or user.find("airflowVersion") else "")
    if options.check_image and (version := versions.tag_version(reference)):
        versions.new_enough(version, f"By its tag, the image {reference}", versions.ANYWAY)


def loadable(cluster: Cluster, options: UpOptions) -> None:
    """Refuse to build what cannot be brought onto the cluster.

    Raises:
        KitError: `image-load-unsupported`.
    """
    if not cluster.loads_images and (options.dags or options.requirements):
        raise KitError(
            "image-load-unsupported",
            f"An image with your DAGs cannot be loaded into the cluster of the context {cluster.context()}",
            cause="Its nodes pull images from a registry",
            fix="kitctl image build --dags PATH --tag REGISTRY/NAME:TAG && kitctl image push REGISTRY/NAME:TAG\n"
            "kitctl up --image REGISTRY/NAME:TAG",
            code=ExitCode.PREFLIGHT,
        )


def named(user: UserValues) -> str:
    """Return the reference of the image that the user's values mean, as the chart makes it."""
    repository = user.find("image", "repository") or pin("airflow.image")
    if digest := user.find("image", "digest"):
        return f"{repository}@{digest}"
    return f"{repository}:{user.find('image', 'tag') or user.find('airflowVersion') or pin('airflow.version')}"


def provide(
    cluster: Cluster,
    options: UpOptions,
    user: UserValues,
    note: Callable[[str], None],
    env: Mapping[str, str] | None = None,
    kept: Choice | None = None,
    *,
    dry_run: bool = False,
) -> Choice:
    """Build what is missing, and load it into a cluster of the kit.

    Other clusters pull from registries: there the chart's default, the user's values or --image decide.

    Args:
        cluster: The cluster.
        options: The flags.
        user: The user's values.
        note: Takes one line per step.
        env: Variables of the release for the check of the DAGs; None means those of the user's values.
        kept: The image that the release runs, where it stays; nothing is built then.
        dry_run: Build, fetch and load nothing: only name what would run.

    Raises:
        KitError: of the image builds; `image-no-airflow`, `image-too-old`; `image-load-unsupported`; `image-missing`.
    """
    loadable(cluster, options)
    how = _build_options(options, user, env, dry_run=dry_run)
    if cluster.pulls_images:
        return _pulled(cluster, options, user, how, note, kept)
    from kitctl.images import examples, store  # noqa: PLC0415

    if not dry_run:
        _servers(cluster, user, note)
    if kept:
        return _of_release(cluster, kept, note, dry_run=dry_run)
    if user.mention("image") and not options.image:
        return _of_values(cluster, user, note, dry_run=dry_run)
    # The examples come along where nobody brings DAGs, so that the first look at the UI is not an empty list.
    dags = options.dags or (data_dir("dags") if user.mode is DagMode.IMAGE and not options.image else None)
    reference, version = _airflow(options, dags, how, note)
    if not dry_run:
        store.load(cluster, reference, note)
    note(f"Airflow image {reference}")
    special = examples.bring_special(cluster, dags, (reference, version), user, how, note)
    return Choice(reference, version, store.revision(reference), special, looked=True)


def _servers(cluster: Cluster, user: UserValues, note: Callable[[str], None]) -> None:
    """Build and load the images of the servers that the values ask for."""
    from kitctl.images import recipes, store  # noqa: PLC0415

    if user.find("postgres", "enabled") is not False:
        store.load(cluster, recipes.ensure_postgres_image(note), note)
    brokers = {"redis": recipes.ensure_redis_image, "rabbitmq": recipes.ensure_rabbitmq_image}
    if ensure := brokers.get(_broker(user)):
        store.load(cluster, ensure(note), note)
    if user.find("pgbouncer", "enabled"):
        store.load(cluster, recipes.ensure_pgbouncer_image(note), note)


def _build_options(
    options: UpOptions, user: UserValues, env: Mapping[str, str] | None, *, dry_run: bool
) -> ImageOptions:
    from kitctl.images.building import ImageOptions  # noqa: PLC0415

    return ImageOptions(
        builder=options.builder or "auto",
        ca_bundle=options.ca_bundle,
        check_env=user.import_env() if env is None else env,
        dry_run=dry_run,
    )


def _pulled(
    cluster: Cluster,
    options: UpOptions,
    user: UserValues,
    how: ImageOptions,
    note: Callable[[str], None],
    kept: Choice | None,
) -> Choice:
    """Choose the image of a cluster whose nodes pull: only what registries do not have is built and loaded.

    DAGs and requirements go on top of the image that the nodes would pull. An image that --image names is loaded where
    this machine has built it.
    """
    from kitctl.images import recipes, store  # noqa: PLC0415

    if not cluster.loads_images:
        return kept or Choice(options.image)
    if kept:
        ours = made_from_content(full(kept.reference or ""))
        return _of_release(cluster, kept, note, dry_run=how.dry_run) if ours else kept
    if options.dags or options.requirements:
        built = recipes.build_dags(
            options.dags,
            options.requirements,
            options.image or named(user),
            check=options.dags is not None,
            options=how,
            progress=note,
        )
        if not how.dry_run:
            store.load(cluster, built.image, note)
        return Choice(built.image, built.airflow_version, store.revision(built.image), looked=True)
    if user.mention("image") and not options.image:
        return _of_values(cluster, user, note, dry_run=how.dry_run)
    revision = store.revision(options.image) if options.image else ""
    if options.image and revision and not how.dry_run:
        store.load(cluster, options.image, note)
    return Choice(options.image, revision=revision)


def _broker(user: UserValues) -> str:
    """Return the kind of broker that the release needs, as chart/templates/broker decides it; "" for none."""
    executors = [without_alias(str(entry)) for entry in user.find("executors") or []]
    return str(user.find("broker", "kind") or "redis") if "CeleryExecutor" in executors else ""


def _of_values(cluster: Cluster, user: UserValues, note: Callable[[str], None], *, dry_run: bool) -> Choice:
    """Bring the image that the user's values name, if this machine has it; else the node holds it or pulls it."""
    from kitctl.images import store  # noqa: PLC0415

    if user.find("image", "digest"):
        return Choice()
    reference = named(user)
    revision = store.revision(reference)
    if revision and not dry_run:
        store.load(cluster, reference, note)
    return Choice(revision=revision)


def _of_release(cluster: Cluster, kept: Choice, note: Callable[[str], None], *, dry_run: bool) -> Choice:
    """Bring the image that the release runs, unless the nodes have it; one of others they may pull themselves."""
    from kitctl.images import store  # noqa: PLC0415

    reference = full(kept.reference or "")
    try:
        if not dry_run:
            store.load(cluster, reference, note)
    except KitError as error:
        if error.id != "image-missing" or made_from_content(reference):
            raise
        note(f"{reference} is not on this machine: the nodes have to pull it")
    revision = store.revision(reference) or kept.revision
    return replace(kept, revision=revision, looked=revision == kept.revision)


def _airflow(options: UpOptions, dags: Path | None, how: ImageOptions, note: Callable[[str], None]) -> tuple[str, str]:
    """Build the image that the options ask for, on --image or on the kit's own; return it and its Airflow version."""
    from kitctl.images import recipes  # noqa: PLC0415

    if dags or options.requirements:
        base = options.image or ""
        built = recipes.build_dags(
            dags, options.requirements, base, check=options.dags is not None, options=how, progress=note
        )
    elif options.image:
        return options.image, _version(options.image, fetch=not how.dry_run)
    else:
        built = recipes.build_airflow(how, note)
    return built.image, built.airflow_version


def _version(reference: str, *, fetch: bool) -> str:
    """Return the Airflow version of a user's image; one that is not here is fetched, or known by its tag."""
    from kitctl.images import recipes, store, versions  # noqa: PLC0415
    from kitctl.tools.builders import builder  # noqa: PLC0415

    if builder.find().image_id(reference) is None:
        if not fetch:
            return versions.tag_version(reference)
        store.archive(reference)
    return recipes.airflow_version(reference)
