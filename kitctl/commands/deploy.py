"""`kitctl deploy`."""

from __future__ import annotations

from kitctl.commands.console.next_steps import next_commands
from kitctl.commands.console.progress import Progress, asker
from kitctl.commands.console.report import emit, plain
from kitctl.commands.options import flags
from kitctl.commands.options.inject import make_app, with_options, with_settings
from kitctl.commands.options.release import NEW_CLUSTER, Typed
from kitctl.model.settings import Settings

app = make_app()


@app.command(epilog="Example: kitctl deploy --context prod -n airflow -f prod.yaml --yes")
@with_settings
@with_options(Typed, without=NEW_CLUSTER | {"dags", "requirements", "smoke", "builder", "ca_bundle"})
def deploy(settings: Settings, typed: Typed, *, diff: flags.Diff) -> None:
    """Install or upgrade the release on an existing cluster; build no image, run no test DAG."""
    from kitctl.usecases.deploy import deploy as bring  # noqa: PLC0415 - keeps --help fast

    if diff:
        _diff(settings, typed)
        return
    report = bring(settings, typed.read(), Progress(settings), asker(settings))
    emit(report, settings.output, lambda: next_commands(plain(report)))


def _diff(settings: Settings, typed: Typed) -> None:
    from kitctl.commands.console.deploy_diff import show  # noqa: PLC0415 - only this needs it
    from kitctl.usecases import deploy_diff  # noqa: PLC0415 - keeps --help fast

    show(deploy_diff.diff(settings, typed.read(), Progress(settings), asker(settings)), settings)
