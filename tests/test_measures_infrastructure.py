"""Network infrastructure: small frames worked out by hand, and the real edition counted anew."""

from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from small import frame, listed, parts, raw

from baaplib import measures
from baaplib.i18n import language
from baaplib.measures import infrastructure, services

ROOT = Path(__file__).parent.parent
DATA = ROOT / "data"
REACHED = ("beneficiary", "participant", "member")

ACTIVITIES = """
    activity_id region also_regions status    start end  paragraphs
    NDI-901     EUR    -            completed -     -    1
    NDI-902     CIS    -            completed 2022  -    2
    NDI-903     CIS    -            ongoing   -     2023 3
    NDI-904     -      AFR          planned   -     -    4
    NDI-905     -      -            completed -     -    5;9
    NDI-906     CIS    -            pending   -     -    6
    NDI-907     ASP    -            ongoing   -     -    7
"""
# Kazakhstan and Kyrgyzstan are of CIS, Moldova of EUR, Fiji of ASP; Kenya only lends the venue.
COUNTRIES = """
    activity_id iso3 role
    NDI-901     MDA  beneficiary
    NDI-902     KAZ  beneficiary
    NDI-902     MDA  participant
    NDI-903     KAZ  beneficiary
    NDI-903     KGZ  beneficiary
    NDI-904     KEN  venue
    NDI-906     UZB  beneficiary
    NDI-907     FJI  beneficiary
"""
TAGS = """
    activity_id vocabulary tag
    NDI-901     topic      ndi-mapping
    NDI-902     topic      ndi-mapping
    NDI-902     topic      ndi-schools
    NDI-903     topic      ndi-schools
    NDI-904     topic      ndi-spectrum
    NDI-905     topic      ndi-spectrum
    NDI-905     sdg        9
    NDI-906     topic      ndi-mapping
    NDI-907     topic      ndi-other
    NDI-901     topic      pol-training
"""
FIGURES = """
    figure_id activity_id paragraph measure            value place
    F904-1    NDI-904     4         countries          12    AFR;ARB
    F905-1    NDI-905     9         activities_counted 10    -
"""
SPECTRUM = """
    paragraph topic_en topic_zh activities activities_paragraph
    5         A        甲       3          6
    7         B        乙       7          8
    8         C        丙       3          9
"""


@pytest.fixture(scope="module")
def small():
    """Return a small edition; its countries, regions, topics and measures are the real ones."""
    activities = frame(ACTIVITIES)
    activities = activities.assign(
        theme="NDI", component="theme", title_en="T", title_zh="T", type="assistance",
        also_regions=activities["also_regions"].map(parts),
        paragraphs=[tuple(map(int, parts(cell))) for cell in activities["paragraphs"]],
    )  # fmt: skip
    figures = frame(FIGURES)
    figures = figures.assign(
        value=figures["value"].astype(float), paragraph=figures["paragraph"].astype(int),
        place=figures["place"].map(parts), place_role="origin", bound="exact", cumulative=False,
        population=None, window_start=None, window_end=None, part_of=None, occasions=pd.NA,
    )  # fmt: skip
    real = measures.edition("2022-12")
    numbers = ["paragraph", "activities", "activities_paragraph"]
    findings = real.findings.head(2).assign(
        finding_id=["X009-1", "X009-2"], derived=[13.0, float("nan")],
        figures=pd.Series([("F905-1",), ("F905-1",)], real.findings.index[:2], dtype=object),
        activities=pd.Series([("NDI-905",)] * 2, real.findings.index[:2], dtype=object),
        paragraphs=pd.Series([(6, 8, 9)] * 2, real.findings.index[:2], dtype=object),
    )  # fmt: skip
    return replace(
        real, activities=activities, every=activities, countries=frame(COUNTRIES),
        tags=frame(TAGS), figures=figures, stated=figures, findings=findings,
        spectrum=frame(SPECTRUM).astype(dict.fromkeys(numbers, int)),
    )  # fmt: skip


@pytest.fixture
def of(small):
    return lambda region: measures.restrict(small, region, "NDI")


NOUGHT = ["ndi-addressing", "ndi-conformance", "ndi-last-mile", "ndi-mobile", "ndi-resilience"]
FRAMES = {
    # The placeholder, the topic of another theme and the goal count nowhere; silence is shown.
    "by_topic": ("topic activities claim", {
        "ALL": [("ndi-mapping", 2, "2"), ("ndi-schools", 2, "2"), ("ndi-spectrum", 2, "2"),
                ("ndi-other", 1, "1"), *((name, 0, "0") for name in NOUGHT),
                ("ndi-technologies", 0, "0")],
        "AMS": [],
    }),
    # Kazakhstan's schools: one activity is completed, another under way; the furthest is shown.
    "by_country": ("iso3 topic status", {
        "ALL": [("KAZ", "ndi-mapping", "completed"), ("MDA", "ndi-mapping", "completed"),
                ("KAZ", "ndi-schools", "completed"), ("KGZ", "ndi-schools", "ongoing"),
                ("MDA", "ndi-schools", "completed"), ("FJI", "ndi-other", "ongoing")],
        "EUR": [("MDA", "ndi-mapping", "completed"), ("MDA", "ndi-schools", "completed")],
        "AFR": [],
    }),
    # Spectrum comes last; what is of no kind of its own is left out.
    "works": ("topic activity_id iso3 status", {
        "ALL": [("ndi-mapping", "NDI-901", ("MDA",), "completed"),
                ("ndi-mapping", "NDI-902", ("KAZ", "MDA"), "completed"),
                ("ndi-schools", "NDI-902", ("KAZ", "MDA"), "completed"),
                ("ndi-schools", "NDI-903", ("KAZ", "KGZ"), "ongoing"),
                ("ndi-spectrum", "NDI-904", (), "planned"),
                ("ndi-spectrum", "NDI-905", (), "completed")],
        "CIS": [("ndi-mapping", "NDI-902", ("KAZ",), "completed"),
                ("ndi-schools", "NDI-902", ("KAZ",), "completed"),
                ("ndi-schools", "NDI-903", ("KAZ", "KGZ"), "ongoing")],
        "ASP": [],
    }),
    # Twelve countries of two regions are the number of neither, but are shown.
    "figures_stated": ("activity_id claim status", {
        "AFR": [("NDI-904", "12", "planned")],
        "CIS": [],
    }),
    "assistance": ("topic_en topic_zh activities claim", {
        "ALL": [("B", "乙", 7, "7"), ("A", "甲", 3, "3"), ("C", "丙", 3, "3")],
        "CIS": [],
    }),
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "region"), [(name, region) for name in FRAMES for region in FRAMES[name][1]]
)
def test_frame(question, region, of):
    columns, expected = FRAMES[question]
    rows = getattr(services if hasattr(services, question) else infrastructure, question)(
        of(region)
    )
    assert listed(rows, *columns.split()) == expected[region]


CLAIMS = {
    # Moldova, Kazakhstan, Kyrgyzstan, Fiji; of these the first two have two kinds of help.
    "countries_served": {"ALL": "4", "EUR": "1", "AFR": "0"},
    "several_services": {"ALL": "2 of 4", "CIS": "1 of 2", "AMS": "none reported"},
    "countries_in_work": {"ALL": "2 of 4", "EUR": "0 of 1", "AFR": "none reported"},
    # Of six without the placeholder, two name nobody.
    "naming_country": {"ALL": "4 of 6", "AFR": "0 of 1", "AMS": "none reported"},
    "assistance_printed": {"ALL": "10", "CIS": "not stated"},
    "assistance_sum": {"ALL": "13", "CIS": "not stated"},
    "assistance_gap": {"ALL": "3", "CIS": "not stated"},
}


@pytest.mark.parametrize(
    ("question", "region"), [(name, region) for name in CLAIMS for region in CLAIMS[name]]
)
def test_claim(question, region, of, small):
    claim = getattr(services if hasattr(services, question) else infrastructure, question)(
        of(region)
    )
    assert claim.text(language("en")) == CLAIMS[question][region]
    assert claim.measure in set(small.reference["measures"]["measure"])
    assert claim.scope[:2] == (f"region={region}", "theme=NDI")


def test_what_is_worked_out_names_the_finding_and_each_topic_its_paragraph(of):
    data = of("ALL")
    for question in (infrastructure.assistance_sum, infrastructure.assistance_gap):
        assert question(data).findings == ("X009-1",)
        assert question(data).activities == ("NDI-905",)
    scopes = [claim.scope[-1] for claim in infrastructure.assistance(data)["claim"]]
    assert scopes == ["paragraph=8", "paragraph=6", "paragraph=9"]
    assert infrastructure.countries_in_work(data).place == ("FJI", "KGZ")


@cache
def own():
    return {row["activity_id"] for row in raw("activities") if row["theme"] == "NDI"}


@cache
def tagged():
    topics = {row["topic"] for row in raw("topics") if row["theme"] == "NDI"}
    return [row for row in raw("activity_tags") if row["tag"] in topics]


def real(region="ALL"):
    return measures.restrict(measures.edition("2022-12", region), area="NDI")


def test_real_activities_all_have_a_topic_of_the_theme():
    assert {row["activity_id"] for row in tagged()} == own()
    assert {(row["vocabulary"], row["basis"]) for row in tagged()} == {("topic", "judged")}
    rows = infrastructure.by_topic(real())
    counts = dict(zip(rows["topic"], rows["activities"], strict=True))
    assert counts == Counter(row["tag"] for row in tagged())
    assert counts["ndi-spectrum"] == 15


def test_real_spectrum_table_is_not_its_total():
    table = {row["topic_en"]: int(row["activities"]) for row in raw("spectrum_assistance")}
    total = next(row for row in raw("figures") if row["measure"] == "activities_counted")
    rows = infrastructure.assistance(real())
    assert dict(zip(rows["topic_en"], rows["activities"], strict=True)) == table
    assert len(rows) == 14
    data = real()
    printed, added = infrastructure.assistance_printed(data), infrastructure.assistance_sum(data)
    assert (printed.low, added.low) == (float(total["value"]), sum(table.values())) == (160, 198)
    assert infrastructure.assistance_gap(data).low == sum(table.values()) - int(total["value"])
    assert infrastructure.assistance_gap(data).findings == ("X322-1",)


def test_real_headlines_are_what_the_tables_link():
    links = [
        (row["activity_id"], row["iso3"])
        for row in raw("activity_countries")
        if row["activity_id"] in own() and row["role"] in REACHED
    ]
    naming = infrastructure.naming_country(real())
    named = {name for name, _ in links}
    assert (naming.low, naming.whole) == (len(named), len(own())) == (16, 46)
    assert services.countries_served(real()).place == tuple(sorted({c for _, c in links}))
    assert services.countries_served(real()).low == 17
    pairs = {(iso3, row["tag"]) for name, iso3 in links for row in tagged()
             if row["activity_id"] == name}  # fmt: skip
    rows = services.by_country(real())
    assert set(zip(rows["iso3"], rows["topic"], strict=True)) == pairs
    several = [iso3 for iso3, many in Counter(iso3 for iso3, _ in pairs).items() if many > 1]
    assert services.several_services(real()).place == tuple(sorted(several))
    status = {row["activity_id"]: row["status"] for row in raw("activities")}
    going = {iso3 for name, iso3 in links if status[name] == "ongoing"}
    assert infrastructure.countries_in_work(real()).place == tuple(sorted(going))
    inside = [row for row in raw("activities")
              if row["activity_id"] in own() and row["in_period"] == "yes"]  # fmt: skip
    assert measures.in_period(real()).low == len(inside)


def test_real_figures_are_all_shown():
    stated = [row["figure_id"] for row in raw("figures") if row["activity_id"] in own()]
    shown = [claim.figures[0] for claim in infrastructure.figures_stated(real())["claim"]]
    assert sorted(shown) == sorted(stated)
