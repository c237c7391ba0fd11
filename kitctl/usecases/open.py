"""Open a page of the release in the browser, where there is one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

from kitctl.errors import ExitCode, KitError
from kitctl.release.handle import Release


def address(release: Release, page: str) -> str:
    """Return the address of a page.

    Raises:
        KitError: `page-unknown`, `release-missing`, `forward-failed`.
    """
    if page not in PAGES:
        raise KitError(
            "page-unknown",
            f"There is no page named {page!r}",
            cause=f"Pages: {', '.join(PAGES)}",
            fix="kitctl open ui",
            code=ExitCode.USAGE,
        )
    return PAGES[page](release)


def _flower(release: Release) -> str:
    if release.has_flower:
        return release.flower_url()
    settings = release.settings
    celery = any(workload.component == "celery" for workload in release.workloads)
    executors = "" if celery else " --set 'executors={CeleryExecutor}'"
    raise KitError(
        "page-unknown",
        f"Flower is not part of this release: {'flower.enabled is false' if celery else 'it has no Celery workers'}",
        cause="Flower shows Celery workers and their tasks. It is part of a release if flower.enabled is true",
        fix=f"kitctl up -n {settings.namespace} --release {settings.release}{executors} --set flower.enabled=true"
        "    # and the options of the last kitctl up",
        code=ExitCode.USAGE,
    )


PAGES: dict[str, Callable[[Release], str]] = {"ui": lambda release: release.url(), "flower": _flower}
"""What can be opened: name → what finds its address."""


def has_display(env: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a browser could show up: on Linux only with a display of X11 or Wayland, else a text browser would."""
    return platform in {"darwin", "win32"} or bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def show(url: str, browser: Callable[[str], bool]) -> bool:
    """Open a browser where there is a display; returns whether one was opened."""
    return has_display() and browser(url)
