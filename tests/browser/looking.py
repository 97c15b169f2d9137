"""What every look at a page asks: axe finds nothing, and a phone is wide enough."""

from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
COLOURS_ONLY = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}

# Until colours have changed over.
SETTLED = """async () => {
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const isChange = one => one instanceof CSSTransition;
    const changes = document.getAnimations().filter(isChange);
    await Promise.allSettled(changes.map(one => one.finished));
}"""


def violations(page, options=None):
    """Return what axe finds in the page as it stands: (path, rule, element, why)."""
    page.wait_for_load_state()
    path = urlsplit(page.url).path
    return [
        (path, each["id"], node["html"], node["failureSummary"])
        for each in Axe().run(page, options=options).response["violations"]
        for node in each["nodes"]
    ]


def faults(page):
    """Return what axe finds at a desk and on a phone, light and dark, and what is wide.

    The page is left as at a desk, light. Dark differs in colours alone.
    """
    found = []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        for scheme, rules in (("dark", COLOURS_ONLY), ("light", None)):
            page.emulate_media(color_scheme=scheme)
            page.evaluate(SETTLED)
            found += violations(page, rules)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > size["width"]:
            found.append((urlsplit(page.url).path, "wide", f"{wide} px", ""))
    return found
