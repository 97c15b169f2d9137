"""Chromium, the peer: printing an HTML file in a running browser, or as one command."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from reports.rendering.fonts import print_fonts

EXECUTABLE = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",  # root, in a container, has no other way
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
)


def print_font_environment() -> dict[str, str]:
    """Return the variable by which other programs find the very fonts of our prints."""
    with print_fonts():
        return {"FONTCONFIG_FILE": os.environ["FONTCONFIG_FILE"]}


@contextmanager
def browser_page() -> Iterator[Page]:
    """Start a browser, and end it with the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=EXECUTABLE,
            args=list(ARGUMENTS),
            env={**os.environ, **print_font_environment()},
        )
        yield browser.new_page()
        browser.close()


def print_in(page: Page, html: Path, out: Path) -> Callable[[], None]:
    """Return the call that opens a file and prints it, without tags, as CSS says."""

    def run() -> None:
        page.goto(html.as_uri())
        out.write_bytes(page.pdf(prefer_css_page_size=True))

    return run


def print_command(html: Path, out: Path, profile: Path) -> list[str]:
    """Return the command line that prints a file and ends."""
    return [
        EXECUTABLE,
        "--headless",
        *ARGUMENTS,
        f"--user-data-dir={profile}",
        "--disable-pdf-tagging",
        "--no-pdf-header-footer",
        f"--print-to-pdf={out}",
        html.as_uri(),
    ]
