"""Capacity development: small frames worked out by hand, the real edition counted anew."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from small import listed, raw, said
from test_measures import small  # noqa: F401  a fixture

from baaplib import measures
from baaplib.measures import capacity_development as capacity
from baaplib.measures import training_centres

DATA = Path(__file__).parent.parent / "data"
REGIONS = ["AFR", "AMS", "ARB", "ASP", "CIS", "EUR"]
EXCELLENCE, TRANSFORMATION = training_centres.NETWORKS.values()
FIRST, SECOND = training_centres.PHASES

# In `small`, CAP-002 has Ghana, Kenya and Fiji as members, CAP-001 is a training in Ghana, CAP-003
# a workshop held in Germany, CAP-004 a placeholder and CAP-005 a programme without a place.
TAGS = """
    CAP-001 cap-professionals
    CAP-001 cap-women
    CAP-002 cap-digital-transformation
    CAP-003 cap-professionals
    CAP-004 cap-women
    EMT-001 emt-equipment
"""
# Three centres, two of them since the first phase; forty of the attendances of CAP-005 are women
# who came to EMT-001.
FIGURES = """
    F015-1 CAP-002 centres          3    GHA;FJI;KEN -      -
    F015-2 CAP-002 centres          2    GHA;FJI     -      F015-1
    F015-3 CAP-002 centres          1    KEN         -      F015-1
    F016-1 CAP-005 people_pledged   1000 -           -      -
    F016-2 CAP-001 people_estimated 50   GHA         -      -
    F030-9 EMT-001 attendances      40   KEN         women  F014-1
"""


def rows(text, *columns):
    body = [line.split() for line in text.strip().splitlines()]
    return pd.DataFrame(body, columns=list(columns), dtype=object)


@pytest.fixture(scope="module")
def edition(small):  # noqa: F811
    """Return the small edition with the real topics, centres, a pledge and an estimate."""
    topics = measures.edition("2022-12").reference["topics"]
    tags = rows(TAGS, "activity_id", "tag").assign(vocabulary="topic", basis="judged")
    figure = small.figures[small.figures["figure_id"] == "F010-1"].iloc[0].to_dict()
    more = rows(FIGURES, "figure_id", "activity_id", "measure", "value", "place", "population",
                "part_of")  # fmt: skip
    told = [
        figure | {key: None if cell == "-" else cell for key, cell in row.items()} | {
            "place": () if row["place"] == "-" else tuple(row["place"].split(";")),
            "place_role": None if row["place"] == "-" else "origin",
            "value": float(row["value"]),
        }
        for row in more.to_dict("records")
    ]  # fmt: skip
    figures = pd.concat([small.figures, pd.DataFrame(told)], ignore_index=True)
    figures = figures.astype({"cumulative": bool})
    return replace(
        small,
        reference=small.reference | {"topics": topics},
        tags=pd.concat([small.tags, tags], ignore_index=True),
        figures=figures,
        stated=figures,
        rules=replace(small.rules, figures=figures),
    )


@pytest.fixture
def of(edition):
    return lambda region: measures.restrict(edition, region, "CAP")


def ask(question):
    """Return a function of one of the two modules."""
    return getattr(training_centres if hasattr(training_centres, question) else capacity, question)


FRAMES = {
    "by_topic": ("topic activities claim", {
        # The placeholder counts nowhere.
        "ALL": [("cap-professionals", 2, "2"), ("cap-digital-transformation", 1, "1"),
                ("cap-women", 1, "1")],
        "CIS": [],
    }),
    "funnel": ("activity_id step value claim share", {
        # 80 of 200 keeps more than 60 of 300; each step is held against the first.
        "ALL": [("CAP-001", "registered", 200, "200", None),
                ("CAP-001", "trained", 100, "100", "50"),
                ("CAP-001", "certified", 80, "80", "40"),
                ("CAP-002", "registered", 300, "300", None),
                ("CAP-002", "certified", 60, "60", "20")],
        "EUR": [],
    }),
    "trainings": ("activity_id value measure", {
        # The women among the trained are left out, the young among the certified are not.
        "ALL": [("CAP-005", 500, "attendances"), ("CAP-001", 100, "people_trained"),
                ("CAP-003", 30, "people_trained"), ("CAP-001", 20, "people_trained")],
        "EUR": [("CAP-003", 30, "people_trained")],
        "CIS": [],
    }),
    "by_region": ("region counting registered trained", {
        "ALL": [("AFR", "1 of 1", "200", "100"),
                ("AMS", "none reported", "not stated", "not stated"),
                ("ASP", "none reported", "not stated", "not stated"),
                ("CIS", "none reported", "not stated", "not stated"),
                ("EUR", "1 of 1", "not stated", "30")],
        "EUR": [("EUR", "1 of 1", "not stated", "30")],
    }),
    "uncounted": ("activity_id measure value_said", {
        "ALL": [("CAP-005", "people_pledged", "1000"), ("CAP-001", "people_estimated", "50")],
        "AFR": [("CAP-001", "people_estimated", "50")],
        "EUR": [],
    }),
    "year_against_total": ("figure_id span value", {
        # Who registered and who was certified is not held against a total of the trained.
        "ALL": [("F011-2", "single count", 300), ("F011-1", "running total", 1000)],
        # The running total is of no region.
        "AFR": [],
    }),
    "nested": ("activity_id claim share", {
        # Women of the same activity and who finished are no rows.
        "ALL": [("CAP-002", "300", "30"), ("CAP-002", "50", "83.3")],
        "AFR": [("CAP-002", "50", "83.3")],
        "CIS": [],
    }),
    "networks": ("iso3 region network activity_id", {
        "ALL": [("FJI", "ASP", FIRST, "CAP-002"), ("GHA", "AFR", FIRST, "CAP-002"),
                ("KEN", "AFR", SECOND, "CAP-002")],
        "ASP": [("FJI", "ASP", FIRST, "CAP-002")],
        "EUR": [],
    }),
    "centres_counted": ("activity_id network centres hosts", {
        "ALL": [("CAP-002", TRANSFORMATION, "3", "3"), ("CAP-002", FIRST, "2", "2"),
                ("CAP-002", SECOND, "1", "1")],
        # The counts are the network's, the countries the region's.
        "AFR": [("CAP-002", TRANSFORMATION, "3", "2"), ("CAP-002", FIRST, "2", "1"),
                ("CAP-002", SECOND, "1", "1")],
        "EUR": [],
    }),
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "region"), [(name, region) for name in FRAMES for region in FRAMES[name][1]]
)
def test_frame(question, region, of):
    columns, expected = FRAMES[question]
    frame = ask(question)(of(region))
    if "claim" in frame:
        frame = frame.assign(value_said=[f"{claim.low:.0f}" for claim in frame["claim"]])
    assert listed(frame, *columns.split()) == expected[region]
    assert frame.index.tolist() == list(range(len(frame)))


@pytest.mark.parametrize(
    ("question", "region", "low", "whole"),
    [
        ("activities_finishing", "ALL", 2, 4), ("activities_finishing", "AFR", 1, 2),
        ("activities_finishing", "EUR", 0, 1), ("activities_finishing", "AMS", 0, 0),
        ("centre_countries", "ALL", 3, None), ("centre_countries", "AFR", 2, None),
        ("centre_countries", "EUR", 0, None),
    ],
)  # fmt: skip
def test_claim(question, region, low, whole, of, edition):
    claim = ask(question)(of(region))
    assert (claim.low, claim.high, claim.whole) == (low, low, whole)
    assert claim.scope == (f"region={region}", "theme=CAP")
    assert claim.measure in set(edition.reference["measures"]["measure"])


def test_a_part_told_in_another_area_lies_in_its_whole(edition):
    """Women, too: they are no share of the women of the training they came to."""
    frame = capacity.nested(edition)
    assert listed(frame, "activity_id", "claim", "share")[1:2] == [("EMT-001", "40", "8")]
    assert frame["whole"].tolist()[1].figures == ("F014-1",)


def test_every_region_has_the_same_columns_of_networks(of):
    for region in ("ALL", "AFR", "ASP", "EUR"):
        network = training_centres.networks(of(region))["network"]
        assert network.cat.ordered
        assert network.cat.categories.tolist() == [EXCELLENCE, FIRST, SECOND]


def test_a_centre_whose_phase_nobody_tells_stands_under_its_network(of):
    data = of("ALL")
    data = replace(data, stated=data.stated[data.stated["part_of"] != "F015-1"])
    network = training_centres.networks(data)["network"]
    assert set(network) == {TRANSFORMATION}
    assert network.cat.categories.tolist() == [EXCELLENCE, TRANSFORMATION, FIRST, SECOND]
    counted = training_centres.centres_counted(data)
    assert listed(counted, "network", "centres", "hosts") == [(TRANSFORMATION, "3", "3")]


# The real edition, counted anew from the tables.


@pytest.fixture(scope="module")
def real():
    return lambda region="ALL": measures.restrict(measures.edition("2022-12", region), area="CAP")


def figure(name):
    return next(row for row in raw("figures") if row["figure_id"] == name)


def value(name):
    return float(figure(name)["value"])


def test_every_real_activity_of_the_theme_has_a_topic_of_it():
    own = {
        row["activity_id"] for row in raw("activities")
        if row["theme"] == "CAP" and row["status"] != "pending"
    }  # fmt: skip
    tagged = [
        row["activity_id"] for row in raw("activity_tags")
        if row["vocabulary"] == "topic" and row["tag"].startswith("cap-")
    ]  # fmt: skip
    assert len(own) == 49
    assert set(tagged) == own


def test_real_headlines(real):
    data = real()
    assert said(measures.activity_count(data)) == "49"
    steps = {"people_registered", "attendances", "people_trained", "people_certified"}
    measured = {}
    for row in raw("figures"):
        if row["activity_id"].startswith("CAP") and row["measure"] in steps:
            measured.setdefault(row["activity_id"], set()).add(row["measure"])
    # Attendances and people trained are one step.
    several = {
        name for name, own in measured.items()
        if len(own - {"attendances"} | ({"people_trained"} if "attendances" in own else set())) > 1
    }  # fmt: skip
    finishing = capacity.activities_finishing(data)
    assert set(finishing.activities) == several == {"CAP-002", "CAP-003", "CAP-042"}
    assert said(finishing) == "3 of 49"
    # At least those of one network in one year; others may be among them.
    people = measures.people_trained(data)
    assert (people.low, people.bound) == (value("F016-3"), "at_least")
    assert value("F016-3") == 84027


def test_real_funnel(real):
    frame = capacity.funnel(real())
    last = frame.dropna(subset="share").set_index("activity_id")
    for activity, began, ended in (
        ("CAP-003", "F009-3", "F009-4"), ("CAP-002", "F007-3", "F007-5"),
        ("CAP-042", "F039-1", "F039-2"),
    ):  # fmt: skip
        percent = 100 * value(ended) / value(began)
        share = last.loc[activity, "share"]
        assert share.low <= percent <= share.high + 1e-9
    assert [said(share) for share in last["share"]] == ["70.8", "about 30.8", "at most 26.9"]
    # Those who came, and those who registered.
    assert frame["step"].tolist()[::2] == ["trained", "registered", "registered"]


def test_real_centres_are_the_members_of_the_networks(real):
    links = {
        row["iso3"] for row in raw("activity_countries")
        if row["activity_id"].startswith("CAP") and row["role"] == "member"
    }  # fmt: skip
    claim = training_centres.centre_countries(real())
    assert set(claim.place) == links
    assert claim.low == len(links) == 17
    frame = training_centres.networks(real())
    for name, phase in (("F014-2", FIRST), ("F014-3", SECOND)):
        told = set(figure(name)["place"].split(";"))
        assert set(frame.loc[frame["network"] == phase, "iso3"]) == told
        assert len(told) == value(name)
    counted = training_centres.centres_counted(real())
    assert listed(counted, "centres", "hosts") == [
        ("13", "13"), ("8", "8"), ("5", "5"), ("5", "0"), ("4", "4"), ("6", "4"),
    ]  # fmt: skip
    # The four of Asia and the Pacific are those of the thirteen that lie there.
    regions = {row["iso3"]: row["region"] for row in raw("countries")}
    four = {code for code in figure("F014-1")["place"].split(";") if regions[code] == "ASP"}
    assert set(counted["hosts"].tolist()[4].place) == four == {"IDN", "PAK", "PHL", "PNG"}


def test_real_centres_of_the_regions_are_those_of_all(real):
    homes = [code for region in REGIONS for code in training_centres.networks(real(region))["iso3"]]
    assert sorted(homes) == sorted(training_centres.networks(real())["iso3"])


def test_real_parts_of_the_network_lie_in_its_running_total():
    frame = capacity.nested(measures.edition("2022-12"))
    in_total = [
        (row["activity_id"], row["claim"].low) for _, row in frame.iterrows()
        if row["whole"].figures == ("F016-1",)
    ]  # fmt: skip
    parts = [row for row in raw("figures") if row["part_of"] == "F016-1"]
    assert in_total == sorted(
        ((row["activity_id"], float(row["value"])) for row in parts), key=lambda pair: -pair[1]
    )
    assert in_total == [("CAP-009", 84027), ("CAP-037", 38000), ("CAP-010", 10446)]
    shares = [said(share) for share in frame["share"][:3]]
    assert shares == ["at most 44.2", "at most 20", "at most 5.5"]


def test_real_promises_and_estimates_stand_in_no_total(real):
    frame = capacity.uncounted(real())
    assert listed(frame, "activity_id", "measure") == [
        ("CAP-014", "people_pledged"), ("CAP-046", "people_estimated"),
    ]  # fmt: skip
    assert next(iter(frame["claim"])).low == value("F020-2") == 16_000_000
    behind = measures.people_trained(real()).figures
    assert not {"F020-2", "F041-4"} & set(behind)


def test_real_shares_of_women_against_those_printed(real):
    frame = measures.womens_share(real())
    printed = {
        row["share_of"]: row["value"] for row in raw("figures")
        if row["activity_id"].startswith("CAP") and row["measure"] == "women_share"
    }  # fmt: skip
    assert len(printed) == 5
    women = {name: figure(name) for name in ("F017-2", "F017-5", "F017-9", "F029-13")}
    for name, row in women.items():
        share = frame.set_index("figure_id").loc[name]
        assert share["percent"] == pytest.approx(100 * float(row["value"]) / value(row["part_of"]))
        stated = printed.get(row["part_of"])
        assert (
            (said(share["printed_percent"]) == stated)
            if stated
            else (share["printed_percent"] is None)
        )
    assert len(frame) == len(women) + 2
