#!/usr/bin/env python
"""Command line entry."""

import os
import sys

from django.core.management import execute_from_command_line

from reports.management import FILE_COMMANDS

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perfeval.settings")
    if len(sys.argv) > 1 and sys.argv[1] in FILE_COMMANDS:
        # Their own work takes less time than importing admin, forms and models.
        os.environ["PERFEVAL_FILES_ONLY"] = "1"
    execute_from_command_line(sys.argv)
