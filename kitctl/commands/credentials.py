"""`kitctl credentials`."""

from __future__ import annotations

from kitctl.commands.console.report import emit, given, pairs
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.model.settings import Settings

app = make_app()


@app.command(epilog="Example: kitctl credentials -o json | jq -r .password")
@with_settings
def credentials(settings: Settings) -> None:
    """Print URL, user and password, and those of Flower. The URL works on this machine until you run `kitctl down`."""
    from kitctl.release.handle import attach  # noqa: PLC0415
    from kitctl.usecases.credentials import read_credentials  # noqa: PLC0415 - keeps --help fast

    found = given(read_credentials(attach(settings)))
    emit(found, settings.output, lambda: pairs(found))
