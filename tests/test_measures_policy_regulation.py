"""Policy and regulation: a small edition worked out by hand, and the real one counted anew."""

import pandas as pd
import pytest
from small import raw, written
from test_measures import SMALL, listed, write

from baaplib import measures
from baaplib.measures import policy_regulation as policy

TOPICS = """
    topic          theme name_en name_zh
    cap-other      CAP   O       O
    pol-assistance POL   A       A
    pol-economic   POL   E       E
    pol-forums     POL   F       F
    pol-knowledge  POL   K       K
    pol-reviews    POL   R       R
    pol-training   POL   T       T
"""
OWN = {
    "activities": """
        activity_id theme region type        status    in_period start      end        paragraphs
        POL-001     POL   AFR    assistance  completed unknown   -          -          10
        POL-002     POL   AFR    assistance  planned   unknown   -          -          11
        POL-003     POL   -      assessment  ongoing   unknown   -          -          12
        POL-004     POL   AFR    training    completed yes       2022-09    2022-09    13
        POL-005     POL   AFR    training    completed unknown   -          -          14
        POL-006     POL   AFR    meeting     completed yes       2022-08    -          15
        POL-007     POL   AFR    meeting     completed yes       2022-08-22 2022-08-26 15
        POL-008     POL   -      meeting     completed unknown   -          -          16
        POL-009     POL   -      publication completed yes       2022-11    -          17
        POL-010     POL   -      platform    ongoing   unknown   -          -          18
        POL-011     POL   AFR    assistance  pending   unknown   -          -          19
        POL-012     POL   ASP    assistance  planned   unknown   -          -          20
    """,
    # Ghana and Kenya are helped; Kenya, besides, and Somalia alone still discuss.
    "activity_countries": """
        activity_id iso3 role
        POL-001     GHA  beneficiary
        POL-002     KEN  participant
        POL-002     SOM  participant
        POL-003     GHA  beneficiary
        POL-003     KEN  beneficiary
        POL-003     DEU  beneficiary
        POL-003     FRA  venue
        POL-007     KEN  venue
        POL-011     SOM  beneficiary
        POL-012     FJI  participant
    """,
    "activity_tags": """
        activity_id vocabulary tag
        POL-001     topic      pol-assistance
        POL-001     sdg        9
        POL-002     topic      pol-assistance
        POL-003     topic      pol-reviews
        POL-004     topic      pol-training
        POL-005     topic      pol-training
        POL-006     topic      pol-forums
        POL-007     topic      pol-forums
        POL-007     topic      pol-economic
        POL-007     topic      cap-other
        POL-008     topic      pol-forums
        POL-009     topic      pol-economic
        POL-009     topic      pol-knowledge
        POL-010     topic      pol-knowledge
        POL-011     topic      pol-assistance
        POL-012     topic      pol-assistance
    """,
    "figures": """
        figure_id activity_id measure           value bound    place place_role cumulative part_of
        F013-1    POL-004     people_registered 200   exact    GHA   origin     false      -
        F013-2    POL-004     people_certified  50    exact    GHA   origin     false      F013-1
        F013-3    POL-004     people_certified  900   exact    GHA   origin     true       -
        F015-1    POL-007     countries         7     exact    -     -          false      -
        F015-2    POL-007     people_participating 30 at_least KEN   venue      false      -
        F015-3    POL-007     people_participating 10 exact    KEN   venue      false      F015-2
        F018-1    POL-010     economies         100   exact    -     -          false      -
        F018-2    POL-010     indicators        60    exact    -     -          false      -
        F018-3    POL-010     people_participating 5  exact    -     -          false      -
    """,
    "activity_partners": "activity_id partner role",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return written(tmp_path_factory, write, {**SMALL, **OWN, "topics": TOPICS})


@pytest.fixture
def of(small):
    return lambda region: measures.restrict(small, region, "POL")


FRAMES = {
    # The placeholder is no activity; the tag of another theme is no topic of this one.
    "by_topic": ("topic activities claim", {
        "ALL": [("pol-assistance", 3, "3"), ("pol-forums", 3, "3"), ("pol-economic", 2, "2"),
                ("pol-knowledge", 2, "2"), ("pol-training", 2, "2"), ("pol-reviews", 1, "1")],
        "EUR": [("pol-reviews", 1, "1")],
        "CIS": [],
    }),
    # France is a mere meeting place.
    "assisted": ("iso3 region topic status activity_id", {
        "ALL": [("GHA", "AFR", "pol-reviews", "ongoing", "POL-003"),
                ("GHA", "AFR", "pol-assistance", "completed", "POL-001"),
                ("KEN", "AFR", "pol-assistance", "planned", "POL-002"),
                ("KEN", "AFR", "pol-reviews", "ongoing", "POL-003"),
                ("SOM", "AFR", "pol-assistance", "planned", "POL-002"),
                ("FJI", "ASP", "pol-assistance", "planned", "POL-012"),
                ("DEU", "EUR", "pol-reviews", "ongoing", "POL-003")],
        "EUR": [("DEU", "EUR", "pol-reviews", "ongoing", "POL-003")],
        "AMS": [],
    }),
    "trainings": ("activity_id measure claim", {
        "AFR": [("POL-004", "people_registered", "200"), ("POL-004", "people_certified", "50"),
                ("POL-004", "people_certified", "900"), ("POL-005", None, None)],
        "EUR": [],
    }),
    # A day comes before its mere month; a part of those who came is not who came.
    "forums": ("activity_id venue countries people", {
        "ALL": [("POL-007", "KEN", "7", "at least 30"), ("POL-006", None, None, None),
                ("POL-008", None, None, None)],
        "ASP": [],
    }),
    "economic_policy": ("activity_id type start", {
        "ALL": [("POL-007", "meeting", "2022-08-22"), ("POL-009", "publication", "2022-11")],
        "EUR": [],
    }),
    "products": ("activity_id type measure claim", {
        "ALL": [("POL-010", "platform", "economies", "100"),
                ("POL-010", "platform", "indicators", "60"),
                ("POL-010", "platform", "people_participating", "5"),
                ("POL-009", "publication", None, None)],
        "AFR": [],
    }),
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "region"), [(name, region) for name in FRAMES for region in FRAMES[name][1]]
)
def test_frame(question, region, of):
    columns, expected = FRAMES[question]
    frame = getattr(policy, question)(of(region))
    assert listed(frame, *columns.split()) == expected[region]
    assert frame.index.tolist() == list(range(len(frame)))


CLAIMS = {
    "countries_helped": {"ALL": (3, 3, None), "AFR": (2, 2, None), "ASP": (0, 0, None)},
    "countries_discussing": {"ALL": (2, 2, None), "AFR": (1, 1, None), "EUR": (0, 0, None)},
    # Without the running total.
    "people_certified": {"ALL": (50, 50, None), "AFR": (50, 50, None)},
    "forums_counted": {"ALL": (1, 1, 3), "AFR": (1, 1, 2), "EUR": (0, 0, 0)},
    # Without the people of a platform.
    "people_in_forums": {"ALL": (30, float("inf"), None), "AFR": (30, float("inf"), None)},
}


@pytest.mark.parametrize(
    ("question", "region"), [(name, region) for name in CLAIMS for region in CLAIMS[name]]
)
def test_claim(question, region, of, small):
    claim = getattr(policy, question)(of(region))
    assert (claim.low, claim.high, claim.whole) == CLAIMS[question][region]
    assert claim.measure in set(small.reference["measures"]["measure"])
    assert claim.scope == (f"region={region}", "theme=POL")


@pytest.mark.parametrize("question", ["people_certified", "people_in_forums"])
def test_silence_is_not_nought(question, of):
    assert getattr(policy, question)(of("EUR")).bound == "not_stated"


def test_claims_name_the_activities_behind_them(of):
    assert set(policy.countries_helped(of("ALL")).activities) == {"POL-001", "POL-003"}
    assert set(policy.countries_discussing(of("ALL")).activities) == {"POL-002", "POL-012"}
    topic = policy.by_topic(of("ALL")).set_index("topic")["claim"]["pol-economic"]
    assert topic.activities == ("POL-007", "POL-009")
    assert topic.scope == ("region=ALL", "theme=POL", "topic=pol-economic")


def test_platforms_and_publications_are_all_products(of):
    """By type they add up to the topic, which the ledger holds against each other."""
    kinds = [policy.products_of(of("ALL"), kind) for kind in ("platform", "publication")]
    assert [kind.activities for kind in kinds] == [("POL-010",), ("POL-009",)]
    assert kinds[0].scope == ("region=ALL", "theme=POL", "topic=pol-knowledge", "type=platform")


def test_half_of_them_finish(of):
    frame = measures.finished(of("AFR"))
    assert listed(frame, "activity_id", "began", "ended", "share") == [
        ("POL-004", "200", "50", "25")
    ]


@pytest.fixture(scope="module")
def real():
    return measures.restrict(measures.edition("2022-12"), area="POL")


def test_every_activity_of_the_theme_has_a_topic():
    own = {row["activity_id"] for row in raw("activities") if row["theme"] == "POL"}
    tagged = {row["activity_id"] for row in raw("activity_tags") if row["tag"][:4] == "pol-"}
    topics = {row["topic"] for row in raw("topics") if row["theme"] == "POL"}
    used = {row["tag"] for row in raw("activity_tags") if row["tag"][:4] == "pol-"}
    assert own == tagged
    assert topics == used


def test_the_edition_counted_anew(real):
    status = {row["activity_id"]: row["status"] for row in raw("activities")}
    helping = {
        row["activity_id"]
        for row in raw("activity_tags")
        if row["tag"] in ("pol-assistance", "pol-reviews")
    }
    links = [
        (row["iso3"], status[row["activity_id"]])
        for row in raw("activity_countries")
        if row["activity_id"] in helping and row["role"] in ("beneficiary", "participant")
    ]
    helped = {iso3 for iso3, stage in links if stage in ("completed", "ongoing")}
    discussing = {iso3 for iso3, stage in links if stage == "planned"} - helped
    assert policy.countries_helped(real).low == len(helped)
    assert policy.countries_discussing(real).low == len(discussing)
    assert set(policy.assisted(real)["iso3"]) == helped | discussing


def test_the_figures_of_the_edition(real):
    """The certified of one training, the delegates of one colloquium: nothing to add."""
    stated = {
        row["measure"]: float(row["value"]) for row in raw("figures")
        if row["activity_id"][:3] == "POL"
    }  # fmt: skip
    assert policy.people_certified(real).low == stated["people_certified"]
    assert policy.people_in_forums(real).low == stated["people_participating"]
    assert policy.people_in_forums(real).bound == "at_least"
    share = measures.finished(real)["share"].item()
    ratio = 100 * stated["people_certified"] / stated["people_registered"]
    assert share.low == pytest.approx(ratio, abs=0.05)


@pytest.mark.parametrize("region", ["AFR", "AMS", "ARB", "ASP", "CIS", "EUR"])
def test_regions_take_the_helped_countries_apart(region, real):
    whole = policy.assisted(real)
    own = policy.assisted(measures.restrict(real, region))
    pd.testing.assert_frame_equal(own, whole[whole["region"] == region].reset_index(drop=True))
