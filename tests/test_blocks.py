"""Blocks: what they may hold, what backs their numbers, and that no text can become markup."""

import json

import pytest

from baaplib import blocks

HOSTILE = "<script>alert('1')</script> & \"quoted\" {{ 7 * 7 }}"
RUNS = [{"text": "said"}]
CLAIM = {
    "id": "c1",
    "text": "3",
    "says": "people; women; Fiji; 2022; Africa",
    "measure": "people_trained",
    "scope": ["region=AFR"],
    "population": "women",
    "place": ["FJI"],
    "window": ["2022", ""],
    "cumulative": False,
    "low": 3.0,
    "high": None,
    "bound": "at_least",
    "whole": None,
    "figures": ["F010-1"],
    "activities": ["CAP-001"],
    "paragraphs": [7, 9],
}
TABLE = {
    "type": "table",
    "caption": "Countries",
    "columns": [
        {"label": "Country", "align": "left"},
        {"label": "Trainings", "align": "right"},
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
        "standing": "Unofficial work",
        "subtitle": "May to December",
        "facts": [{"label": "Period", "value": "2022"}],
        "notices": ["Unofficial."],
        "identifier": "2022-12/AFR",
        "date": "2022-12-31",
    },
    "heading": {"type": "heading", "level": 2, "text": "Coverage"},
    "paragraph": {"type": "paragraph", "runs": RUNS, "anchor": "here", "claims": [CLAIM]},
    "list": {"type": "list", "ordered": False, "items": [RUNS]},
    "note": {"type": "note", "title": "Careful", "runs": RUNS},
    "headlines": {
        "type": "headlines",
        "items": [{"value": "3", "label": "people", "note": "once", "claim": "c1"}],
        "claims": [CLAIM],
    },
    "table": TABLE,
    "chart": {
        "type": "chart",
        "caption": "Trainings",
        "alt": "Bars",
        "svg": "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        "table": TABLE,
        "wide": False,
        "drawn": ["Fiji"],
        "literals": [{"text": "2 or 3", "reason": "limits of a class of colour"}],
    },
    "declaration": {"type": "declaration", "text": "2022", "reason": "a year"},
}


def changed(kind, path, value):
    """Return a good block with one place changed; a value of None removes the key."""
    block = json.loads(json.dumps(GOOD[kind]))  # no two places share a list
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
        ("table", ["rows", 0], [RUNS], "row 1 has 1 cells, but there are 2 columns"),
        ("chart", ["table", "rows", 1], [RUNS] * 3, "row 2 has 3 cells"),
        ("chart", ["alt"], " ", r"chart\.alt is empty"),
        ("chart", ["svg"], "picture.png", "must be the text of an SVG"),
        ("chart", ["svg"], "<svg><script>alert(1)</script></svg>", "holds the element <script>"),
        ("chart", ["svg"], "<svg><g onload='alert(1)'/></svg>", "holds the attribute onload="),
        ("chart", ["svg"], "<svg><path style='fill:red'/></svg>", "holds the attribute style="),
        ("chart", ["svg"], "<svg><use href='http://x.org/a#b'/></svg>", "links inside the drawing"),
        ("chart", ["svg"], "<svg><use href='javascript:1'/></svg>", "links inside the drawing"),
        ("chart", ["svg"], "<svg><!DOCTYPE a></svg>", "declaration or comment"),
        ("chart", ["svg"], "<svg><g></svg>", "not well-formed"),
        ("cover", ["date"], "2022-13-01", r"cover\.date is '2022-13-01'"),
        ("cover", ["date"], "2022-12", "it must be a full ISO date"),
        ("declaration", ["reason"], None, r"declaration\.reason is missing"),
        ("chart", ["drawn"], "Fiji", r"chart\.drawn is 'Fiji'; it must be a list"),
        ("chart", ["literals", 0, "reason"], None, r"literals\[0\]\.reason is missing"),
        ("paragraph", ["runs", 0, "data"], "yes", r"runs\[0\]\.data is 'yes'; it must be of type"),
        # An id becomes an anchor and a link: it can hold nothing else.
        (
            "paragraph",
            ["runs", 0, "claim"],
            HOSTILE,
            r"runs\[0\]\.claim is .*must be small letters",
        ),
        ("headlines", ["items", 0, "claim"], HOSTILE, r"items\[0\]\.claim is .*small letters"),
        ("paragraph", ["claims", 0, "id"], "C 1", r"claims\[0\]\.id is 'C 1'"),
        ("paragraph", ["claims", 0, "low"], "3", r"claims\[0\]\.low is '3'; it must be a number"),
        ("paragraph", ["claims", 0, "paragraphs", 1], "9", r"paragraphs\[1\] is '9'"),
        ("paragraph", ["claims", 0, "says"], None, r"claims\[0\]\.says is missing"),
        *(
            (kind, path, {"text": "3", "claim": "c1", "href": "#a"}, "leads to its claim and to #a")
            for kind, path in (
                ("paragraph", ["runs", 0]),
                ("list", ["items", 0, 0]),
                ("note", ["runs", 0]),
                ("table", ["rows", 0, 0, 0]),
                ("table", ["rows", 1, "cells", 0, 0]),
            )
        ),
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
        ("list", ["items", 0, 0, "text"]),
        ("note", ["title"]),
        ("headlines", ["items", 0, "label"]),
        ("headlines", ["items", 0, "value"]),
        ("headlines", ["items", 0, "note"]),
        ("table", ["caption"]),
        ("table", ["columns", 0, "label"]),
        ("table", ["rows", 0, 0, 0, "text"]),
        ("table", ["note"]),
        ("chart", ["caption"]),
        ("chart", ["alt"]),
        ("declaration", ["text"]),
        ("declaration", ["reason"]),
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
        {"text": "ji", "href": "#a"},
        {"text": "3", "strong": True, "claim": "c1"},
        {"text": ","},
    ]
    html = blocks.to_html({"type": "paragraph", "runs": runs, "claims": [CLAIM]})
    number = '<a class="claim" href="#c-c1"><strong>3</strong></a>'
    inside = f'<strong><em>Fi</em></strong><a href="#a">ji</a>{number},'
    assert html.strip() == f"<p>{inside}</p>"


def test_a_headline_leads_to_its_evidence():
    html = blocks.to_html(GOOD["headlines"])
    assert '<span class="value"><a class="claim" href="#c-c1">3</a></span>' in html
    assert '<span class="value">3</span>' in blocks.to_html(
        changed("headlines", ["items", 0, "claim"], None)
    )


def test_table_is_readable_for_a_screen_reader():
    """Header cells say what they head, and a region that scrolls can be reached and has a name."""
    html = blocks.to_html(TABLE)
    assert '<th scope="col" class="right">Trainings</th>' in html
    assert '<th scope="row" class="left">said</th>' in html
    assert 'role="group" tabindex="0" aria-label="Countries"' in html
    assert '<tr id="row-2">' in html


def test_labels_are_in_the_language_asked_for():
    """A block's own few words come from the catalogue, not from the template."""

    class Shouting:
        def gettext(self, message):
            return message.upper()

    assert "DATA BEHIND THIS CHART" in blocks.to_html(GOOD["chart"], Shouting())


# Numbers and what backs them.


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("none at all", []),
        ("41 of 63, and 5.", ["41", "63", "5"]),
        ("69.2 per cent", ["69.2"]),
        ("9\u202f800, 9\u00a0800, 9\u2009800", ["9800"] * 3),
        ("1\u202f234.5 to 16\u202f000\u202f000", ["1234.5", "16000000"]),
        ("2022-12/AFR", ["2022", "12"]),
        ("\u5171\uff11\uff12\u6b21", ["\uff11\uff12"]),
    ],
)
def test_a_numeral_is_one_whole_number(text, found):
    """A thin space stands inside a number, a full stop only before more digits."""
    assert blocks.numerals(text) == found


SPOKEN = {
    # Every place where a reader can meet a number.
    "prose": ("paragraph", ["runs", 0, "text"]),
    "item of a list": ("list", ["items", 0, 0, "text"]),
    "heading": ("heading", ["text"]),
    "title of a note": ("note", ["title"]),
    "note": ("note", ["runs", 0, "text"]),
    "headline": ("headlines", ["items", 0, "value"]),
    "label of a headline": ("headlines", ["items", 0, "label"]),
    "remark of a headline": ("headlines", ["items", 0, "note"]),
    "caption of a table": ("table", ["caption"]),
    "column": ("table", ["columns", 1, "label"]),
    "cell": ("table", ["rows", 0, 1, 0, "text"]),
    "cell of an anchored row": ("table", ["rows", 1, "cells", 1, 0, "text"]),
    "note of a table": ("table", ["note"]),
    "caption of a chart": ("chart", ["caption"]),
    "alt text": ("chart", ["alt"]),
    "drawing": ("chart", ["drawn", 0]),
    "cell behind a chart": ("chart", ["table", "rows", 0, 1, 0, "text"]),
    "title of a cover": ("cover", ["title"]),
    "fact of a cover": ("cover", ["facts", 0, "value"]),
    "identifier of a cover": ("cover", ["identifier"]),
    "notice of a cover": ("cover", ["notices", 0]),
}
BARE = {
    # Blocks without any number.
    **GOOD,
    "cover": GOOD["cover"] | {"facts": [{"label": "Period", "value": "all"}], "identifier": "AFR"},
    "paragraph": {"type": "paragraph", "runs": RUNS},
    "headlines": {"type": "headlines", "items": [{"value": "all", "label": "people", "note": ""}]},
    "chart": {key: part for key, part in GOOD["chart"].items() if key != "literals"},
}


@pytest.fixture(params=SPOKEN)
def saying(request):
    """Return a function that says a text in one place of a block that says no number else."""
    kind, path = SPOKEN[request.param]

    def say(text, **more):
        block = json.loads(json.dumps(BARE[kind])) | more
        *way, last = path
        place = block
        for step in way:
            place = place[step]
        place[last] = text
        blocks.check(block)
        return block

    return say


def test_a_number_from_nowhere_is_found_wherever_it_stands(saying):
    assert blocks.unbacked(saying("none")) == []
    assert blocks.unbacked(saying("41 of 1\u202f600")) == ["41", "1600"]


def test_a_number_is_backed_by_what_is_known_of_it(saying):
    """By a claim's number, by what it says, by a literal of the block or one declared elsewhere."""
    text = "41 in 2022"
    claim = CLAIM | {"text": "41", "says": "people; 2022"}
    for backed in (
        blocks.unbacked(saying(text, claims=[claim])),
        blocks.unbacked(saying(text, literals=[{"text": "41, 2022", "reason": "why"}])),
        blocks.unbacked(saying(text), ["about 41", "in 2022"]),
        blocks.unbacked(saying(text, claims=[claim | {"says": "people"}]), ["2022"]),
    ):
        assert backed == []
    assert blocks.unbacked(saying(text, claims=[claim | {"text": "at least 14"}])) == ["41"]
    assert blocks.unbacked(saying(text, literals=[{"text": "4, 1", "reason": "why"}])) == [
        "41",
        "2022",
    ]
    # A claim's interval, rows and scope are no words: what is shown must be its text.
    assert blocks.unbacked(saying("7", claims=[claim | {"low": 7, "paragraphs": [7]}])) == ["7"]


def test_a_text_of_the_tables_backs_itself_and_what_is_said_beside_it():
    """An alternative text repeats the names that stand in the chart's table."""
    run = {"text": "Course 41", "data": True}
    assert blocks.unbacked({"type": "paragraph", "runs": [run]}) == []
    assert blocks.unbacked({"type": "paragraph", "runs": [run | {"data": False}]}) == ["41"]
    chart = changed("chart", ["table", "rows", 0, 0, 0], run)
    assert blocks.unbacked(chart | {"alt": "Course 41: 14"}) == ["14"]


SAYS = [
    # The claim, what a run says of it, the numbers that are not its own.
    ("3", "3", []),
    ("3", "4", ["4"]),
    ("at least 9\u202f800", "9\u00a0800", []),
    ("at least 9\u202f800", "9 800", ["9", "800"]),
    ("69.2", "69.2 per cent", []),
    ("69.2", "69", ["69"]),
    ("50 to 90", "50 to 91", ["91"]),
    ("12 of 44", "12 of 44", []),
    ("not stated", "0", ["0"]),
]


@pytest.mark.parametrize(("claim", "said", "lost"), SAYS)
def test_a_run_that_says_a_claim_says_its_number(claim, said, lost):
    """Not even a number that something else in the block backs."""
    claims = [CLAIM | {"text": claim}]
    literals = [{"text": said, "reason": "of something else"}]
    runs = [{"text": said, "claim": "c1"}, {"text": said, "data": True}]
    block = {"type": "paragraph", "runs": runs, "claims": claims, "literals": literals}
    assert blocks.unbacked(block, [said]) == lost
    item = {"value": said, "label": "people", "note": "", "claim": "c1"}
    block = {"type": "headlines", "items": [item], "claims": claims, "literals": literals}
    assert blocks.unbacked(block, [said]) == lost


def test_a_run_says_the_claim_it_names_and_no_other():
    claims = [CLAIM, CLAIM | {"id": "c2", "text": "4"}]
    for name, lost in (("c1", ["4"]), ("c2", []), ("c3", ["4"])):
        block = {"type": "paragraph", "runs": [{"text": "4", "claim": name}], "claims": claims}
        assert blocks.unbacked(block) == lost


def test_a_declaration_needs_no_other_and_is_read_by_nobody_else():
    assert blocks.unbacked({"type": "declaration", "text": "2022", "reason": "as in F.99"}) == []
