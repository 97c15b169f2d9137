"""Units that carry out a project together with its lead (牵头单位)."""

from django.db import models

from projects.models.departments import Department
from projects.models.projects import BudgetProject


class UnitShare(models.Model):
    """A unit that carries out a part of a project; BudgetProject.unit is the lead."""

    project = models.ForeignKey(
        BudgetProject,
        verbose_name="项目",
        on_delete=models.CASCADE,
        related_name="shares",
    )
    unit = models.ForeignKey(
        Department,
        verbose_name="参与实施单位",
        on_delete=models.PROTECT,
        related_name="shares",
    )

    class Meta:
        verbose_name = verbose_name_plural = "参与实施单位"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "unit"],
                name="unitshare_unit_once",
                violation_error_message="该单位已是本项目的参与实施单位",
            )
        ]

    def __str__(self) -> str:
        return str(self.unit)
