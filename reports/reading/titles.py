"""The report's title and what stands around it: year, project, unit."""

import re
from dataclasses import dataclass

from reports.document import Project
from reports.reading.headings import read_heading
from reports.reading.lines import Line

LONGEST = 60
# Parts of a title that is set on several lines, at most.
MOST_LINES = 4
REPORT = re.compile(r"(?:报告|自评|自我评价)(?:书|稿)?(?:[（(][^（）()]{1,20}[）)])?$")
SUBTITLE = re.compile(r"[（(〔][^（）()〔〕]{2,20}[）)〕]")
NO_TITLE = re.compile("[：:。；;，]|^附[件表录]")
COMPLETE = re.compile(r"20[0-9]{2}.{0,4}年|二[〇零○].{2}年")

YEAR = r"(?:20[0-9]{2}|二[〇零○O][〇零○O一二三四五六七八九]{2})\s?年度?"
ENDING = re.compile(
    r"(?:项目支出|财政支出|预算项目|支出项目|专项资金|专项支出)?(?:预算)?(?:财政)?(?:支出)?"
    r"(?:绩效)?(?:自评|自我评价|评价)(?:工作)?(?:情况)?(?:的?报告)?(?:书|稿)?"
    r"(?:[（(][^（）()]{1,20}[）)])?$"
)
BODY = re.compile(
    r".{2,30}(?:局|委|委员会|办公室|厅|政府|院|校|中心|站|所|处|街道|学校|大学|医院|馆)"
)
# （盖章） after a name is where the seal goes.
SEAL = re.compile(r"\s?[（(](?:公章|盖章|签章|加盖公章)[）)]$")
FIELDS = (
    ("name", re.compile(r"项目名称[：:\t ]\s*([^\t]{1,100})")),
    ("code", re.compile(r"项目(?:代码|编码|编号)[：:\t ]\s*([0-9A-Za-z-]{1,60})")),
    (
        "unit",
        re.compile(
            r"(?:(?:项目)?(?:实施|承担)|项目|预算|填报|自评|报送|部门)?单位(?:名称)?"
            r"(?:[（(](?:公章|盖章)[）)])?[：:\t ]\s*([^\t]{1,100})"
        ),
    ),
    ("supervising_department", re.compile(r"主管部门[：:\t ]\s*([^\t]{1,100})")),
)


@dataclass(frozen=True)
class TitleBlock:
    """The title and the lines of the preamble that are not part of it."""

    title: str
    lines: list[Line]


def split_title(preamble: list[Line]) -> TitleBlock:
    """Return the report's title ("" where there is none) and the other lines."""
    last = next(
        (
            index
            for index, line in enumerate(preamble[:20])
            if line.level == 0 or _may_end_title(line)
        ),
        None,
    )
    if last is None:
        return TitleBlock("", preamble)
    first = last
    while not COMPLETE.search(preamble[last].text) and _goes_on_above(
        preamble, first, last
    ):
        first -= 1
    if last + 1 < len(preamble) and SUBTITLE.fullmatch(preamble[last + 1].text):
        last += 1
    title = "".join(line.text for line in preamble[first : last + 1])
    return TitleBlock(title, preamble[:first] + preamble[last + 1 :])


def _may_end_title(line: Line) -> bool:
    return _may_be_title(line) and bool(REPORT.search(line.text))


def _may_be_title(line: Line) -> bool:
    return (
        len(line.text) <= LONGEST
        and not line.row
        and not NO_TITLE.search(line.text)
        and read_heading(line.text).style == "none"
    )


def _goes_on_above(preamble: list[Line], first: int, last: int) -> bool:
    return (
        first > 0 and last - first < MOST_LINES and _may_be_title(preamble[first - 1])
    )


def read_project(title: str, lines: list[Line]) -> Project:
    """Return the project as the title and lines like 项目名称：… name it."""
    found: dict[str, str] = {}
    for line in lines:
        for name, pattern in FIELDS:
            if name not in found and (value := pattern.match(line.text)):
                found[name] = SEAL.sub("", value[1].strip())
    before, name = _split_name(title)
    if name:
        found.setdefault("name", name)
    if BODY.fullmatch(before):
        found.setdefault("unit", before)
    return Project(
        code=found.get("code", ""),
        name=found.get("name", ""),
        supervising_department=found.get("supervising_department", ""),
        unit=found.get("unit", ""),
    )


def _split_name(title: str) -> tuple[str, str]:
    """甲局2021年度乙项目绩效自评报告 → (甲局, 乙项目); "" for what isn't said."""
    plain = ENDING.sub("", title)
    year = re.search(YEAR, plain)
    if not year or plain == title:
        return "", ""
    before, after = plain[: year.start()].strip(), plain[year.end() :].strip()
    name = after.strip('的“”"')
    if name in ("", "项目", "部门", "财政", "单位"):
        return before, ""
    return before, name
