"""`kitctl version`."""

from __future__ import annotations

from dataclasses import dataclass

from kitctl.commands.console.report import emit, given, pairs
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.model.settings import Settings
from kitctl.model.versions import pin

app = make_app(project=False)


@dataclass(frozen=True)
class Versions:
    """The report of `kitctl version -o json`.

    Attributes:
        kitctl: Version of kitctl and of the chart that comes with it.
        airflow: Version of Airflow that it installs if nothing else is asked for.
        kubernetes: Version of the clusters that it creates.
    """

    kitctl: str
    airflow: str
    kubernetes: str


@app.command(epilog="Example: kitctl version -o json")
@with_settings
def version(settings: Settings) -> None:
    """Show the versions of kitctl with its chart, and of the Airflow and the clusters that it creates by default."""
    found = Versions(pin("kit.version"), pin("airflow.version"), pin("kubernetes.version"))
    emit(found, settings.output, lambda: pairs(given(found)))
