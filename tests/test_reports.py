"""Every notebook, run from its first cell to its last: for all regions, a rich one and a poor one.

Cells are run in this process, which takes a tenth of the time of a kernel; `test_batch` and
`tests/browser` run kernels. What a report says first is held against numbers worked out from the
CSV files with nothing of baaplib.
"""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from pathlib import Path

import nbformat
import pages
import pypdf
import pytest
import yaml

from baaplib import brief as voice
from baaplib.batch import ledger, plan
from baaplib.blocks import finding_anchor
from baaplib.render import html, pdf
from baaplib.render.document import document, facts

PROJECT = Path(__file__).parent.parent
EDITION = PROJECT / "data" / "editions" / "2022-12"
BATCH = yaml.safe_load((PROJECT / "notebooks" / "batch.yml").read_text(encoding="utf-8"))
REPORTS = {entry["notebook"]: (name, entry) for name, entry in BATCH["reports"].items()}
REACHING = {"beneficiary", "participant", "member"}


@cache
def rows(table: str) -> list[dict[str, str]]:
    folder = EDITION if (EDITION / f"{table}.csv").exists() else PROJECT / "data" / "reference"
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def members(region: str) -> frozenset[str]:
    own = (row for row in rows("countries") if row["membership"] != "territory")
    return frozenset(row["iso3"] for row in own if row["region"] == region)


@cache
def activities(place: str, areas: tuple[str, ...] = ()) -> frozenset[str]:
    """Return the keys of the activities of a region, a country or ALL, placeholders left out."""
    here = members(place) or {place}
    told = [row for row in rows("activities") if row["status"] != "pending"]
    if areas:
        told = [row for row in told if (row["theme"] or row["component"]) in areas]
    if place == "ALL":
        return frozenset(row["activity_id"] for row in told)
    links = {
        link["activity_id"] for link in rows("activity_countries")
        if link["role"] in REACHING and link["iso3"] in here
    }  # fmt: skip
    return frozenset(
        row["activity_id"] for row in told
        if place in (row["region"], *row["also_regions"].split(";")) or row["activity_id"] in links
    )  # fmt: skip


def run(notebook: str, parameters: dict[str, str]) -> nbformat.NotebookNode:
    """Run a notebook's cells in this process; return it with what they showed."""
    nb = nbformat.read(PROJECT / "notebooks" / f"{notebook}.ipynb", as_version=4)
    names: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch:
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            shown: list[dict[str, object]] = []
            patch.setattr(voice, "display", lambda bundle, raw, shown=shown: shown.append(bundle))
            exec(compile(cell.source, f"{notebook}:{cell.id}", "exec"), names)  # noqa: S102
            if "parameters" in cell.metadata.get("tags", []):
                names |= parameters
            cell.outputs = [
                nbformat.v4.new_output("display_data", json.loads(json.dumps(bundle)))
                for bundle in shown
            ]
    return nb


def places(notebook: str) -> list[str]:
    """Return what a notebook is run for: all regions, a rich and a poor one; or two countries."""
    entry = REPORTS[notebook][1]
    if "country" in entry["over"]:
        by_size = sorted(entry["over"]["country"], key=lambda code: len(activities(code)))
        return [by_size[-1], by_size[0]]
    # The Arab States and the CIS: most and fewest activities, and no placeholder for a region.
    regions = sorted((r["region"] for r in rows("regions")), key=lambda r: len(activities(r)))
    return ["ALL", regions[-1], regions[0]]


CASES = [(name, place) for name in REPORTS for place in places(name)]


@cache
def report(notebook: str, place: str, language: str) -> dict[str, object]:
    key = "country" if "country" in REPORTS[notebook][1]["over"] else "region"
    own = {"edition": "2022-12", key: place, "language": language}
    return document(run(notebook, own))


def test_every_notebook_is_in_the_batch():
    files = {path.stem for path in (PROJECT / "notebooks").glob("*.ipynb")}
    assert {name for name in files if not name.startswith("_")} == set(REPORTS)


def test_each_country_the_source_names_has_a_profile():
    entry = REPORTS["country_profile"][1]
    assert entry["over"]["country"] == sorted({row["iso3"] for row in rows("activity_countries")})


@pytest.mark.parametrize(("notebook", "place"), CASES)
def test_a_notebook_runs_to_its_end_and_begins_with_what_it_answers(notebook, place):
    made = report(notebook, place, "en")
    kinds = [block["type"] for block in made["blocks"]]
    assert kinds.index("headlines") < 8
    # Nobody reads of one emptiness after the other.
    notes = [kind == "note" for kind in kinds]
    assert not any(all(notes[at : at + 3]) for at in range(len(notes) - 2))
    assert not [b for b in made["blocks"] if b["type"] == "chart" and not b["table"]["rows"]]


@pytest.mark.parametrize("notebook", REPORTS)
def test_a_notebook_speaks_chinese(notebook):
    place = places(notebook)[0]
    english, chinese = (report(notebook, place, code) for code in ("en", "zh"))
    assert [b["type"] for b in english["blocks"]] == [b["type"] for b in chinese["blocks"]]
    claims = [
        sorted(str((c["measure"], c["scope"], c["low"], c["high"])) for c in made["claims"])
        for made in (english, chinese)
    ]
    assert claims[0] == claims[1]


LOOKED_AT = [(*case, "en") for case in CASES] + [(name, places(name)[0], "zh") for name in REPORTS]


@pytest.mark.skipif(not pages.POPPLER, reason="needs pdftotext; apt install poppler-utils")
@pytest.mark.parametrize(("notebook", "place", "language"), LOOKED_AT)
def test_nothing_is_cut_or_covered_on_paper(notebook, place, language, tmp_path):
    made = report(notebook, place, language)
    paper = pdf.pages(made)
    assert pages.faults(paper, tmp_path, pages.slanted(made)) == []
    assert pages.split_numbers(paper, tmp_path, made) == []


@pytest.mark.parametrize("notebook", REPORTS)
def test_a_report_can_be_sent_by_mail(notebook):
    """Chinese ones weigh most: they bring letters of their own."""
    published = next(iter(REPORTS[notebook][1]["over"].values()))
    made = report(notebook, next(each for each in places(notebook) if each in published), "zh")
    assert len(html.page(made).encode()) < 500_000
    assert len(pdf.pages(made)) < 500_000


@pytest.mark.parametrize(("notebook", "place"), CASES)
def test_counts_of_activities_are_those_of_the_tables(notebook, place):
    """Whatever a report counts by region, country, theme or component, counted anew."""
    checked = 0
    for claim in report(notebook, place, "en")["claims"]:
        scope = [item.split("=") for item in claim["scope"]]
        if claim["measure"] != "activities" or not scope:
            continue
        if {key for key, _ in scope} <= {"region", "country", "theme", "component"}:
            where = next(value for key, value in scope if key in ("region", "country"))
            areas = tuple(value for key, value in scope if key in ("theme", "component"))
            assert set(claim["activities"]) == activities(where, areas), claim["says"]
            assert claim["low"] == len(activities(where, areas))
            checked += 1
    assert checked or notebook in ("source_audit", "research_statistics"), "counts no activities"


@pytest.mark.parametrize("place", ["ALL", "ARB", "CIS"])
def test_countries_and_partners_are_those_of_the_tables(place):
    made = {
        claim["measure"]: claim for claim in report("overview", place, "en")["claims"]
        if claim["scope"] == [f"region={place}"]
    }  # fmt: skip
    own = activities(place)
    here = members(place) if place != "ALL" else frozenset().union(
        *(members(row["region"]) for row in rows("regions"))
    )  # fmt: skip
    links = {link["iso3"] for link in rows("activity_countries")
             if link["role"] in REACHING and link["activity_id"] in activities("ALL")}  # fmt: skip
    assert made["countries_reached"]["low"] == len(links & here)
    partners = {link["partner"] for link in rows("activity_partners")
                if link["activity_id"] in own and link["role"] != "prospective"}  # fmt: skip
    assert made["partners_named"]["low"] == len(partners)


def test_the_reports_do_not_contradict_each_other():
    every = []
    for notebook, place in CASES:
        claims = report(notebook, place, "en")["claims"]
        every += ledger.rows(f"{notebook}-{place}", "en", claims, "x")
    assert ledger.disagreements(every) == []


def test_the_plan_names_every_report_once():
    vocabularies = {
        "edition": ["2022-12"], "language": ["en", "zh"],
        "region": ["ALL", *(row["region"] for row in rows("regions"))],
        "country": [row["iso3"] for row in rows("countries")],
    }  # fmt: skip
    every = plan.plan(PROJECT / "notebooks" / "batch.yml", PROJECT / "notebooks", vocabularies)
    assert len({report.key for report in every.reports}) == len(every.reports)


@pytest.mark.parametrize(
    ("language", "after"), [("en", "Where each country stands"), ("zh", "各国情况")]
)
def test_the_whole_plan_stands_on_two_pages(language, after):
    """What lies behind the answers begins on the third."""
    pages = pypdf.PdfReader(io.BytesIO(pdf.pages(report("overview", "ALL", language)))).pages
    began = [number for number, page in enumerate(pages, 1) if after in page.extract_text()]
    assert began[:2] == [1, 3]  # the first is the table of contents


@pytest.mark.parametrize(("language", "column"), [("en", "evidence"), ("zh", "evidence_zh")])
def test_the_source_audit_shows_every_grave_finding_where_the_index_leads(language, column):
    """And tells the index what each says; of others the index names none."""
    made = report("source_audit", "ALL", language)
    anchors = {
        row["anchor"] for b in made["blocks"] for row in b.get("rows", []) if "anchor" in row
    }
    grave = [row for row in rows("findings") if row["severity"] == "high"]
    told = {finding_anchor(row["finding_id"]): spaceless(row[column]) for row in grave}
    # Reports promise that it lists those of medium severity, too.
    promised = [row for row in rows("findings") if row["severity"] in ("high", "medium")]
    assert {finding_anchor(row["finding_id"]) for row in promised} <= anchors
    said = facts(made)["rows"]
    assert {anchor: spaceless(text) for anchor, text in said.items()} == told


def spaceless(text: str) -> str:
    """Return a text without the spaces that stand inside its numbers."""
    return "".join(text.split())
