"""Blocks: what they may hold, and that no text in them can become markup."""

import copy

import pytest

from baaplib import blocks

HOSTILE = "<script>alert('1')</script> & \"quoted\" {{ 7 * 7 }}"
RUNS = [{"text": "said"}]
TABLE = {
    "type": "table",
    "caption": "Countries",
    "columns": [
        {"label": "Country", "align": "left", "width": 3},
        {"label": "Trainings", "align": "right", "width": 1},
    ],
    "rows": [[RUNS, RUNS], {"cells": [RUNS, RUNS], "anchor": "row-2"}],
    "row_header": True,
    "note": "",
}
GOOD = {
    "cover": {
        "type": "cover",
        "language": "en",
        "title": "Africa",
        "subtitle": "May to December",
        "facts": [{"label": "Period", "value": "2022"}],
        "notices": ["Unofficial."],
        "identifier": "2022-12/AFR",
        "date": "2022-12-31",
    },
    "heading": {"type": "heading", "level": 2, "text": "Coverage"},
    "paragraph": {"type": "paragraph", "runs": RUNS, "anchor": "here", "claims": [{"id": "c1"}]},
    "list": {"type": "list", "ordered": False, "items": [RUNS]},
    "note": {"type": "note", "title": "Careful", "runs": RUNS},
    "headlines": {"type": "headlines", "items": [{"value": "3", "label": "people", "note": ""}]},
    "table": TABLE,
    "chart": {
        "type": "chart",
        "caption": "Trainings",
        "alt": "Bars",
        "svg": "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        "table": TABLE,
        "wide": False,
    },
}


def changed(kind, path, value):
    """Return a good block with one place changed; a value of None removes the key."""
    block = copy.deepcopy(GOOD[kind])
    *way, last = path
    place = block
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return block


def test_every_type_has_an_example():
    """A new type of block must not escape the tests below."""
    assert set(GOOD) == set(blocks.SHAPES)


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_block_passes_and_reads_in_plain_text(kind):
    """What brief functions show is accepted, and says something where there is no HTML."""
    blocks.check(GOOD[kind])
    assert blocks.plain(GOOD[kind]).strip()


@pytest.mark.parametrize(
    ("kind", "path", "value", "message"),
    [
        ("heading", ["type"], "headng", "unknown type of block 'headng'.*Did you mean 'heading'"),
        ("heading", ["level"], 4, r"heading\.level is 4; it must be one of 2, 3"),
        ("heading", ["text"], None, r"heading\.text is missing"),
        ("heading", ["txt"], "x", "unknown key of heading 'txt'.*Did you mean 'text'"),
        ("heading", ["anchor"], "Not good", r"heading\.anchor is 'Not good'"),
        ("paragraph", ["runs"], "bare", r"paragraph\.runs is 'bare'; it must be a list"),
        ("paragraph", ["runs", 0, "text"], 7, r"paragraph\.runs\[0\]\.text is 7; it must be text"),
        ("paragraph", ["runs", 0, "text"], "a\nb", "control character"),
        ("paragraph", ["runs", 0, "strong"], 1, r"runs\[0\]\.strong is 1; it must be of type bool"),
        ("paragraph", ["runs", 0, "href"], "javascript:alert(1)", r"runs\[0\]\.href is 'javascr"),
        ("paragraph", ["runs", 0, "href"], "../data/x.csv", "it must be an address"),
        ("paragraph", ["runs", 0, "href"], "data:text/html,x", "it must be an address"),
        ("list", ["items"], [], r"list\.items is empty"),
        ("headlines", ["items"], [], r"headlines\.items is empty"),
        ("headlines", ["items", 0, "value"], 3, r"items\[0\]\.value is 3; it must be text"),
        ("table", ["columns", 0, "align"], "centre", "must be one of left, right"),
        ("table", ["columns", 0, "width"], True, "must be a whole number"),
        ("table", ["columns", 0, "width"], 0, "must be a whole number of at least 1"),
        ("table", ["rows", 0], [RUNS], "row 1 has 1 cells, but there are 2 columns"),
        ("chart", ["table", "rows", 1], [RUNS] * 3, "row 2 has 3 cells"),
        ("chart", ["alt"], " ", r"chart\.alt is empty"),
        ("chart", ["svg"], "picture.png", "must be the text of an SVG"),
        ("chart", ["svg"], "<svg><text>Fiji</text></svg>", r"svg\.fonttype"),
        ("cover", ["date"], "2022-13-01", r"cover\.date is '2022-13-01'"),
        ("cover", ["date"], "2022-12", "it must be a full ISO date"),
    ],
)
def test_a_bad_block_is_refused_by_name(kind, path, value, message):
    """The message names the place, so that nobody has to guess which of many keys is wrong."""
    with pytest.raises(ValueError, match=message):
        blocks.check(changed(kind, path, value))


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("cover", ["title"]),
        ("cover", ["facts", 0, "value"]),
        ("heading", ["text"]),
        ("paragraph", ["runs", 0, "text"]),
        ("paragraph", ["runs", 0, "claim"]),
        ("list", ["items", 0, 0, "text"]),
        ("note", ["title"]),
        ("headlines", ["items", 0, "label"]),
        ("headlines", ["items", 0, "claim"]),
        ("table", ["caption"]),
        ("table", ["columns", 0, "label"]),
        ("table", ["rows", 0, 0, 0, "text"]),
        ("table", ["note"]),
        ("chart", ["caption"]),
        ("chart", ["alt"]),
    ],
)
def test_text_never_becomes_markup(kind, path):
    """Whatever a table or a source says is shown, letter by letter, and never run."""
    html = blocks.to_html(changed(kind, path, HOSTILE))
    assert "<script" not in html
    assert (
        "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &#34;quoted&#34; {{ 7 * 7 }}" in html
    )


def test_runs_join_without_blanks():
    """Styles nest and no blank slips in between: 'Fiji,' must not become 'Fiji ,'."""
    runs = [
        {"text": "Fi", "strong": True, "em": True},
        {"text": "ji", "href": "#a", "claim": "c-1"},
        {"text": ","},
    ]
    html = blocks.to_html({"type": "paragraph", "runs": runs})
    inside = '<strong><em>Fi</em></strong><span data-claim="c-1"><a href="#a">ji</a></span>,'
    assert html.strip() == f"<p>{inside}</p>"


def test_table_is_readable_for_a_screen_reader():
    """Header cells say what they head, and a region that scrolls can be reached and has a name."""
    html = blocks.to_html(TABLE)
    assert '<th scope="col" class="right">Trainings</th>' in html
    assert '<th scope="row" class="left">said</th>' in html
    assert 'role="region" tabindex="0" aria-label="Countries"' in html
    assert '<tr id="row-2">' in html


def test_labels_are_in_the_language_asked_for():
    """A block's own few words come from the catalogue, not from the template."""

    class Shouting:
        def gettext(self, message):
            return message.upper()

    assert "DATA BEHIND THIS CHART" in blocks.to_html(GOOD["chart"], Shouting())
