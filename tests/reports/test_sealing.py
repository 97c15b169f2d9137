"""The sealed scan: of exactly the file that goes up, void once that is changed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from indicators.workflow import TransitionError
from projects.models import Role
from reports.models import SealedScan
from reports.sealing import sealed_file, valid_scan
from reports.submission import decide, submit, take_step
from tests.factories import (
    complete,
    make_assessment,
    make_department,
    make_project,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 sealed"
WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 a word file"


@pytest.fixture
def department():
    return make_department()


@pytest.fixture
def assessment(department):
    unit = make_department(department)
    levels = (Role.UNIT_REVIEWER, Role.DEPARTMENT_REVIEWER)
    task = make_task(levels=levels, needs_sealed_scan=True)
    return complete(make_assessment(make_project(unit), task))


@pytest.fixture
def people(assessment, department):
    unit = assessment.project.unit
    return {
        Role.FILLER: make_user(Role.FILLER, unit),
        Role.UNIT_REVIEWER: make_user(Role.UNIT_REVIEWER, unit),
        Role.DEPARTMENT_REVIEWER: make_user(Role.DEPARTMENT_REVIEWER, department),
    }


@pytest.fixture
def sealing(assessment, people):
    sent = submit(people[Role.FILLER], assessment, version=assessment.version)
    return decide(people[Role.UNIT_REVIEWER], sent, "approve", version=sent.version)


@pytest.fixture
def upload(client, people, sealing):
    """Upload a scan as the filler."""
    client.force_login(people[Role.FILLER])

    def post(content=PDF, code_end=None, name="扫描.pdf"):
        paper = sealed_file(sealing)
        assert paper is not None
        code = paper.code[-4:] if code_end is None else code_end
        file = SimpleUploadedFile(name, content)
        return client.post(
            reverse("reports:scan_upload", args=[sealing.pk]),
            {"file": file, "code_end": code.lower()},
        )

    return post


def send_up(people, sealing):
    return take_step(people[Role.FILLER], sealing, "send_up", version=sealing.version)


def test_nothing_goes_up_without_the_scan(people, sealing):
    with pytest.raises(TransitionError, match="请先上传本次报送件的盖章扫描件"):
        send_up(people, sealing)


def test_with_its_scan_it_goes_up_and_the_reviewer_sees_both(
    client, people, sealing, upload
):
    assert upload().status_code == 302
    send_up(people, sealing)
    client.force_login(people[Role.DEPARTMENT_REVIEWER])

    page = client.get(reverse("reports:review", args=[sealing.pk]))
    kept = SealedScan.objects.get()
    address = reverse("reports:scan", args=[sealing.pk, kept.pk])
    scan = client.get(address)

    assert f'src="{address}"' in page.text
    assert "自评报告" in page.text
    assert b"".join(scan.streaming_content) == PDF
    assert scan["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in scan["Content-Security-Policy"]
    assert scan["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"code_end": "0000"}, "与本次报送件的查验码不符"),
        ({"code_end": "12"}, "请填写查验码的后四位"),
        ({"content": WORD}, "扫描件应是 PDF、PNG 或 JPG 文件"),
        ({"content": b""}, "空"),
    ],
    ids=["another print", "too short", "no picture", "empty"],
)
def test_a_scan_that_is_not_of_this_print_is_refused(values, told, sealing, upload):
    answer = upload(**values)

    assert answer.status_code == 422
    assert told in answer.text
    assert valid_scan(sealing) is None


def test_a_second_scan_takes_the_place_of_the_first(sealing, upload):
    upload()
    upload(content=PDF + b" again")

    states = SealedScan.objects.order_by("pk").values_list("invalid_reason", flat=True)
    assert list(states) == ["重新上传扫描件", ""]


def test_any_way_back_makes_the_scan_void(client, people, sealing, upload):
    upload()
    after = send_up(people, sealing)
    back = decide(
        people[Role.DEPARTMENT_REVIEWER],
        after,
        "send_back",
        version=after.version,
        note="金额有误",
    )
    sent = submit(people[Role.FILLER], back, version=back.version)
    again = decide(people[Role.UNIT_REVIEWER], sent, "approve", version=sent.version)

    page = client.get(reverse("reports:files", args=[again.pk])).text

    assert valid_scan(again) is None
    assert "已失效" in page
    assert "因退回失效" in page
    with pytest.raises(TransitionError, match="请先上传本次报送件"):
        send_up(people, again)


def test_only_the_unit_uploads_and_only_while_it_is_asked(
    client, people, assessment, sealing
):
    address = reverse("reports:scan_upload", args=[assessment.pk])
    outsider = make_user(Role.FILLER, make_department())
    client.force_login(outsider)
    hidden = client.post(address)
    observer = make_user(Role.OBSERVER, assessment.project.unit)
    client.force_login(observer)
    unseen = client.post(address)

    assert (hidden.status_code, unseen.status_code) == (404, 404)
