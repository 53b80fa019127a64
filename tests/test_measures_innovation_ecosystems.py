"""Innovation ecosystems: a small edition worked out by hand, and the real one counted anew."""

from pathlib import Path

import pytest
from small import listed, raw, said, written
from test_measures import SMALL, write

from baaplib import measures
from baaplib.measures import innovation_ecosystems as innovation

DATA = Path(__file__).parent.parent / "data"
INNOVATION = {
    "countries": SMALL["countries"],
    "partners": SMALL["partners"],
    "editions": SMALL["editions"],
    "activities": """
        activity_id theme region type       status    start   paragraphs
        INN-001     INN   -      assessment ongoing   -       10
        INN-002     INN   AFR    assessment completed -       11
        INN-003     INN   -      assessment planned   -       12
        INN-004     INN   ASP    workshop   completed -       13
        INN-005     INN   -      assistance ongoing   -       14
        INN-006     INN   AFR    project    completed -       15
        INN-007     INN   -      competition completed 2022   16
        INN-008     INN   -      competition completed -      17
        INN-009     INN   -      competition pending  -       18
        INN-010     INN   -      training   ongoing   -       19
        INN-011     INN   EUR    programme  ongoing   -       20
        INN-012     INN   -      training   planned   -       21
        CYB-001     CYB   -      assessment completed -       22
    """,
    "activity_countries": """
        activity_id iso3 role
        INN-001     GHA  beneficiary
        INN-001     FJI  beneficiary
        INN-002     GHA  beneficiary
        INN-003     KEN  beneficiary
        INN-003     SOM  venue
        INN-004     NIC  beneficiary
        INN-006     GHA  beneficiary
        INN-006     KEN  participant
        INN-009     SOM  beneficiary
        CYB-001     SOM  beneficiary
    """,
    "activity_partners": """
        activity_id partner role
        INN-007     unicef  funder
        INN-007     unicef  co_organiser
        INN-007     cisco   prospective
        INN-008     cisco   co_organiser
        INN-010     norad   funder
    """,
    "activity_tags": """
        activity_id vocabulary tag
        INN-001     topic      inn-profiles
        INN-002     topic      inn-profiles
        INN-003     topic      inn-profiles
        INN-004     topic      inn-profiles
        INN-005     topic      inn-strategies
        INN-006     topic      inn-strategies
        INN-006     topic      inn-youth
        INN-007     topic      inn-challenges
        INN-007     topic      inn-women
        INN-007     topic      inn-youth
        INN-008     topic      inn-challenges
        INN-009     topic      inn-challenges
        INN-009     topic      inn-women
        INN-010     topic      inn-challenges
        INN-010     topic      inn-women
        INN-011     topic      inn-startups
        INN-012     topic      inn-women
        INN-012     sdg        5
        CYB-001     topic      inn-profiles
    """,
    "figures": """
        figure_id activity_id measure         value bound   population cumulative
        F016-1    INN-007     proposals       10    exact   -          false
        F016-2    INN-007     funding_usd     6000  at_most -          false
        F016-3    INN-007     funding_usd     500   exact   -          false
        F016-4    INN-007     people_pledged  9000  exact   women      false
        F017-1    INN-008     proposals       4     at_least -         false
        F018-1    INN-009     proposals       7     exact   -          false
        F019-1    INN-010     people_trained  30    exact   girls      false
        F019-2    INN-010     cohorts         2     exact   -          false
        F020-1    INN-011     startups        57    exact   -          false
        F020-2    INN-011     countries       16    exact   -          false
    """,
    "findings": """
        finding_id kind          severity paragraphs activities
        X016-1     unclear_scope low      16         INN-007
        X016-2     name_variant  high     16         INN-007
        X016-3     unclear_scope high     16         -
        X019-1     missing_value high     19;20      INN-010;INN-011
        X020-1     missing_value high     20         INN-011
    """,
    "paragraphs": SMALL["paragraphs"],
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Return the small edition of all regions."""
    return written(tmp_path_factory, write, INNOVATION)


@pytest.fixture
def of(small):
    return lambda region: measures.restrict(small, region, "INN")


FRAMES = {
    "by_topic": ("topic claim", {
        # The pending challenge is no activity.
        "ALL": [("inn-profiles", "4"), ("inn-challenges", "3"), ("inn-women", "3"),
                ("inn-strategies", "2"), ("inn-youth", "2"), ("inn-startups", "1")],
        "CIS": [],
    }),
    # Ghana's furthest stage; no workshop, no venue, no other theme.
    "profiles": ("iso3 region status activity_id", {
        "ALL": [("GHA", "AFR", "completed", "INN-002"), ("FJI", "ASP", "ongoing", "INN-001"),
                ("KEN", "AFR", "planned", "INN-003")],
        "AFR": [("GHA", "AFR", "completed", "INN-002"), ("KEN", "AFR", "planned", "INN-003")],
        "AMS": [],
        "CIS": [],
    }),
    "profiles_by_stage": ("status countries claim", {
        "ALL": [("completed", 1, "1"), ("ongoing", 1, "1"), ("planned", 1, "1")],
        "ASP": [("ongoing", 1, "1")],
        "CIS": [],
    }),
    # The furthest stage first; work for which no country is named has none.
    "strategies": ("activity_id iso3 status", {
        "ALL": [("INN-006", "GHA", "completed"), ("INN-006", "KEN", "completed"),
                ("INN-005", None, "ongoing")],
        "CIS": [],
    }),
    # Here the workshop counts as work on profiles; whom it is meant for is no kind of work.
    "work_by_country": ("iso3 topic", {
        "ALL": [("GHA", "inn-profiles"), ("KEN", "inn-profiles"), ("NIC", "inn-profiles"),
                ("FJI", "inn-profiles"), ("GHA", "inn-strategies"), ("KEN", "inn-strategies")],
        "AMS": [("NIC", "inn-profiles")],
        "CIS": [],
    }),
    # Amounts do not add: each has its row. Silence is said.
    "challenges": ("activity_id start winners money", {
        "ALL": [("INN-007", "2022", "10", "at most 6 000"), ("INN-007", "2022", "10", "500"),
                ("INN-008", None, "at least 4", "not stated")],
        "CIS": [],
    }),
    "challenge_partners": ("activity_id partner kind", {
        "ALL": [("INN-007", "unicef", "un_body"), ("INN-008", "cisco", "company")],
        "CIS": [],
    }),
    "challenge_funders": ("activity_id partner", {"ALL": [("INN-007", "unicef")], "CIS": []}),
    "left_open": ("finding_id", {"ALL": [("X019-1",), ("X016-1",)], "CIS": []}),
    "startup_figures": ("activity_id measure claim", {
        "ALL": [("INN-011", "startups", "57"), ("INN-011", "countries", "16")],
        "EUR": [("INN-011", "startups", "57"), ("INN-011", "countries", "16")],
        "AFR": [],
    }),
    "by_audience": ("topic status claim", {
        "ALL": [("inn-women", "completed", "1"), ("inn-women", "ongoing", "1"),
                ("inn-women", "planned", "1"), ("inn-youth", "completed", "2")],
        "AFR": [("inn-youth", "completed", "1")],
        "CIS": [],
    }),
    "audience_figures": ("activity_id measure population claim", {
        "ALL": [("INN-007", "people_pledged", "women", "9 000"),
                ("INN-010", "people_trained", "girls", "30"), ("INN-010", "cohorts", None, "2")],
        "CIS": [],
    }),
}  # fmt: skip


@pytest.mark.parametrize(
    ("question", "region"), [(name, region) for name in FRAMES for region in FRAMES[name][1]]
)
def test_frame(question, region, of):
    columns, expected = FRAMES[question]
    frame = getattr(innovation, question)(of(region))
    rows = [
        tuple(cell.replace("\u202f", " ") if isinstance(cell, str) else cell for cell in row)
        for row in listed(frame, *columns.split())
    ]
    assert rows == expected[region]


CLAIMS = {
    # What it says, by question and region.
    "profile_count": {"ALL": "3", "AFR": "2", "CIS": "0"},
    "profiles_made": {"ALL": "1", "ASP": "0"},
    "strategy_count": {"ALL": "2", "AFR": "1"},
    "strategies_made": {"ALL": "1", "CIS": "0"},
    "challenge_count": {"ALL": "2", "CIS": "0"},
    "winners": {"ALL": "at least 14", "CIS": "not stated"},
    "challenges_with_money": {"ALL": "1 of 2", "CIS": "none reported"},
    "startups_applying": {"ALL": "57", "EUR": "57", "AFR": "not stated"},
    # The pending one is none; one meant for both counts once: 6, 7, 10 and 12 of eleven.
    "for_youth_or_women": {"ALL": "4 of 11", "AFR": "1 of 4"},
    # A pledge is no one who took part.
    "counting_people": {"ALL": "1 of 4", "AFR": "0 of 1"},
}


@pytest.mark.parametrize(
    ("question", "region"), [(name, region) for name in CLAIMS for region in CLAIMS[name]]
)
def test_claim(question, region, of, small):
    claim = getattr(innovation, question)(of(region))
    assert said(claim) == CLAIMS[question][region]
    assert claim.measure in set(small.reference["measures"]["measure"])
    assert claim.scope[:2] == (f"region={region}", "theme=INN")


def test_work_with_startups_is_theirs_alone(of):
    own = innovation.startup_work(of("ALL"))
    assert own.activities["activity_id"].tolist() == ["INN-011"]


@pytest.fixture(scope="module")
def real():
    return measures.restrict(measures.edition("2022-12"), area="INN")


def topics():
    rows = raw("activity_tags")
    return [(row["activity_id"], row["tag"]) for row in rows if row["vocabulary"] == "topic"]


def test_every_activity_of_the_theme_has_a_topic_of_it():
    own = {row["activity_id"] for row in raw("activities") if row["theme"] == "INN"}
    named = {row["topic"] for row in raw("topics") if row["theme"] == "INN"}
    given = [(name, topic) for name, topic in topics() if name in own]
    assert {name for name, _ in given} == own
    assert {topic for _, topic in given} == named


def test_ten_countries_have_a_profile_made_or_in_work(real):
    """As the findings count them: eight of paragraph 151, Oman, Brunei Darussalam."""
    about = {name for name, topic in topics() if topic == "inn-profiles"}
    links = raw("activity_countries")
    reached = {row["iso3"] for row in links if row["activity_id"] in about}
    assert reached == set(innovation.profiles(real)["iso3"])
    assert innovation.profile_count(real).low == len(reached) == 10


def test_the_profiles_made_are_as_many_as_the_source_prints(real):
    [printed] = [row["value"] for row in raw("figures") if row["measure"] == "profiles"]
    assert innovation.profiles_made(real).low == int(printed)


def test_money_and_winners_are_as_stated(real):
    stated = {row["measure"]: row for row in raw("figures")
              if row["activity_id"] in ("INN-001", "INN-023")}  # fmt: skip
    frame = innovation.challenges(real).set_index("activity_id")
    money = frame.loc["INN-001", "money"]
    assert (money.high, money.bound) == (
        float(stated["funding_usd"]["value"]), stated["funding_usd"]["bound"]
    )  # fmt: skip
    assert frame.loc["INN-003", "money"].bound == "not_stated"
    assert innovation.winners(real).low == float(stated["proposals"]["value"])
    assert innovation.startups_applying(real).low == float(stated["startups"]["value"])


def test_youth_and_women_counted_anew(real):
    aimed = {name for name, topic in topics() if topic in ("inn-women", "inn-youth")}
    claim = innovation.for_youth_or_women(real)
    assert set(claim.activities) == aimed
    assert claim.low == len(aimed)
    people = [
        row for row in raw("figures")
        if row["activity_id"] in aimed and row["measure"].startswith(("people", "attendances"))
    ]  # fmt: skip
    assert {row["measure"] for row in people} == {"people_pledged"}
    assert innovation.counting_people(real).low == 0
