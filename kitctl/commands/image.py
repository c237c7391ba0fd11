"""`kitctl image build|load|push`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kitctl.commands.console.report import emit, teller
from kitctl.commands.options import make_app, with_settings
from kitctl.model.settings import Settings

app = make_app("Build, load and push images", "kitctl image build --dags ./dags")


def _opt(*names: str, text: str, env: str) -> Any:
    return typer.Option(*names, help=text, envvar=f"KITCTL_{env}")


Dags = Annotated[Path | None, _opt("--dags", text="DAG folder to put into the image", env="DAGS")]
Requirements = Annotated[
    Path | None, _opt("--requirements", text="Requirements file to install on top", env="REQUIREMENTS")
]
Base = Annotated[
    str, _opt("--base-image", text="Airflow image below the DAGs, or Debian below Airflow", env="BASE_IMAGE")
]
Platform = Annotated[str, _opt("--platform", text="For example linux/arm64", env="PLATFORM")]
Bundle = Annotated[
    Path | None, _opt("--ca-bundle", text="CA certificates (PEM) for the build's downloads", env="CA_BUNDLE")
]
AirflowVersion = Annotated[str, _opt("--airflow-version", text="Airflow of the kit's own image", env="AIRFLOW_VERSION")]
Python = Annotated[str, _opt("--python-version", text="Python that the base must have", env="PYTHON_VERSION")]
Example = Annotated[
    str, _opt("--example", text="Example image to build on top: zip has one more program", env="EXAMPLE")
]
Tag = Annotated[str, _opt("--tag", text="One more name for the image", env="TAG")]
Check = Annotated[bool, _opt("--check/--no-check", text="Refuse DAGs that do not import", env="CHECK")]
BuilderName = Annotated[str, _opt("--builder", text="auto, docker, podman or buildah", env="BUILDER")]


@app.command(epilog="Example: kitctl image build --dags ./dags --tag example.com/dags:1")
@with_settings
def build(
    settings: Settings,
    *,
    dags: Dags = None,
    requirements: Requirements = None,
    base_image: Base = "",
    platform: Platform = "",
    ca_bundle: Bundle = None,
    airflow_version: AirflowVersion = "",
    python_version: Python = "",
    tag: Tag = "",
    example: Example = "",
    check: Check = True,
    builder: BuilderName = "auto",
) -> None:
    """Build the kit's Airflow image, or a thin one with your DAGs and requirements, and print its reference."""
    from kitctl.images import recipes  # noqa: PLC0415  # keeps --help fast

    built = recipes.build(
        dags,
        requirements,
        base_image,
        check=check,
        tag=tag,
        example=example,
        options=recipes.ImageOptions(
            builder=builder,
            platform=platform,
            ca_bundle=ca_bundle,
            airflow_version=airflow_version,
            python_version=python_version,
            dry_run=settings.dry_run,
        ),
        progress=teller(settings),
    )
    report = {
        "image": built.image,
        "airflow_version": built.airflow_version,
        "built": built.built,
        "builder": built.builder,
    }
    emit(report, settings.output, lambda: built.image)


@app.command(epilog="Example: kitctl image load kitctl.local/dags:0123456789ab --provider node")
@with_settings
def load(
    settings: Settings,
    reference: Annotated[str, typer.Argument(metavar="REF", help="Image; the kit's own where left out")] = "",
) -> None:
    """Bring an image onto the nodes of a cluster, unless they hold it."""
    from kitctl.images import recipes  # noqa: PLC0415

    tell = teller(settings)
    name, loaded, cluster = recipes.load_into(settings, reference or recipes.ensure_airflow_image(tell), tell)
    emit({"image": name, "loaded": loaded, "cluster": cluster}, settings.output, lambda: name)


@app.command(epilog="Example: kitctl image push registry.example.com/dags:1")
@with_settings
def push(
    settings: Settings,
    reference: Annotated[str, typer.Argument(metavar="REF", help="Image in the builder's storage")],
    *,
    builder: BuilderName = "auto",
) -> None:
    """Send an image to its registry with the builder's own credentials."""
    from kitctl.images import recipes  # noqa: PLC0415

    if settings.dry_run:
        teller(settings)(f"image: would push {reference}")
    name = reference if settings.dry_run else recipes.push(reference, builder)
    emit({"image": name, "pushed": not settings.dry_run}, settings.output, lambda: name)
