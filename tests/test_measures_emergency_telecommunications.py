"""Emergency telecommunications: small frames worked out by hand, the real edition counted anew."""

import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from small import raw, said
from test_measures import small  # noqa: F401  a fixture

from baaplib import measures
from baaplib.i18n import language
from baaplib.measures import emergency_telecommunications as emergency
from baaplib.measures import services

DATA = Path(__file__).parent.parent / "data"

# Deployments of `small`: Kenya in October 2022 (10 phones, at least 5 terminals), Nicaragua in
# March 2023 (20 phones), Fiji without date or number; here Fiji's follows one of October 2022.
TAGS = """
    EMT-006 disaster hurricane_julia_2022
    EMT-001 topic    emt-equipment
    EMT-001 topic    emt-early-warning
    EMT-002 topic    emt-equipment
    EMT-003 topic    emt-plans
    EMT-004 topic    emt-plans
    EMT-004 topic    emt-training
    EMT-005 topic    emt-training
    EMT-005 topic    emt-supplies
    EMT-007 topic    emt-plans
"""
PARTNERS = """
    EMT-001 cisco  requester
    EMT-001 norad  funder
    EMT-002 cisco  requester
    EMT-002 unicef prospective
    EMT-005 cisco  supplier
"""
# Attendances of a meeting, and phones given there: a stock.
FIGURES = """
    F034-1 EMT-005 people_participating      40
    F034-2 EMT-005 satellite_phones_supplied 70
    F034-3 EMT-005 plan_share                28
"""


def rows(text, *columns):
    body = [line.split() for line in text.strip().splitlines()]
    return pd.DataFrame(body, columns=list(columns), dtype=object)


@pytest.fixture(scope="module")
def edition(small):  # noqa: F811
    """Return the small edition with the real topics and disasters."""
    real = measures.edition("2022-12").reference
    tags = rows(TAGS, "activity_id", "vocabulary", "tag").assign(basis="judged")
    figure = small.figures[small.figures["figure_id"] == "F030-1"].iloc[0].to_dict()
    more = rows(FIGURES, "figure_id", "activity_id", "measure", "value")
    told = [
        figure | {"place": (), "place_role": None} | row | {"value": float(row["value"])}
        for row in more.to_dict("records")
    ]
    figures = pd.concat([small.figures, pd.DataFrame(told)], ignore_index=True)
    figures = figures.astype({"cumulative": bool})
    return replace(
        small,
        reference=small.reference | {key: real[key] for key in ("topics", "disasters")},
        tags=pd.concat([small.tags, tags], ignore_index=True),
        partners=rows(PARTNERS, "activity_id", "partner", "role"),
        figures=figures,
        stated=figures,
        rules=replace(small.rules, figures=figures),
    )


@pytest.fixture
def of(edition):
    return lambda region: measures.restrict(edition, region, "EMT")


def listed(frame, *columns):
    """Return rows as tuples: claims as what they say, days as text, nothing as None."""
    days = {column: frame[column].astype("str") for column in ("first", "last") if column in frame}
    values = frame.assign(**days)[list(columns)].astype(object)
    values = values.where(values.notna(), None)
    return [tuple(map(said, row)) for row in values.to_numpy()]


def ask(question):
    """Return a function of the area, or one that all areas share."""
    return getattr(services if hasattr(services, question) else emergency, question)


FRAMES = {
    "by_topic": ("topic activities claim", {
        # The placeholder EMT-007 counts nowhere.
        "ALL": [("emt-equipment", 2, "2"), ("emt-plans", 2, "2"), ("emt-training", 2, "2"),
                ("emt-early-warning", 1, "1"), ("emt-supplies", 1, "1")],
        "CIS": [],
    }),
    # Fiji's has no date but the month its disaster began; nobody says how long after it was.
    "deployments": ("activity_id iso3 disaster measure claim after first last exact", {
        "ALL": [("EMT-001", "KEN", "flood", "satellite_phones", "10", None,
                 "2022-10-01", "2022-10-31", False),
                ("EMT-001", "KEN", "flood", "broadband_terminals", "at least 5", None,
                 "2022-10-01", "2022-10-31", False),
                ("EMT-006", "FJI", "hurricane_julia_2022", "satellite_devices", "not stated",
                 "2022-10", "2022-10-01", "2262-01-01", False),
                ("EMT-002", "NIC", "cyclone", "satellite_phones", "20", None,
                 "2023-03-01", "2023-03-31", False)],
        "EUR": [],
    }),
    "deployments_timed": ("activity_id", {
        "ALL": [("EMT-001",), ("EMT-001",), ("EMT-006",), ("EMT-002",)],
    }),
    "devices_by_disaster": ("disaster measure value claim", {
        "ALL": [("cyclone", "satellite_phones", 20, "20"), ("flood", "satellite_phones", 10, "10"),
                ("flood", "broadband_terminals", 5, "at least 5")],
        "ASP": [],
    }),
    "devices_by_date": ("in_period iso3 deployments devices", {
        "ALL": [("yes", (), "0", "0"), ("partly", ("KEN",), "1", "at least 15"),
                ("no", ("NIC",), "1", "20"), ("unknown", ("FJI",), "1", "not stated")],
        "AMS": [("yes", (), "0", "0"), ("no", ("NIC",), "1", "20")],
        "EUR": [],
    }),
    "supporters": ("activity_id partner role type", {
        "ALL": [("EMT-001", "cisco", "requester", "deployment"),
                ("EMT-001", "norad", "funder", "deployment"),
                ("EMT-002", "cisco", "requester", "deployment"),
                ("EMT-005", "cisco", "supplier", "meeting")],
        "ASP": [],
    }),
    # Ghana has both a plan in work and one that is done.
    "plans": ("iso3 region status activity_id in_period", {
        "ALL": [("GHA", "AFR", "completed", "EMT-004", "unknown"),
                ("KEN", "AFR", "ongoing", "EMT-003", "no"),
                ("FJI", "ASP", "ongoing", "EMT-003", "no")],
        "ASP": [("FJI", "ASP", "ongoing", "EMT-003", "no")],
    }),
    "plan_grid": ("iso3 stage behind", {
        "AFR": [("GHA", "completed", ("EMT-004",)), ("KEN", "ongoing", ("EMT-003",)),
                ("SOM", None, ())],
    }),
    "plan_share": ("activity_id share", {"ALL": [("EMT-005", "28")], "ASP": []}),
    # The places of a meeting are its venue: nobody there is reached.
    "trainings": ("activity_id iso3 venue measure claim", {
        "ALL": [("EMT-004", ("GHA",), (), None, None),
                ("EMT-005", (), ("SOM", "GHA"), "people_participating", "40"),
                ("EMT-005", (), ("SOM", "GHA"), "satellite_phones_supplied", "70"),
                ("EMT-005", (), ("SOM", "GHA"), "plan_share", "28")],
        "AFR": [("EMT-004", ("GHA",), (), None, None)],
        "ASP": [],
    }),
    # What a deployment counts says nothing of its work on early warning.
    "other_work": ("topic activity_id iso3 measure claim", {
        "ALL": [("emt-early-warning", "EMT-001", ("KEN",), None, None),
                ("emt-supplies", "EMT-005", (), "people_participating", "40"),
                ("emt-supplies", "EMT-005", (), "satellite_phones_supplied", "70")],
        "AMS": [],
    }),
    "by_country": ("iso3 region topic", {
        "ALL": [("KEN", "AFR", "emt-equipment"), ("NIC", "AMS", "emt-equipment"),
                ("GHA", "AFR", "emt-plans"), ("KEN", "AFR", "emt-plans"),
                ("FJI", "ASP", "emt-plans"),
                ("GHA", "AFR", "emt-training"), ("KEN", "AFR", "emt-early-warning")],
        "ASP": [("FJI", "ASP", "emt-plans")],
        "EUR": [],
    }),
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "region"), [(name, region) for name in FRAMES for region in FRAMES[name][1]]
)
def test_frame(question, region, of):
    columns, expected = FRAMES[question]
    frame = ask(question)(of(region))
    assert listed(frame, *columns.split()) == expected[region]
    assert frame.index.tolist() == list(range(len(frame)))


CLAIMS = {
    "early_warning": {"ALL": "1", "AFR": "1", "AMS": "0"},
    # Kenya's is partly inside, Fiji's unknown: none lies wholly inside.
    "devices_in_period": {"ALL": "0", "AMS": "0", "EUR": "not stated"},
    "devices_outside": {"ALL": "20", "AFR": "0", "AMS": "20", "EUR": "not stated"},
    "deployments_outside": {"ALL": "1 of 3", "AFR": "0 of 1", "EUR": "none reported"},
    "phones_supplied": {"ALL": "70", "AFR": "not stated"},
    "deployments_requested": {"ALL": "2 of 3", "ASP": "0 of 1", "EUR": "none reported"},
    "deployments_funded": {"ALL": "1 of 3", "AMS": "0 of 1"},
    "plan_count": {"ALL": "3", "AFR": "2", "EUR": "0"},
    "plans_made": {"ALL": "1 of 3", "ASP": "0 of 1", "EUR": "none reported"},
    "stating_people": {"ALL": "1 of 2", "AFR": "0 of 1", "AMS": "none reported"},
}


@pytest.mark.parametrize(
    ("question", "region"), [(name, region) for name in CLAIMS for region in CLAIMS[name]]
)
def test_claim(question, region, of):
    claim = ask(question)(of(region))
    assert claim.text(language("en")) == CLAIMS[question][region]
    assert claim.measure in set(measures.edition("2022-12").reference["measures"]["measure"])
    assert claim.scope[:2] == (f"region={region}", "theme=EMT")


def test_a_missing_number_is_that_deployments_own_and_no_answer_for_all(of):
    claims = emergency.deployments(of("ALL")).set_index("activity_id")["claim"]
    assert (claims["EMT-006"].activities, claims["EMT-006"].scope) == (("EMT-006",), ())


# The real edition, counted anew with the csv module.


@cache
def real(region="ALL"):
    return measures.restrict(measures.edition("2022-12", region), area="EMT")


def own(*types):
    return {
        row["activity_id"]: row
        for row in raw("activities")
        if row["theme"] == "EMT" and (not types or row["type"] in types)
    }


def sent(*dated):
    """Return the devices of deployments so dated, and whether one of them states none."""
    chosen = {key for key, row in own("deployment").items() if row["in_period"] in dated}
    kinds = ("satellite_phones", "broadband_terminals")
    figures = [row for row in raw("figures") if row["measure"] in kinds]
    figures = [row for row in figures if row["activity_id"] in chosen]
    return (
        sum(float(row["value"]) for row in figures),
        chosen > {row["activity_id"] for row in figures},
    )


def test_real_devices():
    number, open_end = sent("yes", "partly", "no", "unknown")
    devices = measures.devices(real())
    assert (devices.low, devices.high) == (number, math.inf if open_end else number)
    for question, dated in (
        (emergency.devices_outside, "no"), (emergency.devices_in_period, "yes"),
    ):  # fmt: skip
        claim = question(real())
        assert (claim.low, claim.high) == (sent(dated)[0],) * 2
    # The findings say the same of the same numbers.
    assert (number, sent("no")[0], sent("unknown")[0]) == (55, 35, 20)
    by_disaster = emergency.devices_by_disaster(real())
    assert by_disaster["value"].sum() == number
    supplied = [row for row in raw("figures") if row["measure"] == "satellite_phones_supplied"]
    assert emergency.phones_supplied(real()).low == sum(float(row["value"]) for row in supplied)
    assert {row["figure_id"] for row in supplied}.isdisjoint(devices.figures)


def test_real_storm_told_twice_is_one_deployment():
    rows_ = emergency.deployments(real())
    nicaragua = rows_[rows_["iso3"] == "NIC"]
    assert set(nicaragua["activity_id"]) == {"EMT-008"}
    assert set(rows_["activity_id"]) == set(own("deployment"))


def test_real_plans():
    stages = {key: row["status"] for key, row in own("plan").items() if row["status"] != "pending"}
    links = [row for row in raw("activity_countries") if row["activity_id"] in stages]
    countries = {row["iso3"] for row in links if row["role"] == "beneficiary"}
    made = {row["iso3"] for row in links if stages[row["activity_id"]] == "completed"}
    claim = emergency.plans_made(real())
    assert (claim.low, claim.whole) == (len(made), len(countries))
    assert emergency.plan_count(real()).low == len(countries)


def test_real_partners_of_deployments():
    links = [row for row in raw("activity_partners") if row["activity_id"] in own("deployment")]
    for question, roles in (
        (emergency.deployments_requested, {"requester"}),
        (emergency.deployments_funded, {"funder", "supplier"}),
    ):
        named = {row["activity_id"] for row in links if row["role"] in roles}
        claim = question(real())
        assert (claim.low, claim.whole) == (len(named), len(own("deployment")))


def test_real_activities_all_have_a_topic_of_the_theme():
    topics = {row["topic"] for row in raw("topics") if row["theme"] == "EMT"}
    tags = [row for row in raw("activity_tags") if row["tag"] in topics]
    assert {row["activity_id"] for row in tags} == set(own())
    assert {row["tag"] for row in tags} == topics
    assert {(row["vocabulary"], row["basis"]) for row in tags} == {("topic", "judged")}
    # Equipment after a disaster and plans are what the types say.
    for topic, kind in (("emt-equipment", "deployment"), ("emt-plans", "plan")):
        assert {row["activity_id"] for row in tags if row["tag"] == topic} == set(own(kind))
