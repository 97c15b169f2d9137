"""How a command starts: nothing heavy is imported before it is known which it is."""

import gc
import os
from importlib import import_module

# Start-up makes many objects and no garbage; with Python's own 700 the collector takes
# a seventh of it.
ALLOCATIONS = 100_000


def run_any_command(argv: list[str]) -> None:
    """Run a command of any app, with models and all."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(argv)


def run_file_command(argv: list[str]) -> None:
    """Run one of FILE_COMMANDS, whose own work takes less time than Django's start.

    Admin, forms and models stay away (settings.FILES_ONLY), and so does django.setup():
    it imports the ORM for the sake of its addresses.
    """
    gc.set_threshold(ALLOCATIONS)
    os.environ["PERFEVAL_FILES_ONLY"] = "1"
    from django.apps import apps
    from django.conf import settings

    apps.populate(settings.INSTALLED_APPS)
    name = argv[1]
    import_module(f"reports.management.commands.{name}").Command().run_from_argv(argv)
