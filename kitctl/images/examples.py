"""Images for tasks that need more than the release's has: docker/examples/<name> on any Airflow image.

The tour of the KubernetesExecutor has a task that needs the program `zip`. Its image holds the DAGs too, so it stands
on the very image that the release runs, and is built again whenever that one is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kitctl.clusters.base import Cluster
from kitctl.errors import ExitCode, KitError
from kitctl.images.building import Built, ImageOptions, Progress, make
from kitctl.model.image_ref import BASE_LABEL, EXAMPLES, VERSION_LABELS, digest, files, made_from_content
from kitctl.model.user_values import UserValues
from kitctl.model.versions import data_dir
from kitctl.tools.builders import builder

SPECIAL = "EXAMPLE_SPECIAL_IMAGE"
"""Variable that names the image to the DAG; the chart sets it from `dags.specialImage`."""

_OF_SPECIAL = "zip"


def check(name: str) -> None:
    """Refuse an example image that the kit does not have.

    Raises:
        KitError: `example-unknown`.
    """
    known = sorted(path.parent.name for path in _folder().glob("*/Dockerfile"))
    if name not in known:
        raise KitError(
            "example-unknown",
            f"There is no example image {name!r}",
            cause=f"docker/examples contains {', '.join(known)}",
            fix=f"kitctl image build --example {known[0]}",
            code=ExitCode.USAGE,
        )


def build(
    tool: builder.Builder, name: str, base: str, version: str, *, options: ImageOptions, progress: Progress
) -> Built:
    """Build an example image on an Airflow image that is in the builder's storage.

    Args:
        tool: The builder.
        name: Folder below docker/examples.
        base: Full reference of the Airflow image.
        version: Its Airflow version.
        options: Of the user.
        progress: Takes one line per step.

    Raises:
        KitError: `image-build-failed`.
    """
    tag = _tag(tool, name, base, options)
    # Its packages are installed as root; then the base's own user goes on.
    args = {"BASE_IMAGE": base, "BASE_USER": "" if options.dry_run else tool.user(base) or "root"}
    labels = {VERSION_LABELS[0]: version, BASE_LABEL: base}
    order = builder.Build(_folder() / name / "Dockerfile", data_dir("docker"), tag, args=args, labels=labels)
    return Built(tag, version, make(tool, order, options, progress), tool.name)


def bring_special(
    cluster: Cluster, dags: Path | None, base: tuple[str, str], user: UserValues, options: ImageOptions, note: Progress
) -> str:
    """Build and load what the task `special_image` needs, where DAGs with that task come along.

    An example must not stop a release: what fails is told in one line, and the task says so and is skipped.

    Args:
        cluster: A cluster that images are loaded into.
        dags: The folder that the release's image holds; None for none.
        base: The release's image, and its Airflow version.
        user: Their values; an image that they name is theirs to care for.
        options: How to build.
        note: Takes one line per step.

    Returns:
        The image's reference; "" where none is needed, or none could be had.
    """
    from kitctl.images import store  # noqa: PLC0415 - it imports every provider

    if dags is None or _named(user) or not _asks(dags):
        return ""
    try:
        tool = builder.find(options.builder)
        reference = _tag(tool, _OF_SPECIAL, base[0], options)
        if not options.dry_run and not cluster.has_image(reference):
            build(tool, _OF_SPECIAL, *base, options=options, progress=note)
            store.load(cluster, reference, note)
    except KitError as error:
        note(f"the example task special_image will be skipped, as its image could not be had: {error.message}")
        return ""
    return reference


def _tag(tool: builder.Builder, name: str, base: str, options: ImageOptions) -> str:
    key = base if made_from_content(base) else tool.image_id(base)
    content = digest([_folder() / name, data_dir("docker") / "common"], [f"base {key}", f"platform {options.platform}"])
    return f"{EXAMPLES}:{name}-{content}"


def _folder() -> Path:
    return data_dir("docker") / "examples"


def _named(user: UserValues) -> bool:
    """Whether the user's values name an image for the task, or say that there is none."""
    entries = user.find("env")
    names = {e.get("name") for e in entries if isinstance(e, dict)} if isinstance(entries, list) else set()
    return SPECIAL in names or user.find("dags", "specialImage") is not None


def _asks(dags: Path) -> bool:
    """Whether a DAG of the folder reads the variable: the kit's own tour, or a copy of it."""
    return any(SPECIAL in text for text in _texts(dags))


def _texts(dags: Path) -> Iterator[str]:
    for path in files(dags):
        if path.suffix == ".py":
            yield path.read_text(encoding="utf-8", errors="replace")
