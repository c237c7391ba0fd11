"""What a command without flags speaks of in this folder, so that scripts/tool and kitctl mean one cluster."""

from __future__ import annotations

import typer

from kitctl.commands.options.inject import make_app, with_settings
from kitctl.model.settings import Settings


def settings() -> Settings:
    """Return the settings of variables, project file and defaults.

    Raises:
        KitError: of a project file with mistakes.
    """
    found: list[Settings] = []
    app = make_app()

    @app.command()
    @with_settings
    def nothing(settings: Settings) -> None:
        found.append(settings)

    typer.main.get_command(app)([], standalone_mode=False)
    return found[0]
