"""Every form of the site that changes a stored row: whoever saves second loses nothing.

The addresses come from the URL configuration: a page that is added is walked here, or
fails with the question what it writes.
"""

import hashlib
import json
import re

import pytest
from django.urls import URLResolver, get_resolver
from lxml import html  # type: ignore[import-untyped]

from indicators.models import (
    Combination,
    Indicator,
    IndicatorTemplate,
    NarrativeVersion,
    SelfAssessment,
    Status,
    VersionKind,
)
from perfeval.audit import REJECTED
from perfeval.models import AuditEvent
from projects.models import FundingLine, Role
from projects.shares import add_share
from reports.copies import make_copy, mark
from tests.factories import (
    make_assessment,
    make_department,
    make_membership,
    make_problem,
    make_project,
    make_recheck,
    make_use_rules,
    make_user,
)
from tests.reports.publishing import make_approved, publish

pytestmark = pytest.mark.django_db

# Pages with fields to type into that overwrite nothing stored: a row is added, a step
# taken, a file read. What is typed comes back with an error, which their tests hold.
ADDS = {
    "projects:add": "a new project",
    "verify": "nothing is stored",
    "projects:shares": "a unit is added by its code",
    "projects:status_request": "a request of its own",
    "departments:add": "a new department",
    "people:add": "a new person",
    "people:deputies": "a new deputy",
    "people:handover": "work given over, with a reason",
    "people:deactivate": "a step with a reason",
    "indicators:task_add": "a new task",
    "indicators:holidays": "a new day",
    "indicators:task_extend": "a step with a reason",
    "indicators:indicator_add": "a new indicator",
    "indicators:library_add": "a new entry",
    "indicators:adjust": "a request of its own",
    "reports:upload": "a file is read and looked through first",
    "batches:start": "work on many reports is begun",
    "indicators:parts": "a part is given to a person, with a note",
    "indicators:spot_checks": "a sample is drawn",
    "reports:publication_add": "a new copy to be published",
    "reports:publication_preview": "words are hidden wherever they stand",
    "indicators:paste": "rows that are looked through first",
    "rechecks:step": "a step with a reason",
}
# Their rows are saved one by one by a script that reads JSON.
BY_SCRIPT = {"indicators:sheet": "tests/indicators/test_sheet.py"}
SKIPPED_FIELDS = {"csrfmiddlewaretoken"}
TYPED = "改"


def patterns(resolver=None, prefix="", namespace=""):
    """Yield name and route of every address but the administration's."""
    for each in (resolver or get_resolver()).url_patterns:
        route = prefix + str(each.pattern)
        if not isinstance(each, URLResolver):
            yield f"{namespace}{each.name}", route
        elif not route.startswith("admin/"):
            inner = f"{each.namespace}:" if each.namespace else namespace
            yield from patterns(each, route, inner)


@pytest.fixture
def world():
    """One of each, and one person who may do everything."""
    make_use_rules()
    department = make_department(name="市司法局")
    unit = make_department(department, name="执法监督处")
    partner = make_department(make_department(), name="教育局法规科")
    user = make_user(Role.FILLER, unit)
    make_membership(user, Role.FILLER, partner)
    for role in (
        Role.DEPARTMENT_REVIEWER,
        Role.PERFORMANCE_SECTION,
        Role.SYSTEM_ADMIN,
        Role.THIRD_PARTY,
    ):
        make_membership(user, role, department)
    assessment = make_assessment(make_project(unit, name="执法培训"))
    add_share(None, assessment.project, partner)
    FundingLine.objects.create(
        project=assessment.project, unit=partner, source="appropriation", initial=5000
    )
    Indicator.objects.filter(level3="培训场次").update(combination=Combination.SUM)
    approved = make_assessment(make_project(unit), assessment.task)
    SelfAssessment.objects.filter(pk=approved.pk).update(status=Status.APPROVED)
    template = IndicatorTemplate.objects.create(level1="产出指标", level3="培训人次")
    results = assessment.results.order_by("indicator__position")
    problem = make_problem(assessment, user)
    published, filler, _, other = make_approved(project=make_project(unit))
    publish(published, filler, other, parts=("report",))
    copy = make_copy(filler, published, parts=("report",), note="更正")
    mark(filler, copy, "已写明")
    return {
        "published": published.pk,
        "publication_pk": copy.pk,
        "user": user,
        "project_pk": assessment.project_id,
        "unit_pk": partner.pk,
        "department_pk": unit.pk,
        "result_pk": results.last().pk,
        "key": "problems",
        "problem_pk": problem.pk,
        "position": 0,
        "projects": assessment.project_id,
        "assessments": assessment.pk,
        "tasks": assessment.task_id,
        "departments": unit.pk,
        "people": user.pk,
        "indicators": template.pk,
        "rechecks": make_recheck(approved, user).pk,
        "action": "withdraw",
        "indicator": results.first().indicator_id,
    }


def address(route, world):
    """Return the address of a route in this world; what there is none of is 0."""

    def value(found):
        name, first = found[1], route.split("/")[0]
        if name == "pk" and "/publications/" in route:
            return str(world["published"])
        if name == "pk" and "indicators/<int:pk>" in route:
            return str(world["indicator"])
        if name == "pk":
            return str(world.get(first, 0))
        return str(world.get(name, 0))

    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", value, route)


def typed_into(form):
    """Return the names of fields a person types into."""
    inputs = [
        each
        for each in form.inputs
        if each.name
        and each.get("readonly") is None
        and (each.tag == "textarea" or each.get("type", "") == "text")
    ]
    return [each.name for each in inputs]


def version_of(form, name):
    """Return the version field that guards a field: of its row, else of the form."""
    row = name.rpartition("-")[0]
    own = f"{row}-version" if row else "version"
    return own if own in form.fields else "version" if "version" in form.fields else ""


def editing_forms(client, url):
    """Return the forms of a page with fields to type into, [] where there is none."""
    answer = client.get(url)
    if answer.status_code != 200 or "html" not in answer.get("Content-Type", ""):
        return []
    forms = html.fromstring(answer.content).forms
    posted = [each for each in forms if each.method.upper() == "POST"]
    return [each for each in posted if typed_into(each)]


def is_number(form, name):
    return form.inputs[name].get("inputmode") in ("decimal", "numeric")


def values_of(form):
    """Return {name: value} as a browser has it: the first line end is the page's."""
    return {
        name: (value or "").removeprefix("\n") for name, value in form.form_values()
    }


def most_telling(form, names):
    """Return a field that takes any words, or the first where all want figures."""
    texts = [each for each in names if form.inputs[each].tag == "textarea"]
    named = [each for each in names if re.search(r"name|title|level3", each)]
    words = [each for each in names if not is_number(form, each)]
    return [*texts, *named, *words, *names][0]


def stale(form, name):
    """Return what is sent where somebody saved meanwhile, and what is typed in it."""
    data = values_of(form)
    data[name] = "12.34" if is_number(form, name) else f"{data.get(name, '')}{TYPED}"
    data[version_of(form, name)] = str(int(data[version_of(form, name)]) + 7)
    return data, data[name]


def pages(client, world):
    """Yield name, address and forms of every page with fields to type into."""
    for name, route in patterns():
        url = address(route, world)
        if not url.startswith("/logout"):
            forms = editing_forms(client, url)
            if forms:
                yield name, url, forms


def test_every_stale_form_is_answered_with_both_texts_and_changes_nothing(
    client, world
):
    client.force_login(world["user"])
    walked, wrong = set(), []

    for name, url, forms in pages(client, world):
        if name in ADDS or name in BY_SCRIPT:
            continue
        walked.add(name)
        for place, form in enumerate(forms):
            lost = trouble(client, world, url, place, form)
            wrong += [f"{name}: {each}" for each in lost]

    assert wrong == [], "\n".join(wrong)
    assert walked >= {
        "own_data",
        "projects:edit",
        "projects:funding",
        "departments:edit",
        "people:edit",
        "indicators:task_edit",
        "indicators:result",
        "indicators:narratives",
        "indicators:indicator_edit",
        "reports:publication",
        "reports:publication_edit",
        "rechecks:page",
    }


def trouble(client, world, url, place, form):
    """Yield what is lost when a form of a page is sent with a stale version."""
    guarded = [each for each in typed_into(form) if version_of(form, each)]
    if not guarded:
        yield "fields without a version: what does it overwrite? (ADDS)"
        return
    name = most_telling(form, guarded)
    stored = values_of(form)
    data, typed = stale(form, name)
    answer = client.post(form.action or url, data)
    page = html.fromstring(answer.content) if answer.content else None
    shown = "" if page is None else page.text_content()
    values = [] if page is None else [values_of(each).values() for each in page.forms]
    if not is_kept(world["user"], typed):
        yield f"{name}: what was typed is kept nowhere"
    if answer.status_code != 409:
        yield f"{name}: {answer.status_code} in place of 409"
    if not any(typed in each for each in values):
        yield f"{name}: what was typed does not come back"
    if stored.get(name, "") not in shown:
        yield f"{name}: what is stored is not shown"
    again = values_of(editing_forms(client, url)[place])
    if again.get(name) != stored.get(name):
        yield f"{name}: something was written"


def is_kept(user, typed):
    """Whether the newest text that was not taken over is this one, for who typed it."""
    event = AuditEvent.objects.filter(user=user, action__endswith=REJECTED).first()
    if event is None:
        return False
    version = NarrativeVersion.objects.filter(kind=VersionKind.REJECTED).first()
    told = event.after.get("sha256")
    if version and told == hashlib.sha256(version.text.encode()).hexdigest():
        return version.text == typed.replace("\r\n", "\n")
    values = json.dumps(event.after, ensure_ascii=False)
    return json.dumps(typed, ensure_ascii=False).strip('"') in values


def test_pages_that_are_said_to_add_are_there(client, world):
    client.force_login(world["user"])
    found = {name for name, _, _ in pages(client, world)}

    assert sorted({*ADDS, *BY_SCRIPT} - found) == []
