"""The report on a screen: one file, made of the same parts as the print."""

import re
from html.parser import HTMLParser

import pytest

from indicators.schemes import load_scheme
from reports.rendering.html import print_html, render_html, report_view
from tests.reports.printing import sample, scheme_with_layout, squeeze

SCHEME = load_scheme("mof-2020")


class Reader(HTMLParser):
    """Collects the text, the links, the ids and the attributes of a page."""

    def __init__(self, html):
        super().__init__()
        self.text, self.links, self.ids, self.tags = "", [], set(), []
        self.hidden = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.hidden = tag == "style"
        self.ids.add(dict(attrs).get("id"))
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_endtag(self, tag):
        self.hidden = False

    def handle_data(self, data):
        if not self.hidden:
            self.text += data


@pytest.fixture(scope="module")
def page():
    return Reader(render_html(sample(), SCHEME))


def test_the_contents_lead_to_every_section_and_the_annex(page):
    assert page.links == [f"#section-{n}" for n in range(1, 6)] + ["#annex"]
    assert {link[1:] for link in page.links} <= page.ids


def test_the_figures_stand_beside_the_text(page):
    text = squeeze(page.text)

    for figure in ("320.00万元", "285.475万元", "95.00%", "97.34/100", "48.34/50"):
        assert figure in text


def test_the_file_needs_nothing_from_elsewhere(page):
    tags = [tag for tag, _ in page.tags]
    addresses = [
        attrs[name]
        for _, attrs in page.tags
        for name in ("src", "href")
        if name in attrs
    ]

    assert "script" not in tags
    assert "link" not in tags
    assert all(address.startswith("#") for address in addresses)
    assert "url(" not in render_html(sample(), SCHEME)


def test_no_element_carries_a_style_of_its_own(page):
    assert [tag for tag, attrs in page.tags if "style" in attrs] == []


def test_screen_and_paper_say_the_same():
    document = sample(remarks="另有区级配套。", conclusion="总体良好。")
    scheme = scheme_with_layout(people=("filler",), show_empty_level2=True)

    paper = squeeze(Reader(print_html(report_view(document, scheme))).text)
    screen = squeeze(Reader(render_html(document, scheme)).text)

    for section in document.sections:
        for paragraph in section.paragraphs:
            assert squeeze(paragraph) in screen
            assert squeeze(paragraph) in paper
    annex = paper[paper.index("项目支出绩效自评表", len(paper) // 2) :]
    assert annex in screen


def test_mark_up_in_the_text_stays_text():
    hostile = '</style><script>alert(1)</script><img src="x" onerror="y">'

    html = render_html(sample(title=hostile, issuer=hostile, remarks=hostile), SCHEME)

    page = Reader(html)
    assert not {"script", "img"} & {tag for tag, _ in page.tags}
    assert page.text.count(hostile) >= 3


def test_a_draft_says_so():
    assert "草稿" in Reader(render_html(sample(), SCHEME, draft=True)).text
    assert "草稿" not in Reader(render_html(sample(), SCHEME)).text


def test_a_document_without_figures_shows_none():
    document = sample(funds={}, indicators=[], total=None, grade=None, max_total=None)

    page = Reader(render_html(document, SCHEME))

    assert "执行率" not in page.text.replace("预算执行率95%", "")
    assert "自评得分" not in re.sub("该项目自评得分", "", page.text)
    assert "annex" not in page.ids
