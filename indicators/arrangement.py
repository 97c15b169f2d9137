"""The order of a project's indicators; filling them in from a scheme's own sheet."""

from collections.abc import Sequence

from django.db import transaction

from indicators.form_order import in_form_order
from indicators.models import EDITABLE, Comparator, Indicator, IndicatorResult
from indicators.schemes import Layout, RubricItem, Scheme
from indicators.services import check_open, rescore
from perfeval.audit import Change, record, subject_of
from perfeval.models import User
from perfeval.versions import ClosedError
from projects.models import BudgetProject


@transaction.atomic
def arrange(project: BudgetProject, layout: Layout) -> None:
    """Number a project's indicators from 1 in the order of the form."""
    _number(in_form_order(_stored(project), layout))


def _stored(project: BudgetProject) -> list[Indicator]:
    """Return the indicators as they are now, whatever the project was loaded with."""
    return list(Indicator.objects.filter(project=project))


@transaction.atomic
def move_indicator(
    user: User | None, indicator: Indicator, steps: int, layout: Layout
) -> bool:
    """Move an indicator up (steps -1) or down (1) among those of its level 2.

    Returns whether it moved: the first cannot go up. Raises ClosedError.
    """
    project = indicator.project
    check_open(project)
    rows = in_form_order(list(project.indicators.select_for_update()), layout)
    place = rows.index(indicator)
    other = place + steps
    if not 0 <= other < len(rows) or _group(rows[other]) != _group(indicator):
        return False
    rows[place], rows[other] = rows[other], rows[place]
    _number(rows)
    direction = "上移" if steps < 0 else "下移"
    change = Change(
        action="indicator.moved",
        subject=subject_of(project),
        summary=f"{direction}指标“{indicator.level3}”",
        before={"position": place + 1},
        after={"position": other + 1},
    )
    record(user, change)
    return True


def _group(indicator: Indicator) -> tuple[str, str]:
    return indicator.level1, indicator.level2


def _number(rows: Sequence[Indicator]) -> None:
    moved = []
    for position, each in enumerate(rows, start=1):
        if each.position != position:
            each.position = position
            moved.append(each)
    Indicator.objects.bulk_update(moved, ["position"])


def missing_items(
    indicators: Sequence[Indicator], scheme: Scheme
) -> tuple[RubricItem, ...]:
    """Return the rows of the scheme's own sheet that a project does not have yet."""
    names = {(each.level1, each.level2, each.level3) for each in indicators}
    return tuple(
        item
        for item in scheme.items
        if (item.level1, item.level2, item.level3) not in names
    )


@transaction.atomic
def fill_from_scheme(user: User | None, project: BudgetProject, scheme: Scheme) -> int:
    """Add what a project lacks of the scheme's own sheet; return how many rows.

    Done twice it adds nothing. Raises ClosedError.
    """
    if project.is_classified:
        raise ClosedError("涉密项目在本系统只登记编码和状态，不填绩效指标")
    check_open(project)
    # Held, so that two people pressing at once do not both fill it in.
    BudgetProject.objects.select_for_update().get(pk=project.pk)
    stored = _stored(project)
    added = [
        _from_item(project, item, len(stored) + place)
        for place, item in enumerate(missing_items(stored, scheme), start=1)
    ]
    for indicator in added:
        indicator.full_clean()
        indicator.save()
    if not added:
        return 0
    change = Change(
        action="indicator.filled",
        subject=subject_of(project),
        summary=f"按“{scheme.name}”添加 {len(added)} 项指标",
        after={"scheme": scheme.ref, "level3": [each.level3 for each in added]},
    )
    record(user, change)
    arrange(project, scheme.layout)
    _give_rows(project, added)
    return len(added)


def _from_item(project: BudgetProject, item: RubricItem, position: int) -> Indicator:
    return Indicator(
        project=project,
        position=position,
        level1=item.level1,
        level2=item.level2,
        level3=item.level3,
        comparator=Comparator.RUBRIC,
        max_points=item.max_points,
        standard=item.standard,
    )


def _give_rows(project: BudgetProject, added: Sequence[Indicator]) -> None:
    """Give new indicators their rows in every open self-assessment, and score again."""
    for assessment in project.assessments.filter(status__in=EDITABLE):
        IndicatorResult.objects.bulk_create(
            IndicatorResult(
                assessment=assessment, indicator=each, max_points=each.max_points
            )
            for each in added
        )
        rescore(assessment)
