"""`kitctl upgrade-check`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import typer

from kitctl.commands.console.paste import pasteable
from kitctl.commands.console.progress import Progress
from kitctl.commands.console.report import emit
from kitctl.commands.options import flags, image_flags, upgrade_flags
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.errors import ExitCode
from kitctl.model.settings import Settings

app = make_app()


@app.command(name="upgrade-check", epilog="Example: kitctl upgrade-check --to 3.3.2 --dags ./dags -f prod.yaml")
@with_settings
def upgrade_check(
    settings: Settings,
    *,
    to: upgrade_flags.To,
    dags: flags.Dags,
    requirements: flags.Requirements,
    template_dir: flags.TemplateDir,
    image: flags.Image,
    new_image: upgrade_flags.NewImage,
    extras: image_flags.Extras,
    import_files: flags.ImportFiles,
    ask_cluster: upgrade_flags.AskCluster,
    ca_bundle: flags.CaBundle,
    strict: flags.Strict,
) -> None:
    """Check what an upgrade of Airflow needs: values, options, DAGs in the new image, packages, database, cluster.

    Changes nothing, and needs no release. Exit code 0 if nothing forbids the upgrade, otherwise 3.
    """
    from kitctl.commands.console.upgrade_check import as_text  # noqa: PLC0415 - keeps --help fast
    from kitctl.model.versions import pin  # noqa: PLC0415
    from kitctl.usecases.upgrade.check import check  # noqa: PLC0415
    from kitctl.usecases.upgrade.wish import Wish  # noqa: PLC0415

    usual = (settings.folder or Path()) / "dags"
    wish = Wish(
        to=to or pin("airflow.version"),
        dags=dags or (usual if usual.is_dir() else None),
        requirements=requirements,
        image=image or "",
        new_image=new_image or "",
        template_dir=template_dir,
        extras=extras,
        ca_bundle=ca_bundle,
        use_image=import_files,
        use_cluster=ask_cluster,
        strict=strict,
    )
    found = check(settings, wish, Progress(settings))
    areas = [
        replace(area, findings=[replace(one, fix=pasteable(one.fix)) for one in area.findings]) for area in found.areas
    ]
    report = replace(found, areas=areas)
    emit(report, settings.output, lambda: as_text(report, settings))
    if not report.ok:
        raise typer.Exit(int(ExitCode.PREFLIGHT))
