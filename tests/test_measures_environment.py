"""Measures of the environment: a small edition worked out by hand, the real one counted anew."""

import pandas as pd
import pytest
from small import raw, written
from test_measures import SMALL, listed, write

from baaplib import measures
from baaplib.measures import environment

TABLES = {
    **SMALL,
    "topics": """
        topic                 theme name_en name_zh
        env-policy            ENV   Policy  Policy
        env-regulation        ENV   Rules   Rules
        env-statistics        ENV   Numbers Numbers
        env-national-monitors ENV   Nation  Nation
        env-regional-monitors ENV   Region  Region
        env-training          ENV   Teach   Teach
        env-companies         ENV   Firms   Firms
    """,
    "activities": """
        activity_id theme region also_regions type      status    start   paragraphs
        ENV-001     ENV   -      -            plan        ongoing   -       1
        ENV-002     ENV   AFR    -            assistance  ongoing   -       2
        ENV-003     ENV   AMS    -            publication completed -       3
        ENV-004     ENV   -      CIS          publication ongoing   -       3
        ENV-005     ENV   -      -            publication completed -       4
        ENV-006     ENV   -      -            training    completed -       5
        ENV-007     ENV   EUR    -            training    completed 2022    6
        ENV-008     ENV   -      -            publication completed 2022-06 7
        ENV-009     ENV   -      -            platform    ongoing   -       8
        ENV-010     ENV   -      -            plan        pending   -       9
        ENV-011     ENV   EUR    -            project     ongoing   -       6
    """,
    "activity_countries": """
        activity_id iso3 role
        ENV-001     GHA  beneficiary
        ENV-001     KEN  beneficiary
        ENV-001     FRA  donor
        ENV-004     KGZ  beneficiary
        ENV-004     DEU  beneficiary
        ENV-005     GHA  beneficiary
        ENV-005     FJI  beneficiary
        ENV-007     DEU  beneficiary
        ENV-007     FRA  venue
        ENV-010     SOM  beneficiary
        ENV-011     DEU  beneficiary
    """,
    "activity_partners": "activity_id partner role",
    "activity_tags": """
        activity_id vocabulary tag
        ENV-001     topic      env-policy
        ENV-001     sdg        12
        ENV-002     topic      env-policy
        ENV-002     topic      env-regulation
        ENV-003     topic      env-regional-monitors
        ENV-004     topic      env-regional-monitors
        ENV-005     topic      env-national-monitors
        ENV-006     topic      env-training
        ENV-007     topic      env-training
        ENV-008     topic      env-companies
        ENV-009     topic      env-companies
        ENV-010     topic      env-policy
        ENV-011     topic      env-regulation
        ENV-011     topic      env-policy
    """,
    "figures": """
        figure_id activity_id measure        value bound    population   place place_role
        F001-1    ENV-001     countries      2     exact    -            GHA;KEN origin
        F002-1    ENV-002     countries      8     exact    -            AFR   origin
        F006-1    ENV-006     people_trained 250   at_least -            -     -
        F007-1    ENV-007     people_trained 20    exact    coordinators DEU   origin
        F008-1    ENV-008     companies      150   exact    -            -     -
        F009-1    ENV-009     indicators     5     exact    -            -     -
    """,
    "findings": """
        finding_id severity paragraphs
        X001-1     low      1;2;3;4;5;6
    """,
}  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Return the small edition of all regions."""
    return written(tmp_path_factory, write, TABLES)


@pytest.fixture
def of(small):
    return lambda region: measures.restrict(small, region, "ENV")


CLAIMS = {
    # In words, by question and region. Of the small world: eight countries, three in Africa.
    "ewaste_countries": {
        # GHA and KEN policy, KGZ and DEU a monitor, FJI its own monitor; no venue, no donor.
        "ALL": "5 of 8",
        "AFR": "2 of 3", "AMS": "0 of 1", "CIS": "1 of 1", "EUR": "1 of 2",
    },
    "rules_countries": {"ALL": "3 of 8", "AFR": "2 of 3", "CIS": "0 of 1", "EUR": "1 of 2"},
    # Two of the countries that are counted are named, the eight are not.
    "countries_unnamed": {"ALL": "8", "AFR": "8", "EUR": "0"},
    # The national one of GHA and that of FJI are two; those of AMS and CIS are regional.
    "monitors_completed": {
        "ALL": "3 of 4", "AFR": "1 of 1", "AMS": "1 of 1", "CIS": "0 of 1", "EUR": "0 of 1",
        "ASP": "1 of 1",
    },
    "companies": {"ALL": "150", "AFR": "not stated"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "region"), [(name, region) for name in CLAIMS for region in CLAIMS[name]]
)
def test_claim(question, region, of, small):
    claim = getattr(environment, question)(of(region))
    frame = pd.DataFrame({"claim": pd.Series([claim], dtype=object)})
    assert listed(frame, "claim") == [(CLAIMS[question][region],)]
    assert claim.measure in set(small.reference["measures"]["measure"])
    assert claim.scope == (f"region={region}", "theme=ENV")


FRAMES = {
    # Most activities first; the placeholder is none; two topics of one activity count in both.
    "topics_by_status": ("topic status activities claim", {
        "ALL": [("env-policy", "ongoing", 3, "3"), ("env-companies", "completed", 1, "1"),
                ("env-companies", "ongoing", 1, "1"),
                ("env-regional-monitors", "completed", 1, "1"),
                ("env-regional-monitors", "ongoing", 1, "1"), ("env-regulation", "ongoing", 2, "2"),
                ("env-training", "completed", 2, "2"),
                ("env-national-monitors", "completed", 1, "1")],
        "CIS": [("env-regional-monitors", "ongoing", 1, "1")],
    }),
    # In the order of the services; a region shows its own countries only.
    "services": ("iso3 region topic behind", {
        "ALL": [("GHA", "AFR", "env-policy", ("ENV-001",)),
                ("KEN", "AFR", "env-policy", ("ENV-001",)),
                ("DEU", "EUR", "env-policy", ("ENV-011",)),
                ("DEU", "EUR", "env-regulation", ("ENV-011",)),
                ("GHA", "AFR", "env-national-monitors", ("ENV-005",)),
                ("FJI", "ASP", "env-national-monitors", ("ENV-005",)),
                ("KGZ", "CIS", "env-regional-monitors", ("ENV-004",)),
                ("DEU", "EUR", "env-regional-monitors", ("ENV-004",)),
                ("DEU", "EUR", "env-training", ("ENV-007",))],
        "CIS": [("KGZ", "CIS", "env-regional-monitors", ("ENV-004",))],
        "AMS": [],
    }),
    # The countries that are named are counted here, those that are not by the source.
    "rules": ("topic activity_id countries status", {
        "AFR": [("env-policy", "ENV-001", "2", "ongoing"),
                ("env-policy", "ENV-002", "8", "ongoing"),
                ("env-regulation", "ENV-002", "8", "ongoing")],
        "EUR": [("env-policy", "ENV-011", "1", "ongoing"),
                ("env-regulation", "ENV-011", "1", "ongoing")],
        "AMS": [],
    }),
    # A regional monitor is one row, a national one a row for each country.
    "monitors": ("activity_id topic iso3 region status", {
        "ALL": [("ENV-003", "env-regional-monitors", None, "AMS", "completed"),
                ("ENV-004", "env-regional-monitors", None, "CIS", "ongoing"),
                ("ENV-005", "env-national-monitors", "FJI", "ASP", "completed"),
                ("ENV-005", "env-national-monitors", "GHA", "AFR", "completed")],
        "AFR": [("ENV-005", "env-national-monitors", "GHA", "AFR", "completed")],
    }),
    "company_work": ("activity_id claim measure start", {
        "ALL": [("ENV-008", "150", "companies", "2022-06"),
                ("ENV-009", "5", "indicators", None)],
        "AFR": [],
    }),
    "training": ("activity_id claim population start", {
        "ALL": [("ENV-006", "at least 250", None, None), ("ENV-007", "20", "coordinators", "2022")],
        "EUR": [("ENV-007", "20", "coordinators", "2022")],
        "AFR": [],
    }),
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "region"), [(name, region) for name in FRAMES for region in FRAMES[name][1]]
)
def test_frame(question, region, of):
    columns, expected = FRAMES[question]
    frame = getattr(environment, question)(of(region))
    assert listed(frame, *columns.split()) == expected[region]


def test_countries_of_a_claim_are_backed_by_their_activities(of):
    """A country is behind the claim through work on e-waste only, not through a placeholder."""
    claim = environment.ewaste_countries(of("ALL"))
    assert sorted(claim.activities) == ["ENV-001", "ENV-004", "ENV-005", "ENV-007", "ENV-011"]
    assert environment.countries_unnamed(of("AFR")).figures == ("F002-1",)


def test_a_count_by_topic_says_its_topic(of):
    claims = environment.topics_by_status(of("CIS"))["claim"]
    assert [claim.scope for claim in claims] == [
        ("region=CIS", "theme=ENV", "topic=env-regional-monitors", "status=ongoing")
    ]


@pytest.fixture(scope="module")
def real():
    return measures.restrict(measures.edition("2022-12"), area="ENV")


def test_every_activity_of_the_theme_has_a_topic_of_the_theme(real):
    topics = {row["topic"] for row in raw("topics") if row["theme"] == "ENV"}
    tagged = {row["activity_id"]: row for row in raw("activity_tags") if row["tag"] in topics}
    assert {row["vocabulary"] for row in tagged.values()} == {"topic"}
    assert set(tagged) == {row["activity_id"] for row in raw("activities") if row["theme"] == "ENV"}
    shown = environment.topics_by_status(real)["claim"]
    assert {name for claim in shown for name in claim.activities} == set(tagged)


def test_named_countries_are_those_of_the_tables(real):
    """Counted anew: each country that an activity with a service on e-waste reaches."""
    tags = {
        row["activity_id"] for row in raw("activity_tags") if row["tag"] in environment.SERVICES
    }
    reached = {
        row["iso3"] for row in raw("activity_countries")
        if row["activity_id"] in tags and row["role"] in measures.REACHING
    }  # fmt: skip
    assert set(environment.services(real)["iso3"]) == reached
    claim = environment.ewaste_countries(real)
    assert (claim.low, claim.whole) == (len(reached), len(measures.coverage(real)))


def test_monitors_of_the_source(real):
    """Paragraphs 254 and 272 tell four regional monitors, 255 one for each of three countries."""
    frame = environment.monitors(real)
    paragraphs = [number for numbers in frame["paragraphs"] for number in numbers]
    assert paragraphs == [254, 254, 254, 272, 255, 255, 255]
    claim = environment.monitors_completed(real)
    assert (claim.low, claim.whole) == (6, 7)


def test_people_and_companies_of_the_source(real):
    """Over 250 on the course, over 20 coordinators; the report covers 150 companies."""
    assert listed(environment.training(real).dropna(subset="claim"), "activity_id", "claim") == [
        ("ENV-014", "at least 250"), ("ENV-026", "at least 20"),
    ]  # fmt: skip
    assert environment.companies(real).low == 150
    assert environment.countries_unnamed(real).figures == ("F268-1",)
