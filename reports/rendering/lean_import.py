"""Importing WeasyPrint 70.0 without what a print of ours never uses.

It parses sheets for HTML at large, loads fontTools to cut down fonts, which HarfBuzz
does here, and starts gcc, ld and ldconfig fifty times to find libraries that the
system's loader knows by their names. A process of one report feels all three.
"""

import ctypes.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

import tinycss2

SELDOM = ("fontTools.subset", "fontTools.varLib.instancer")
# What a page number is written with; no other counter stands in report.css.
NEEDED_RULE = "@counter-style decimal "


class Later(ModuleType):
    """A module that is loaded when one of its functions is called."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def load_and_call(*args: Any, **kw: Any) -> Any:
            return getattr(import_module(self.__name__), name)(*args, **kw)

        return load_and_call


@contextmanager
def lean_import() -> Iterator[None]:
    """Import WeasyPrint inside the block; nothing else finds a difference after it."""
    parse, find = tinycss2.parse_stylesheet, ctypes.util.find_library

    def needed_rules(css: str, **options: Any) -> Any:
        lines = [line for line in css.splitlines() if line.startswith(NEEDED_RULE)]
        return parse("\n".join(lines), **options)

    later = [name for name in SELDOM if name not in sys.modules]
    sys.modules.update({name: Later(name) for name in later})
    tinycss2.parse_stylesheet = needed_rules
    if sys.platform == "linux":
        ctypes.util.find_library = lambda name: None
    try:
        yield
    finally:
        tinycss2.parse_stylesheet, ctypes.util.find_library = parse, find
        for name in later:
            del sys.modules[name]
