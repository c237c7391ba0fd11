"""`kitctl credentials`."""

from __future__ import annotations

from kitctl.commands.options import make_app, with_settings
from kitctl.commands.report import emit, pairs
from kitctl.model.settings import Settings

app = make_app()


@app.command(epilog="Example: kitctl credentials -o json | jq -r .password")
@with_settings
def credentials(settings: Settings) -> None:
    """Print URL, user and password. The URL answers from this machine until `kitctl down`."""
    from kitctl.usecases.credentials import read_credentials  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.release import attach  # noqa: PLC0415

    found = read_credentials(attach(settings))
    emit(found, settings.output, lambda: pairs(found))
