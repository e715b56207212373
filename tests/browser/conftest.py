# SPDX-License-Identifier: MIT
"""A browser for the tests: Chromium by Playwright, on pages that come from memory and must ask for nothing.

    page = open_page(text)                                a page in a window of 1100 × 900
    page = open_page(text, color_scheme="dark")           with any of the options of Playwright's `new_context`

The browser is the one on the path (chromium, chromium-browser, google-chrome), or the one that CULPA_BROWSER names.
Without it, or without Playwright, the tests here are skipped.
"""

import os
import shutil
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
# As root Chromium needs --no-sandbox; the others keep it from calling home.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def browser():
    """One browser for all tests."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no browser: the tests here need Playwright")
    found = os.environ.get("CULPA_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no browser: neither Chromium nor Chrome is on the path, and CULPA_BROWSER names none")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=found, args=list(QUIET))
        yield running
        running.close()


class Opened:
    """Opens pages, and remembers what went wrong on them: requests, errors, refusals of the page's own policy."""

    def __init__(self, browser, folder):
        self.browser, self.folder, self.faults, self.contexts = browser, folder, [], []

    def __call__(self, text, **options):
        """Open a page from its text, in a window with Playwright's options for a context."""
        context = self.browser.new_context(**{"viewport": {"width": 1100, "height": 900}, **options})
        self.contexts.append(context)
        file = Path(self.folder) / f"page-{len(self.contexts)}.html"
        file.write_text(text, encoding="utf-8")
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.route("**/*", lambda route: self.asked(route, file.as_uri()))
        page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(file.as_uri())
        if options.get("java_script_enabled", True):
            page.evaluate("document.fonts.ready.then(() => null)")
        return page

    def asked(self, route, own):
        """Let the page itself through, and nothing else."""
        address = route.request.url
        if address.split("#")[0] == own:
            route.continue_()
        else:
            self.faults.append(f"asked for {address}")
            route.abort()


@pytest.fixture
def open_page(browser, tmp_path):
    """How to open a page; at the end there must have been no request, no error and no refusal on any of them."""
    opened = Opened(browser, tmp_path)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.faults == []
