"""`kitctl up`."""

from __future__ import annotations

from kitctl.commands.options import make_app, with_settings
from kitctl.commands.progress import Progress, asker
from kitctl.commands.report import emit
from kitctl.commands.up_options import (
    Builder,
    CaBundle,
    CheckRepo,
    Dags,
    GitAuth,
    GitRef,
    GitRepo,
    GitSecret,
    GitSubPath,
    Image,
    Mode,
    NodePort,
    Requirements,
    Smoke,
    TemplateDir,
    gather,
    next_commands,
)
from kitctl.model.settings import Settings

app = make_app()


@app.command(epilog="Example: kitctl up --dags ./dags --requirements requirements.txt")
@with_settings
def up(
    settings: Settings,
    *,
    dag_mode: Mode = None,
    dags: Dags = None,
    requirements: Requirements = None,
    image: Image = None,
    git_repo: GitRepo = None,
    git_ref: GitRef = None,
    git_sub_path: GitSubPath = None,
    git_secret: GitSecret = None,
    git_auth: GitAuth = None,
    check_repo: CheckRepo = True,
    template_dir: TemplateDir = None,
    smoke: Smoke = True,
    node_port: NodePort = None,
    builder: Builder = None,
    ca_bundle: CaBundle = None,
) -> None:
    """Make cluster, images and release, prove them by a DAG run, and tell how to log in. May be run again any time."""
    from kitctl.usecases.up import up as bring_up  # noqa: PLC0415 - keeps --help fast

    options = gather(
        dag_mode,
        dags=dags,
        requirements=requirements,
        image=image,
        git_repo=git_repo,
        git_ref=git_ref,
        git_sub_path=git_sub_path,
        git_secret=git_secret,
        git_auth=git_auth,
        check_repo=check_repo,
        template_dir=template_dir,
        smoke=smoke,
        node_port=node_port,
        builder=builder,
        ca_bundle=ca_bundle,
    )
    report = bring_up(settings, options, Progress(settings), asker(settings))
    emit(report, settings.output, lambda: next_commands(report))
