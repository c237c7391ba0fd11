"""`kitctl down`."""

from __future__ import annotations

from typing import Any

from kitctl.commands.console.next_steps import hints
from kitctl.commands.console.paste import pasteable
from kitctl.commands.console.progress import Progress, asker
from kitctl.commands.console.report import emit, plain
from kitctl.commands.options import flags
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.model.settings import Settings

app = make_app()


@app.command(epilog="Example: kitctl down --volumes --yes")
@with_settings
def down(
    settings: Settings,
    *,
    volumes: flags.Volumes,
    whole_cluster: flags.WholeCluster,
) -> None:
    """Remove the release. Its volume claims and keys stay for the next `up`, unless you give --volumes."""
    from kitctl.usecases.down import down as take_down  # noqa: PLC0415 - keeps --help fast

    report = take_down(settings, Progress(settings), asker(settings), volumes=volumes, cluster=whole_cluster)
    emit(report, settings.output, lambda: _text(plain(report), volumes=volumes))


def _text(report: dict[str, Any], *, volumes: bool) -> str:
    if report.get("dry_run"):
        return "\n".join(f"would {line}" for line in report["would"] or ["change nothing"])
    lines = [f"removed {item}" for item in report["removed"]] or ["nothing to remove"]
    lines += [f"kept    {item}" for item in report["kept"]]
    lines += [pasteable(note) for note in report["notes"]]
    if report["kept"] and not volumes:
        lines += [
            "",
            *hints(
                ("kitctl up", "bring the release back with this data"),
                ("kitctl down --volumes", "delete the data"),
            ),
        ]
    return "\n".join(lines)
