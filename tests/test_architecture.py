"""Imports run one way, and the core modules know nothing of Django."""

import ast
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Each may import itself and those before it.
LAYERS = ["perfeval", "projects", "indicators", "reports"]

WITHOUT_DJANGO = [
    "perfeval/amounts.py",
    "perfeval/numbers.py",
    "perfeval/workbooks/**/*.py",
    "indicators/form_order.py",
    "indicators/scoring.py",
    "indicators/scoring_rules.py",
    "indicators/row_scoring.py",
    "indicators/schemes.py",
    "indicators/scheme_checks.py",
    "indicators/scheme_reading.py",
    "indicators/linked_figures.py",
    "indicators/phrases.py",
    "reports/document.py",
    "reports/document_texts.py",
    "reports/personal_data.py",
    "reports/redaction.py",
    "reports/scorecard.py",
    "reports/reading/**/*.py",
    "reports/checks/**/*.py",
]

# What the template engine consists of, for modules that render.
TEMPLATE_ENGINE = (
    "django.template",
    "django.templatetags",
    "django.utils.html",
    "django.utils.safestring",
)


def imported_names(source):
    """Return the dotted names a module imports, wherever in it the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def modules(*patterns):
    """Return the project's files that match; a pattern without any is an error."""
    found = {pattern: sorted(ROOT.glob(pattern)) for pattern in patterns}
    assert [pattern for pattern, files in found.items() if not files] == []
    return [path for files in found.values() for path in files]


def is_within(name, packages):
    return any(f"{name}.".startswith(f"{package}.") for package in packages)


def test_imports_are_found_at_any_depth():
    source = (
        "import a.b\nfrom c import d\ndef f():\n    from e.f import g\nfrom . import h"
    )

    assert imported_names(source) == {"a.b", "c.d", "e.f.g"}


def test_imports_run_from_reports_down_to_perfeval():
    upward = [
        f"{path.relative_to(ROOT)} imports {name}"
        for index, layer in enumerate(LAYERS)
        for path in modules(f"{layer}/**/*.py")
        for name in imported_names(path.read_text())
        if is_within(name, LAYERS[index + 1 :])
    ]

    assert upward == []


def test_core_modules_do_not_import_django():
    offending = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(*WITHOUT_DJANGO)
        for name in imported_names(path.read_text())
        if is_within(name, ["django"])
    ]

    assert offending == []


def test_renderers_know_nothing_of_django_but_its_templates():
    offending = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("reports/rendering/**/*.py")
        for name in imported_names(path.read_text())
        if is_within(name, ["django"]) and not is_within(name, TEMPLATE_ENGINE)
    ]

    assert offending == []


def test_core_modules_do_not_bring_django_in_by_what_they_import():
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in modules(*WITHOUT_DJANGO)
    ]
    program = (
        "import importlib, json, sys\n"
        "with_django = []\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module(name)\n"
        "    if 'django' in sys.modules:\n"
        "        with_django.append(name)\n"
        "        for loaded in [*sys.modules]:\n"
        "            if loaded.partition('.')[0] in {'django', *"
        f"{LAYERS!r}}}:\n"
        "                del sys.modules[loaded]\n"
        "print(json.dumps(with_django))\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True
    )

    assert json.loads(ran.stdout) == []
