"""`kitctl status --watch` on a terminal: a table that is drawn again in its place."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from kitctl.commands.console.report import table
from kitctl.model.settings import Settings

if TYPE_CHECKING:
    from rich.text import Text

    from kitctl.usecases.status_watch import Picture

_PODS = ("task pod", "dag", "task", "run", "try", "phase", "age", "reason")


def can_draw() -> bool:
    """Whether stdout is a terminal on which a line can be drawn again."""
    return sys.stdout.isatty() and os.environ.get("TERM", "") not in {"", "dumb"}


def show(title: str, pictures: Iterable[Picture], settings: Settings) -> None:
    """Draw picture after picture; the last one stays when the user ends it.

    Args:
        title: First line, above the tables.
        pictures: What to draw.
        settings: Colours.
    """
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.live import Live  # noqa: PLC0415

    # `color` knows NO_COLOR and --no-color; rich's own guess of terminals (CI, TERM) must not stop the drawing.
    console = Console(no_color=not settings.color, highlight=False, force_terminal=True)
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        for picture in pictures:
            live.update(_text(lines(title, picture, console.height), settings), refresh=True)


def _text(shown: Sequence[tuple[str, str]], settings: Settings) -> Text:
    from rich.text import Text  # noqa: PLC0415

    text = Text(no_wrap=True, overflow="ellipsis")
    for number, (line, style) in enumerate(shown):
        text.append(("\n" if number else "") + line, style=style if settings.color else "")
    return text


def lines(title: str, picture: Picture, height: int, now: datetime | None = None) -> list[tuple[str, str]]:
    """Return the lines of a picture, each with its style; no more than the terminal is high.

    Args:
        title: First line.
        picture: What to show.
        height: Lines of the terminal.
        now: Time of the picture.
    """
    parts = picture.components
    components = table(
        ("component", "ready", "restarts"), [(n, f"{c.ready}/{c.wanted}", c.restarts) for n, c in parts.items()]
    ).splitlines()
    found = [(f"{title}, {now or datetime.now():%H:%M:%S}", "bold")]
    if picture.trouble:
        found.append((f"! {picture.trouble}; trying again", "red"))
    found += [("", ""), (components[0], "")]
    styles = ["" if c.ready >= c.wanted else "yellow" for c in parts.values()]
    found += zip(components[1:], styles, strict=True)
    if picture.task_pods:
        found += [("", ""), *_tasks(picture, height - len(found) - 2)]
    return found[:height]


def _tasks(picture: Picture, room: int) -> list[tuple[str, str]]:
    """Return the table of the task pods: the newest ones if there is not enough room for all."""
    count = len(picture.task_pods)
    shown = picture.task_pods if count < room else picture.task_pods[-max(1, room - 2) :]
    rows = [(p.pod, p.dag_id, p.task_id, p.run_id, p.try_number, p.phase, _age(p.age_seconds), p.reason) for p in shown]
    head, *body = table(_PODS, rows).splitlines()
    found = [(head, ""), *((line, "yellow" if pod.reason else "") for line, pod in zip(body, shown, strict=True))]
    if more := count - len(shown):
        found.append((f"… and {more} older ones", "dim"))
    return found


def _age(seconds: int) -> str:
    """Return an age as kubectl writes it: 45s, 12m, 3h."""
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"
