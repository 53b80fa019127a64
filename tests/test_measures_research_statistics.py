"""Research and statistics: small frames worked out by hand, and the real edition counted anew."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from small import frame, listed, raw

from baaplib import measures
from baaplib.i18n import language
from baaplib.measures import research_statistics as statistics

DATA = Path(__file__).parent.parent / "data"
AREAS = ("RES", "STA")

# Of a day, of a month still going on, of a year, of no date, pending; the rest are no products.
ACTIVITIES = """
    activity_id theme type        status    in_period start      end     paragraphs
    RES-901     RES   publication completed yes       2022-06-01 -       1
    RES-902     RES   publication completed partly    2022       -       2
    RES-903     RES   publication planned   unknown   -          -       3
    RES-904     RES   publication pending   yes       2022-07    -       4
    RES-905     RES   plan        completed no        2022-04    -       4
    STA-901     STA   platform    ongoing   partly    2022-04    -       5
    STA-902     STA   meeting     completed yes       2022-10    -       6
    STA-903     STA   meeting     completed yes       2022-05    -       6
    STA-904     STA   assistance  completed partly    2022       2022    7
    STA-905     STA   workshop    completed yes       2022-11-02 -       8
    STA-906     STA   training    pending   yes       2022-11-03 -       8
    ENV-901     ENV   assistance  ongoing   unknown   -          -       9
    ENV-902     ENV   project     completed unknown   -          -       9
    ENV-903     ENV   publication completed unknown   -          2023    9
"""
# Armenia is of CIS; Bermuda is a territory; Kenya of AFR; a venue is not helped.
COUNTRIES = """
    activity_id iso3 role
    STA-902     ROU  venue
    STA-904     KEN  beneficiary
    STA-904     ARM  beneficiary
    STA-904     BMU  beneficiary
    STA-904     CHE  venue
    ENV-901     KEN  beneficiary
    ENV-902     KEN  beneficiary
    ENV-902     RWA  beneficiary
    ENV-903     UGA  beneficiary
"""
TAGS = """
    activity_id vocabulary tag
    RES-901     topic      res-connectivity
    RES-902     topic      res-affordability
    RES-903     topic      res-connectivity
    RES-903     sdg        9
    RES-904     topic      res-connectivity
    RES-905     topic      res-connectivity
    STA-901     topic      res-connectivity
    STA-901     topic      sta-trust
    STA-904     topic      sta-national
    ENV-901     topic      env-statistics
    ENV-902     topic      env-statistics
    ENV-903     topic      env-national-monitors
"""
FIGURES = """
    figure_id activity_id measure    value bound
    F901-1    RES-901     indicators 30    exact
    F901-2    RES-901     countries  12    about
    F902-1    STA-901     indicators 200   at_least
    F903-1    STA-902     countries  90    exact
"""


def dated(text):
    """Return the day of an edge of a date and how precisely it is stated, as tables do."""
    precision = {4: "year", 7: "month", 10: "day"}
    return pd.to_datetime(text, format="ISO8601"), text.map(
        lambda cell: precision[len(cell)], na_action="ignore"
    )


@pytest.fixture(scope="module")
def small():
    """Return a small edition; its countries, regions, topics and measures are the real ones."""
    rows = frame(ACTIVITIES)
    for edge in ("start", "end"):
        rows[f"{edge}_day"], rows[f"{edge}_precision"] = dated(rows[edge])
    rows = rows.assign(
        component="theme", region=None, title_en="T", title_zh="T",
        also_regions=[()] * len(rows), paragraphs=[(int(cell),) for cell in rows["paragraphs"]],
    )  # fmt: skip
    figures = frame(FIGURES)
    figures = figures.assign(
        value=figures["value"].astype(float), cumulative=False, place=[()] * len(figures),
        place_role=None, population=None, window_start=None, window_end=None,
    )  # fmt: skip
    real = measures.edition("2022-12")
    return replace(
        real, activities=rows, every=rows, countries=frame(COUNTRIES), tags=frame(TAGS),
        figures=figures, stated=figures, partners=real.partners.head(0),
    )  # fmt: skip


@pytest.fixture
def of(small):
    return lambda region="ALL", area=AREAS: measures.restrict(small, region, area)


def text(claim):
    return claim.text(language("en"))


def test_products_stand_in_order_of_time_with_each_number(of):
    rows = statistics.products(of())
    assert listed(rows, "activity_id", "topic", "measure", "claim") == [
        ("STA-901", ("res-connectivity", "sta-trust"), "indicators", "at least 200"),
        ("RES-901", ("res-connectivity",), "indicators", "30"),
        ("RES-901", ("res-connectivity",), "countries", "about 12"),
        ("RES-902", ("res-affordability",), None, None),
        ("RES-903", ("res-connectivity",), None, None),
    ]


def test_products_are_counted_once_however_many_numbers_they_state(of):
    assert text(statistics.products_in_period(of())) == "1 of 4"
    assert text(statistics.products_stating(of())) == "2 of 4"
    assert text(statistics.products_stating(of(), "indicators")) == "2 of 4"
    assert text(statistics.products_stating(of(), "countries")) == "1 of 4"
    assert statistics.products_stating(of(), "countries").scope[-1] == "measure=countries"
    assert text(statistics.products_stating(of(area="STA"), "countries")) == "0 of 1"


def test_subjects_are_those_of_products_alone(of):
    # Of four with connectivity one is a placeholder and one a plan; the data tool is of STA.
    assert listed(statistics.subjects(of()), "topic", "activities", "claim") == [
        ("res-connectivity", 3, "3"), ("res-affordability", 1, "1"), ("sta-trust", 1, "1"),
    ]  # fmt: skip
    assert statistics.subjects(of("AFR")).empty


def test_loosely_dated_is_what_no_timeline_holds(of):
    rows = statistics.loosely_dated(of())
    assert rows["activity_id"].tolist() == ["RES-902", "STA-904", "RES-903"]
    assert text(statistics.undated(of())) == "1 of 9"
    assert statistics.undated(of()).activities == ("RES-903",)
    # An end alone is a date.
    assert text(statistics.undated(of(area="ENV"))) == "2 of 3"


def test_help_names_the_countries_of_the_region(of):
    both = (*AREAS, "ENV")
    rows = statistics.help_given(of(area=both))
    assert listed(rows, "activity_id", "topic", "iso3") == [
        ("STA-904", "sta-national", ("ARM", "BMU", "KEN")),
        ("ENV-901", "env-statistics", ("KEN",)),
        ("ENV-902", "env-statistics", ("KEN", "RWA")),
    ]
    assert listed(statistics.help_given(of("CIS", both)), "activity_id", "iso3") == [
        ("STA-904", ("ARM",))
    ]
    assert listed(statistics.helped(of(area=both)), "iso3", "topic") == [
        ("ARM", "sta-national"), ("BMU", "sta-national"), ("KEN", "sta-national"),
        ("KEN", "env-statistics"), ("RWA", "env-statistics"),
    ]  # fmt: skip
    assert statistics.helped(of("EUR", both)).empty


def test_countries_helped_are_member_countries_each_once(of):
    claim = statistics.countries_helped(of("AFR", "ENV"), "env-statistics")
    assert (claim.low, claim.place) == (2, ("KEN", "RWA"))
    assert claim.activities == ("ENV-901", "ENV-902")
    # Bermuda is a territory of the Americas.
    assert statistics.countries_helped(of(), "sta-national").place == ("ARM", "KEN")
    assert statistics.countries_helped(of("AMS"), "sta-national").high == 0
    assert statistics.countries_helped(of("ARB"), "env-statistics").activities == ()


def test_meetings_with_their_venue_and_trainings(of):
    rows = statistics.meetings(of())
    assert listed(rows, "activity_id", "venue") == [("STA-903", None), ("STA-902", "ROU")]
    assert text(statistics.trainings(of())) == "1"
    assert text(statistics.trainings(of(area="RES"))) == "0"


def test_publications_by_how_closely_they_are_dated(of):
    every = of(area=())
    assert text(statistics.publications_dated(every)) == "1 of 4"
    assert text(statistics.publications_dated(of())) == "1 of 3"
    rows = statistics.publications_by_date(every)
    assert listed(rows, "area", "precision", "activities", "claim") == [
        ("RES", "day or month", 1, "1"), ("RES", "year only", 1, "1"), ("RES", "no date", 1, "1"),
        ("ENV", "year only", 1, "1"),
    ]  # fmt: skip
    scope = ("region=ALL", "theme=ENV", "type=publication", "precision=year only")
    assert rows["claim"].iloc[-1].scope == scope


def test_every_measure_has_a_card(of, small):
    data = of(area=(*AREAS, "ENV"))
    found = [
        statistics.products_in_period(data), statistics.products_stating(data),
        statistics.undated(data), statistics.trainings(data), statistics.publications_dated(data),
        *(statistics.countries_helped(data, topic) for topic in statistics.HELP),
        *statistics.subjects(data)["claim"],
    ]  # fmt: skip
    assert {claim.measure for claim in found} <= set(small.reference["measures"]["measure"])


def own():
    """Return the raw rows of the area's activities."""
    return [row for row in raw("activities") if row["theme"] in AREAS]


def real(region="ALL", area=AREAS):
    return measures.restrict(measures.edition("2022-12", region), area=area)


def closely(row):
    return len(row["start"]) > 4 or len(row["end"]) > 4


def test_real_activities_all_have_a_topic_of_their_theme():
    topics = {row["topic"]: row["theme"] for row in raw("topics") if row["theme"] in AREAS}
    tags = [row for row in raw("activity_tags") if row["tag"] in topics]
    assert {row["tag"] for row in tags} == set(topics)
    assert {(row["vocabulary"], row["basis"]) for row in tags} == {("topic", "judged")}
    for row in own():
        named = {topics[tag["tag"]] for tag in tags if tag["activity_id"] == row["activity_id"]}
        assert row["theme"] in named


def test_real_headlines():
    made = [row for row in own() if row["type"] in ("publication", "platform")]
    inside = [row for row in made if row["in_period"] == "yes"]
    keys = {row["activity_id"] for row in made}
    stating = {row["activity_id"] for row in raw("figures")} & keys
    assert text(measures.activity_count(real())) == str(len(own())) == "11"
    assert text(statistics.products_in_period(real())) == f"{len(inside)} of {len(made)}"
    assert (len(inside), len(made)) == (3, 6)
    assert set(statistics.products_stating(real()).activities) == stating
    assert len(stating) == 2
    assert text(statistics.trainings(real())) == "0"
    assert not [row for row in own() if row["type"] in ("training", "workshop")]


def test_real_help():
    homes = {row["iso3"]: row["region"] for row in raw("countries")}
    for topic, number in (("sta-national", 1), ("env-statistics", 14)):
        tagged = {row["activity_id"] for row in raw("activity_tags") if row["tag"] == topic}
        helped = {
            row["iso3"] for row in raw("activity_countries")
            if row["activity_id"] in tagged and row["role"] == "beneficiary"
        }  # fmt: skip
        assert len(helped) == number
        assert statistics.countries_helped(real(area=(*AREAS, "ENV")), topic).low == number
        for region in ("AFR", "CIS", "EUR"):
            claim = statistics.countries_helped(real(region, (*AREAS, "ENV")), topic)
            assert set(claim.place) == {code for code in helped if homes[code] == region}


def test_real_publications():
    made = [row for row in raw("activities")
            if row["type"] == "publication" and row["status"] != "pending"]  # fmt: skip
    told = [row for row in made if closely(row)]
    assert text(statistics.publications_dated(real(area=()))) == f"{len(told)} of {len(made)}"
    assert (len(told), len(made)) == (14, 47)
    mine = [row for row in made if row["theme"] in AREAS]
    assert [row for row in mine if closely(row)] == mine
    rows = statistics.publications_by_date(real(area=()))
    assert rows["activities"].sum() == len(made)
    assert set(rows["area"]) == {row["theme"] or row["component"] for row in made}
