"""A self-assessment as it stands in somebody's editor: typed values over stored ones.

Nothing is written; what cannot be read counts as it stands in the database.
"""

from django.http import QueryDict

from indicators.form_tables import bands_of
from indicators.forms.assessments import ResultForm
from indicators.models import IndicatorResult, SelfAssessment
from indicators.score_sheet import execution_result
from indicators.shares import wholes_of


def put_typed(assessment: SelfAssessment, typed: QueryDict) -> None:
    """Set what was typed in a self-assessment loaded with_content().

    typed: text-KEY for texts, result-PK-FIELD for the fields of rows.
    """
    for narrative in assessment.narratives.all():
        text = typed.get(f"text-{narrative.key}")
        if text is not None:
            narrative.text = text.replace("\r\n", "\n")
    for result in assessment.results.all():
        values = _of_row(result, typed)
        if values:
            _put_row(assessment, result, values)


def _of_row(result: IndicatorResult, typed: QueryDict) -> QueryDict:
    """Return {field: value} of what was typed in a row, with its stored version."""
    prefix = f"result-{result.pk}-"
    values = QueryDict(mutable=True)
    for name in typed:
        if name.startswith(prefix):
            values[name.removeprefix(prefix)] = typed.get(name, "")
    if values:
        values["version"] = str(result.version)
    return values


def _put_row(
    assessment: SelfAssessment, result: IndicatorResult, values: QueryDict
) -> None:
    form = ResultForm(
        values,
        result=result,
        bands=bands_of(assessment, result),
        by_money=result == execution_result(assessment),
        is_combined=result.pk in wholes_of(assessment),
    )
    form.is_valid()
    for name, value in form.changes.items():
        if name in values:
            setattr(result, name, value)
