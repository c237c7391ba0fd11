"""`kitctl image build|prepare|load|push|save|restore`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from kitctl.commands.console.report import emit, teller
from kitctl.commands.options import flags, image_flags
from kitctl.commands.options.inject import make_app, with_options, with_settings
from kitctl.commands.options.release import NEW_CLUSTER, Typed
from kitctl.model.settings import Settings

app = make_app("Build, load, push, save and restore images", "kitctl image build --dags ./dags")


@dataclass(frozen=True)
class Prepared:
    """The report of `image prepare`: the references of the images, none with --dry-run."""

    images: list[str]


@dataclass(frozen=True)
class Loaded:
    """The report of `image load`; `loaded` is false if the nodes had the image already."""

    image: str
    loaded: bool
    cluster: str


@dataclass(frozen=True)
class Pushed:
    """The report of `image push`; `pushed` is false with --dry-run.

    Attributes:
        image: Name of the image.
        pushed: Whether it was sent.
        digest: Digest of the image in the registry, "sha256:…"; `NAME@DIGEST` never means another image.
    """

    image: str
    pushed: bool
    digest: str


@dataclass(frozen=True)
class Saved:
    """The report of `image save`; `saved` is false with --dry-run."""

    image: str
    file: str
    saved: bool


@dataclass(frozen=True)
class Restored:
    """The report of `image restore`: the images of the archive; none with --dry-run."""

    images: list[str]


@app.command(epilog="Example: kitctl image build --dags ./dags --tag example.com/dags:1")
@with_settings
def build(
    settings: Settings,
    *,
    dags: flags.Dags,
    requirements: flags.Requirements,
    base_image: flags.BaseImage,
    platform: image_flags.Platform,
    ca_bundle: flags.CaBundle,
    airflow_version: image_flags.AirflowVersion,
    python_version: image_flags.PythonVersion,
    extras: image_flags.Extras,
    tag: image_flags.Tag,
    repository: image_flags.Repository,
    layer_cache: image_flags.LayerCache,
    example: image_flags.Example,
    check: image_flags.CheckDags,
    builder: flags.Builder,
) -> None:
    """Build an Airflow image, or add your DAGs and requirements to one, and print its name."""
    from kitctl.images import recipes  # noqa: PLC0415  # keeps --help fast
    from kitctl.release import values  # noqa: PLC0415

    built = recipes.build(
        dags,
        requirements,
        base_image,
        check=check,
        tag=tag,
        repository=repository,
        example=example,
        options=recipes.ImageOptions(
            builder=builder or "auto",
            platform=platform,
            ca_bundle=ca_bundle,
            airflow_version=airflow_version,
            python_version=python_version,
            # Only `env` of the values says what a DAG file can import.
            check_env=values.read(settings).import_env() if dags and check else {},
            extras=extras,
            layer_cache=layer_cache,
            dry_run=settings.dry_run,
        ),
        progress=teller(settings),
    )
    emit(built, settings.output, lambda: built.image)


@app.command(epilog="Example: kitctl image prepare --dags ./dags")
@with_settings
@with_options(Typed, without=NEW_CLUSTER)
def prepare(settings: Settings, typed: Typed) -> None:
    """Build the images that `kitctl up` with these options loads, and keep them for it; needs no cluster or Helm."""
    from kitctl.model.values.dags import DagMode  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.prepare_images import prepare_images  # noqa: PLC0415

    tell = teller(settings)
    if settings.dry_run:
        tell("image: would build the images of `kitctl up`")
    options = typed.read()
    options = options.fitting(options.dag_mode or DagMode.IMAGE, settings.from_project)
    images = [] if settings.dry_run else prepare_images(options, tell)
    emit(Prepared(images), settings.output, lambda: "\n".join(images))


@app.command(epilog="Example: kitctl image load kitctl.local/dags:0123456789ab --provider node")
@with_settings
def load(
    settings: Settings,
    reference: Annotated[str, typer.Argument(metavar="REF", help="Image; without it, the kit's own image")] = "",
) -> None:
    """Copy an image to the nodes of a cluster, unless they have it already."""
    from kitctl.images import recipes  # noqa: PLC0415

    tell = teller(settings)
    name, loaded, cluster = recipes.load_into(settings, reference or recipes.ensure_airflow_image(tell), tell)
    emit(Loaded(name, loaded, cluster), settings.output, lambda: name)


@app.command(epilog="Example: kitctl image push registry.example.com/dags:1")
@with_settings
def push(
    settings: Settings,
    reference: Annotated[str, typer.Argument(metavar="REF", help="Image in the storage of the image builder")],
    *,
    builder: flags.Builder,
    platform: image_flags.Platform,
    digest_file: image_flags.DigestFile,
) -> None:
    """Push an image to its registry, with the credentials of the image builder."""
    from kitctl.images import recipes  # noqa: PLC0415

    if settings.dry_run:
        teller(settings)(f"image: would push {reference}")
        name, digest = reference, ""
    else:
        name, digest = recipes.push(reference, builder or "auto", digest_file, platform)
    emit(Pushed(name, not settings.dry_run, digest), settings.output, lambda: name)


@app.command(epilog="Example: kitctl image save airflow.tar kitctl.local/dags:0123456789ab")
@with_settings
def save(
    settings: Settings,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Docker archive to write")],
    reference: Annotated[str, typer.Argument(metavar="REF", help="Image; without it, the kit's own image")] = "",
) -> None:
    """Write an image to a file, for a CI that keeps it between its runs."""
    from kitctl.images import archives, recipes  # noqa: PLC0415

    tell = teller(settings)
    if settings.dry_run:
        tell(f"image: would write {file}")
        name = reference
    else:
        name = archives.save(reference or recipes.ensure_airflow_image(tell), file, tell)
    emit(Saved(name, str(file), not settings.dry_run), settings.output, lambda: name)


@app.command(epilog="Example: kitctl image restore airflow.tar")
@with_settings
def restore(
    settings: Settings,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Docker archive, as `image save` writes it")],
    *,
    builder: flags.Builder,
) -> None:
    """Bring the images of a file back into the storage of the image builder."""
    from kitctl.images import archives  # noqa: PLC0415

    if settings.dry_run:
        teller(settings)(f"image: would read {file}")
    images = [] if settings.dry_run else archives.restore(file, builder or "auto")
    emit(Restored(images), settings.output, lambda: "\n".join(images))
