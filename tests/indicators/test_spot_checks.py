"""Spot checks: drawn by chance, by department, and the same again from the seed."""

from decimal import Decimal

import pytest
from django.urls import reverse

from indicators.models import SelfAssessment, SpotCheck, Status
from indicators.sampling import Candidate, draw, lot
from indicators.spot_checks import draw_spot_check, is_repeatable
from perfeval.models import AuditEvent
from projects.models import Role
from tests.factories import (
    make_assessment,
    make_department,
    make_project,
    make_recheck,
    make_task,
    make_user,
)
from tests.queries import queries_of


def candidates(**sizes):
    """Departments A=12 … with so many projects; amounts grow with the number."""
    return [
        Candidate(
            key=index * 100 + number,
            code=f"{stratum}{number:02}",
            stratum=stratum,
            amount=Decimal(number),
        )
        for index, (stratum, size) in enumerate(sizes.items())
        for number in range(size)
    ]


def codes(sample):
    return [each.candidate.code for each in sample.drawn]


def test_the_same_seed_and_population_give_the_same_sample_in_any_order():
    population = candidates(A=12, B=6, C=2)

    first = draw(population, Decimal("0.15"), "种子", large_first=False)
    again = draw(reversed(population), Decimal("0.15"), "种子", large_first=False)
    others = {
        tuple(codes(draw(population, Decimal("0.15"), str(n), large_first=False)))
        for n in range(20)
    }

    assert codes(first) == codes(again)
    assert len(others) > 5


def test_places_follow_the_numbers_of_the_departments():
    # 20 × 0.25 = 5 places; 12/20 → 3.0, 6/20 → 1.5, 2/20 → 0.5: the one left goes to
    # B or C by lot.
    sample = draw(candidates(A=12, B=6, C=2), Decimal("0.25"), "7", large_first=False)

    places = {each.code: each.places for each in sample.strata}
    tied = min("BC", key=lambda code: lot("7", code))
    assert places == {"A": 3, "B": 1, "C": 0} | {tied: 2 if tied == "B" else 1}
    lots = sorted(lot("7", f"A{n:02}") for n in range(12))
    drawn = [each for each in codes(sample) if each.startswith("A")]
    assert [lot("7", each) for each in drawn] == lots[:3]


def test_large_amounts_come_first_for_half_of_the_places():
    sample = draw(candidates(A=10), Decimal("0.3"), "1", large_first=True)

    taken = [(each.candidate.code, each.by_amount) for each in sample.drawn]
    assert taken[:2] == [("A09", True), ("A08", True)]
    assert [by_amount for _, by_amount in taken] == [True, True, False]


def test_at_least_one_is_drawn_and_never_more_than_there_are():
    one = draw(candidates(A=3), Decimal("0.01"), "1", large_first=False)
    every = draw(candidates(A=3, B=1), Decimal(1), "1", large_first=True)

    assert (len(one.drawn), len(every.drawn)) == (1, 4)


# --- On the site


@pytest.fixture
def task(db):
    return make_task()


@pytest.fixture
def finance(db):
    return make_user(Role.PERFORMANCE_SECTION, make_department(name="市财政局"))


@pytest.fixture
def ready(task):
    """Four approved ones of two departments, and one that is still filled in."""
    one, other = make_department(name="市司法局"), make_department(name="市教育局")
    made = [
        make_assessment(make_project(body), task) for body in (one, one, one, other)
    ]
    SelfAssessment.objects.update(status=Status.APPROVED)
    make_assessment(make_project(one), task)
    return made


def test_a_sample_is_kept_with_its_population_and_a_second_one_is_another(
    client, task, finance, ready
):
    client.force_login(finance)
    url = reverse("indicators:spot_checks", args=[task.pk])

    first = client.post(url, {"percent": "50", "seed": "2024", "large_first": "on"})
    second = client.post(url, {"percent": "50", "seed": "2024", "large_first": "on"})

    samples = list(SpotCheck.objects.order_by("number"))
    assert [each.number for each in samples] == [1, 2]
    drawn = [list(each.items.values_list("assessment", flat=True)) for each in samples]
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 2
    assert all(is_repeatable(each) for each in samples)
    assert len(samples[0].population) == 4
    page = client.get(first.url).text
    assert "从 4 个项目中抽取 2 个" in page
    assert "2024" in page
    assert "重新计算一致" in page
    assert first.url != second.url
    event = AuditEvent.objects.filter(action="spotcheck.drawn").earliest("pk")
    assert event.after["seed"] == "2024"
    assert event.user == finance


def test_a_sample_that_was_tampered_with_is_found(task, finance, ready):
    sample = draw_spot_check(finance, task, Decimal("0.5"), large_first=False, seed="1")
    drawn = set(sample.items.values_list("assessment", flat=True))
    other = next(each for each in ready if each.pk not in drawn)

    sample.items.filter(position=1).update(assessment=other)

    assert not is_repeatable(sample)


@pytest.mark.parametrize(
    ("percent", "seed", "told"),
    [
        ("0", "我的种子", "不能小于"),
        ("101", "我的种子", "不能大于 100"),
        ("很多", "我的种子", "请填写数字"),
        ("", "我的种子", "请填写抽取比例"),
        ("15", "长" * 500, "最多 64 个字符，现有 500 个"),
    ],
)
def test_a_draw_that_cannot_be_is_refused_with_what_was_typed(
    client, task, finance, ready, percent, seed, told
):
    client.force_login(finance)

    answer = client.post(
        reverse("indicators:spot_checks", args=[task.pk]),
        {"percent": percent, "seed": seed},
    )

    assert answer.status_code == 422
    assert seed in answer.text
    assert told in answer.text
    assert not SpotCheck.objects.exists()


def test_a_sample_given_out_whole_offers_nothing_to_give_out(
    client, task, finance, ready
):
    sample = draw_spot_check(finance, task, Decimal(1), large_first=False, seed="1")
    expert = make_user(Role.THIRD_PARTY, make_department(name="明正会计师事务所"))
    client.force_login(finance)
    url = reverse("indicators:spot_check", args=[sample.pk])

    before = client.get(url).text
    for each in ready:
        make_recheck(each, expert)
    after = client.get(url).text

    assert "全选本页" in before
    assert "分派全部未分派的" in before
    assert "全选本页" not in after
    assert "分派所选项目" not in after
    assert "抽中的项目已全部分派" in after
    back = client.get(reverse("indicators:rechecks_assign", args=[task.pk]))
    assert back.url == reverse("indicators:task_rechecks", args=[task.pk])


def test_nothing_to_draw_from_is_said(client, task, finance):
    client.force_login(finance)

    answer = client.post(
        reverse("indicators:spot_checks", args=[task.pk]), {"percent": "15"}
    )

    assert answer.status_code == 422
    assert "无从抽取" in answer.text


def test_pages_of_a_sample_ask_few_queries(client, task, finance, ready):
    sample = draw_spot_check(finance, task, Decimal(1), large_first=False, seed="1")
    client.force_login(finance)

    asked = [
        len(queries_of(client, reverse(f"indicators:{name}", args=[pk])))
        for name, pk in (("spot_check", sample.pk), ("spot_checks", task.pk))
    ]

    assert max(asked) <= 12
