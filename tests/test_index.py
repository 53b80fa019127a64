"""The reviewers' index: what it says of a record and a ledger, and what it must not let in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import shelves
from shelves import LATEST, OLDER

from baaplib import i18n
from baaplib.batch import shelf as shelf_module
from baaplib.batch.ledger import Doubts
from baaplib.batch.report import Failure, Outcome, Report
from baaplib.batch.shelf import shelf, state
from baaplib.render import fonts, index

HOSTILE = "<script>alert(1)</script>\" onclick='x' </style> {{ x }} </td> &amp; javascript:alert(1)"
NOTHING = Doubts("", 0, 0, (0, 0), (0, 0), ())
DOUBTS = Doubts("theme-ALL", 5_123, 187, (4_317, 180), (1_506, 163), (("X106-1", 202, 100),))
VOID = {"meta", "input", "col", "br", "link"}


class Node:
    """An element of a page."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: Node | None = None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.parts: list[Node | str] = []

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def all(self, tag: str = "", **wanted: str) -> Iterator[Node]:
        """Yield the elements below with this tag and these attributes (`of` for `class`)."""
        names = {"class" if name == "of" else name: value for name, value in wanted.items()}
        for part in self.parts:
            if isinstance(part, Node):
                if part.tag == (tag or part.tag) and all(
                    value in part.attributes.get(name, "").split() for name, value in names.items()
                ):
                    yield part
                yield from part.all(tag, **wanted)

    def one(self, tag: str = "", **wanted: str) -> Node:
        return next(self.all(tag, **wanted))

    @property
    def text(self) -> str:
        if self.tag in ("style", "script"):
            return ""
        words = "".join(part if isinstance(part, str) else part.text for part in self.parts)
        return words if self.parent else " ".join(words.split())

    @property
    def said(self) -> str:
        return " ".join(self.text.split())

    @property
    def raw(self) -> str:
        return "".join(part for part in self.parts if isinstance(part, str))


class Tree(HTMLParser):
    """Reads a page into nodes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.root = self.at = Node("", {})
        self.feed(page)
        assert self.at is self.root, f"{self.at.tag} is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.parts.append(node)
        self.at = self.at if tag in VOID else node

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag, f"</{tag}> ends {self.at.tag}"
        assert self.at.parent
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.parts.append(data)


def written(record: dict[str, Any], code: str = "en", doubts: Doubts = NOTHING) -> str:
    return index.page(shelf(record), doubts, code)


def opened(record: dict[str, Any], code: str = "en", doubts: Doubts = NOTHING) -> Node:
    return Tree(written(record, code, doubts)).root


def rows(page: Node) -> dict[str, Node]:
    """Return the rows of the full list by their titles."""
    body = page.one("table", of="list").one("tbody")
    return {row.one("th").said: row for row in body.all("tr")}


def cells(row: Node) -> list[str]:
    return [cell.said for cell in row.all("td")]


def attention(page: Node) -> str:
    return page.one("section", id="attention").said


# How fresh a report is


@pytest.mark.parametrize(
    ("status", "outputs", "said"),
    [
        ("ok", {"html": LATEST, "pdf": LATEST}, "fresh"),
        ("ok", {"html": OLDER, "pdf": OLDER}, "stale"),
        # Only one format was asked for since the tables changed.
        ("ok", {"html": LATEST, "pdf": OLDER}, "stale"),
        # A file of an older program, of which nobody knows the origin.
        ("ok", {"html": LATEST, "pdf": ""}, "stale"),
        ("failed", {"html": LATEST}, "stale"),
        ("failed", {"html": OLDER}, "stale"),
        ("failed", {}, "failed"),
        ("ok", {}, "failed"),
    ],
)
def test_a_report_is_fresh_stale_or_failed(status, outputs, said):
    files = {name: {"data_sha256": data} if data else {} for name, data in outputs.items()}
    assert state({"status": status, "outputs": files}, LATEST) == said


def test_the_shelf_holds_each_report_once_for_all_its_languages():
    record = shelves.record(2)
    found = shelf(record)
    assert [report.stem for report in found.reports] == list(
        dict.fromkeys(key.partition("/")[2] for key in record["reports"])
    )
    assert {tuple(report.copies) for report in found.reports} == {("en", "zh")}
    profile = found.reports[-1]
    assert (profile.name, profile.country) == ("profile", "AGO")
    assert profile.region == "AFR"
    assert found.reports[0].name == "brief"


def test_a_record_of_an_older_program_is_read():
    """Without facts a report is still listed, by what it is called."""
    record = shelves.record(1)
    for entry in record["reports"].values():
        del entry["facts"]
    page = opened(record)
    assert "brief: AFR" in rows(page)
    assert "profile: AFG" in rows(page)
    assert page.one("dl", of="regions").one("dt").said == "No region"


# The page as a whole


def test_there_is_a_page_for_each_language_and_they_lead_to_each_other():
    pages = index.pages(shelf(shelves.record()), NOTHING)
    assert list(pages) == ["index.html", "index.zh.html"]
    english, chinese = (Tree(page).root for page in pages.values())
    assert (english.one("html")["lang"], chinese.one("html")["lang"]) == ("en", "zh-Hans")
    assert english.one("nav", of="languages").one("a")["href"] == "index.zh.html"
    assert chinese.one("nav", of="languages").one("a")["href"] == "index.html"
    assert english.one("nav", of="languages").said == "中文"
    assert chinese.one("h1").said == "报告索引"


def test_the_cover_says_what_the_record_knows():
    band = opened(shelves.record()).one("header").said
    for fact in (
        "2022-12", "17 in English and 17 in Chinese", "24 November 2026, 04:20 UTC", "29 min 51 s",
        "aaaaaaaa", "c0ffee00", "baap run", "What was done", "unofficial",
    ):  # fmt: skip
        assert fact in band
    assert "modified" not in band
    record = shelves.record()
    record["run"] |= {"dirty": True, "seconds": 12.4}
    band = opened(record).one("header").said
    assert "c0ffee00, modified" in band
    assert "12 s" in band


def test_the_same_record_makes_the_same_bytes():
    record = shelves.record()
    again = json.loads(json.dumps(record))
    assert index.pages(shelf(record), DOUBTS) == index.pages(shelf(again), DOUBTS)


@pytest.mark.parametrize("code", ["en", "zh"])
def test_the_fonts_of_the_page_can_write_all_that_it_says(code, monkeypatch):
    """Also where a title exists in the other language alone."""
    record = shelves.record()
    del record["reports"][f"{code}/brief-AFR"]
    shelves.failed(record["reports"]["en/theme-EUR"], message="Ωμέγα 错误")
    seen: list[str] = []
    real = fonts.faces
    monkeypatch.setattr(
        fonts, "faces", lambda words, *a, **k: real(seen.extend(words) or seen, *a, **k)
    )
    page = opened(record, code, DOUBTS)
    shown = page.one("body").text + page.one("title").text
    basic = fonts.BASIC - set(fonts.SHARED_MARKS.get(code, ""))
    assert {c for c in shown if not c.isspace()} <= set("".join(seen)) | basic


@pytest.mark.parametrize("code", ["en", "zh"])
def test_nothing_runs_or_loads_but_our_own(code):
    page = opened(shelves.record(), code)
    policy = next(page.all("meta", **{"http-equiv": "Content-Security-Policy"}))
    for tag in ("style", "script"):
        (own,) = page.all(tag)
        digest = base64.b64encode(hashlib.sha256(own.raw.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy["content"]
    assert policy["content"].startswith("default-src 'none'")
    names = {name for node in page.all() for name in node.attributes}
    assert not {name for name in names if name.startswith("on")} | (names & {"style", "src"})
    assert not re.search(r"url\((?!data:)|@import", page.one("style").raw)


# What needs attention


def test_where_all_is_well_one_sentence_says_so():
    page = opened(shelves.record())
    assert attention(page) == (
        "What needs attention Nothing: every report is up to date, and no two of them contradict "
        "each other."
    )
    assert list(page.all(of="matter")) == []


def test_a_failed_report_comes_with_its_reason():
    record = shelves.record()
    shelves.failed(record["reports"]["zh/brief-AFR"])
    page = opened(record)
    (matter,) = page.all(of="matter")
    assert matter.said == (
        "not built cell 3: KeyError: 'no such table' Regional brief: Africa (Chinese)"
    )
    assert list(matter.all("a")) == []
    assert "第3个单元格：KeyError" in attention(opened(record, "zh"))


def test_every_step_has_words_in_every_language():
    record = shelves.record()
    for step in ("execute", "document", "plausibility", "publish"):
        entry = record["reports"]["en/brief-AFR"]
        shelves.failed(entry, stays=True)
        entry["error"] |= {"step": step, "cell": None}
        for code in ("en", "zh"):
            assert step.upper() not in attention(opened(record, code))


def test_a_stale_report_says_why_and_can_still_be_opened():
    record = shelves.record()
    for language in ("en", "zh"):
        shelves.failed(record["reports"][f"{language}/brief-AFR"], stays=True)
    (matter,) = opened(record).all(of="matter")
    assert matter.said == (
        "out of date The last build failed; the older report stays in place. "
        "cell 3: KeyError: 'no such table' Regional brief: Africa"
    )
    assert matter.one("a")["href"] == "en/brief-AFR.html"
    assert opened(record, "zh").one(of="matter").one("a")["href"] == "zh/brief-AFR.html"


def test_a_report_of_other_tables_says_which():
    record = shelves.record()
    record["reports"]["en/brief-AFR"]["outputs"]["pdf"]["data_sha256"] = OLDER
    page = opened(record)
    assert "Made from tables of version 0b0b0b0b; the latest run read version aaaaaaaa." in (
        attention(page)
    )
    row = rows(page)["Regional brief: Africa"]
    assert cells(row)[-2:] == [
        "English: out of date Chinese: up to date", "2026-11-24 03:51 tables 0b0b0b0b",
    ]  # fmt: skip


def test_a_report_whose_formats_differ_says_which_is_older():
    record = shelves.record()
    record["bills"] = {"1": {"claims.py": "old"}, "2": {"claims.py": "new", "html.py": "x"}}
    files = record["reports"]["en/brief-AFR"]["outputs"]
    for format, digest in (("html", "2"), ("pdf", "1")):
        files[format] |= {"inputs": {"code": digest}, "finished": f"2026-11-2{digest}T00:00:00"}
    page = opened(record)
    said = "Not all of its files show the same state; built before a change: PDF."
    assert said in attention(page)
    assert "English: out of date" in cells(rows(page)["Regional brief: Africa"])[-2]


def test_the_worst_comes_first_and_one_reason_is_said_once():
    record = shelves.record(20)
    entries = record["reports"]
    entries["en/theme-ALL"]["outputs"]["html"]["data_sha256"] = OLDER
    for key in [key for key in entries if "profile" in key]:
        shelves.failed(entries[key], message="the same\nfor all")
    page = opened(record)
    worst, other = page.all(of="matter")
    assert worst.one("p", of="reason").said == "cell 3: KeyError: the same for all"
    assert worst.one("summary").said == "20 reports"
    assert len(list(worst.all("li"))) == 20
    assert "out of date" in other.said


def test_a_long_message_is_cut_and_control_characters_are_left_out():
    record = shelves.record()
    shelves.failed(record["reports"]["en/brief-AFR"], message="\x1b[31mred\x00 " + "x" * 5_000)
    said = opened(record).one("p", of="reason").said
    assert "[31mred xxx" in said
    assert said.endswith("x …")
    assert len(said) < index.LONGEST + 20


def test_reports_that_contradict_each_other_are_told():
    record = shelves.record()
    record["run"]["disagreements"] = ["one-AFR (en) says 1, two-AFR (en) says 2: activities"]
    assert "contradict each other one-AFR (en) says 1, two-AFR" in attention(opened(record))


def test_an_interrupted_run_is_said():
    record = shelves.record()
    del record["run"]["disagreements"]
    record["run"] |= {"finished": None, "seconds": None}
    page = opened(record)
    assert "started on 24 November 2026, 03:50 UTC, was interrupted" in attention(page)
    assert "not finished" in page.one("header").said
    assert "Nothing:" not in attention(page)


# Ways in


def matrix(page: Node) -> list[list[str]]:
    table = page.one("table", of="matrix")
    return [[cell.said for cell in [*row.all("th"), *row.all("td")]] for row in table.all("tr")]


def test_the_matrix_leads_to_each_report_in_the_language_of_the_page():
    record = shelves.record()
    for key in ("en/brief-AFR", "zh/brief-AFR", "en/theme-AMS"):
        del record["reports"][key]
    shelves.failed(record["reports"]["en/brief-EUR"], stays=True)
    for language in ("en", "zh"):
        shelves.failed(record["reports"][f"{language}/theme-CIS"])
    del record["reports"]["en/theme-ARB"]["outputs"]["html"]
    del record["reports"]["zh/theme-ARB"]
    page = opened(record)
    assert matrix(page) == [
        ["Kind of report", "All regions", "Africa", "Americas", "Arab States",
         "Asia and the Pacific", "Commonwealth of Independent States", "Europe"],
        ["Regional brief", "Open", "–", "Open", "Open", "Open", "Open", "Open out of date"],
        ["Capacity development", "Open", "Open", "HTML in Chinese", "PDF in English", "Open",
         "not built", "Open"],
    ]  # fmt: skip
    links = {link["aria-label"]: link["href"] for link in page.one(of="matrix").all("a")}
    assert links["Open: Regional brief: Europe"] == "en/brief-EUR.html"
    assert links["HTML in Chinese: 能力建设: 美洲"] == "zh/theme-AMS.html"
    assert matrix(opened(record, "zh"))[1][0] == "区域简报"


def test_countries_stand_under_their_region_in_the_order_of_their_names():
    page = opened(shelves.record(40), "zh")
    regions = {group.one("dt").said: group for group in page.one("dl", of="regions").all("div")}
    assert next(iter(regions)) == "非洲"
    names = [item.said for item in regions["非洲"].all("li")]
    assert names == sorted(names, key=lambda name: name.encode("gb18030"))
    assert regions["非洲"].one("a")["href"].startswith("zh/profile-")


def test_a_country_without_a_report_to_open_is_named_without_a_link():
    record = shelves.record(1)
    for language in ("en", "zh"):
        shelves.failed(record["reports"][f"{language}/profile-AFG"])
    item = opened(record).one("dl", of="regions").one("li")
    assert item.said == "Afghanistan not built"
    assert list(item.all("a")) == []


# The list


def test_the_list_holds_every_report_with_its_files():
    record = shelves.record()
    page = opened(record)
    assert len(rows(page)) == len(record["reports"]) // 2
    row = rows(page)["Country profile: Afghanistan"]
    assert cells(row) == [
        "Asia and the Pacific", "HTML 203 kB / PDF 203 kB", "HTML 203 kB / PDF 203 kB", "87",
        "up to date", "2026-11-24 03:51",
    ]  # fmt: skip
    assert [link["href"] for link in row.all("a")] == [
        f"{language}/profile-AFG.{format}"
        for language in ("en", "zh")
        for format in ("html", "pdf")
    ]
    assert row.one("th")["scope"] == "row"
    assert "阿富汗" in row["data-w"]
    assert "AFG" in row["data-w"]
    assert "Afghanistan" in rows(opened(record, "zh"))["国家概况: 阿富汗"]["data-w"]


@pytest.mark.parametrize("code", ["en", "zh"])
def test_the_list_holds_countries_in_the_order_of_their_names(code):
    """The record has them by code: AFG, ALB, DZA, AND."""
    titles = rows(opened(shelves.record(60), code))
    profiles = [title for title in titles if shelves.PROFILE[code] in title]
    assert len(profiles) == 60
    assert profiles == i18n.language(code).sorted(profiles)


def test_the_search_is_two_steps_away():
    """Before it stand links to every country."""
    page = opened(shelves.record())
    skips = [link["href"] for link in page.all("a", of="skip")]
    assert skips == ["#main_content", "#filters"]
    form = page.one("form")
    assert (form["id"], form["tabindex"]) == ("filters", "-1")


def test_the_filters_offer_what_the_rows_have_and_a_rule_answers_each_choice():
    record = shelves.record()
    shelves.failed(record["reports"]["zh/brief-AFR"])
    page = opened(record)
    selects = {each["name"]: each for each in page.all("select")}
    offered = {
        name: [option["value"] for option in each.all("option")] for name, each in selects.items()
    }
    assert offered["language"] == ["", "l0", "l1"]
    assert [option.said for option in selects["region"].all("option")][:3] == [
        "all", "All regions", "Africa",
    ]  # fmt: skip
    style = page.one("style").raw
    for values in offered.values():
        for value in values[1:]:
            assert f'option[value="{value}"]:checked' in style
    found = rows(page).values()
    assert {f"r{row['data-r']}" for row in found} == set(offered["region"][1:])
    assert {f"k{row['data-k']}" for row in found} == set(offered["kind"][1:])
    assert rows(page)["Regional brief: Africa"]["data-s"] == "0f 1x"


def test_a_title_in_another_language_says_so():
    record = shelves.record(languages=("zh",))
    page = opened(record)
    assert [head.said for head in page.one("table", of="list").one("thead").all("th")] == [
        "Report", "Region", "Chinese", "Numbers", "State", "Made (UTC)",
    ]  # fmt: skip
    head = rows(page)["区域简报: 非洲"].one("th")
    assert head["lang"] == "zh-Hans"
    assert page.one("table", of="matrix").one("a").said == "HTML in Chinese"


def test_a_record_of_failures_alone_makes_a_page():
    record = shelves.record()
    for entry in record["reports"].values():
        shelves.failed(entry)
        entry["facts"] = {}
    for code in ("en", "zh"):
        page = opened(record, code)
        assert list(page.one("main").all("a")) == []
        assert len(rows(page)) == 17
    assert "0 in English and 0 in Chinese" in opened(record).one("header").said


def test_an_edition_without_reports_makes_a_page():
    record = shelves.record()
    record["reports"] = {}
    assert "There are no reports yet." in attention(opened(record))
    assert opened(record, "zh").one("h1").said == "报告索引"


# Findings


def test_findings_are_told_with_a_link_to_the_report_that_counts_them():
    record = shelves.record()
    record["reports"]["en/theme-ALL"]["facts"]["rows"] = {"f-x106-1": "459 are attendances."}
    section = opened(record, doubts=DOUBTS).one("section", id="findings")
    assert "Of 5123 numbers in 187 reports, 4317 in 180 reports rest" in section.said
    assert "and 1506 in 163 reports on one" in section.said
    row = section.one("table").one("tbody")
    assert [row.one("th").said, *cells(row)] == ["X106-1", "459 are attendances.", "202", "100"]
    there = {"en/theme-ALL.html", "en/theme-ALL.html#f-x106-1"}
    assert {link["href"] for link in section.all("a")} == there
    chinese = opened(record, "zh", DOUBTS).one("section", id="findings")
    assert {link["href"].split("#")[0] for link in chinese.all("a")} == {"zh/theme-ALL.html"}
    # What is not said in the language of the page is said in another, and marked.
    assert chinese.one("tbody").one("td", lang="en").said == "459 are attendances."


def test_a_finding_that_the_record_does_not_tell_is_named_all_the_same():
    section = opened(shelves.record(), doubts=DOUBTS).one("section", id="findings")
    assert cells(section.one("tbody").one("tr"))[0] == "–"


def test_without_findings_that_is_said():
    section = opened(shelves.record()).one("section", id="findings")
    assert "No report counts findings yet" in section.said
    assert list(section.all("table")) == []


# What others wrote


@pytest.mark.parametrize("code", ["en", "zh"])
def test_hostile_texts_are_inert(code):
    """Titles, messages, names, paths and the command are text, wherever they stand."""
    record = shelves.record()
    clean = Tree(written(record, code)).root
    for key, entry in record["reports"].items():
        facts = entry["facts"]
        facts |= dict.fromkeys(("title", "kind", "subject", "subtitle"), HOSTILE)
        facts["about"] = {**facts["about"], "region_name": HOSTILE}
        facts["rows"] = {"f-x106-1": HOSTILE}
        for file in entry["outputs"].values():
            file["path"] = HOSTILE if "AFR" in key else "javascript:alert(1)"
    shelves.failed(record["reports"]["en/brief-EUR"], message=HOSTILE)
    record["run"] |= {"command": HOSTILE, "commit": HOSTILE, "disagreements": [HOSTILE]}
    page = opened(record, code, DOUBTS)
    assert HOSTILE in page.one("header").text
    assert len(list(page.all("script"))) == len(list(page.all("style"))) == 1
    own = {name for node in clean.all() for name in node.attributes} | {"open"}
    assert {name for node in page.all() for name in node.attributes} <= own
    assert {node.tag for node in page.all()} <= {node.tag for node in clean.all()} | {
        "summary", "details", "caption",
    }  # fmt: skip
    assert page.one("script").raw == clean.one("script").raw
    assert not any(":" in link["href"] for link in page.all("a"))
    assert "alert" not in page.one("style").raw


def test_a_hostile_region_or_kind_stands_in_no_rule():
    record = shelves.record(0)
    entry = record["reports"]["en/brief-AFR"]
    evil = 'x"]{} </style><script>alert(1)</script>'
    entry["parameters"]["region"] = evil
    entry["facts"]["about"]["region"] = evil
    record["reports"][f"en/brief-{evil}"] = entry
    page = opened(record)
    assert len(list(page.all("script"))) == 1
    assert "alert" not in page.one("style").raw


# Written by a run


PLACE = {"edition": "2022-12", "region": "AFR", "language": "en"}


def built(name: str, language: str = "en", **outputs: bytes) -> Outcome:
    report = Report(name, Path("good.ipynb"), PLACE | {"language": language}, ("html", "pdf"))
    return Outcome(report, outputs, facts=shelves.facts("Brief", "Africa", "AFR", "Africa"))


def run(folder: Path, *outcomes: Outcome, ends: bool = True) -> Path:
    record = shelves.begun(folder)
    for outcome in outcomes:
        record.add(outcome, shelves.Inputs())
    record.close(shelves.Inputs()) if ends else record.leave(shelves.Inputs())
    record.release()
    return folder / "2022-12"


def test_a_run_writes_the_index_and_its_links_lead_to_files_that_exist(tmp_path):
    folder = run(
        tmp_path,
        built("one", html=b"1", pdf=b"1"), built("one", "zh", html=b"1"), built("two", html=b"1"),
    )  # fmt: skip
    for name in ("index.html", "index.zh.html"):
        page = Tree((folder / name).read_text("utf-8")).root
        links = [link["href"] for link in page.all("a")]
        assert {"en/one-AFR.pdf", "zh/one-AFR.html", "en/two-AFR.html"} <= set(links)
        anchors = {node["id"] for node in page.all() if "id" in node.attributes}
        for link in links:
            inside = link.startswith("#")
            assert link[1:] in anchors if inside else (folder / link).is_file(), link


def test_an_interrupted_run_writes_the_index_too(tmp_path):
    folder = run(tmp_path, built("one", html=b"1"), ends=False)
    page = Tree((folder / "index.html").read_text("utf-8")).root
    assert "was interrupted" in attention(page)
    run(tmp_path, built("one", html=b"1"))
    page = Tree((folder / "index.html").read_text("utf-8")).root
    assert "was interrupted" not in attention(page)


def test_a_failed_report_keeps_its_title_in_the_index(tmp_path):
    run(tmp_path, built("one", html=b"1"))
    report = built("one").report
    gone = Outcome(report, failure=Failure("html", None, "ValueError", "no"))
    page = Tree((run(tmp_path, gone) / "index.html").read_text("utf-8")).root
    assert cells(rows(page)["Brief: Africa"])[-2] == "out of date"
    assert "HTML: ValueError: no" in attention(page)


def test_states_are_named_once():
    assert set(index.MARKS) == set(shelf_module.STATES)
    assert len(set(index.MARKS.values())) == 3
