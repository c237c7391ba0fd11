"""A headless Chromium, for which a host name can lead to a controller on the node."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, HttpCredentials, Page, sync_playwright

from tests.e2e.doors.controller import Controller

PATIENCE = 120_000
"""Milliseconds that a page may take on a busy machine."""
WIDTH, HEIGHT = 1280, 800
"""Size of a page, and so of a picture of it, in pixels."""


@contextmanager
def running(site: str, controller: Controller) -> Iterator[Browser]:
    """Start Debian's Chromium. It looks up the site as any browser does, only the answer is the node.

    Args:
        site: Host name of the UI.
        controller: What listens there.
    """
    host = controller.host
    rules = f"MAP {site}:443 {host}:{controller.https}, MAP {site}:80 {host}:{controller.http}"
    with chromium(f"--host-resolver-rules={rules}") as found:
        yield found


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """Start Debian's Chromium with these arguments."""
    program = shutil.which("chromium")
    assert program, "Chromium is missing: apt-get install --no-install-recommends chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", *arguments])
        yield found
        found.close()


def visit(browser: Browser, *, http_credentials: HttpCredentials | None = None) -> Page:
    """Return a page of somebody who was never here before.

    Args:
        browser: The browser.
        http_credentials: User and password for a page that asks by HTTP, as Flower does.
    """
    # The certificate's authority is known to the test, which checks it, and not to Chromium.
    context = browser.new_context(
        ignore_https_errors=True, viewport={"width": WIDTH, "height": HEIGHT}, http_credentials=http_credentials
    )
    context.set_default_timeout(PATIENCE)
    return context.new_page()
