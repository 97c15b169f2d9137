"""What a report's files are called."""

import re

from reports.document import ReportDocument

# What file systems of offices refuse in a name, and what breaks a line.
NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
LONGEST_NAME = 100


def file_name(document: ReportDocument) -> str:
    """Return the name of a file: the report's title, of a form alone the form's."""
    name = document.title
    if "report" not in document.parts:
        forms = [each.title for each in document.attachments]
        name = f"{document.year}年度{document.project.name}{''.join(forms[:1])}"
    return safe_name(name)


def safe_name(name: str) -> str:
    """Return a name that every office's file system takes, without its suffix."""
    return NOT_IN_NAMES.sub("_", name)[:LONGEST_NAME]
