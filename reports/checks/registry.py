"""The list of all checks, and the run of them over one document."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, cast

from reports.checks.case import Case
from reports.checks.findings import Finding, Severity, Where

Group = Literal["form", "text"]
Found = Iterator[tuple[Where, str]]
Look = Callable[[Case], Found]

# Said by a scheme of a finding it does not want: severities = { "code" = "off" }.
OFF = "off"
# What a scheme cannot raise or lower is the order in which findings are shown.
ORDER: dict[str, int] = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One finding code: its function, usual severity, rule source, a line of help."""

    code: str
    group: Group
    severity: Severity
    source: str
    help: str
    look: Look

    def severity_in(self, case: Case) -> str:
        """Return what the scheme makes of this code, off where it wants none."""
        return case.scheme.severities.get(self.code, self.severity)


CHECKS: dict[str, Check] = {}


def check(
    code: str, *, group: Group, severity: Severity, source: str, help: str
) -> Callable[[Look], Look]:
    """Register a function as the check of a code; each code has exactly one."""

    def register(look: Look) -> Look:
        assert code not in CHECKS, code
        CHECKS[code] = Check(
            code=code,
            group=group,
            severity=severity,
            source=source,
            help=help,
            look=look,
        )
        return look

    return register


def run_checks(case: Case) -> list[Finding]:
    """Return all findings of a case: by severity, then in the order of the codes."""
    found = [
        Finding(
            code=each.code,
            severity=cast(Severity, severity),
            where=where,
            message=message,
        )
        for each in CHECKS.values()
        if (severity := each.severity_in(case)) != OFF
        for where, message in each.look(case)
    ]
    return sorted(found, key=lambda finding: ORDER[finding.severity])
