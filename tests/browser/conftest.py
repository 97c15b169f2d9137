"""Chromium as Debian ships it: nothing is downloaded, nothing outside is asked."""

import os

import pytest
from playwright.sync_api import expect

# Playwright's synchronous interface runs an event loop; Django takes that for
# asynchronous code and would refuse every query.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# A busy machine is no failure.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {
        **browser_type_launch_args,
        "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        "args": [
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-sync",
            "--no-first-run",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {
        **browser_context_args,
        "locale": "zh-CN",
        # Colours that change over would be looked at half-way.
        "reduced_motion": "reduce",
        "timezone_id": "Asia/Shanghai",
    }


def pytest_collection_modifyitems(items):
    """Give a browser test a second try: a page, a server and a test share two cores.

    The summary counts what was tried again; what fails twice fails.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))
