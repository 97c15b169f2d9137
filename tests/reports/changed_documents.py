"""Documents with one value changed at random, valid ones and others."""

import copy
import json
from pathlib import Path

from hypothesis import strategies as st

DATA = Path(__file__).parents[1] / "data"
SAMPLES = [
    json.loads((DATA / name).read_text(encoding="utf-8"))
    for name in ("score_mof.json", "score_guangdong.json")
]


def paths(data, at=()):
    """Yield the path of every value in JSON data but the whole."""
    inner = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in inner:
        yield (*at, key)
        if isinstance(value, dict | list):
            yield from paths(value, (*at, key))


def changed(data, path, value):
    """Return data with the value at path replaced, or left out where it is ..."""
    data = copy.deepcopy(data)
    *way, last = path
    holder = data
    for key in way:
        holder = holder[key]
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return data


FULL = {
    **SAMPLES[0],
    "goals": [{"expected": "甲", "actual": "乙", "ratio": "0.5"}],
    "figures": {"year": 2023, "budget": "75", "unit": "万元", "grade": "优"},
    "evidence": [{"name": "合同.pdf", "size": 9, "indicators": [0, 1], "section": ""}],
    "opinions": [{"level": "单位审核", "decision": "approve", "text": "同意"}],
    "parts": ["form", "report"],
    "reading_notes": [
        {"code": "text-leftover", "where": "1", "original": "[x]", "reason": "残留"}
    ],
    "release": {"state": "draft", "version": 1},
    "remarks": "",
    "review_total": None,
}
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.from_regex(
    r"-?[0-9]{1,4}(\.[0-9]{1,3})?|[+.]?[0-9]*e?[0-9]", fullmatch=True
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | words
    | numbers
    | st.sampled_from(["total", "basics", "met", ">=", "优", "万元", "form", "draft"])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["key", "title", "text", "level1", "level3", "source", "x"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
) | st.just(...)
places = st.sampled_from(list(paths(FULL)))
