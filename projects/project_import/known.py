"""What the database holds of the projects and units that a list names."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Prefetch

from perfeval.models import User
from projects.access import decides_money
from projects.bulk import in_batches
from projects.models import BudgetProject, Department, FundingLine

Key = tuple[int, str]


@dataclass
class Known:
    """Units by code and by name, projects by (year, code), and what may be written.

    writable: keys of units that a person may enter projects for, None: all of them.
    decides: whether imported money may be typed over.
    """

    decides: bool
    writable: frozenset[int] | None
    by_code: dict[str, Department] = field(default_factory=dict)
    by_name: dict[str, list[Department]] = field(default_factory=dict)
    by_path: dict[str, Department] = field(default_factory=dict)
    projects: dict[Key, BudgetProject] = field(default_factory=dict)
    _departments: dict[int, Department] = field(default_factory=dict)

    def may_write(self, unit: Department) -> bool:
        return self.writable is None or unit.pk in self.writable

    def department_of(self, unit: Department) -> Department:
        """Return the department that a unit belongs to: right below the root."""
        found = self._departments.get(unit.pk)
        if found is None:
            codes = unit.path.strip("/").split("/")
            found = self.by_path.get("/".join(codes[:2]) + "/", unit)
            self._departments[unit.pk] = found
        return found


def load_known(user: User | None, keys: Iterable[Key]) -> Known:
    """Load all units, and the projects of these keys with money and reports."""
    writable: frozenset[int] | None = None
    if user is not None:
        fillable = Department.objects.fillable_by(user)
        writable = frozenset(fillable.values_list("pk", flat=True))
    known = Known(decides_money(user), writable)
    for unit in Department.objects.select_related("section", "merged_into"):
        known.by_code[unit.code] = unit
        known.by_name.setdefault(unit.name, []).append(unit)
        known.by_path[unit.path] = unit
    wanted = set(keys)
    own_lines = FundingLine.objects.filter(unit__isnull=True)
    rows = BudgetProject.objects.select_related(
        "unit", "supervising_department", "section"
    ).prefetch_related(Prefetch("funding_lines", own_lines), "assessments")
    years = {year for year, _ in wanted}
    for codes in in_batches(sorted({code for _, code in wanted})):
        for each in rows.filter(year__in=years, code__in=codes):
            if (each.year, each.code) in wanted:
                known.projects[each.year, each.code] = each
    return known
