"""What every look at a page asks: axe finds nothing, and a phone is wide enough."""

from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# Describing whatever passed would take as long again as looking for what did not.
EVERYTHING = {"resultTypes": ["violations"]}
COLOURS_ONLY = EVERYTHING | {"runOnly": ["color-contrast"]}
LOOK = "async options => (await axe.run(options)).violations"

# Until colours have changed over.
SETTLED = """async () => {
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const isChange = one => one instanceof CSSTransition;
    const changes = document.getAnimations().filter(isChange);
    await Promise.allSettled(changes.map(one => one.finished));
}"""


def violations(page, rules=EVERYTHING):
    """Return what axe finds in the page as it stands: (path, rule, element, why)."""
    page.wait_for_load_state()
    path = urlsplit(page.url).path
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [
        (path, each["id"], node["html"], node["failureSummary"])
        for each in page.evaluate(LOOK, rules)
        for node in each["nodes"]
    ]


def faults(page):
    """Return what axe finds at a desk and on a phone, light and dark, and what is wide.

    The page is left as at a desk, light. Dark differs in colours alone.
    """
    found = []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        for scheme, rules in (("dark", COLOURS_ONLY), ("light", EVERYTHING)):
            page.emulate_media(color_scheme=scheme)
            page.evaluate(SETTLED)
            found += violations(page, rules)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > size["width"]:
            found.append((urlsplit(page.url).path, "wide", f"{wide} px", ""))
    return found
