"""Open a page of the release in the browser, where there is one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

from kitctl.errors import ExitCode, KitError
from kitctl.release.handle import Release

PAGES = {"ui": ""}
"""What can be opened: name → path behind the address."""


def address(release: Release, page: str) -> str:
    """Return the address of a page.

    Raises:
        KitError: `page-unknown`, `release-missing`, `forward-failed`.
    """
    if page not in PAGES:
        raise KitError(
            "page-unknown",
            f"There is no page named {page!r}",
            cause=f"Pages: {', '.join(PAGES)}"
            + (". Without Celery workers there is no Flower" if page == "flower" else ""),
            fix="kitctl open ui",
            code=ExitCode.USAGE,
        )
    return release.url() + PAGES[page]


def has_display(env: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a browser could show up: on Linux only with a display of X11 or Wayland, else a text browser would."""
    return platform in {"darwin", "win32"} or bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def show(url: str, browser: Callable[[str], bool]) -> bool:
    """Open a browser where there is a display; returns whether one was opened."""
    return has_display() and browser(url)
