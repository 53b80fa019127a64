"""From notebook to HTML and PDF: nothing lost, nothing let in, the same bytes every time."""

import base64
import hashlib
import io
import itertools
import os
import pickle
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pages
import pytest
import typst
from fontTools.ttLib import TTFont
from nbconvert.exporters import get_exporter
from nbformat import v4
from pypdf import PdfReader

from baaplib import i18n
from baaplib.blocks import MIME, labels
from baaplib.render import design, fonts
from baaplib.render import document as document_module
from baaplib.render import html as html_module
from baaplib.render import pdf as pdf_module
from baaplib.render.document import document, facts, markdown_messages
from baaplib.render.exporters import HTMLExporter, PDFExporter

needs_poppler = pytest.mark.skipif(not pages.POPPLER, reason="needs poppler-utils")
HOSTILE = "<script>alert(1)</script> #typst *no* $math$ @ref \\ `raw` {{ x }} </style> = 'q' \"q\""
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="90pt" height="40pt" viewBox="0 0 90 40">'
    '<path fill="#0b5394" d="M0 0H90V40H0z"/></svg>'
)
CLAIM = {
    "id": "0a1b2c3d",
    "text": "95–1\u202f600",
    "says": "people trained; Africa",
    "measure": "people_trained",
    "scope": ["region=AFR"],
    "population": "",
    "place": [],
    "window": ["", ""],
    "cumulative": False,
    "low": 95.0,
    "high": 1600.0,
    "bound": "between",
    "whole": None,
    "figures": ["F010-1"],
    "activities": ["CAP-001"],
    "paragraphs": [10],
}
COVER = {
    "type": "cover",
    "language": "en",
    "title": "Africa",
    "standing": "Unofficial work",
    "subtitle": "What was done in the region",
    "facts": [{"label": "Activities", "value": "41"}],
    "notices": ["This work is unofficial."],
    "identifier": "2022-12/AFR",
    "date": "2022-12-31",
}
CHINESE = {
    "Regional brief": "区域简报",
    "What was *done*?": "开展了哪些“*工作*”……？",
    "{kind}: {subject}": "{subject}{kind}",
}


def heading(text, level=2, **more):
    """Return a heading block."""
    return {"type": "heading", "level": level, "text": text, **more}


def paragraph(text, **style):
    """Return a paragraph block of one run."""
    return {"type": "paragraph", "runs": [{"text": text, **style}]}


def claim(name, text):
    """Return a claim of which only the id and the words matter."""
    return CLAIM | {"id": name, "text": text}


def literal(text):
    """Return the declaration of a number."""
    return {"type": "declaration", "text": text, "reason": "made up"}


def evidence(*claims):
    """Return the table that claims lead to."""
    rows = [{"anchor": f"c-{own['id']}", "cells": row(own["text"], own["says"])} for own in claims]
    return table(rows, "What each number counts")


def table(rows, caption="Trainings by country"):
    """Return a table of two columns."""
    columns = [
        {"label": "Country", "align": "left"},
        {"label": "Participants", "align": "right"},
    ]
    return {
        "type": "table",
        "caption": caption,
        "columns": columns,
        "rows": rows,
        "row_header": True,
        "note": "Counted once.",
    }


def row(*texts):
    """Return a table row of cells as they stand in the tables."""
    return [[{"text": text, "data": True}] for text in texts]


def everything():
    """Return blocks of every type but the cover."""
    kenya = claim("c2", "3")
    counted = [[{"text": "Kenya"}], [{"text": "3", "claim": "c2"}]]
    item = {"value": CLAIM["text"], "label": "people", "note": "once", "claim": CLAIM["id"]}
    return [
        literal("7 days"),
        heading("Findings in 7 days"),
        {"type": "headlines", "items": [item], "claims": [CLAIM], "anchor": "n-1"},
        paragraph("Reported ", strong=True),
        paragraph("See Fiji", href="#row-7"),
        {"type": "note", "title": "Careful", "runs": [{"text": "Not people.", "em": True}]},
        {"type": "list", "ordered": True, "items": [[{"text": "first", "code": True}]]},
        heading("Details", 3),
        {
            "type": "chart",
            "caption": "Trainings",
            "alt": "Bars: Kenya 3",
            "svg": SVG,
            "drawn": ["3", "up to 5"],
            "table": table([counted], "Data of trainings"),
            "wide": True,
            "claims": [kenya],
            "literals": [{"text": "up to 5", "reason": "limits of a class of colour"}],
            "anchor": "n-2",
        },
        table([{"cells": row("Fiji", "7"), "anchor": "row-7"}, *[row("Kenya", "3")] * 59]),
        evidence(CLAIM, kenya),
    ]


def shown(*blocks):
    """Return an executed code cell that shows blocks."""
    outputs = [v4.new_output("display_data", {MIME: block, "text/plain": ""}) for block in blocks]
    return v4.new_code_cell("secret_source()", outputs=outputs)


def notebook(*blocks, markdown="# Regional brief\n\nWhat was *done*?", cover=COVER):
    """Return an executed notebook: title, parameters (twice, as papermill does), set-up, blocks."""
    parameters = v4.new_code_cell("region = 'AFR'", metadata={"tags": ["parameters"]})
    injected = v4.new_code_cell("region = 'AFR'", metadata={"tags": ["injected-parameters"]})
    cells = [v4.new_markdown_cell(markdown), parameters, injected, shown(cover)]
    return v4.new_notebook(cells=[*cells, shown(*blocks)])


def html(made):
    """Return the page of a notebook."""
    return HTMLExporter().from_notebook_node(made)[0]


def pdf(made):
    """Return the PDF of a notebook, opened."""
    return PdfReader(io.BytesIO(PDFExporter().from_notebook_node(made)[0]))


def words(reader):
    """Return the text of each page, blanks folded."""
    return [" ".join(page.extract_text().split()) for page in reader.pages]


class Page(HTMLParser):
    """The elements of a page, as (tag, attributes), and its style sheet."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.style = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Keep the element."""
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        """Keep what stands in the style element."""
        if self.elements and self.elements[-1][0] == "style" and not self.style:
            self.style = data

    def values(self, name):
        """Return all values of an attribute."""
        return [attributes[name] for _, attributes in self.elements if name in attributes]


@pytest.fixture
def chinese(monkeypatch):
    """Give Chinese a catalogue of its own, so that these tests need not follow the real one."""

    class Chinese(i18n.Language):
        def gettext(self, message):
            return CHINESE.get(message, super().gettext(message))

    zh = Chinese("zh")
    monkeypatch.setattr(
        document_module, "language", lambda code: zh if code == "zh" else i18n.language(code)
    )
    return COVER | {"language": "zh", "title": "非洲", "notices": ["“非官方”"]}


# Documents


def test_document_holds_the_cells_in_order():
    """The cover goes to the top, the notices to the end, everything else stays in its place."""
    made = document(notebook(heading("One"), paragraph("two")))
    assert made["title"] == "Regional brief: Africa"
    assert [block["type"] for block in made["blocks"]] == ["paragraph", "heading", "paragraph"]
    assert [block["type"] for block in made["closing"]] == ["heading", "paragraph"]
    assert made["blocks"][0]["runs"][1] == {"text": "done", "em": True}


def test_a_document_can_be_handed_on_to_who_knows_no_notebooks():
    made = document(notebook(claimed("1", "c1"), evidence(claim("c1", "1"))))
    assert made["claims"]
    assert b"nbformat" not in pickle.dumps(made)


def test_an_index_learns_what_a_document_is_and_holds():
    """Counted are the tables a reader comes across, not those behind charts."""
    about = {"region": "AFR", "region_name": "Africa", "country": "KEN"}
    told = {"anchor": "f-x007-1", "cells": row("X007-1", "1"), "indexed": "Registered, not trained"}
    shown = [*everything(), table([told], "Findings")]
    found = facts(document(notebook(*shown, cover=COVER | {"about": about})))
    assert found == {
        "title": "Regional brief: Africa", "kind": "Regional brief", "subject": "Africa",
        "subtitle": "What was done in the region", "charts": 1, "tables": 3, "numbers": 2,
        "about": about, "rows": {"f-x007-1": "Registered, not trained"},
    }  # fmt: skip
    assert facts(document(notebook()))["about"] == dict.fromkeys(about, "")


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (v4.new_output("error", ename="KeyError", evalue="'x'"), "an error .KeyError: 'x'"),
        (v4.new_output("stream", name="stderr", text="Warn"), "text on stderr .'Warn'.*remove its"),
        (v4.new_output("stream", name="stdout", text="hi"), "text on stdout .'hi'.*by say"),
        (
            v4.new_output("execute_result", {"text/plain": "7"}),
            "a bare result .text/plain.*semi",
        ),
        (v4.new_output("display_data", {"text/html": "<b>"}), "a bare result .text/html.*table()"),
        (v4.new_output("display_data", {"image/png": ""}), "a bare result .image/png.*chart()"),
        (v4.new_output("display_data", {MIME: {"type": "hading"}}), "unknown type of block"),
    ],
)
def test_what_is_no_block_is_refused_with_its_cell(output, message):
    """A report holds no traceback, warning or raw result; cells count as in the notebook."""
    made = notebook(heading("Fine"))
    made.cells[-1].outputs.append(output)
    with pytest.raises(ValueError, match=f"cell 4.*{message}"):
        document(made)


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([COVER], "exactly one cover.*cell 3, cell 4"),
        ([heading("Deep", 3)], "cell 4: heading 'Deep' skips level 2"),
        ([table([{"anchor": "a", "cells": row("x", "y")}] * 2)], "used twice: a"),
        ([paragraph("go", href="#nowhere")], "do not exist: nowhere"),
        ([paragraph("กรุง")], r"no glyph for .*U\+0E01 THAI CHARACTER KO KAI"),
    ],
)
def test_a_document_that_does_not_hold_together_is_refused(blocks, message):
    """Broken links, headings and missing glyphs stop the report, not the reader."""
    with pytest.raises(ValueError, match=message):
        document(notebook(*blocks))


@pytest.mark.parametrize("key", ["title", "subtitle", "identifier"])
def test_a_cover_without_glyphs_is_refused(key):
    """All of it is printed, the identifier on every page."""
    with pytest.raises(ValueError, match=r"no glyph for .*U\+0E01 THAI CHARACTER KO KAI"):
        document(notebook(cover=COVER | {key: "กรุง"}))


def test_a_notebook_that_was_not_run_is_refused():
    """Without outputs there is no cover, and an empty report must not be published."""
    with pytest.raises(ValueError, match=r"exactly one cover.*is it executed"):
        document(v4.new_notebook(cells=[v4.new_markdown_cell("# Brief"), v4.new_code_cell("x")]))


@pytest.mark.parametrize(
    ("markdown", "message"),
    [
        ("No title", "starts with a Markdown cell"),
        ("# One\n\n# Two", "cell 1: heading.level is 1"),
        ("# One\n\n> quoted", "cell 1: unsupported Markdown .blockquote"),
        ("# One\n\n```\ncode\n```", "cell 1: unsupported Markdown .fence"),
        ("# One\n\n![x](y.png)", "cell 1: unsupported Markdown .image"),
        ("# One\n\n- a\n  - b", "cell 1: unsupported Markdown .list item"),
        ("# One\n\n[x](../secret.csv)", "cell 1: paragraph.*href"),
    ],
)
def test_markdown_that_reports_do_not_know_is_refused(markdown, message):
    """Better a clear no than a page that silently lacks a picture."""
    with pytest.raises(ValueError, match=message):
        document(notebook(markdown=markdown))


def test_markdown_holds_no_markup():
    """HTML in Markdown is text."""
    markdown = "# Brief\n\n<b>bold</b> <script>alert(1)</script>"
    page = html(notebook(literal("1"), markdown=markdown))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page


def test_untranslated_markdown_is_refused(chinese):
    """A Chinese report never falls back to English; the message names cell and text."""
    made = notebook(cover=chinese)
    made.cells.append(v4.new_markdown_cell("## Not\ntranslated"))
    made.cells[-1].source = "A text\nnot translated"
    with pytest.raises(ValueError, match="cell 5: no translation into 'zh' of 'A text not transl"):
        document(made)


def test_extractor_and_renderer_ask_for_the_same_messages(monkeypatch):
    """What the catalogue is filled with is what the renderer looks up."""
    text = "# Title\n\nA **bold**\nline, a [link](https://example.org).\n\n1. one\n2. two\n\n## End"
    asked = []

    class Recorder(i18n.Language):
        def has(self, message):
            asked.append(message)
            return True

    monkeypatch.setattr(document_module, "language", lambda code: Recorder(code))
    document(notebook(markdown=text))
    assert asked == markdown_messages(text)
    assert asked[1] == "A **bold** line, a [link](https://example.org)."


# Numbers


def claimed(text="41", name="c1", **more):
    """Return a paragraph that says a claim."""
    run = {"text": text, "strong": True, "claim": name}
    return {
        "type": "paragraph",
        "runs": [{"text": "Seen "}, run],
        "claims": [claim(name, text)],
    } | more


@pytest.mark.parametrize(
    ("markdown", "lost"),
    [
        ("# Regional brief 2022", "2022"),
        ("# Brief\n\nIt reached 41 countries, 41 in all.", "41"),
        ("# Brief\n\nIt reached **41** of 1600.5.", "41, 1600.5"),
        ("# Brief\n\n## The 3 regions", "3"),
        ("# Brief\n\n- none\n- 12.5 per cent", "12.5"),
        ("# Brief\n\nSee `F.99` and [page 9](https://example.org/8).", "99, 9"),
    ],
)
def test_a_digit_typed_into_markdown_is_refused_with_its_cell(markdown, lost):
    message = (
        f"^cell 1: no claim backs the number {lost}; say it with a claim in a code cell, or "
        r"declare it: brief\.literal\(text, reason\)$"
    )
    with pytest.raises(ValueError, match=message):
        document(notebook(markdown=markdown))
    # Nor is it backed by a claim that some other block shows.
    numbers = [claim(f"c{n}", text) for n, text in enumerate(lost.split(", "))]
    others = [claimed(own["text"], own["id"]) for own in numbers]
    with pytest.raises(ValueError, match=message):
        document(notebook(*others, evidence(*numbers), markdown=markdown))
    document(notebook(heading("Later"), literal(f"it is {lost}"), markdown=markdown))


def test_the_cell_of_a_digit_is_counted_as_in_the_notebook():
    made = notebook(heading("Fine"))
    made.cells.append(v4.new_markdown_cell("Fine.\n\nSince 2014."))
    with pytest.raises(ValueError, match="cell 5: no claim backs the number 2014;"):
        document(made)
    made.cells.append(shown(literal("2014")))
    assert document(made)["blocks"][-1]["runs"] == [{"text": "Since 2014."}]


def test_the_translation_of_markdown_is_what_must_be_backed(chinese, monkeypatch):
    monkeypatch.setitem(CHINESE, "What was *done*?", "12月做了什么？")
    with pytest.raises(ValueError, match="cell 1: no claim backs the number 12;"):
        document(notebook(cover=chinese))


@pytest.mark.parametrize(
    "block",
    [
        paragraph("Seen 41 times"),
        heading("The 41"),
        table([[[{"text": "Kenya"}], [{"text": "41"}]]]),
        claimed("41") | {"claims": [claim("c1", "14")]},
        claimed("41") | {"claims": []},
    ],
)
def test_a_number_of_a_code_cell_is_refused_too(block):
    """Whoever made the block; and a number said for a claim must be that claim's."""
    blocks = [heading("H"), block, evidence(claim("c1", "14"))]
    with pytest.raises(ValueError, match="cell 4: no claim backs the number 41;"):
        document(notebook(*blocks))


def test_a_declaration_is_counted_and_not_shown():
    made = document(notebook(literal("7 days"), paragraph("In 7 days"), literal("8")))
    assert [block["type"] for block in made["blocks"]] == ["paragraph", "paragraph"]
    page = html(notebook(literal("7 days"), paragraph("In 7 days")))
    assert "made up" not in page


def test_claims_without_evidence_are_refused():
    """A number that leads nowhere is as good as none."""
    message = "^the report shows numbers without evidence; end the notebook with brief.sources.."
    shows = [
        claimed(),
        {"type": "headlines", "claims": [claim("c1", "41")],
         "items": [{"value": "41", "label": "people", "note": "", "claim": "c1"}]},
        table([[[{"text": "Kenya"}], [{"text": "41", "claim": "c1"}]]])
        | {"claims": [claim("c1", "41")]},
    ]  # fmt: skip
    for block in shows:
        with pytest.raises(ValueError, match=message):
            document(notebook(block))
        with pytest.raises(ValueError, match=message):
            document(notebook(block, evidence(claim("c2", "41"))))
        assert document(notebook(block, evidence(claim("c1", "41"))))["claims"]


def test_a_document_lists_each_claim_once_with_where_it_was_shown():
    one, two, three = (claim(f"c{n}", str(n)) for n in (1, 2, 3))
    both = table([[[{"text": n, "claim": f"c{n}"}] for n in "12"]], "Numbers") | {
        "claims": [one, two]
    }
    again = claimed("2", "c2")
    chart = everything()[-3] | {"claims": [claim("c2", "3"), three], "caption": "Trainings"}
    made = document(notebook(claimed("1", "c1"), both, again, evidence(one, two)))
    assert made["claims"] == [one | {"shown": "Seen 1"}, two | {"shown": "Numbers"}]
    assert document(notebook(heading("H")))["claims"] == []
    made = document(notebook(chart, evidence(claim("c2", "3"), three)))
    assert [own["shown"] for own in made["claims"]] == ["Trainings"] * 2


def test_a_number_leads_to_its_evidence_on_the_page():
    page = html(notebook(*everything()))
    links = [a["href"] for _, a in Page(page).elements if a.get("class") == "claim"]
    assert links == [f"#c-{CLAIM['id']}", "#c-c2"]
    anchors = Page(page).values("id")
    assert {link[1:] for link in links} | {"n-1", "trainings"} <= set(anchors)
    assert "data-claim" not in page


def test_a_number_leads_to_its_evidence_in_the_pdf():
    reader = pdf(notebook(heading("H"), claimed(), evidence(claim("c1", "41"))))
    links = structure(reader.trailer["/Root"]["/StructTreeRoot"], "/Link")
    assert len(links) == 1
    linked = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    assert [note["/Subtype"] for note in linked] == ["/Link"]
    assert "/Dest" in linked[0] or "/A" in linked[0]


# HTML


def test_an_address_outlives_what_is_put_before_it():
    """Headings, charts and tables are named by their words, and what linked to them still does."""
    chart = next(block for block in everything() if block["type"] == "chart")
    back = paragraph("back", href="#n-2")
    shown = [heading("Côte: areas"), chart, table([row("Fiji", "3")], "Trainings"), back]
    shown.append(evidence(claim("c2", "3")))
    made = document(notebook(*shown))
    names = [block["anchor"] for block in made["blocks"] if "anchor" in block]
    assert names == ["cote-areas", "trainings", "trainings-2", "what-each-number-counts"]
    assert made["blocks"][-2]["runs"][0]["href"] == "#trainings"
    later = document(notebook(paragraph("new"), heading("New"), *shown))
    assert [b["anchor"] for b in later["blocks"] if "anchor" in b][1:] == names
    page = Page(html_module.page(made))
    links = {a["href"]: a["aria-label"] for _, a in page.elements if a.get("class") == "mark"}
    assert links["#cote-areas"] == "Link to this section: Côte: areas"
    assert links["#trainings"] == "Link to this chart: Trainings"
    assert links["#trainings-2"] == "Link to this table: Trainings"
    assert {link[1:] for link in links} <= set(page.values("id"))


def test_a_report_leads_to_the_index_and_to_its_other_files():
    """To those that the plan names alone: a page that was made by itself leads nowhere."""
    made = document(notebook())
    assert 'class="ways"' not in html_module.page(made)
    files = ["en/a-AFR.html", "en/a-AFR.pdf", "zh/a-AFR.html", "zh/a-AFR.pdf"]
    page = html_module.page(made | {"planned": files})
    ways = re.search(r'<nav class="ways".*?</nav>', page, re.DOTALL)
    assert re.findall(r'href="([^"]+)"(?: lang="([^"]+)")?', ways[0]) == [
        ("../index.html", ""), ("../zh/a-AFR.html", "zh-Hans"), ("a-AFR.pdf", ""),
    ]  # fmt: skip
    assert 'href="../index.zh.html"' in html_module.page(
        made | {"language": "zh", "planned": files}
    )
    assert "a-AFR.pdf" not in html_module.page(made | {"planned": files[:1]})


def test_html_policy_fits_its_one_style_sheet():
    """A browser applies the style sheet only if its hash is the one in the policy."""
    page = Page(html(notebook(*everything())))
    policy = next(a["content"] for t, a in page.elements if "http-equiv" in a)
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert [t for t, _ in page.elements].count("style") == 1


def test_the_policy_allows_our_script_and_no_other():
    text = html(notebook(*everything()))
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policies = [own["content"] for tag, own in Page(text).elements if "content" in own]
    policy = next(content for content in policies if "default-src" in content)
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_html_asks_nobody_for_anything():
    """No script but our own, no inline style, no event handler, nothing that is fetched."""
    page = Page(html(notebook(*everything(), paragraph("out", href="https://example.org"))))
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"link", "iframe", "object", "embed", "base", "form"}
    assert [own for tag, own in page.elements if tag == "script"] == [{}]
    assert not [n for _, a in page.elements for n in a if n.startswith("on") or n == "style"]
    assert all(value.startswith("data:") for n in ("src", "srcset") for value in page.values(n))
    assert "url(http" not in page.style
    assert "@import" not in page.style


def test_html_shows_hostile_text_and_no_code():
    """Text is text everywhere on the page, title included; source code is nowhere."""
    blocks = [literal("1"), heading(HOSTILE), paragraph(HOSTILE), paragraph(HOSTILE, data=True)]
    page = html(notebook(*blocks, cover=COVER | {"title": HOSTILE}))
    assert [page.count(tag) for tag in ("<script", "</script>", "</style>")] == [1, 1, 1]
    assert "secret_source" not in page


def test_html_structure_serves_a_screen_reader():
    """Landmarks, one first heading, no skipped level, alternative texts, links that arrive."""
    text = html(notebook(*everything()))
    page = Page(text)
    tags = [tag for tag, _ in page.elements]
    assert [tags.count(tag) for tag in ("h1", "header", "nav", "main", "footer")] == [1] * 5
    regions = [named for _, named in page.elements if named.get("tabindex") == "0"]
    assert all(named["role"] == "group" and named["aria-label"] for named in regions)
    levels = [int(tag[1]) for tag in tags if tag in ("h1", "h2", "h3")]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    drawn = [named for tag, named in page.elements if tag == "svg"]
    assert [(own["role"], own["aria-label"]) for own in drawn] == [("img", "Bars: Kenya 3")]
    identifiers = page.values("id")
    assert len(identifiers) == len(set(identifiers))
    assert {h[1:] for h in page.values("href") if h.startswith("#")} <= set(identifiers)
    assert '<html lang="en">' in text
    # The data of the chart, and the contents where the screen is narrow.
    assert tags.count("details") == 2
    assert page.values("href").count("#findings-in-days") == 3


def test_html_cells_of_a_wide_table_say_what_they_are():
    """On a phone, a row is a card. Labels are said in style, where no text is live."""
    columns = [{"label": label, "align": "left"} for label in ("Key", HOSTILE, "b", "c", "d")]
    wide = table([row(*"abcde")] * 2, "Wide") | {"columns": columns}
    page = Page(html(notebook(literal("1"), literal("'"), wide, table([row("Fiji", "x")]))))
    assert '#wide td:nth-child(5){--label:"d"}' in page.style
    assert "#trainings-by-country td" not in page.style
    assert "alert(1)" not in page.style
    assert [named["class"] for tag, named in page.elements if tag == "table"] == [
        "columns-5 cards", "columns-2",
    ]  # fmt: skip
    assert page.style.count("{") == page.style.count("}")


def test_html_keys_are_not_broken():
    page = html(notebook(table([row("UNC-006", "x"), row("Fiji", "x")])))
    assert re.findall(r'<th scope="row" class="([^"]+)">', page) == ["left code", "left"]


def embedded(page):
    """Return the characters of each font family that a page embeds."""
    found = {}
    for part in Page(page).style.split("@font-face{")[1:]:
        family = part.split('"')[1]
        data = base64.b64decode(part.split("base64,")[1].split(")")[0])
        found.setdefault(family, set()).update(map(chr, TTFont(io.BytesIO(data)).getBestCmap()))
    return found


def test_html_brings_every_letter_it_shows(chinese):
    """A locked-down laptop may have no Chinese font; shared marks come from the Chinese one."""
    name = "达累斯·萨拉姆 95–1\u202f600"
    page = html(notebook(literal("95–1\u202f600"), heading(name), cover=chinese))
    found = embedded(page)
    assert set("区域简报非洲开展了哪些工作达累斯萨拉姆“”…·") <= found[fonts.HAN]
    assert not set("“”…·") & found[fonts.LATIN]
    assert set("95–\u202f") <= found[fonts.LATIN]
    # The page's own few words, which no block says.
    own = "".join(labels(i18n.language("zh")).values())
    assert set(own) - set(" {}") <= found[fonts.HAN] | found[fonts.LATIN]
    assert '<html lang="zh-Hans">' in page


def test_english_page_brings_no_chinese_font():
    """Fonts are subsets: a page pays only for the letters it shows."""
    page = html(notebook(*everything()))
    assert set(embedded(page)) == {fonts.LATIN}
    assert len(page) < 150_000


# PDF


def test_pdf_is_tagged_archivable_and_says_what_it_is():
    """What PDF/UA-1 and PDF/A-2a readers look for is there."""
    reader = pdf(notebook(*everything()))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Regional brief: Africa"
    assert reader.metadata.creation_date.isoformat().startswith("2022-12-31")
    xmp = root["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1<" in xmp
    assert "<pdfaid:part>2<" in xmp
    assert "<pdfaid:conformance>A<" in xmp
    assert reader.outline[0]["/Title"] == "Findings in 7 days"


def structure(node, name):
    """Return all elements of a kind below a node of the structure tree."""
    kids = node.get("/K", [])
    kids = [kid.get_object() for kid in (kids if isinstance(kids, list) else [kids])]
    inner = [kid for kid in kids if isinstance(kid, dict)]
    here = [kid for kid in inner if kid.get("/S") == name]
    return here + [found for kid in inner for found in structure(kid, name)]


def test_pdf_charts_are_vectors_with_alternative_texts():
    """Every figure says in words what it shows, and no chart became pixels."""
    reader = pdf(notebook(*everything()))
    figures = structure(reader.trailer["/Root"]["/StructTreeRoot"], "/Figure")
    assert [figure["/Alt"] for figure in figures if "/Alt" in figure] == ["Bars: Kenya 3"]
    assert not any(page.images for page in reader.pages)


def test_pdf_long_table_repeats_its_header_and_loses_no_row():
    """A reader on the third page still knows what the columns are."""
    rows = [row(f"Country-{number:02}", str(number)) for number in range(60)]
    pages = words(pdf(notebook(heading("Long"), table(rows))))
    with_rows = [page for page in pages if "Country-" in page]
    assert len(with_rows) > 1
    assert all("Country Participants" in page for page in with_rows)
    assert all(sum(f"Country-{number:02}" in page for page in pages) == 1 for number in range(60))


def test_pdf_pages_carry_title_number_and_identifier():
    """A page that was torn out still says where it belongs."""
    pages = words(pdf(notebook(*everything())))
    assert all("Regional brief: Africa" in page for page in pages[1:])
    assert all(f"Page {n} of {len(pages)}" in page for n, page in enumerate(pages, 1))
    assert all("2022-12/AFR" in page for page in pages[1:])


def test_pdf_annex_holds_the_data_behind_the_charts():
    """Paper has nothing to unfold: the data stand at the end, and the chart says on which page."""
    shown = words(pdf(notebook(*everything())))
    annex = next(n for n, page in enumerate(shown, 1) if "Data of trainings" in page)
    assert "Data behind the charts" in shown[annex - 1]
    assert any(f"Data on page {annex}" in page for page in shown)
    assert "This work is unofficial." in shown[-1]


def test_pdf_shows_hostile_text_letter_by_letter():
    """Nothing in the data is ever taken for Typst markup."""
    blocks = [literal("1"), heading("H"), paragraph(HOSTILE), table([row(HOSTILE, "1")])]
    text = "".join(words(pdf(notebook(*blocks))))
    assert text.replace(" ", "").count(HOSTILE.replace(" ", "")) == 2


def test_pdf_breaks_words_wider_than_a_column():
    """An endless word stays in its column, and the breaks leave no trace for a search to miss."""
    places = []

    def visit(text, matrix, *_):
        if "x" in text:
            places.append((matrix[4], matrix[5], text.strip()))

    pdf(notebook(heading("H"), table([row("x" * 600, "1")]))).pages[0].extract_text(
        visitor_text=visit
    )
    assert "x" * 600 in "".join(text for _, _, text in places)
    assert len({y for _, y, _ in places}) > 5
    assert max(x for x, _, _ in places) < 480


def test_pdf_speaks_chinese(chinese):
    """Title, language and every glyph of a Chinese report."""
    reader = pdf(notebook(heading("数字"), cover=chinese))
    assert reader.trailer["/Root"]["/Lang"].startswith("zh")
    assert reader.metadata.title == "非洲区域简报"
    assert "开展了哪些“工作”……？" in "".join(words(reader)).replace(" ", "")


def test_pdf_warnings_are_errors(monkeypatch):
    """Typst goes on with another font when one is missing; we do not."""
    monkeypatch.setattr(fonts, "FAMILIES", [*fonts.FAMILIES, "No Such Font"])
    monkeypatch.setattr(document_module.fonts, "missing_glyphs", lambda text: None)
    with pytest.raises(ValueError, match=r"Typst warns.*no such font"):
        pdf(notebook())


# Both


@pytest.mark.parametrize("name", ["report_html", "report_pdf"])
def test_jupyter_nbconvert_knows_the_exporters(name):
    """`jupyter nbconvert --to report_html` finds them through the package's entry points.

    So does the menu of JupyterLab, whose server takes letters, digits and underscores alone.
    """
    exporter = get_exporter(name)
    assert exporter in (HTMLExporter, PDFExporter)
    assert exporter().file_extension == name.replace("report_", ".")


def fingerprint():
    """Return one fingerprint of both renderings; run in processes of their own."""
    made = notebook(*everything(), paragraph("汉字"))
    page = HTMLExporter().from_notebook_node(made)[0].encode()
    return hashlib.sha256(page + PDFExporter().from_notebook_node(made)[0]).hexdigest()


def test_two_processes_write_the_same_bytes():
    """No clock, no hash seed and no order of sets shows in a report."""
    command = [sys.executable, "-c", "import test_render; print(test_render.fingerprint())"]
    other = subprocess.run(
        command,
        cwd=Path(__file__).parent,
        env=os.environ | {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == fingerprint()


def test_what_is_silent_in_a_row_is_said_once():
    silent = {"type": "note", "runs": [{"text": "Nothing."}], "silent": True}
    one, two = (silent | {"title": title} for title in ("Drills", "Teams"))
    other = {"type": "note", "title": "Careful", "runs": [{"text": "Nothing."}]}
    blocks = document(notebook(one, two, other, one))["blocks"]
    assert [b["title"] for b in blocks if b["type"] == "note"] == [
        "Drills; Teams",
        "Careful",
        "Drills",
    ]


def test_a_colour_and_a_size_of_text_stand_in_the_tokens_alone():
    """Charts, pages and PDF look alike because there is one place to say how."""
    package = Path(document_module.__file__).parents[1]
    colour = re.compile(r"""#(?:[0-9a-f]{3}){1,2}\b(?=["';, )])|font-size: *[\d.]+(?:pt|px|rem)""")
    written = [
        (path.name, found[0])
        for path in package.rglob("*")
        if path.suffix in (".py", ".css", ".typ", ".j2", ".js")
        for found in colour.finditer(path.read_text("utf-8"))
    ]
    assert written == [("design.py", "#0b5394")]  # the example of its docstring


def test_every_token_is_used():
    """As a variable of CSS, by the template of the PDF or by the charts."""
    package = Path(document_module.__file__).parents[1]
    css = "".join(path.read_text("utf-8") for path in package.rglob("*.css"))
    typst = "".join(path.read_text("utf-8") for path in package.rglob("*.typ"))
    readers = (package / "charts.py", package / "render/design.py")
    python = "".join(path.read_text("utf-8") for path in readers)

    def used(role, name):
        if role.endswith("-dark"):
            return name in design.TOKENS[role.removesuffix("-dark")]
        if role == "chart":
            # What a dark screen has another colour for, is looked up by its light one.
            return f'"{name}"' in python or name in design.TOKENS["chart-dark"]
        if role == "sheet":
            return re.search(rf"\bmargin\.{name}\b", typst)
        sizes = role == "paper" and re.search(rf"\bsize\.{name}\b", typst)
        return f"var(--{name})" in css or sizes

    roles = design.TOKENS.items()
    assert [(role, name) for role, own in roles for name in own if not used(role, name)] == []


@pytest.mark.parametrize("scheme", ["color", "color-dark"])
def test_text_stands_out_from_what_it_stands_on(scheme):
    """Contrast as WCAG 2.2 reckons it (1.4.3)."""
    colours = design.TOKENS["color"] | design.TOKENS[scheme]

    def luminance(role):
        parts = [int(colours[role][at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(*roles):
        low, high = sorted(map(luminance, roles))
        return (high + 0.05) / (low + 0.05)

    roles = ("ink", "muted", "accent", "good", "warn", "bad")
    written = itertools.product(roles, ("paper", "tint", "found"))
    pairs = [*written, ("on-band", "band"), ("on-band-pale", "band")]
    weak = {pair: round(contrast(*pair), 2) for pair in pairs if contrast(*pair) < 4.5}
    assert weak == {}


def test_charts_stand_out_on_a_dark_screen():
    """Letters 4.5 to 1, bars 3 to 1 from the ground; and what was darker is further from it."""
    ground, chart = design.TOKENS["color-dark"]["paper"], design.TOKENS["chart-dark"]

    def light(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05

    def contrast(one, other):
        low, high = sorted((light(one), light(other)))
        return high / low

    steps = chart["steps"]
    letters = [(chart["ink"], step) for step in steps[:-1]] + [(steps[0], steps[-1])]
    assert min(contrast(*pair) for pair in [*letters, (chart["grey"], ground)]) >= 4.5
    assert min(contrast(bar, ground) for bar in [*chart["series"], *steps[2:]]) >= 3
    assert steps == sorted(steps, key=light)
    # As seaborn shades a palette from nothing to all, and writes upon it.
    shades = [
        "#" + "".join(f"{round(a + n / 50 * (b - a)):02x}" for a, b in ends)
        for n in range(51)
        for ends in [((0xF0, 0x0B), (0xF1, 0x53), (0xF3, 0x94))]
    ]
    drawn = [f'<path fill="{shade}"/>' for shade in shades]
    rules = dict(re.findall(r'fill="(#\w+)"\]{fill:(#\w+)}', design.dark_charts(drawn)))
    dark = [rules[shade] for shade in shades]
    assert dark == sorted(dark, key=light)
    for before, after in zip(shades, dark, strict=True):
        written = chart["annotation"] if light(before) - 0.05 > 0.408 else steps[0]
        assert contrast(written, after) >= 4.5, (before, after)


def test_a_number_in_a_chart_is_copied_without_its_space():
    drawn = SVG.replace("</svg>", "<text>84\u202f027</text></svg>")
    chart = {**everything()[-3], "svg": drawn, "alt": "Bars: 84\u202f027", "caption": "84\u202f027"}
    chart["literals"] = [*chart["literals"], {"text": "84\u202f027", "reason": "made up"}]
    page = html(notebook(chart, evidence(claim("c2", "3"))))
    assert "\u202f" not in page
    assert 'aria-label="Bars: 84027"' in page


def wide(text, align, columns):
    """Return a table of many columns that all hold the same text."""
    heads = [{"label": "Column", "align": align}] * columns
    return table([[[{"text": text, "data": True}]] * columns] * 3) | {"columns": heads}


def on_paper(*blocks):
    """Return blocks as a PDF."""
    return pdf_module.pages(document(notebook(*blocks)))


def test_how_blocks_look_on_paper_knows_no_report():
    """Else Typst finds nothing again that it has laid out for another report of the language."""
    read = re.findall(rb'(?:json|toml)\("(.+?)"\)', pdf_module.BLOCKS)
    assert read == [b"settings.json", b"tokens.toml"]
    one, other = (document(notebook(paragraph(text))) for text in ("One text.", "Another one."))
    other["cover"] |= {"title": "Elsewhere", "identifier": "2022-12/EUR"}
    assert pdf_module._settings(one) == pdf_module._settings(other)


def test_a_heading_may_be_called_as_the_template_calls_its_parts():
    """What the template labels is no anchor: a heading that makes one of it would clash."""
    content = (pdf_module.BLOCKS + pdf_module.REPORT).decode()
    labels = set(re.findall(r"<([a-z][a-z.-]+)>", content))
    assert len(labels) > 1
    for name in labels:
        own = name.rpartition(".")[2]
        link = paragraph("Go there.", href=f"#{own}")
        assert on_paper(heading(own), link, wide("words", "left", 2)).startswith(b"%PDF"), name


@needs_poppler
def test_pdf_columns_hold_their_words_and_numbers_whole(tmp_path):
    page = on_paper(wide("123\u202f456 of 194 communications", "left", 6))
    shown = {word.text for word in next(pages.words(page, tmp_path))}
    assert {"communications", "123456"} <= shown
    assert pages.faults(page, tmp_path) == []


@needs_poppler
def test_pdf_breaks_words_where_columns_are_too_many(tmp_path):
    page = on_paper(wide("Telecommunication Wirtschaftsstatistik", "left", 8))
    assert pages.faults(page, tmp_path) == []


@needs_poppler
def test_pdf_breaks_no_range_of_keys_at_its_dash(tmp_path):
    """It would be read as one key, and another without its area."""
    keys = ", ".join(f"CAP-{first:03}–{first + 6:03}" for first in range(1, 400, 9))
    page = on_paper(table([row("Ghana", keys), row("Zambia", "1–9, 14–17, " * 30)]))
    shown = [word.text for page in pages.words(page, tmp_path) for word in page]
    assert shown.count("CAP-001–007,") == 1
    assert [text for text in shown if text.startswith("–") or text.endswith("–")] == []


def test_pdf_refuses_numbers_that_do_not_fit():
    with pytest.raises(typst.TypstError, match="is too wide for paper"):
        on_paper(wide("123\u202f456\u202f789\u202f012\u202f345", "right", 9))


@needs_poppler
def test_faults_on_paper_are_seen(tmp_path):
    source = '#set page(paper: "a4", margin: 20mm)\n#place(dx: 165mm)[overhanging] '
    source += "#place[covered] #place(dx: 2mm)[covering] apart"
    found = pages.faults(bytes(typst.compile(source.encode())), tmp_path)
    assert any("'overhanging' hangs" in told for told in found)
    assert any("'covering' lie upon" in told for told in found)


def test_a_heading_alone_at_the_foot_of_a_page_is_refused(monkeypatch):
    """Headings stay with what follows; were they not to, the report would be refused."""
    long = paragraph("Filling words. " * 60)
    stacks = [[paragraph("One line.")] * lines for lines in range(18, 34)]
    for stack in stacks:
        on_paper(*stack, heading("Lonely"), long)
    loose = pdf_module.BLOCKS.replace(b"sticky: true", b"sticky: false")
    monkeypatch.setattr(pdf_module, "BLOCKS", loose)
    refused = ""
    for stack in stacks:
        try:
            on_paper(*stack, heading("Lonely"), long)
        except typst.TypstError as error:
            refused += str(error)
    assert "stands alone at the foot of page 1" in refused


def test_a_caption_stays_with_its_first_rows_and_a_note_with_its_last(monkeypatch):
    """Wherever on the page a table begins; were they torn, the report would be refused."""
    rows = [row(f"Country-{number:02}", str(number)) for number in range(44)]
    compact = table([row(f"{number}", "what it counts") for number in range(20)], "Small")
    compact |= {"compact": True}
    stacks = [[paragraph("One line.")] * lines for lines in range(22, 32)]
    for stack in stacks:
        on_paper(*stack, heading("Long"), table(rows), heading("Small"), compact)
    loose = pdf_module.BLOCKS.replace(b"measure(some(..rows.slice(0, first))", b"measure([]")
    monkeypatch.setattr(pdf_module, "BLOCKS", loose)
    refused = ""
    for stack in stacks:
        try:
            on_paper(*stack, table(rows))
        except typst.TypstError as error:
            refused += str(error)
    assert "is torn at the foot of page 1" in refused


@needs_poppler
def test_a_number_split_between_lines_is_seen(tmp_path):
    """Also where a text without spaces may break anywhere."""
    numbers = [literal(number) for number in ("35", "158", "161")]
    made = document(notebook(*numbers, paragraph("35;158;161")))
    split = bytes(typst.compile(b"35;15 \\ 8;161"))
    found = pages.split_numbers(split, tmp_path, made)
    assert found == ["page 1: a number is split between '35;15' and '8;161'"]
    chain = paragraph("+".join(["158"] * 60))
    made = document(notebook(literal("158"), chain))
    assert pages.split_numbers(pdf_module.pages(made), tmp_path, made) == []


# Hostile and odd content

ODD = {
    "markup": HOSTILE,
    "handler": '<img src=x onerror=alert(1)>" onload="alert(1)',
    "link": "javascript:alert(1) [x](javascript:alert(1)) http://127.0.0.1:9/x",
    "long word": "Donaudampfschifffahrts" * 12,
    "emoji": "Girls in ICT \U0001f600 Day",
    "right to left": "\u0648\u0632\u0627\u0631\u0629 \u05de\u05e9\u05e8\u05d3 Ministry",
    "accents": "C\u00f4te d\u2019Ivoire, T\u00fcrkiye, \u0141\u00f3d\u017a, Vi\u1ec7t Nam",
    "formula": '=HYPERLINK("http://127.0.0.1:9")',
}


def odd():
    """Return blocks of every kind that hold each odd text wherever a text may stand."""
    card = {"value": CLAIM["text"], "claim": CLAIM["id"]}
    made = []
    for number, text in enumerate(ODD.values()):
        run = {"text": text, "data": True}
        rows = table([[[run], [run]]], text)
        chart = {
            "type": "chart", "caption": text, "alt": text, "svg": SVG, "table": rows, "wide": True,
        }  # fmt: skip
        made += [
            heading(text),
            {"type": "headlines", "items": [card | {"label": text, "note": text}],
             "claims": [CLAIM], "anchor": f"n-{number + 1}"},
            {"type": "paragraph", "runs": [run | {"strong": True}, run | {"em": True}]},
            {"type": "note", "title": text, "runs": [run]},
            {"type": "list", "ordered": False, "items": [[run], [run | {"code": True}]]},
            rows,
            rows | {"compact": True},
            chart,
        ]  # fmt: skip
    declared = [literal(text) for text in ODD.values()]
    return [*declared, *made, table([row("Kenya", "3")] * 200, "Long"), evidence(CLAIM)]


def odd_notebook():
    """Return an executed notebook of odd texts, on the cover too."""
    cover = COVER | {"title": ODD["handler"], "subtitle": ODD["right to left"]}
    return notebook(*odd(), cover=cover | {"facts": [{"label": ODD["emoji"], "value": HOSTILE}]})


@needs_poppler
def test_odd_texts_stand_on_paper_letter_by_letter(tmp_path):
    made = document(odd_notebook())
    page = pdf_module.pages(made)
    assert pages.faults(page, tmp_path) == []
    told = "".join(word.text for page in pages.words(page, tmp_path) for word in page)
    for name, text in ODD.items():
        if name != "right to left":  # which poppler turns around
            assert "".join(text.split()) in told, name


def test_a_report_of_nothing_is_a_report():
    made = document(notebook())
    assert "This work is unofficial." in html_module.page(made)
    assert pdf_module.pages(made).startswith(b"%PDF")


def test_a_symbol_without_a_glyph_is_named():
    assert fonts.legible("a \U0001f389\ufe0f b") == "a [party popper] b"
    assert fonts.legible("\U0001f600 \u0648") == "\U0001f600 \u0648"
    with pytest.raises(ValueError, match="THAI"):
        fonts.missing_glyphs([fonts.legible("\u0e01")])
