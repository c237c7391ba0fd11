"""`kitctl deploy`."""

from __future__ import annotations

from kitctl.commands.options import make_app, with_settings
from kitctl.commands.progress import Progress, asker
from kitctl.commands.report import emit
from kitctl.commands.up_options import (
    CheckRepo,
    GitAuth,
    GitRef,
    GitRepo,
    GitSecret,
    GitSubPath,
    Image,
    Mode,
    NodePort,
    TemplateDir,
    gather,
    next_commands,
)
from kitctl.model.settings import Settings

app = make_app()


@app.command(epilog="Example: kitctl deploy --context prod -n airflow -f prod.yaml --yes")
@with_settings
def deploy(
    settings: Settings,
    *,
    dag_mode: Mode = None,
    image: Image = None,
    git_repo: GitRepo = None,
    git_ref: GitRef = None,
    git_sub_path: GitSubPath = None,
    git_secret: GitSecret = None,
    git_auth: GitAuth = None,
    check_repo: CheckRepo = True,
    template_dir: TemplateDir = None,
    node_port: NodePort = None,
) -> None:
    """Install or upgrade the release on a cluster that is there: no cluster, no image, no smoke run."""
    from kitctl.usecases.redeploy import redeploy  # noqa: PLC0415 - keeps --help fast

    options = gather(
        dag_mode,
        image=image,
        git_repo=git_repo,
        git_ref=git_ref,
        git_sub_path=git_sub_path,
        git_secret=git_secret,
        git_auth=git_auth,
        check_repo=check_repo,
        template_dir=template_dir,
        node_port=node_port,
    )
    report = redeploy(settings, options, Progress(settings), asker(settings))
    emit(report, settings.output, lambda: next_commands(report))
