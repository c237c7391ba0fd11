"""A headless Chromium, for which a host name leads to a controller on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, sync_playwright

from tests.e2e.doors.controller import Controller

PATIENCE = 120_000
"""Milliseconds that a page may take on a busy machine."""


@contextmanager
def browsing(site: str, controller: Controller) -> Iterator[BrowserContext]:
    """Start Debian's Chromium. It looks up the site as any browser does, only the answer is this machine.

    Args:
        site: Host name of the UI.
        controller: What listens there.
    """
    program = shutil.which("chromium")
    assert program, "Chromium is missing: apt-get install --no-install-recommends chromium"
    rules = f"MAP {site}:443 127.0.0.1:{controller.https}, MAP {site}:80 127.0.0.1:{controller.http}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", f"--host-resolver-rules={rules}"]
        )
        # The certificate's authority is known to the test, which checks it, and not to Chromium.
        context = browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 800})
        context.set_default_timeout(PATIENCE)
        yield context
        browser.close()
