#!/usr/bin/env python
"""Command line entry."""

import os
import sys

from reports.management import FILE_COMMANDS
from reports.management.start import run_any_command, run_file_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perfeval.settings")
    if len(sys.argv) > 1 and sys.argv[1] in FILE_COMMANDS:
        run_file_command(sys.argv)
    else:
        run_any_command(sys.argv)
