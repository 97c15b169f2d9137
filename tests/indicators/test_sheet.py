"""The indicator sheet: rows saved one by one, pasted, copied, deleted, restored."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from indicators.models import (
    Evidence,
    EvidenceLink,
    Indicator,
    ItemComment,
    ShareResult,
)
from indicators.services import delete_indicator, record_result, save_indicator
from perfeval.models import AuditEvent, StoredFile
from projects.models import Role
from tests.factories import (
    YEAR,
    make_assessment,
    make_department,
    make_indicators,
    make_project,
    make_user,
    submit,
)

ROW = {
    "level1": "产出指标",
    "level2": "数量指标",
    "level3": "清淤长度",
    "comparator": ">=",
    "target": "12",
    "unit": "公里",
    "max_points": "20",
    "standard": "",
    "version": "1",
}


@pytest.fixture
def unit(db):
    return make_department(make_department())


@pytest.fixture
def filler(client, unit):
    user = make_user(Role.FILLER, unit)
    client.force_login(user)
    return user


@pytest.fixture
def project(unit):
    project = make_project(unit)
    make_indicators(project)
    return project


def at(name, project, *args):
    return reverse(f"indicators:{name}", args=[project.pk, *args])


def cells(indicator, **values):
    names = [name for name in ROW if name != "version"]
    stored = {name: getattr(indicator, name) for name in names}
    return {**stored, "version": indicator.version, **values}


def test_the_sheet_shows_every_row_with_its_reading(
    client, filler, project, django_assert_max_num_queries
):
    make_assessment(project)
    client.get(at("sheet", project))

    with django_assert_max_num_queries(12):
        page = client.get(at("sheet", project)).content.decode()

    assert 'value="培训场次"' in page
    assert "实际完成值不低于 50 场" in page
    assert page.count('class="sheet-row"') == 4  # three and the blank one


def test_a_new_row_is_saved_once_however_often_it_is_sent(client, filler, project):
    first = client.post(at("sheet_add", project), ROW)
    again = client.post(at("sheet_add", project), ROW)

    added = Indicator.objects.get(level3="清淤长度")
    assert first.json() == again.json() == {"pk": added.pk, "version": 1}
    assert added.max_points == Decimal(20)


def test_every_wrong_cell_of_a_row_is_named_and_nothing_is_saved(
    client, filler, project
):
    sent = {**ROW, "level3": "", "max_points": "约8", "comparator": "rubric"}

    response = client.post(at("sheet_add", project), sent)

    assert response.status_code == 422
    assert response.json()["errors"] == {
        "level3": "请填写三级指标",
        "max_points": "“约8”不是分数，请只填数字，如 8.5",
        "standard": "按评分标准给分的指标，请填写评分标准",
    }
    assert project.indicators.count() == 3


def test_a_stale_row_answers_with_what_others_saved(client, filler, project):
    indicator = project.indicators.first()
    sent = cells(indicator, target="60")
    save_indicator(None, indicator, {"target": "70"}, version=1)
    address = at("sheet_row", project, indicator.pk)

    refused = client.post(address, sent)

    told = {"name": "target", "label": "年度指标值", "text": "70", "value": "70"}
    assert refused.status_code == 409
    found = {"version": 2, "stored": [told], "by": "他人"}
    assert refused.json() == {"conflict": found}

    decided = client.post(address, {**sent, "version": "2"})

    indicator.refresh_from_db()
    assert decided.json()["version"] == 3
    assert indicator.target == "60"


def test_a_row_that_others_deleted_can_be_saved_as_a_new_one(client, filler, project):
    indicator = project.indicators.first()
    sent = cells(indicator, target="60")
    address = at("sheet_row", project, indicator.pk)
    delete_indicator(None, indicator, version=1)

    answer = client.post(address, sent)

    assert answer.status_code == 409
    assert answer.json()["gone"]
    assert client.post(at("sheet_add", project), sent).status_code == 200


def test_an_approved_row_is_read_only(client, filler, project):
    indicator = project.indicators.first()
    Indicator.objects.filter(pk=indicator.pk).update(is_approved=True)

    page = client.get(at("sheet", project)).content.decode()
    refused = client.post(
        at("sheet_row", project, indicator.pk), cells(indicator, target="1")
    )

    assert 'value="培训场次"' not in page
    assert "申请调整" in page
    assert refused.status_code == 409
    assert "已批复" in refused.json()["errors"][""]


def test_a_report_sent_up_closes_the_sheet_and_refuses_a_late_row(
    client, filler, project
):
    assessment = make_assessment(project)
    submit(assessment)

    late = client.post(at("sheet_add", project), ROW)

    assert client.get(at("sheet", project)).status_code == 302
    assert late.status_code == 409
    assert "审核中" in late.json()["errors"][""]


def test_points_are_summed_while_typing(client, filler, project):
    sent = {
        "level1": ["产出指标", "效益指标", "满意度指标"],
        "max_points": ["45", "30", "约1"],
    }

    page = client.post(at("sheet_weights", project), sent).content.decode()

    assert "还差 5 分" in page
    assert "第 3 行的分值不是数字，没有计入" in page


def test_a_target_typed_is_answered_as_understood(client, filler, project):
    asked = {"target": "≤90万元", "comparator": ">=", "unit": "", "split": "1"}

    answer = client.get(at("sheet_reading", project), asked).json()

    assert answer == {
        "comparator": "<=",
        "target": "90",
        "unit": "万元",
        "reading": "实际完成值不高于 90 万元",
        "is_warning": False,
    }


def test_rows_move_within_their_level(client, filler, unit):
    project = make_project(unit)
    first, second = make_indicators(
        project,
        [
            ("产出指标", "质量指标", "甲", ">=", "1", "个", "1"),
            ("产出指标", "质量指标", "乙", ">=", "1", "个", "1"),
        ],
    )
    address = at("sheet_move", project, second.pk)

    answer = client.post(address, {"direction": "up"}).json()

    assert answer == {"moved": True, "order": [second.pk, first.pk]}


# --- Deleting and bringing back


def test_a_deleted_row_comes_back_with_all_that_was_filled_in(client, filler, project):
    assessment = make_assessment(project)
    result = assessment.results.first()
    record_result(filler, result, {"actual": "48场"}, version=1)
    ShareResult.objects.create(result=result, unit=project.unit, actual="48")
    indicator = project.indicators.first()
    file = StoredFile.objects.create(sha256="0" * 64, name="签到表.pdf", size=1)
    evidence = Evidence.objects.create(assessment=assessment, file=file)
    EvidenceLink.objects.create(evidence=evidence, indicator=indicator)
    before = (indicator.pk, indicator.position, indicator.target)

    gone = client.post(at("sheet_delete", project, indicator.pk), {"version": 1})
    assert "已删除指标“培训场次”" in gone.json()["undo"]
    page = client.get(at("sheet", project)).content.decode()
    assert "已删除指标“培训场次”" in page

    event = AuditEvent.objects.get(action="indicator.deleted")
    answer = client.post(
        at("indicator_restore", project),
        {"event": event.pk},
        headers={"Accept": "application/json"},
    ).json()

    back = project.indicators.first()
    result.refresh_from_db()
    assert (back.pk, back.position, back.target) == before
    assert (result.actual, result.shares.get().actual) == ("48场", "48")
    assert evidence.links.get().indicator == back
    assert answer["order"][0] == back.pk
    assert 'value="培训场次"' in answer["row"]
    assert "已删除" not in client.get(at("sheet", project)).content.decode()
    assert AuditEvent.objects.filter(action="indicator.restored").count() == 1


def test_what_lost_its_other_end_meanwhile_does_not_keep_the_rest_from_coming_back(
    client, filler, project
):
    assessment = make_assessment(project)
    indicator = project.indicators.first()
    file = StoredFile.objects.create(sha256="0" * 64, name="签到表.pdf", size=1)
    evidence = Evidence.objects.create(assessment=assessment, file=file)
    EvidenceLink.objects.create(evidence=evidence, indicator=indicator)
    client.post(at("sheet_delete", project, indicator.pk), {"version": 1})
    evidence.delete()

    event = AuditEvent.objects.get(action="indicator.deleted")
    client.post(at("indicator_restore", project), {"event": event.pk})

    assert project.indicators.count() == 3
    assert assessment.results.count() == 3
    assert not EvidenceLink.objects.exists()


def test_an_indicator_with_a_reviewers_remark_is_not_deleted(client, filler, project):
    assessment = make_assessment(project)
    indicator = project.indicators.first()
    ItemComment.objects.create(
        assessment=assessment,
        indicator=indicator,
        author=filler,
        text="请补充依据",
        at=timezone.now(),
    )

    answer = client.post(at("sheet_delete", project, indicator.pk), {"version": 1})

    assert answer.status_code == 409
    assert "审核评语" in answer.json()["errors"][""]
    assert assessment.results.count() == 3


def test_a_deletion_is_undone_once_and_without_script_too(client, filler, project):
    indicator = project.indicators.first()
    client.post(at("sheet_delete", project, indicator.pk), {"version": 1})
    sent = {"event": AuditEvent.objects.get(action="indicator.deleted").pk}

    for _ in range(2):
        assert client.post(at("indicator_restore", project), sent).status_code == 302

    assert project.indicators.count() == 3


def test_a_name_taken_meanwhile_is_not_doubled_by_undoing(client, filler, project):
    indicator = project.indicators.first()
    client.post(at("sheet_delete", project, indicator.pk), {"version": 1})
    client.post(at("sheet_add", project), cells(indicator, version=1))
    sent = {"event": AuditEvent.objects.get(action="indicator.deleted").pk}

    refused = client.post(
        at("indicator_restore", project), sent, headers={"Accept": "application/json"}
    )

    assert refused.status_code == 409
    assert "同名指标" in refused.json()["errors"][""]


def test_what_others_changed_is_not_deleted_from_the_sheet_unseen(
    client, filler, project
):
    indicator = project.indicators.first()
    save_indicator(None, indicator, {"target": "70"}, version=1)

    answer = client.post(at("sheet_delete", project, indicator.pk), {"version": 1})

    assert answer.status_code == 409
    assert project.indicators.count() == 3


# --- Pasted blocks: looked through, then written as a whole


BLOCK = (
    "一级指标\t二级指标\t三级指标\t年度指标值\t分值\n"
    "产出指标（50分）\t数量指标\t培训场次\t≥60场\t40\n"
    "\t\t清淤长度\t≥12公里\t约10\n"
    "\t质量指标\t清淤长度\t95%\t\n"
)


def proposals(response):
    """Return what the page of proposed rows would send."""
    rows = response.context["rows"]
    count = str(len(rows.forms))
    sent = {"rows-TOTAL_FORMS": count, "rows-INITIAL_FORMS": count}
    for form in rows.forms:
        for name in form.fields:
            value = form[name].value()
            if name != "take":
                sent[form.add_prefix(name)] = "" if value is None else value
            elif value:
                sent[form.add_prefix(name)] = "on"
    return sent


def paste(client, project, text=BLOCK, **more):
    return client.post(at("paste", project), {"text": text, **more})


def test_a_pasted_block_is_shown_with_what_it_would_do_and_saves_nothing(
    client, filler, project
):
    response = paste(client, project)

    page = response.content.decode()
    whats = [form.what for form in response.context["rows"].forms]
    assert whats == ["change", "create", "create"]
    assert "现年度指标值：50" in page
    # All that is wrong is said at once, before anything is sent.
    assert "第 2 行「分值」：“约10”不是分数" in page
    assert "第 3 行「分值」：请填写分值" in page
    assert project.indicators.count() == 3


def test_what_is_no_sign_is_named_at_its_cell(client, filler, project):
    block = "三级指标\t一级指标\t指标性质\t指标值\t分值\n甲\t产出指标\t越多越好\t5\t1"

    page = paste(client, project, block).content.decode()

    assert "第 1 行「指标性质」：“越多越好”不是指标性质，请从列表中选择" in page


def test_all_errors_of_a_pasted_block_are_told_at_once_by_row_and_cell(
    client, filler, project
):
    sent = proposals(paste(client, project))
    sent["rows-2-level2"] = "数量指标"

    refused = client.post(at("proposals_save", project), sent)

    page = refused.content.decode()
    assert refused.status_code == 422
    assert "第 2 行「分值」：“约10”不是分数" in page
    assert "第 3 行「分值」：请填写分值" in page
    assert "第 3 行「三级指标」：与第 2 行同名" in page
    assert 'value="约10"' in page
    assert project.indicators.get(level3="培训场次").target == "50"
    assert project.indicators.count() == 3


def test_a_block_is_written_as_it_was_corrected_and_only_the_ticked_rows(
    client, filler, project
):
    sent = proposals(paste(client, project))
    sent["rows-1-max_points"] = "10"
    del sent["rows-2-take"]

    response = client.post(at("proposals_save", project), sent)

    assert response.status_code == 302
    changed = project.indicators.get(level3="培训场次")
    added = project.indicators.get(level3="清淤长度")
    assert (changed.target, changed.max_points) == ("60", Decimal(40))
    assert (added.target, added.unit, added.max_points) == ("12", "公里", Decimal(10))
    levels = [each.level1 for each in project.indicators.all()]
    assert levels == ["产出指标", "产出指标", "效益指标", "满意度指标"]


def test_a_block_over_a_row_that_others_saved_first_shows_both_texts(
    client, filler, project
):
    sent = proposals(
        paste(
            client,
            project,
            BLOCK.splitlines()[0] + "\n产出指标\t数量指标\t培训场次\t≥60场\t50",
        )
    )
    indicator = project.indicators.get(level3="培训场次")
    save_indicator(None, indicator, {"target": "70"}, version=1)

    refused = client.post(at("proposals_save", project), sent)

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "年度指标值 70" in " ".join(page.split())
    assert 'value="60"' in page

    decided = client.post(at("proposals_save", project), proposals(refused))

    indicator.refresh_from_db()
    assert decided.status_code == 302
    assert indicator.target == "60"


def test_approved_rows_are_left_out_of_a_block(client, filler, project):
    project.indicators.update(is_approved=True)

    response = paste(client, project)
    form = response.context["rows"].forms[0]

    assert form.what == "closed"
    assert not form["take"].value()
    assert "已批复，不能修改" in response.content.decode()


def test_a_column_pasted_into_the_sheet_is_laid_over_the_rows_from_there(
    client, filler, project
):
    second = project.indicators.all()[1]

    response = paste(client, project, "效果显著\n≥95%", start="target", row=second.pk)

    first, last = response.context["rows"].forms
    assert first["level3"].value() == "群众知晓程度"
    assert (last["level3"].value(), last["target"].value()) == ("群众满意度", "95")


def test_nothing_ticked_writes_nothing(client, filler, project):
    sent = proposals(paste(client, project))
    sent = {name: value for name, value in sent.items() if not name.endswith("take")}

    response = client.post(at("proposals_save", project), sent)

    assert response.status_code == 422
    assert "请至少勾选一行" in response.content.decode()


# --- Copying from another project


def test_targets_are_copied_from_the_same_project_of_last_year(client, filler, project):
    before = make_project(project.unit, year=YEAR - 1, name=project.name)
    make_indicators(
        before, [("产出指标", "数量指标", "巡河次数", ">=", "24", "次", "10")]
    )
    other = make_project(make_department(), year=YEAR - 1, name=project.name)
    make_indicators(other)

    listed = client.get(at("targets_copy", project))
    page = client.get(at("targets_copy", project), {"source": before.pk})
    client.post(at("proposals_save", project), proposals(page))

    assert listed.context["last_year"] == [before]
    assert project.indicators.get(level3="巡河次数").unit == "次"
    unseen = client.get(at("targets_copy", project), {"source": other.pk})
    assert unseen.status_code == 404


def test_a_project_to_copy_from_is_found_by_its_name(client, filler, project):
    other = make_project(project.unit, name="河道保洁")
    make_indicators(other)

    page = client.get(at("targets_copy", project), {"q": "保洁"})

    assert page.context["found"] == [other]


# --- Who


READ = ("sheet", "paste", "targets_copy", "library_pick")
WRITE = ("sheet_add", "sheet_weights", "indicator_restore", "proposals_save", "paste")


def test_reviewers_do_not_write_and_strangers_find_nothing(client, project):
    client.force_login(make_user(Role.UNIT_REVIEWER, project.unit))
    refused = [client.get(at(name, project)).status_code for name in READ]
    refused += [client.post(at(name, project)).status_code for name in WRITE]
    client.force_login(make_user(Role.FILLER, make_department()))
    unseen = [client.get(at(name, project)).status_code for name in READ]
    unseen += [client.post(at(name, project)).status_code for name in WRITE]

    assert refused == [403] * 9
    assert unseen == [404] * 9
