"""`kitctl open`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from kitctl.commands.console.report import emit
from kitctl.commands.options import complete, flags
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.model.settings import Settings

app = make_app()


@dataclass(frozen=True)
class Address:
    """The report of `kitctl open -o json`."""

    url: str


@app.command(name="open", epilog="Example: kitctl open --print")
@with_settings
def open_(
    settings: Settings,
    page: Annotated[
        str, typer.Argument(help="What to open: ui or flower", show_default=True, autocompletion=complete.page)
    ] = "ui",
    *,
    only_print: flags.OnlyPrint,
) -> None:
    """Print the URL of the UI or of Flower, and open it in a browser if there is a display."""
    import webbrowser  # noqa: PLC0415 - keeps --help fast

    from kitctl.release.handle import attach  # noqa: PLC0415
    from kitctl.usecases.open import address, show  # noqa: PLC0415

    url = address(attach(settings), page)
    emit(Address(url), settings.output, lambda: url)
    if not only_print:
        show(url, webbrowser.open)
