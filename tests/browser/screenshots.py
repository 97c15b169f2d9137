"""Pictures of every page at 1440 and 390 px, to be looked at.

Run against a served demo:

    python tests/browser/screenshots.py \
        --base-url http://127.0.0.1:8000 --logins var/demo/logins.json

They land in var/screenshots/ as NAME-WIDTH-SCHEME.png. A page that answers with an
error, scrolls sideways or complains in the console is named, and the exit code is 1.
"""

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

Scheme = Literal["light", "dark"]

WIDTHS = (1440, 390)
HEIGHT = 900
PATIENCE_MS = 10_000


@dataclass(frozen=True)
class Shot:
    """One page: where it is, as whom, and in which colour schemes.

    person: a username or role of the log-ins file, "" without log-in; follow: style
    selectors of links to open one after another, starting from url; refused: the page
    answers with an error by intention.
    """

    name: str
    url: str
    person: str = ""
    follow: tuple[str, ...] = ()
    schemes: tuple[Scheme, ...] = ("light",)
    refused: bool = False


BOTH: tuple[Scheme, ...] = ("light", "dark")
TARGETS = ("tbody th a", 'a[href$="/indicators/"]')
WRITING = ("/assessments/?status=draft", "filler")
SECTIONS = 'a[href*="/sections/"]'
FILES = ("tbody th a", 'a[href$="/files/"]')
VERIFYING = (*FILES, 'a[href*="/verify/?code"]')
MERGING = ("tbody th a", 'a[href$="/merge/"]')
SHOTS = (
    Shot("login", "/login/", schemes=BOTH),
    Shot("workbench-filler", "/", "filler", schemes=BOTH),
    Shot("workbench-reviewer", "/", "unit_reviewer"),
    Shot("workbench-finance", "/", "performance_section"),
    Shot("projects", "/projects/", "filler"),
    Shot("projects-finance", "/projects/", "performance_section"),
    Shot("project-add", "/projects/add/", "filler"),
    Shot("project", "/projects/", "filler", ("tbody th a",)),
    Shot("project-edit", "/projects/", "filler", ("tbody th a", 'a[href$="/edit/"]')),
    Shot("funding", "/projects/", "filler", ("tbody th a", 'a[href$="/funding/"]')),
    Shot("library", "/indicators/library/", "performance_section"),
    Shot("sheet", "/projects/", "filler", (*TARGETS, 'a[href$="/indicators/sheet/"]')),
    Shot("targets", "/projects/", "filler", ("tbody th a", 'a[href$="/indicators/"]')),
    Shot(
        "status-request", "/projects/", "filler", ("tbody th a", 'a[href$="/status/"]')
    ),
    Shot("units", "/projects/", "filler", ("tbody th a", 'a[href$="/shares/"]')),
    Shot("level1", "/projects/", "filler", ("tbody th a", 'a[href*="/level1/"]')),
    Shot("approved", "/projects/", "filler", (*TARGETS, 'a[aria-label^="查看"]')),
    Shot("adjust", "/projects/", "filler", (*TARGETS, 'a[href$="/adjust/"]')),
    Shot("problems", "/problems/?year=2021", "performance_section", schemes=BOTH),
    Shot(
        "problem",
        "/problems/?year=2021&status=submitted",
        "performance_section",
        ("tbody th a",),
    ),
    Shot("result-uses", "/result-use/?year=all", "performance_section", schemes=BOTH),
    Shot("result-use", "/result-use/?year=all", "performance_section", ("tbody th a",)),
    Shot("changes", "/changes/", "performance_section"),
    Shot("adjustment", "/changes/", "performance_section", (".task-list a",)),
    Shot("approval", "/indicators/approval/", "performance_section"),
    Shot(
        "shares",
        "/assessments/?status=draft",
        "filler",
        ("tbody th a", 'a[href$="/shares/"]'),
    ),
    Shot(
        "share",
        "/assessments/?status=draft",
        "filler",
        ("tbody th a", 'a[href$="/shares/"]', 'a[href*="/shares/"]'),
    ),
    Shot("assessments", "/assessments/", "filler"),
    Shot("assessments-finance", "/assessments/", "performance_section"),
    Shot("assessment", "/assessments/", "filler", ("tbody th a",), BOTH),
    Shot(
        "result",
        "/assessments/?status=draft",
        "filler",
        ("tbody th a", 'a[href*="/results/"]'),
    ),
    Shot("section", *WRITING, ("tbody th a", SECTIONS)),
    Shot("versions", *WRITING, ("tbody th a", SECTIONS, 'a[href$="/versions/"]')),
    Shot("draft", *WRITING, ("tbody th a", SECTIONS, 'a[href$="/draft/"]')),
    Shot("report", "/assessments/", "filler", ("tbody th a", 'a[href$="/report/"]')),
    Shot("tasks", "/tasks/", "performance_section"),
    Shot("task", "/tasks/", "performance_section", ("tbody th a",), BOTH),
    Shot("task-department", "/tasks/", "department_reviewer", ("tbody th a",)),
    Shot("task-add", "/tasks/add/", "performance_section"),
    Shot(
        "task-edit",
        "/tasks/",
        "performance_section",
        ("tbody th a", 'a[href$="/edit/"]'),
        BOTH,
    ),
    Shot(
        "task-choose",
        "/tasks/",
        "performance_section",
        ("tbody th a", 'a[href$="/choose/"]'),
    ),
    Shot(
        "task-projects",
        "/tasks/",
        "performance_section",
        ("tbody th a", '.actions a[href$="/projects/"]'),
    ),
    Shot(
        "task-overdue",
        "/tasks/",
        "performance_section",
        ("tbody th a", 'a[href$="/overdue/"]'),
    ),
    Shot(
        "task-extend",
        "/tasks/",
        "performance_section",
        ("tbody th a", 'a[href$="/extend/"]'),
    ),
    Shot(
        "task-passing",
        "/tasks/",
        "department_reviewer",
        ("tbody th a", 'a[href*="/departments/"]'),
    ),
    Shot("holidays", "/tasks/holidays/", "performance_section"),
    Shot(
        "takeover-upload",
        "/assessments/",
        "filler",
        ("tbody th a", 'a[href$="/upload/"]'),
    ),
    Shot(
        "spot-checks",
        "/tasks/",
        "performance_section",
        ("tbody th a", 'a[href$="/spot-checks/"]'),
    ),
    Shot("rechecks", "/rechecks/", "third_party", schemes=BOTH),
    Shot("recheck", "/rechecks/", "third_party", ("tbody th a",), BOTH),
    Shot("password", "/password/", "filler"),
    Shot("own-data", "/me/", "filler"),
    Shot("departments", "/departments/", "system_admin", schemes=BOTH),
    Shot("department", "/departments/", "system_admin", ("tbody th a",)),
    Shot("department-add", "/departments/add/", "system_admin"),
    Shot("department-merge", "/departments/", "system_admin", MERGING),
    Shot("people", "/people/", "system_admin", schemes=BOTH),
    Shot("person", "/people/", "system_admin", ("tbody th a",), BOTH),
    Shot("role-add", "/people/", "system_admin", ("tbody th a", 'a[href*="/roles/"]')),
    Shot("people-import", "/people/import/", "system_admin"),
    Shot("verify", "/verify/", schemes=BOTH),
    Shot("verify-code", "/assessments/?status=approved", "filler", VERIFYING, BOTH),
    Shot("files", "/assessments/?status=approved", "filler", FILES, BOTH),
    Shot("review-list", "/assessments/review/", "performance_section"),
    Shot("review", "/assessments/review/", "unit_reviewer", ("tbody th a",), BOTH),
    Shot("findings", *WRITING, ("tbody th a", 'a[href$="/findings/"]'), BOTH),
    Shot("submit", *WRITING, ("tbody th a", 'a[href$="/submit/"]')),
    Shot("parts", *WRITING, ("tbody th a", 'a[href$="/parts/"]')),
    Shot("evidence", *WRITING, ("tbody th a", 'a[href$="/evidence/"]')),
    Shot("trail", "/assessments/", "filler", ("tbody th a", 'a[href$="/trail/"]')),
    Shot("batches", "/batches/", "performance_section"),
    Shot("notices", "/notices/", "filler"),
    Shot("quick-check", "/quick-check/", "filler"),
    Shot("audit", "/audit/", "audit_admin"),
    Shot("audit-event", "/audit/", "audit_admin", ("tbody th a",), BOTH),
    Shot("admin", "/admin/", "system_admin"),
    Shot("not-found", "/nowhere/", "filler", refused=True),
    Shot("published", "/published/", "observer", schemes=BOTH),
    Shot("published-report", "/published/", "observer", ("tbody th a",)),
    Shot(
        "copy",
        "/assessments/?status=published",
        "performance_section",
        ("tbody th a", 'a[href$="/publications/"]', ".task-list a"),
        BOTH,
    ),
)


def main() -> int:
    arguments = read_arguments()
    logins = json.loads(arguments.logins.read_text(encoding="utf-8"))
    chosen = [shot for shot in SHOTS if arguments.only in shot.name]
    return take(chosen, arguments.base_url, logins, arguments.out)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--logins", type=Path, default=Path("var/demo/logins.json"))
    parser.add_argument("--out", type=Path, default=Path("var/screenshots"))
    parser.add_argument("--only", default="", help="part of the names wanted")
    return parser.parse_args()


def take(
    shots: list[Shot], base_url: str, logins: list[dict[str, str]], out: Path
) -> int:
    """Take the pictures; return 1 if a page has a fault, 0 if none has."""
    out.mkdir(parents=True, exist_ok=True)
    faults = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium")
        )
        for shot in shots:
            for scheme in shot.schemes:
                faults += picture(browser, shot, scheme, base_url, logins, out)
        browser.close()
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    return 1 if faults else 0


def picture(
    browser: Browser,
    shot: Shot,
    scheme: Scheme,
    base_url: str,
    logins: list[dict[str, str]],
    out: Path,
) -> list[str]:
    """Save one page at every width; return its faults, one line each."""
    context = browser.new_context(
        base_url=base_url, color_scheme=scheme, locale="zh-CN"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    log_in(page, shot.person, logins)
    faults: list[str] = []
    watch(page, faults)
    try:
        page.goto(shot.url)
        for selector in shot.follow:
            page.locator(selector).first.click()
            page.wait_for_load_state()
        for width in WIDTHS:
            faults += save(page, width, out / f"{shot.name}-{width}-{scheme}.png")
    except TimeoutError as error:
        faults.append(str(error))
    context.close()
    return [] if shot.refused else [f"{shot.name}: {fault}" for fault in faults]


def watch(page: Page, faults: list[str]) -> None:
    """Add to faults whatever the page's scripts and console complain of."""
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: faults.append(line.text) if line.type == "error" else None,
    )


def save(page: Page, width: int, path: Path) -> list[str]:
    """Save the page at one width; return a fault if it scrolls sideways."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    wide = page.evaluate("document.documentElement.scrollWidth")
    # As high as the page: what sticks to the window's edges stands at its place.
    high = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(high, HEIGHT)})
    page.screenshot(path=path)
    return [f"{wide} px wide at {width} px"] if wide > width else []


def log_in(page: Page, person: str, logins: list[dict[str, str]]) -> None:
    if not person:
        return
    login = next(each for each in logins if person in (each["username"], each["role"]))
    page.goto("/login/")
    page.locator("input[name=username]").fill(login["username"])
    page.locator("input[name=password]").fill(login["password"])
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


if __name__ == "__main__":
    sys.exit(main())
