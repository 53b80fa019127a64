"""Cybersecurity: small frames worked out by hand, and the real edition counted anew."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from small import frame, listed, parts, raw

from baaplib import measures
from baaplib.i18n import language
from baaplib.measures import cybersecurity, services

ROOT = Path(__file__).parent.parent
DATA = ROOT / "data"
REGIONS = ["AFR", "AMS", "ARB", "ASP", "CIS", "EUR"]

ACTIVITIES = """
    activity_id region also_regions type       status    start   paragraphs
    CYB-901     AMS    -            assessment completed 2022    1
    CYB-902     AMS    -            assistance ongoing   -       2
    CYB-903     AMS    -            assistance completed -       3
    CYB-904     -      -            drill      completed 2022    4;10
    CYB-905     CIS    ARB          drill      completed 2022-11 5
    CYB-906     ARB    -            drill      pending   -       6
    CYB-907     -      AFR;ARB;CIS  programme  ongoing   -       10
    CYB-908     AFR    -            training   completed 2022    8
    CYB-909     AFR    -            campaign   completed -       9
"""
# Bermuda is a territory; Morocco of ARB, Rwanda and Kenya of AFR; Honduras only lends the venue.
COUNTRIES = """
    activity_id iso3 role
    CYB-901     BMU  beneficiary
    CYB-901     BRB  beneficiary
    CYB-902     BRB  beneficiary
    CYB-903     BRB  beneficiary
    CYB-903     HND  venue
    CYB-904     MAR  beneficiary
    CYB-904     RWA  participant
    CYB-905     HND  venue
    CYB-906     OMN  beneficiary
    CYB-908     KEN  beneficiary
    CYB-909     KEN  origin
"""
TAGS = """
    activity_id vocabulary tag
    CYB-901     topic      cyb-readiness
    CYB-902     topic      cyb-response-team
    CYB-903     topic      cyb-response-team
    CYB-904     topic      cyb-strategy
    CYB-904     topic      cyb-drill
    CYB-905     topic      cyb-drill
    CYB-906     topic      cyb-drill
    CYB-907     topic      cyb-drill
    CYB-908     topic      cyb-child-protection
    CYB-908     topic      cyb-women
    CYB-908     sdg        16
    CYB-909     topic      cyb-women
    CYB-901     topic      env-policy
"""
FIGURES = """
    figure_id activity_id paragraph measure        value bound    population place cumulative end
    F910-1    CYB-907     10        drills         40    at_least -          -     true       -
    F910-2    CYB-907     10        drills         3     exact    -          -     false      -
    F910-3    CYB-907     10        countries      120   at_least -          -     true       -
    F908-1    CYB-908     8         people_trained 70    exact    children   KEN   false      2022
    F908-2    CYB-908     8         people_trained 30    exact    girls      KEN   false      2022
    F908-3    CYB-908     8         people_trained 500   exact    school_students KEN true    2022
    F908-4    CYB-908     8         people_trained 20    exact    trainers   KEN   false      2022
    F908-5    CYB-908     8         people_estimated 900 exact    women      KEN   false      2022
    F904-1    CYB-904     4         people_participating 9 at_least women    RWA   false      -
"""


@pytest.fixture(scope="module")
def small():
    """Return a small edition; its countries, regions, topics and measures are the real ones."""
    activities = frame(ACTIVITIES)
    activities = activities.assign(
        theme="CYB", component="theme", title_en="T", title_zh="T", end=None,
        also_regions=activities["also_regions"].map(parts),
        paragraphs=[tuple(map(int, parts(cell))) for cell in activities["paragraphs"]],
    )  # fmt: skip
    figures = frame(FIGURES)
    figures = figures.assign(
        value=figures["value"].astype(float), cumulative=figures["cumulative"] == "true",
        paragraph=figures["paragraph"].astype(int), place=figures["place"].map(parts),
        place_role="origin", window_start="2022", window_end=figures["end"], part_of=None,
        occasions=pd.NA,
    )  # fmt: skip
    real = measures.edition("2022-12")
    return replace(
        real, activities=activities, every=activities, countries=frame(COUNTRIES),
        tags=frame(TAGS), figures=figures, stated=figures, areas=("CYB",),
        partners=real.partners.head(0),
    )  # fmt: skip


@pytest.fixture
def of(small):
    return lambda region: measures.restrict(small, region, "CYB")


def ask(question):
    """Return a function of the area, or one that all areas share."""
    return getattr(services if hasattr(services, question) else cybersecurity, question)


FRAMES = {
    # Of the last the country only sends people, so nobody is served there; the placeholder and
    # the topic of another theme count nowhere.
    "offered": ("topic activities countries", {
        "ALL": [("cyb-readiness", "1", "2"), ("cyb-response-team", "2", "1"),
                ("cyb-strategy", "1", "2"), ("cyb-drill", "3", "2"),
                ("cyb-child-protection", "1", "1"), ("cyb-women", "2", "1")],
        "ARB": [("cyb-strategy", "1", "1"), ("cyb-drill", "3", "1")],
        "EUR": [],
    }),
    # Barbados has its team: the completed one of two activities is shown, both are behind it.
    "by_country": ("iso3 region topic status activity_id behind", {
        "AMS": [("BMU", "AMS", "cyb-readiness", "completed", "CYB-901", ("CYB-901",)),
                ("BRB", "AMS", "cyb-readiness", "completed", "CYB-901", ("CYB-901",)),
                ("BRB", "AMS", "cyb-response-team", "completed", "CYB-903",
                 ("CYB-903", "CYB-902"))],
        "AFR": [("RWA", "AFR", "cyb-strategy", "completed", "CYB-904", ("CYB-904",)),
                ("RWA", "AFR", "cyb-drill", "completed", "CYB-904", ("CYB-904",)),
                ("KEN", "AFR", "cyb-child-protection", "completed", "CYB-908", ("CYB-908",)),
                ("KEN", "AFR", "cyb-women", "completed", "CYB-908", ("CYB-908",))],
        "EUR": [],
    }),
    "response_teams": ("iso3 topic", {
        "ALL": [("BMU", "cyb-readiness"), ("BRB", "cyb-readiness"), ("BRB", "cyb-response-team")],
        "AFR": [],
    }),
    "countries_unnamed": ("activity_id claim span window_start", {
        "ALL": [("CYB-907", "at least 120", "running total", None)],
        "AFR": [],
    }),
    # A region stands alone where none of its countries is named.
    "drills": ("region iso3 activity_id", {
        "ALL": [("AFR", "RWA", "CYB-904"), ("ARB", "MAR", "CYB-904"), ("ARB", None, "CYB-905"),
                ("CIS", None, "CYB-905")],
        "ARB": [("ARB", "MAR", "CYB-904"), ("ARB", None, "CYB-905")],
        "AMS": [],
    }),
    "drills_by_region": ("region drills claim", {
        "ALL": [("ARB", 2, "2"), ("AFR", 1, "1"), ("CIS", 1, "1"), ("AMS", 0, "0"),
                ("ASP", 0, "0"), ("EUR", 0, "0")],
        "CIS": [("CIS", 1, "1")],
        "EUR": [],
    }),
    # An estimate is no count of people reached.
    "women_reached": ("activity_id claim measure span window_start", {
        "ALL": [("CYB-908", "30", "people_trained", "single count", "2022"),
                ("CYB-904", "at least 9", "people_participating", "single count", None)],
        "ARB": [],
    }),
    "children_reached": ("claim span", {
        "AFR": [("500", "running total"), ("70", "single count")],
        "AMS": [],
    }),
    "women_and_children": ("claim", {
        "ALL": [("30",), ("at least 9",), ("500",), ("70",)],
        "EUR": [],
    }),
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "region"), [(name, region) for name in FRAMES for region in FRAMES[name][1]]
)
def test_frame(question, region, of):
    columns, expected = FRAMES[question]
    rows = ask(question)(of(region))
    assert listed(rows, *columns.split()) == expected[region]


CLAIMS = {
    # Bermuda, Barbados, Morocco, Rwanda, Kenya; all but Bermuda have two services.
    "countries_served": {"ALL": "5", "AMS": "2", "EUR": "0"},
    "several_services": {"ALL": "4 of 5", "AMS": "1 of 2", "EUR": "none reported"},
    "drill_count": {"ALL": "2", "ARB": "2", "AFR": "1", "EUR": "0"},
    "drills_to_date": {"ALL": "at least 40", "AFR": "not stated"},
    "drills_counted": {"ALL": "3", "AFR": "not stated"},
    "drills_listed": {"ALL": "1", "AFR": "not stated"},
    # Neither the running total nor the girls, who are told among women.
    "children_trained": {"ALL": "70", "AMS": "not stated"},
    "stating_women": {"ALL": "1 of 2", "AMS": "none reported"},
    "stating_children": {"ALL": "1 of 1", "EUR": "none reported"},
}


@pytest.mark.parametrize(
    ("question", "region"), [(name, region) for name in CLAIMS for region in CLAIMS[name]]
)
def test_claim(question, region, of, small):
    claim = getattr(services if hasattr(services, question) else cybersecurity, question)(
        of(region)
    )
    assert claim.text(language("en")) == CLAIMS[question][region]
    assert claim.measure in set(small.reference["measures"]["measure"])
    assert claim.scope[:2] == (f"region={region}", "theme=CYB")


def test_claims_name_the_countries_and_activities_behind_them(of):
    claim = services.several_services(of("ALL"))
    assert claim.place == ("BRB", "KEN", "MAR", "RWA")
    assert set(claim.activities) == {"CYB-901", "CYB-902", "CYB-903", "CYB-904", "CYB-908"}
    assert cybersecurity.drills_listed(of("ALL")).activities == ("CYB-904",)


def real(region="ALL"):
    return measures.restrict(measures.edition("2022-12", region), area="CYB")


def test_real_activities_all_have_a_topic_of_the_theme():
    topics = {row["topic"] for row in raw("topics") if row["theme"] == "CYB"}
    tags = [row for row in raw("activity_tags") if row["tag"] in topics]
    own = {row["activity_id"] for row in raw("activities") if row["theme"] == "CYB"}
    assert {row["activity_id"] for row in tags} == own
    assert {row["tag"] for row in tags} == topics
    assert {(row["vocabulary"], row["basis"]) for row in tags} == {("topic", "judged")}


def test_real_ladder_is_what_the_tables_link():
    reached = ("beneficiary", "participant", "member")
    topics: dict[str, set[str]] = {}
    for row in raw("activity_tags"):
        if row["tag"].startswith("cyb-"):
            topics.setdefault(row["activity_id"], set()).add(row["tag"])
    pairs = {
        (row["iso3"], topic)
        for row in raw("activity_countries")
        if row["role"] in reached
        for topic in topics.get(row["activity_id"], ())
    }
    rows = services.by_country(real())
    assert set(zip(rows["iso3"], rows["topic"], strict=True)) == pairs
    assert len(rows) == len(pairs)
    homes = {row["iso3"]: row["region"] for row in raw("countries")}
    for region in REGIONS:
        rows = services.by_country(real(region))
        own = {pair for pair in pairs if homes[pair[0]] == region}
        assert set(zip(rows["iso3"], rows["topic"], strict=True)) == own


def test_real_drills():
    told = {row["activity_id"] for row in raw("activities")
            if row["theme"] == "CYB" and row["type"] == "drill"}  # fmt: skip
    assert set(cybersecurity.drill_count(real()).activities) == told
    bars = cybersecurity.drills_by_region(real()).set_index("region")["drills"].to_dict()
    rows = cybersecurity.drills(real())
    assert set(rows["activity_id"]) == told
    for region in REGIONS:
        assert rows.loc[rows["region"] == region, "activity_id"].nunique() == bars[region]


def test_real_people_are_the_stated_ones():
    theirs = {
        row["figure_id"]: row for row in raw("figures") if row["activity_id"].startswith("CYB-")
    }
    for question, populations in (
        (cybersecurity.women_reached, {"women", "girls"}),
        (cybersecurity.children_reached, {"children", "school_students"}),
    ):
        wanted = {key for key, row in theirs.items() if row["population"] in populations}
        got = [name for claim in question(real())["claim"] for name in claim.figures]
        assert sorted(got) == sorted(wanted)
    children = cybersecurity.children_trained(real())
    figures = [theirs[name] for name in children.figures]
    assert {row["cumulative"] for row in figures} == {"false"}
    assert children.high == sum(float(row["value"]) for row in figures)
