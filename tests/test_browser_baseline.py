"""Nothing that is served needs a browser newer than Chromium 86.

Office browsers lag years behind. Each feature below came after version 86; a use of one
is refused unless ALLOWED names what happens in a browser without it.
"""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finders

ROOT = Path(__file__).resolve().parent.parent

# Feature → (first Chromium version, pattern).
CSS = {
    ":has()": (105, r":has\("),
    ":is() :where()": (88, r":(?:is|where)\("),
    ":not() of a list": (88, r":not\([^()]*,"),
    ":dir()": (120, r":dir\("),
    ":modal :user-invalid": (105, r":(?:modal|user-(?:in)?valid|popover-open)\b"),
    "::file-selector-button": (89, r"::file-selector-button"),
    "@layer": (99, r"@layer\b"),
    "@container": (105, r"@container\b"),
    "@scope @starting-style": (117, r"@(?:scope|starting-style)\b"),
    "@media ranges": (104, r"@media[^{]*[<>]"),
    "contrast and colour queries": (89, r"\((?:prefers-contrast|forced-colors)\b"),
    "nesting": (112, r"(?:[{;}]\s*&|&\s*[:.\[{>+~])"),
    "inset": (87, r"(?<![\w-])inset(?:-[\w-]+)?\s*:"),
    "logical shorthands": (
        87,
        r"(?<![\w-])(?:margin|padding|border)-(?:inline|block)\s*:",
    ),
    "aspect-ratio": (88, r"(?<![\w-])aspect-ratio\s*:"),
    "accent-color": (93, r"(?<![\w-])accent-color\s*:"),
    "scrollbar properties": (94, r"(?<![\w-])scrollbar-(?:gutter|width|color)\s*:"),
    "text-wrap": (114, r"(?<![\w-])text-wrap(?:-[\w]+)?\s*:"),
    "underline details": (
        87,
        r"(?<![\w-])text-(?:underline-offset|decoration-thickness)\s*:",
    ),
    "translate rotate scale": (104, r"(?<![\w-])(?:translate|rotate|scale)\s*:"),
    "field-sizing": (123, r"(?<![\w-])field-sizing\s*:"),
    "unprefixed mask": (120, r"(?<![\w-])mask(?:-[\w-]+)?\s*:"),
    "print-color-adjust": (136, r"(?<![\w-])print-color-adjust\s*:"),
    "overflow: clip": (90, r"(?<![\w-])overflow(?:-[xy])?\s*:\s*clip"),
    "subgrid": (117, r":\s*subgrid\b"),
    "dvh and its like": (108, r"\d[dsl]v(?:h|w|i|b|min|max)\b"),
    "container units": (105, r"\dcq(?:w|h|i|b|min|max)\b"),
    "color-mix() light-dark()": (111, r"\b(?:color-mix|light-dark)\("),
    "lab and oklch colours": (111, r"(?<![\w-])(?:ok)?(?:lab|lch)\("),
    "hwb()": (101, r"(?<![\w-])hwb\("),
    "relative colours": (119, r"\b(?:rgb|hsl)a?\(\s*from\b"),
    "unprefixed image-set()": (113, r"(?<![\w-])image-set\("),
    "round() sin()": (111, r"(?<![\w-])(?:round|mod|sin|cos|pow|sqrt)\("),
    "view and scroll timelines": (
        111,
        r"(?<![\w-])(?:view-transition|animation-timeline|scroll-timeline)",
    ),
}
JS = {
    ".at()": (92, r"\.at\("),
    "structuredClone": (98, r"\bstructuredClone\b"),
    "Object.hasOwn": (93, r"\bObject\.hasOwn\b"),
    "findLast": (97, r"\.findLast(?:Index)?\("),
    "arrays changed by copy": (110, r"\.(?:toSorted|toReversed|toSpliced|with)\("),
    "groupBy": (117, r"\b(?:Object|Map)\.groupBy\b"),
    "withResolvers fromAsync": (119, r"\b(?:withResolvers|fromAsync)\b"),
    "static blocks": (94, r"\bstatic\s*\{"),
    "#field in": (91, r"#\w+\s+in\s"),
    "await at the top": (89, r"(?m)^await\b"),
    "randomUUID": (92, r"\brandomUUID\b"),
    "AbortSignal.timeout": (103, r"\bAbortSignal\.(?:timeout|any)\b"),
    "Intl.Segmenter": (87, r"\bIntl\.Segmenter\b"),
    "view transitions": (111, r"\bstartViewTransition\b"),
    "moveBefore": (133, r"\bmoveBefore\b"),
    "popover methods": (114, r"\b(?:show|hide|toggle)Popover\b"),
    "inert": (102, r"\.inert\b"),
    "URL.canParse": (120, r"\bcanParse\b"),
    "checkVisibility": (105, r"\bcheckVisibility\b"),
    "setHTML": (124, r"\bsetHTML(?:Unsafe)?\b"),
    "scrollend": (114, r"\bscrollend\b"),
    "navigation": (102, r"\bnavigation\.(?:navigate|addEventListener)\b"),
}
HTML = {
    "inert": (102, r"<[^>]*\sinert[\s>=]"),
    "popover": (114, r"<[^>]*\spopover(?:target)?[\s>=]"),
    "details of one group": (120, r"<details[^>]*\sname="),
}

BOOTSTRAP = "vendor/bootstrap-5.3.9/bootstrap.min.css"
FORCED_COLORS = "borders for high contrast; without them the page is as it is"
# (file, feature) → what a browser without it shows, or the fall-back it takes.
ALLOWED = {
    (BOOTSTRAP, "::file-selector-button"): "-webkit-file-upload-button stands beside",
    (BOOTSTRAP, "inset"): "only .form-floating, which no page uses",
    (BOOTSTRAP, "print-color-adjust"): "-webkit-print-color-adjust stands beside",
    (BOOTSTRAP, "underline details"): "the underline of .icon-link sits closer",
    (BOOTSTRAP, "unprefixed mask"): "-webkit-mask stands beside",
    ("django_htmx/htmx-2.min.js", "moveBefore"): "asked for before it is called",
    ("django_htmx/htmx-2.min.js", "view transitions"): "asked for before use",
    ("admin/css/base.css", "contrast and colour queries"): FORCED_COLORS,
    ("admin/css/changelists.css", "contrast and colour queries"): FORCED_COLORS,
    ("admin/css/nav_sidebar.css", "contrast and colour queries"): FORCED_COLORS,
    ("admin/css/changelists.css", ":has()"): "a class set by its script stands beside",
    ("admin/css/unusable_password_field.css", ":has()"): "two fields stay in sight",
    ("admin/js/vendor/xregexp/xregexp.js", "Object.hasOwn"): "has its own fall-back",
    ("admin/js/vendor/xregexp/xregexp.min.js", "Object.hasOwn"): "its own fall-back",
}

# Versions of htmx that no page loads, and the long form of the one that pages do.
UNLOADED = (
    "django_htmx/ext/",
    "django_htmx/htmax",
    "django_htmx/htmx-2.js",
    "django_htmx/htmx-4",
)

FEATURES = {".css": CSS, ".js": JS, ".html": HTML}


def newer_features(text, suffix):
    """Return the names of features in a text that Chromium 86 does not know."""
    if suffix == ".css":
        text = re.sub(
            r"/\*.*?\*/|\"[^\"]*\"|'[^']*'|url\([^)]*\)", " ", text, flags=re.DOTALL
        )
    if suffix == ".html":
        text = re.sub(r"\{[%#].*?[%#]\}", " ", text, flags=re.DOTALL)
    return {
        name
        for name, (_, pattern) in FEATURES[suffix].items()
        if re.search(pattern, text)
    }


def served_files():
    """Return the style sheets and scripts that collectstatic takes, and our pages."""
    found = [
        (name, Path(storage.path(name)))
        for finder in get_finders()
        for name, storage in finder.list([])
        if Path(name).suffix in FEATURES and not name.startswith(UNLOADED)
    ]
    pages = [
        (path.relative_to(ROOT).as_posix(), path)
        for path in ROOT.glob("templates/**/*.html")
    ]
    return found + pages


def uses():
    return {
        (name, feature)
        for name, path in served_files()
        for feature in newer_features(path.read_text(encoding="utf-8"), path.suffix)
    }


def test_nothing_served_needs_a_browser_newer_than_86():
    assert sorted(uses() - set(ALLOWED)) == []


def test_every_allowance_is_needed():
    assert sorted(set(ALLOWED) - uses()) == []


def test_our_own_files_and_those_of_bootstrap_and_htmx_are_looked_at():
    names = {name for name, _ in served_files()}

    assert {
        "css/app.css",
        "js/theme.js",
        "vendor/bootstrap-5.3.9/bootstrap.min.css",
        "vendor/bootstrap-5.3.9/bootstrap.bundle.min.js",
        "django_htmx/htmx-2.min.js",
        "templates/base.html",
    } <= names


def test_every_feature_of_the_list_came_after_86():
    versions = [since for table in FEATURES.values() for since, _ in table.values()]

    assert min(versions) > 86


@pytest.mark.parametrize(
    ("suffix", "text", "feature"),
    [
        (".css", "tr:has(td) { color: red }", ":has()"),
        (".css", "a:is(.b, .c) { color: red }", ":is() :where()"),
        (".css", ".a { inset: 0 }", "inset"),
        (".css", ".a { inset-inline-start: 0 }", "inset"),
        (".css", ".a { aspect-ratio: 1 / 1 }", "aspect-ratio"),
        (".css", ".a { & .b { color: red } }", "nesting"),
        (".css", ".a{color:red;&:hover{color:blue}}", "nesting"),
        (".css", ".a { min-height: 100dvh }", "dvh and its like"),
        (".css", "@media (width >= 600px) { .a { top: 0 } }", "@media ranges"),
        (".css", ".a { padding-inline: 4px }", "logical shorthands"),
        (".js", "const last = rows.at(-1);", ".at()"),
        (".js", "class A { static { B = 1; } }", "static blocks"),
        (".html", "<div inert>", "inert"),
    ],
)
def test_a_planted_feature_is_found(suffix, text, feature):
    assert newer_features(text, suffix) == {feature}


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".css", ".a { box-shadow: inset 3px 0 0 red; padding-inline-start: 4px }"),
        (".css", "/* no inset: 0 */ .a { content: ':is(' } .b { content: \":is(\" }"),
        (".css", "@media (min-aspect-ratio: 1/1) { .a { transform: scale(2) } }"),
        (".js", "name.charAt(0); a ??= b; static_{};"),
        (".html", "<div class='inert-looking'>{% if a > b %}{% endif %}</div>"),
    ],
)
def test_what_86_knows_is_left_alone(suffix, text):
    assert newer_features(text, suffix) == set()
