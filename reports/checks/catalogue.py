"""docs/findings.md, written from the registry: python -m reports.checks.catalogue."""

import sys

from reports.checks.check import CHECKS
from reports.checks.findings import SEVERITY_LABELS
from reports.checks.registry import Check, Group

HEAD = """# Findings

Written by `python -m reports.checks.catalogue` from the checks themselves: edit those,
not this file. Codes are stable. A scheme sets another severity, or `off`, in its table
`[severities]`. What cannot be decided is not reported. Measured: docs/benchmarks.md.

`check_report` prints each finding as `code`, `severity`, `where` and `message`, `where`
being one of

- `section`, `section_index`, `start`, `end`, `excerpt`: characters of a section's text
- `indicator`, `field`: a cell of the indicators, the index from 0
- `funds`, `column`: a cell of the funds block, the row from 0
- `field`: of the document itself
"""
GROUPS: tuple[tuple[Group, str], ...] = (("form", "Form"), ("text", "Text"))


def findings_page() -> str:
    """Return docs/findings.md as it should be."""
    parts = [HEAD]
    for group, title in GROUPS:
        rows = [_row(each) for each in CHECKS.values() if each.group == group]
        parts.append(
            f"## {title}\n\n| Code | Severity | Found when | Source |\n"
            "| --- | --- | --- | --- |\n" + "\n".join(rows) + "\n"
        )
    return "\n".join(parts)


def _row(each: Check) -> str:
    label = SEVERITY_LABELS[each.severity]
    return (
        f"| `{each.code}` | `{each.severity}` {label} | {each.help} | {each.source} |"
    )


if __name__ == "__main__":
    sys.stdout.write(findings_page())
