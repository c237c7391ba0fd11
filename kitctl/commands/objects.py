"""`kitctl objects apply|diff|export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kitctl.commands.console.progress import Progress, asker
from kitctl.commands.console.report import emit
from kitctl.commands.options import objects_flags
from kitctl.commands.options.inject import make_app, with_settings
from kitctl.errors import ExitCode
from kitctl.model.settings import Settings

if TYPE_CHECKING:
    from kitctl.model.objects.export import ObjectsExport
    from kitctl.model.objects.write import ObjectsReport

app = make_app("Keep connections, variables, pools and users in a file", "kitctl objects apply objects.yaml")

File = Annotated[Path, typer.Argument(help="File with the objects", show_default=False)]


@app.command(epilog="Example: kitctl objects apply objects.yaml")
@with_settings
def apply(settings: Settings, file: File, *, prune: objects_flags.Prune) -> None:
    """Write what differs between a file and the release. Objects that the file does not name stay, unless --prune."""
    from kitctl.release.handle import attach  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.objects import apply as objects  # noqa: PLC0415

    pruning = objects.Prune(asker(settings), Progress(settings).note) if prune else None
    report = objects.apply(attach(settings), file, pruning)
    emit(report, settings.output, lambda: _text(report))


@app.command(epilog="Example: kitctl objects diff objects.yaml -o json")
@with_settings
def diff(settings: Settings, file: File, *, prune: objects_flags.Prune) -> None:
    """Show what `apply` would change. Exit code 7 if there are differences."""
    from kitctl.release.handle import attach  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.objects.apply import diff as compare  # noqa: PLC0415

    report = compare(attach(settings), file, pruned=prune)
    emit(report, settings.output, lambda: _text(report))
    if report.changed:
        raise typer.Exit(int(ExitCode.DIFFERENT))


@app.command(epilog="Example: kitctl objects export > objects.yaml")
@with_settings
def export(settings: Settings, secret: objects_flags.SecretName) -> None:
    """Print the objects of the release as a file for `apply`, with references in place of secrets."""
    from kitctl.release.handle import attach  # noqa: PLC0415 - keeps --help fast
    from kitctl.usecases.objects.export import export as read  # noqa: PLC0415

    report = read(attach(settings), secret)
    emit(report, settings.output, lambda: _file(report, settings))
    progress = Progress(settings)
    if report.references:
        progress.note(f"Secrets to fill in, listed at the top of the file: {len(report.references)}")
    for line in report.left_out:
        progress.note(f"Left out: {line}")


def _file(report: ObjectsExport, settings: Settings) -> str:
    from kitctl.model.objects.wanted import reference  # noqa: PLC0415 - keeps --help fast

    where = f"the release {settings.release} in the namespace {settings.namespace}"
    head = [f"Objects of {where}, written by `kitctl objects export`."]
    if report.references:
        head.append("Airflow does not show these secrets. Before `kitctl objects apply`, fill in:")
        head += [f"- {reference(one.reference)}: {one.place}" for one in report.references]
    head += [f"Left out: {line}" for line in report.left_out]
    # A name may hold a line break, which would end the comment.
    return "".join(f"# {' '.join(line.split())}\n" for line in head) + _yaml(report.objects)


def _yaml(document: dict[str, Any]) -> str:
    import yaml  # noqa: PLC0415 - 20 ms that only this command should pay

    class Dumper(yaml.SafeDumper):
        """Writes texts of several lines as a block, and equal values each in full."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return str(yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120))


def _text(report: ObjectsReport) -> str:
    lines = []
    for one in report.objects:
        lines.append(f"{one.section}.{one.name}: {one.action}")
        lines += [f"  {change.field}: {change.old!r} → {change.new!r}" for change in one.fields]
        lines += [f"  {name}: masked by Airflow, written each time" for name in one.hidden]
    lines += [f"{kept.section}.{kept.name}: keep, {kept.reason}" for kept in report.kept]
    return "\n".join(lines)
