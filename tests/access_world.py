"""The small world in which the access matrix is walked: people, and one of each thing.

Three projects of one unit stand in three states: draft, in_review (at the unit's level)
and approved. Another department has people of its own.
"""

import re
from datetime import date
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from indicators.evidence import Proves, add_evidence
from indicators.models import (
    Holiday,
    IndicatorTemplate,
    ItemComment,
    NarrativeVersion,
    PartAssignment,
    ProblemFile,
    SpotCheck,
    SpotCheckItem,
    TargetAdjustment,
)
from indicators.task_setup import attach
from perfeval.files import store_content
from perfeval.models import AuditEvent, DataImport, Notice
from projects.models import (
    AmountCorrection,
    Delegation,
    Handover,
    Role,
    StatusChange,
    UnitShare,
)
from reports.copies import make_copy
from reports.models import Artifact, Batch, SealedScan
from reports.submission import decide, submit
from tests.factories import (
    complete,
    make_assessment,
    make_department,
    make_problem,
    make_project,
    make_recheck,
    make_task,
    make_user,
)
from tests.reports.publishing import publish
from tests.reports.publishing import send as send_for_approval

PDF = b"%PDF-1.7 file"
LEVELS = (
    Role.UNIT_REVIEWER,
    Role.DEPARTMENT_REVIEWER,
    Role.SECTION_REVIEWER,
    Role.PERFORMANCE_SECTION,
)
# The columns of the matrix after method, url and state.
PEOPLE = (
    "filler",
    "unit",
    "dept",
    "section",
    "finance",
    "third",
    "observer",
    "sysadmin",
    "auditor",
    "o_filler",
    "o_dept",
    "nobody",
)


def make_people():
    """Return {column: person} and the bodies that the projects stand in."""
    department = make_department(name="市司法局")
    unit = make_department(department, name="执法监督处")
    bureau = make_department(name="市财政局")
    section = make_department(bureau, name="业务一科")
    other = make_department(name="市教育局")
    other_unit = make_department(other, name="教师发展中心")
    places = {
        "filler": (Role.FILLER, unit),
        "unit": (Role.UNIT_REVIEWER, unit),
        "dept": (Role.DEPARTMENT_REVIEWER, department),
        "section": (Role.SECTION_REVIEWER, section),
        "finance": (Role.PERFORMANCE_SECTION, bureau),
        "third": (Role.THIRD_PARTY, bureau),
        "observer": (Role.OBSERVER, department),
        "sysadmin": (Role.SYSTEM_ADMIN, bureau),
        "auditor": (Role.AUDIT_ADMIN, bureau),
        "o_filler": (Role.FILLER, other_unit),
        "o_dept": (Role.DEPARTMENT_REVIEWER, other),
    }
    people = {name: make_user(*place) for name, place in places.items()}
    for name in ("sysadmin", "auditor"):
        people[name].is_staff = True
        people[name].save()
    return people, (department, unit, section)


def make_world():
    """Return {"people": …, "bodies": …, state: {name: object} for each state}."""
    people, bodies = make_people()
    task = make_task(levels=LEVELS)
    world = {"people": people}
    for state in ("draft", "in_review", "approved"):
        world[state] = make_state(state, people, bodies, task)
    out = make_published(people, bodies, task)
    for state in ("draft", "in_review", "approved"):
        world[state] |= out
    return world


def make_published(people, bodies, task):
    """A report of the unit that is out, with one of its files."""
    project = make_project(bodies[1], section=bodies[2], name="已公开项目")
    assessment = complete(make_assessment(project, task), people["filler"])
    approved = move("approved", assessment, people)
    approver = make_user(Role.PERFORMANCE_SECTION, bodies[0])
    copy = publish(approved, people["filler"], approver)
    html = copy.artifacts.get(format="html")
    return {"out": assessment.pk, "code": copy.code, "copy": copy.pk, "file": html.pk}


def make_sent_copy(state, assessment, filler):
    """A copy that waits for approval, of what is approved."""
    if state != "approved":
        return {"publication": 0}
    copy = make_copy(filler, assessment, parts=("report",))
    return {"publication": send_for_approval(filler, copy).pk}


def make_state(state, people, bodies, task):
    """Return {name in a route: its value} for the project that stands in a state."""
    department, unit, section = bodies
    filler = people["filler"]
    project = make_project(unit, section=section, name=f"项目{state}")
    assessment = complete(make_assessment(project, task), filler)
    evidence = add_evidence(
        filler,
        assessment,
        SimpleUploadedFile("签到表.pdf", PDF),
        Proves(texts=["basics"]),
    )
    recheck = make_recheck(assessment, people["third"])
    things = {
        "recheck": recheck.pk,
        "spot_check": make_sample(assessment, people["finance"]).pk,
        **make_rows(assessment, filler, people["finance"]),
        **make_changes(project, assessment, filler),
        **make_administration(people, department, task, state),
        "evidence": evidence.pk,
        **make_problems(assessment, people["finance"]),
    }
    move(state, assessment, people)
    return {
        **things,
        **make_frozen(assessment, filler),
        **make_sent_copy(state, assessment, filler),
    }


def make_sample(assessment, finance):
    """A sample that holds this one alone, whatever its state."""
    number = SpotCheck.objects.count() + 1
    sample = SpotCheck.objects.create(
        task=assessment.task,
        number=number,
        share=1,
        seed="s",
        algorithm="sha256-1",
        population=[],
        strata=[],
        drawn_by=finance,
        drawn_at=timezone.now(),
    )
    SpotCheckItem.objects.create(
        spot_check=sample, assessment=assessment, position=1, by_amount=False
    )
    return sample


def make_answered(assessment, filler, reviewer):
    """A remark with its answer: an open one would keep a draft from being sent up."""
    said = {
        "assessment": assessment,
        "narrative_key": "basics",
        "text": "请核对",
        "at": timezone.now(),
    }
    remark = ItemComment.objects.create(author=reviewer, **said)
    ItemComment.objects.create(author=filler, answers=remark, **said)
    return remark


def make_problems(assessment, finance):
    """One that was sent out, with a file; that the report was not approved is no
    matter here."""
    problem = make_problem(assessment, finance)
    file = store_content(finance, "整改.pdf", PDF, "application/pdf")
    shown = ProblemFile.objects.create(problem=problem, file=file)
    return {"problem": problem.pk, "problem_file": shown.pk, "grade": 0}


def make_rows(assessment, filler, finance):
    project = assessment.project
    text = assessment.narratives.get(key="basics")
    part = PartAssignment.objects.create(
        assessment=assessment,
        part="remarks",
        user=filler,
        due_on=date(2030, 1, 1),
        given_at=timezone.now(),
    )
    version, _ = NarrativeVersion.objects.get_or_create(
        narrative=text, number=text.version, defaults={"kind": "saved", "text": "旧"}
    )
    remark = make_answered(assessment, filler, finance)
    other = make_department(project.unit.parent)
    UnitShare.objects.create(project=project, unit=other)
    return {
        "assessment": assessment.pk,
        "project": project.pk,
        "result": assessment.results.order_by("pk").first().pk,
        "indicator": project.indicators.order_by("pk").first().pk,
        "line": project.funding_lines.get().pk,
        "shared_unit": project.unit_id,
        "part": part.pk,
        "comment": remark.pk,
        "version": version.pk,
    }


def make_changes(project, assessment, filler):
    """One request of each kind, decided already: it closes nothing."""
    stored = store_content(filler, "批复.pdf", PDF, "application/pdf")
    asked = {
        "reason": "原因",
        "document": "云财〔2025〕1号",
        "document_date": date(2025, 3, 1),
        "attachment": stored,
        "state": "refused",
        "requested_by": filler,
        "requested_at": timezone.now(),
        "decided_by": filler,
        "decided_at": timezone.now(),
        "decision_note": "不同意",
    }
    indicator = project.indicators.order_by("pk").first()
    old = {
        "old_comparator": indicator.comparator,
        "old_target": indicator.target,
        "old_unit": indicator.unit,
        "old_max_points": indicator.max_points,
    }
    new = {name.replace("old_", "new_"): value for name, value in old.items()}
    adjustment = TargetAdjustment.objects.create(
        indicator=indicator, **asked, **old, **{**new, "new_target": "60"}
    )
    status = StatusChange.objects.create(
        project=project, from_status="normal", to_status="cancelled", **asked
    )
    correction = AmountCorrection.objects.create(
        line=project.funding_lines.get(),
        amount="executed",
        old_value=Decimal(1),
        new_value=Decimal(2),
        **asked,
    )
    return {
        "adjustment": adjustment.pk,
        "status_change": status.pk,
        "correction": correction.pk,
    }


def make_administration(people, department, task, state):
    filler, finance = people["filler"], people["finance"]
    notice = SimpleUploadedFile("通知.pdf", PDF + state.encode())
    file = attach(finance, task, notice)
    today = timezone.localdate()
    lent = Delegation.objects.create(
        grantor=filler,
        deputy=make_user(),
        valid_from=today,
        valid_to=today,
        reason="休假",
    )
    done = Handover.objects.create(
        giver=make_user(), taker=filler, reason="调离", done_by=people["sysadmin"]
    )
    template, _ = IndicatorTemplate.objects.get_or_create(
        level1="产出指标", level2="数量指标", level3="培训场次"
    )
    holiday, _ = Holiday.objects.get_or_create(date=date(2030, 1, 1), name="元旦")
    upload = store_content(filler, "导入.xlsx", b"PK not a workbook", "text/plain")
    brought = DataImport.objects.create(kind="none", file=upload, user=filler)
    batch = Batch.objects.create(
        kind="reports", title="打包", key=f"batch-{state}", user=filler, state="done"
    )
    told = Notice.objects.create(
        person=filler, key=f"notice-{state}", text="已下达", address="/assessments/"
    )
    return {
        "notice": told.pk,
        "batch": batch.pk,
        "event": AuditEvent.objects.order_by("pk").values_list("pk", flat=True)[0],
        "task": task.pk,
        "attachment": file.pk,
        "department": department.pk,
        "person": make_user(Role.FILLER, department).pk,
        "membership": filler.memberships.get().pk,
        "delegation": lent.pk,
        "handover": done.pk,
        "template": template.pk,
        "holiday": holiday.pk,
        "import": brought.pk,
    }


def move(state, assessment, people):
    if state == "draft":
        return assessment
    fresh = type(assessment).objects.get(pk=assessment.pk)
    after = submit(people["filler"], fresh, version=fresh.version)
    if state == "approved":
        for name in ("unit", "dept", "section", "finance"):
            after = decide(people[name], after, "approve", version=after.version)
    return after


def make_frozen(assessment, filler):
    """A frozen file and a scan; of one that froze nothing yet, of no use to anybody."""
    artifact = Artifact.objects.filter(assessment=assessment, format="json").first()
    if artifact is None:
        return {"artifact": 0, "scan": 0}
    file = store_content(filler, "扫描.pdf", PDF, "application/pdf")
    scan = SealedScan.objects.create(
        assessment=assessment, artifact=artifact, file=file, uploaded_by=filler
    )
    return {"artifact": artifact.pk, "scan": scan.pk}


# What stands for a parameter of a route: by the route's beginning, then by its name.
OUT = "assessments/<int:pk>/publications/<int:publication_pk>/files/"
BY_ROUTE: tuple[tuple[str, dict[str, str]], ...] = (
    (OUT, {"pk": "out", "publication_pk": "copy", "artifact_pk": "file"}),
    ("published/", {}),
    ("projects/imports/", {"pk": "import"}),
    ("projects/corrections/", {"pk": "correction"}),
    ("projects/status-changes/", {"pk": "status_change"}),
    ("projects/<int:project_pk>/indicators/", {"pk": "indicator"}),
    ("projects/", {"pk": "project"}),
    ("departments/", {"pk": "department"}),
    ("people/import/", {"pk": "import"}),
    ("people/roles/", {"pk": "membership"}),
    ("people/deputies/", {"pk": "delegation"}),
    ("people/handovers/", {"pk": "handover"}),
    ("people/", {"pk": "person"}),
    ("tasks/holidays/", {"pk": "holiday"}),
    ("tasks/", {"pk": "task"}),
    ("spot-checks/", {"pk": "spot_check"}),
    ("rechecks/", {"pk": "recheck"}),
    ("batches/", {"pk": "batch"}),
    ("audit/", {"pk": "event"}),
    ("notices/", {"pk": "notice"}),
    ("adjustments/", {"pk": "adjustment"}),
    ("indicators/library/import/", {"pk": "import"}),
    ("indicators/library/", {"pk": "template"}),
    ("assessments/imports/", {"pk": "import"}),
    ("assessments/", {"pk": "assessment"}),
)
BY_NAME = {
    "publication_pk": "publication",
    "code": "code",
    "project_pk": "project",
    "unit_pk": "shared_unit",
    "line_pk": "line",
    "department_pk": "department",
    "attachment_pk": "attachment",
    "result_pk": "result",
    "evidence_pk": "evidence",
    "version_pk": "version",
    "artifact_pk": "artifact",
    "scan_pk": "scan",
    "import_pk": "import",
    "assignment_pk": "part",
    "comment_pk": "comment",
    "problem_pk": "problem",
    "position": "grade",
    "file_pk": "problem_file",
}
WORDS = {"key": "basics", "suffix": "html", "place": "text-basics"}
SUFFIXES = {"batches:summary": "xlsx"}
# Where one address holds many: the one that stands for them.
ACTIONS = {
    "indicators:task_act": "take-back",
    "reports:step": "withdraw",
    "rechecks:step": "reopen",
    "reports:publication_step": "approve",
}


def admin_path(route, things):
    """Return an address of the administration, of an object that there is."""
    kinds = {
        "perfeval/user": "person",
        "projects/department": "department",
        "projects/membership": "membership",
        "indicators/evaluationtask": "task",
    }
    kind = next((kinds[each] for each in kinds if f"/{each}/" in route), None)
    path = route.replace("<path:object_id>", str(things[kind]) if kind else "1")
    path = path.replace("<int:content_type_id>", "1").replace("(?P<url>.*)$", "none")
    return "/" + re.sub(r"\(\?P<app_label>.*", "perfeval/", path).removesuffix("$")


def arguments(name, route, parameters, things):
    """Return the arguments of an address, from the things of one state."""
    own = next(found for start, found in BY_ROUTE if route.startswith(start))
    values = {}
    for each in parameters:
        if each == "action":
            values[each] = ACTIONS[name]
        elif each in WORDS:
            values[each] = SUFFIXES.get(name) or WORDS[each]
        else:
            values[each] = things[own.get(each) or BY_NAME[each]]
    return values
