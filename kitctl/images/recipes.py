"""Images: what `kitctl image` and `kitctl up` build, keep, load and push.

The kit's own images are named by their content, so a name that is there is never built again and never lies.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kitctl.images import examples, extras, layers, platforms
from kitctl.images.building import Built, ImageOptions, Progress, make
from kitctl.images.store import archive, load, load_into, push
from kitctl.images.versions import airflow_version, python_wanted, tag_version, wanted
from kitctl.model.image_ref import AIRFLOW, digest, full, judge_repository
from kitctl.model.platforms import split
from kitctl.model.versions import data_dir, pin
from kitctl.tools.builders import baseimage, builder, network

__all__ = [
    "Built",
    "ImageOptions",
    "airflow_version",
    "archive",
    "build",
    "ensure_airflow_image",
    "ensure_dags_image",
    "ensure_pgbouncer_image",
    "ensure_postgres_image",
    "ensure_rabbitmq_image",
    "ensure_redis_image",
    "load",
    "load_into",
    "push",
]

CONTENT_LABEL = "io.airflow-kit.content"
_NOT_HERE = "unknown"
"""Key of a base image that a dry run would fetch."""


def ensure_airflow_image(progress: Progress) -> str:
    """Make sure that the kit's own Airflow image is in the builder's storage, and return its reference."""
    return build_airflow(ImageOptions(), progress).image


def ensure_dags_image(
    dags: Path | None, requirements: Path | None, base_image: str, check: bool, progress: Progress
) -> str:
    """Make sure that an image with these DAGs and requirements is in the builder's storage.

    Args:
        dags: The DAG folder.
        requirements: A requirements file, or None.
        base_image: An Airflow image; empty means the kit's own.
        check: Whether a DAG that does not import ends the build.
        progress: Takes one line per step.

    Returns:
        The image's reference.
    """
    return build_dags(dags, requirements, base_image, check=check, options=ImageOptions(), progress=progress).image


def build(
    dags: Path | None,
    requirements: Path | None,
    base_image: str,
    *,
    check: bool = True,
    tag: str = "",
    repository: str = "",
    example: str = "",
    options: ImageOptions,
    progress: Progress,
) -> Built:
    """Build what `kitctl image build` means: a thin image where DAGs or requirements are given, else the kit's own.

    Args:
        dags: DAG folder, or None.
        requirements: Requirements file, or None.
        base_image: Airflow image below the DAGs; for the kit's own image the Debian below Airflow.
        check: Whether a DAG that does not import ends the build.
        tag: One more name for the result.
        repository: Repository in which the result gets the name of its content as well; the report has that name then.
        example: Folder of docker/examples that is built on top; "" for none.
        options: How to build.
        progress: Takes one line per step.

    Raises:
        KitError: `repository-invalid`, `platform-invalid`, `platform-not-runnable`, `ca-bundle-missing`,
            `python-version-invalid`, and those of the builds.
    """
    network.ca_bundle(options.ca_bundle)  # a dry run judges it, too
    python_wanted(options.python_version)
    if repository:
        judge_repository(repository)
    if example:
        examples.check(example)
    wanted, tool = split(options.platform), builder.find(options.builder)
    platforms.refuse_foreign(tool, wanted)

    def one(platform: str) -> Built:
        mine = replace(options, platform=platform)
        return _image(dags, requirements, base_image, check=check, example=example, options=mine, progress=progress)

    def name(image: str, new: str) -> None:
        if not options.dry_run:
            tool.tag(image, full(new))

    if platforms.several(wanted):
        built, images = platforms.each(wanted, one, name)
    else:
        built, images = one("".join(wanted)), {}
    by_content = f"{repository}:{built.image.rpartition(':')[2]}" if repository else ""
    for new in filter(None, (tag, by_content)):
        platforms.name_all(new, images, built.image, name)
    return replace(built, image=by_content) if by_content else built


def _image(
    dags: Path | None,
    requirements: Path | None,
    base_image: str,
    *,
    check: bool,
    example: str,
    options: ImageOptions,
    progress: Progress,
) -> Built:
    """Build the image of one platform."""
    if dags is None and requirements is None and example and base_image:
        built = _given(base_image, options, progress)
    elif dags is None and requirements is None:
        built = build_airflow(replace(options, base_image=base_image), progress)
    else:
        built = build_dags(dags, requirements, base_image, check=check, options=options, progress=progress)
    if not example:
        return built
    tool = builder.find(options.builder)
    return examples.build(tool, example, built.image, built.airflow_version, options=options, progress=progress)


def build_airflow(options: ImageOptions, progress: Progress) -> Built:
    """Build the kit's own Airflow image: 1. find a builder, 2. find the base, 3. build what is not there yet.

    Raises:
        KitError: `airflow-version-invalid`, `airflow-version-unknown`, `airflow-does-not-start`, `image-too-old`,
            `extras-unknown`, `builder-missing`, `base-image-unreachable`, `image-build-failed`.
    """
    version = wanted(options.airflow_version)
    tool = builder.find(options.builder)
    base = platforms.base_of(tool, full(options.base_image or pin("images.debian")), options.platform)
    python = options.python_version or ("" if options.base_image else pin("airflow.python"))
    key = _base_key(tool, base, options, progress)
    docker = data_dir("docker")
    args = {
        "BASE_IMAGE": base,
        "PYTHON_VERSION": python,
        "AIRFLOW_VERSION": version,
        "AIRFLOW_EXTRAS": extras.chosen(options.extras),
        "EXTRA_REQUIREMENTS": options.extra_requirements,
    }
    facts = [*(f"{name}={value}" for name, value in args.items()), f"base {key}", f"platform {options.platform}"]
    tag = f"{AIRFLOW}:{version}-{digest([docker / 'airflow', docker / 'common'], facts)}"
    order = builder.Build(docker / "airflow" / "Dockerfile", docker, tag, args=args)
    return Built(tag, version, make(tool, order, options, progress), tool.name)


def build_dags(
    dags: Path | None,
    requirements: Path | None,
    base_image: str,
    *,
    check: bool,
    options: ImageOptions,
    progress: Progress,
) -> Built:
    """Build an image with DAGs: 1. refuse what cannot be a DAG folder, 2. find the Airflow image, 3. add the layer."""
    if dags is not None:
        layers.look(dags, check=check)
    below = _given(base_image, options, progress) if base_image else build_airflow(options, progress)
    return layers.build(
        builder.find(options.builder),
        below.image,
        below.airflow_version,
        dags=dags,
        requirements=requirements,
        check=check,
        options=options,
        progress=progress,
    )


def _given(base_image: str, options: ImageOptions, progress: Progress) -> Built:
    """Look into an Airflow image of the user's, fetching it first where it is not here."""
    extras.chosen(options.extras, base_image)
    tool = builder.find(options.builder)
    base = platforms.base_of(tool, full(base_image), options.platform)
    if _base_key(tool, base, options, progress) == _NOT_HERE:
        return Built(base, tag_version(base_image), False, tool.name)
    return Built(base, airflow_version(base, tool), False, tool.name)


def _base_key(tool: builder.Builder, base: str, options: ImageOptions, progress: Progress) -> str:
    """Return the key of a base image, fetching or making the image first unless this is a dry run."""
    if (key := baseimage.key(tool, base)) is not None:
        return key
    if options.dry_run:
        progress(f"image: would fetch {base}")
        return _NOT_HERE
    progress(f"image: fetching {base}")
    return baseimage.ensure(tool, base, options.platform)


def ensure_postgres_image(progress: Progress) -> str:
    """Make sure that PostgreSQL's image is in the builder's storage: the official one, else the kit's stand-in.

    Returns:
        The official name, which the chart uses.
    """
    return _ensure_server_image("postgres", {"POSTGRES_MAJOR": pin("images.postgres_tag")}, progress)


def ensure_redis_image(progress: Progress) -> str:
    """Make sure that the broker's image is in the builder's storage; as `ensure_postgres_image`."""
    return _ensure_server_image("redis", {}, progress)


def ensure_rabbitmq_image(progress: Progress) -> str:
    """Make sure that RabbitMQ's image is in the builder's storage; as `ensure_postgres_image`."""
    return _ensure_server_image("rabbitmq", {}, progress)


def ensure_pgbouncer_image(progress: Progress) -> str:
    """Make sure that PgBouncer's image is in the builder's storage; as `ensure_postgres_image`."""
    return _ensure_server_image("pgbouncer", {}, progress)


def _ensure_server_image(name: str, args: dict[str, str], progress: Progress) -> str:
    """Fetch a server's official image, or build the kit's stand-in from docker/<name>; return the official name."""
    tool = builder.find()
    tag = pin(f"images.{name}_tag")
    reference = f"{pin(f'images.{name}')}:{tag}"
    docker = data_dir("docker")
    content = digest([docker / name, docker / "common"])
    if tool.image_id(reference) is not None and tool.labels(reference).get(CONTENT_LABEL, content) == content:
        return reference
    if tool.pull(reference).ok:
        return reference
    base = full(pin("images.debian"))
    options = ImageOptions()
    _base_key(tool, base, options, progress)
    # Built under a name of its own first: an older stand-in of the official name must not pass for this one.
    mine = f"kitctl.local/{name}:{tag}-{content}"
    given = {"BASE_IMAGE": base, **args}
    order = builder.Build(docker / name / "Dockerfile", docker, mine, args=given, labels={CONTENT_LABEL: content})
    make(tool, order, options, progress)
    tool.tag(mine, reference)
    return reference
