"""Country profiles: small frames worked out by hand, and the real edition counted anew."""

import csv
import statistics
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml
from small import frame, listed, parts

from baaplib import measures
from baaplib.i18n import language
from baaplib.measures import country_profile

ROOT = Path(__file__).parent.parent
EDITION = "2022-12"
RAW = ROOT / "data" / "editions" / EDITION
REACHING = {"beneficiary", "participant", "member"}

ACTIVITIES = """
    activity_id component      theme region also_regions status    title paragraphs
    CYB-901     theme          CYB   CIS    -            completed A     1
    CYB-902     theme          CYB   -      -            completed B     2
    CYB-903     theme          CYB   CIS    -            ongoing   C     3
    INC-901     theme          INC   CIS    -            completed D     4
    INC-902     theme          INC   AFR    CIS          completed E     5
    INC-903     theme          INC   ARB    CIS;AFR      completed F     6
    INC-904     theme          INC   CIS    -            pending   G     7
    ENV-901     theme          ENV   CIS    -            completed H     8
    ENV-902     theme          ENV   -      -            completed I     9
    STG-901     study_groups   -     -      -            completed J     10
    UNC-901     un_cooperation -     -      -            completed K     11
"""
# Similar to Kazakhstan are the other landlocked developing countries of the CIS region: Armenia,
# Azerbaijan, Kyrgyzstan, Tajikistan, Turkmenistan and Uzbekistan.
COUNTRIES = """
    activity_id iso3 role
    CYB-901     KAZ  beneficiary
    CYB-901     KGZ  participant
    CYB-902     KGZ  beneficiary
    CYB-902     TJK  beneficiary
    CYB-902     UZB  beneficiary
    CYB-903     KGZ  beneficiary
    CYB-903     KGZ  member
    INC-902     RWA  beneficiary
    INC-903     KAZ  beneficiary
    INC-904     KAZ  beneficiary
    INC-904     UZB  beneficiary
    ENV-901     RUS  beneficiary
    ENV-902     UZB  beneficiary
    STG-901     KAZ  participant
    STG-901     KAZ  venue
    UNC-901     KAZ  venue
    UNC-901     DEU  origin
"""
TAGS = """
    activity_id vocabulary tag
    CYB-901     topic      cyb-readiness
    CYB-902     topic      cyb-drill
    CYB-903     topic      cyb-strategy
    ENV-902     topic      env-policy
    ENV-901     topic      env-training
    INC-903     topic      inc-lang-ar
    INC-904     topic      inc-youth
    CYB-902     sdg        9
"""
PARTNERS = """
    activity_id partner role
    CYB-901     kaz-x   co_organiser
    CYB-901     cisco   funder
    CYB-901     cisco   host
    INC-903     cisco   prospective
    ENV-902     kaz-x   host
    CYB-903     kaz-x   prospective
"""
FIGURES = """
    figure_id activity_id measure        value place   place_role
    F001-1    CYB-901     people_trained 10    KAZ     origin
    F001-2    CYB-901     people_trained 20    KAZ;KGZ origin
    F006-1    INC-903     people_trained 30    KAZ     venue
    F010-1    STG-901     people_trained 40    -       origin
"""


@pytest.fixture(scope="module")
def whole():
    """Return a small edition; its countries, groups, regions, topics and measures are real."""
    activities = frame(ACTIVITIES)
    activities = activities.assign(
        title_en=activities["title"], title_zh=activities["title"], start=None, end=None,
        type="project", also_regions=activities["also_regions"].map(parts),
        paragraphs=[tuple(map(int, parts(cell))) for cell in activities["paragraphs"]],
    )  # fmt: skip
    figures = frame(FIGURES)
    figures = figures.assign(
        value=figures["value"].astype(float), place=figures["place"].map(parts), bound="exact",
        cumulative=False, paragraph=1, population=None, window_start="2022", window_end="2022",
        part_of=None, occasions=pd.NA,
    )  # fmt: skip
    real = measures.edition(EDITION)
    partners = pd.DataFrame({"partner": ["kaz-x", "cisco"], "iso3": ["KAZ", "USA"]})
    return replace(
        real, activities=activities, every=activities, countries=frame(COUNTRIES),
        tags=frame(TAGS), figures=figures, stated=figures, partners=frame(PARTNERS),
        findings=real.findings.head(0), reference=real.reference | {"partners": partners},
    )  # fmt: skip


@pytest.fixture
def data(whole):
    return measures.restrict(whole, country="KAZ")


def test_a_country_holds_what_reaches_it_and_the_figures_of_it_alone(data):
    assert list(data.activities["activity_id"]) == ["CYB-901", "INC-903", "INC-904", "STG-901"]
    assert list(data.figures["figure_id"]) == ["F001-1"]
    assert len(data.stated) == 4
    assert (data.country, data.region) == ("KAZ", "CIS")
    claim = measures.activity_count(data)
    assert (claim.low, claim.scope) == (3, ("country=KAZ",))
    within = measures.restrict(data, area="CYB")
    assert list(within.activities["activity_id"]) == ["CYB-901"]
    assert measures.activity_count(within).scope == ("country=KAZ", "theme=CYB")
    assert list(measures.coverage(data)["iso3"]) == ["KAZ"]


@pytest.mark.parametrize(
    ("country", "codes"),
    [
        ("KAZ", ["ARM", "AZE", "KGZ", "TJK", "TKM", "UZB"]),
        # Of the region only Cabo Verde and Mauritius are in the island group alone: too few, so
        # with those that are least developed besides.
        ("SYC", ["CPV", "GNB", "MUS", "STP"]),
        # Only Belarus is in no group, as Russia is, and no group is shared: so all of the region.
        ("RUS", ["ARM", "AZE", "BLR", "KAZ", "KGZ", "TJK", "TKM", "UZB"]),
    ],
)
def test_similar_countries(whole, country, codes):
    assert country_profile.similar(whole, country) == codes
    claim = country_profile.similar_count(whole, country)
    assert (claim.low, claim.place, claim.scope) == (
        len(codes), tuple(codes), (f"country={country}",),
    )  # fmt: skip


def test_areas(whole, data):
    claim = country_profile.areas_reported(data)
    assert (claim.low, claim.whole, claim.activities) == (2, 11, ("CYB-901", "INC-903"))
    silent = measures.silent_areas(data)
    assert len(silent) == 9
    assert not {"CYB", "INC"} & set(silent)
    # Cybersecurity in the similar ones: none, none, none, one, one, three. The placeholder of
    # digital inclusion counts nowhere, and Russia, in two groups fewer, is not similar.
    rows = country_profile.by_area(whole, "KAZ")
    numbers = ["value", "fewest", "middle", "top"]
    assert listed(rows, "area", *numbers, "here", "median", "most") == [
        ("CYB", 1, 0, 0.5, 3, "1", "0.5", "3"),
        ("INC", 1, 0, 0, 0, "1", None, None),
        ("ENV", 0, 0, 0, 1, None, None, "1"),
        ("study_groups", 1, 0, 0, 0, "1", None, None),
    ]
    assert rows["here"][0].scope == ("country=KAZ", "theme=CYB")
    assert rows["here"][3].scope == ("country=KAZ", "component=study_groups")
    assert set(rows["most"][0].activities) == {"CYB-901", "CYB-902", "CYB-903"}


def test_topics_that_similar_countries_got_come_first(whole):
    rows = country_profile.topics(whole, "KAZ")
    assert listed(rows, "topic", "area", "reported", "iso3", "behind") == [
        ("cyb-drill", "CYB", None, ("KGZ", "TJK", "UZB"), ("CYB-902",)),
        ("cyb-strategy", "CYB", None, ("KGZ",), ("CYB-903",)),
        ("env-policy", "ENV", None, ("UZB",), ("ENV-902",)),
        ("cyb-readiness", "CYB", "reported", ("KGZ",), ("CYB-901",)),
    ]
    claim = country_profile.topics_missing(whole, "KAZ")
    assert (claim.low, claim.whole) == (3, 4)
    assert claim.activities == ("CYB-902", "CYB-903", "ENV-902")
    # Of Russia's own topic no similar country knows.
    assert country_profile.topics_missing(whole, "RUS").whole == 4


def test_partners_and_numbers(data):
    # The placeholder names nobody; a possible future partner is none.
    rows = country_profile.partners(data)
    assert listed(rows, "activity_id", "partner") == [("CYB-901", ("cisco", "kaz-x"))]
    assert listed(country_profile.stated(data), "activity_id", "claim") == [("CYB-901", "10")]


def test_named_without_being_reached(whole):
    """A venue that is also reached is reached; so is the home of a partner in the same activity."""
    rows = country_profile.named(whole, "KAZ")
    assert listed(rows, "role", "partner", "activity_id") == [
        ("venue", None, "UNC-901"), ("home of a partner", "kaz-x", "ENV-902"),
    ]  # fmt: skip
    assert country_profile.named_count(whole, "KAZ").low == 2
    assert listed(country_profile.named(whole, "DEU"), "role") == [("origin",)]
    assert country_profile.named(whole, "ARM").empty


def test_for_the_region_as_a_whole(whole):
    rows = country_profile.for_the_region(whole, "KAZ")
    # One names no country, one names the region besides its own; a third reaches Kazakhstan.
    assert listed(rows, "area", "title_en", "title_zh", "behind") == [
        ("INC", "D; E", "D；E", ("INC-901", "INC-902"))
    ]
    claim = country_profile.for_the_region_count(whole, "UZB")
    assert (claim.low, claim.scope) == (3, ("country=UZB",))


def test_a_country_that_nothing_reaches(whole):
    data = measures.restrict(whole, country="ARM")
    assert data.activities.empty
    assert data.figures.empty
    assert measures.activity_count(data).low == country_profile.areas_reported(data).low == 0
    assert country_profile.partners(data).empty
    assert country_profile.stated(data).empty


def test_a_territory_without_region_has_nothing_beside_it(whole):
    countries = whole.reference["countries"]
    alone = countries.assign(region=countries["region"].astype(object).where(
        countries["iso3"] != "BMU"))  # fmt: skip
    lost = replace(whole, reference=whole.reference | {"countries": alone})
    assert measures.restrict(lost, country="BMU").region == "ALL"
    assert country_profile.similar(lost, "BMU") == []
    for function in ("by_area", "topics", "named", "for_the_region"):
        assert getattr(country_profile, function)(lost, "BMU").empty
    assert country_profile.topics_missing(lost, "BMU").text(language("en")) == "none reported"


# The real edition, counted anew from its files


def raw(name, folder=RAW):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reached():
    """Return the activities that reach each country."""
    pending = {row["activity_id"] for row in raw("activities") if row["status"] == "pending"}
    found = {}
    for row in raw("activity_countries"):
        if row["role"] in REACHING and row["activity_id"] not in pending:
            found.setdefault(row["iso3"], set()).add(row["activity_id"])
    return found


def test_the_batch_holds_every_country_that_an_activity_names():
    batch = yaml.safe_load((ROOT / "notebooks" / "batch.yml").read_text(encoding="utf-8"))
    profile = batch["reports"]["country-profile"]
    named = {row["iso3"] for row in raw("activity_countries")}
    assert profile["over"]["country"] == sorted(named)


def test_activities_of_each_country_are_among_those_of_its_region_and_of_all():
    whole, behind = measures.edition(EDITION), reached()
    everywhere = set(measures.activity_count(whole).activities)
    regions = {code: measures.restrict(whole, code) for code in whole.members}
    inside = {code: set(measures.activity_count(own).activities) for code, own in regions.items()}
    for country in sorted(behind):
        own = set(measures.activity_count(measures.restrict(whole, country=country)).activities)
        assert own == behind[country]
        assert own <= everywhere
        region = measures.region_of(country, whole)
        # A territory is no member of its region.
        assert country not in whole.members[region] or own <= inside[region]


def test_the_headlines_of_kenya():
    whole = measures.edition(EDITION)
    data = measures.edition(EDITION, country="KEN")
    own = reached()["KEN"]
    themes = {row["activity_id"]: row["theme"] for row in raw("activities")}
    partners = {
        row["partner"] for row in raw("activity_partners")
        if row["activity_id"] in own and row["role"] != "prospective"
    }  # fmt: skip
    assert measures.activity_count(data).low == len(own) == 7
    areas = country_profile.areas_reported(data)
    assert areas.low == len({themes[name] for name in own} - {""}) == 4
    assert measures.partner_count(data).low == len(partners) == 10
    # Beside it: the countries of Africa that are in no group.
    grouped = {row["iso3"] for row in raw("country_groups", ROOT / "data" / "reference")}
    others = {
        row["iso3"] for row in raw("countries", ROOT / "data" / "reference")
        if row["region"] == "AFR" and row["membership"] != "territory"
    } - grouped - {"KEN"}  # fmt: skip
    assert country_profile.similar(whole, "KEN") == sorted(others)
    topics = {}
    for row in raw("activity_tags"):
        if row["vocabulary"] == "topic":
            topics.setdefault(row["activity_id"], set()).add(row["tag"])
    got = {
        code: {topic for name in reached().get(code, ()) for topic in topics.get(name, ())}
        for code in (*others, "KEN")
    }
    theirs = {topic for code in others for topic in got[code]}
    # No language or product is among them.
    assert not [topic for topic in theirs if topic.startswith(("inc-lang", "inc-product"))]
    missing = country_profile.topics_missing(whole, "KEN")
    assert (missing.low, missing.whole) == (len(theirs - got["KEN"]), len(theirs))
    rows = country_profile.by_area(whole, "KEN").set_index("area")
    counts = [sum(themes[name] == "ENV" for name in reached().get(code, ())) for code in others]
    assert rows.loc["ENV", ["value", "middle", "top"]].tolist() == [
        2, statistics.median(counts), max(counts),
    ]  # fmt: skip
