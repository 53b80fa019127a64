"""Claims: what adds, how far, and what is refused. The vectors are the design's."""

import math

import numpy as np
import pandas as pd
import pytest

from baaplib import claims, tables
from baaplib.claims import Claim
from baaplib.i18n import language

MEMBERS = {"AFR": ["KEN", "GHA", "ZMB"], "ASP": ["FJI", "TON"]}


@pytest.fixture(scope="module")
def cards():
    return tables.load("measures")


def people(value, *place, **other):
    """Return what one row of `figures` says; a group of people from the places, if not told."""
    row = {
        "activity_id": "CAP-001", "measure": "people_trained", "value": float(value),
        "bound": "exact", "place": place, "place_role": "origin", "cumulative": False,
        "part_of": None, "occasions": pd.NA,
    }  # fmt: skip
    return row | other


def rows(*figures):
    numbered = [{"figure_id": f"F{n}", **figure} for n, figure in enumerate(figures, 1)]
    return pd.DataFrame(numbered, index=range(10, 10 + len(numbered)))


VECTORS = {
    "two groups at one site": ([people(50, "KEN"), people(90, "KEN")], 90, 140),
    "three groups of a district": (
        [people(15_000, "KEN"), people(10_000, "KEN"), people(5_000, "KEN")], 15_000, 30_000,
    ),
    "two years": (
        [people(15, "KEN", window_start="2021"), people(40, "KEN", window_start="2022")], 40, 55,
    ),
    "workshops for pairs of countries": (
        [people(100, "KEN", "GHA"), people(100, "GHA", "ZMB"), people(100, "KEN", "ZMB")], 150, 300,
    ),
    "no half people": (
        [people(5, "KEN", "GHA"), people(5, "GHA", "ZMB"), people(5, "KEN", "ZMB")], 8, 15,
    ),
    "separate origins": ([people(30, "KEN"), people(20, "GHA")], 50, 50),
    "largest at each site, then added": (
        [people(30, "KEN"), people(20, "KEN"), people(5, "GHA")], 35, 55,
    ),
    "two venues are not two peoples": (
        [people(30, "KEN", place_role="venue"), people(20, "GHA", place_role="venue")], 30, 50,
    ),
    "origin nobody names": ([people(30, place_role=np.nan), people(20, "GHA")], 30, 50),
    "a region holds its countries": (
        [people(100, "AFR"), people(60, "KEN"), people(50, "GHA")], 110, 210,
    ),
    "a region holds others too": ([people(100, "AFR"), people(60, "KEN")], 100, 160),
    "two regions": ([people(100, "AFR"), people(60, "ASP"), people(50, "FJI")], 160, 210),
    "attendances over events": (
        [people(1600, "ASP", measure="attendances", occasions=17)], 95, 1600,
    ),
    "attendances over who knows how many": ([people(1600, measure="attendances")], 1, 1600),
    "attendances and people": (
        [people(1600, "ASP", measure="attendances", occasions=17), people(100, "FJI")], 100, 1700,
    ),
    "about": ([people(700, "KEN", bound="about"), people(20, "GHA")], 670, 770),
    "at least opens the end": ([people(50, bound="at_least"), people(90)], 90, math.inf),
    "at most has no lower end": ([people(50, bound="at_most"), people(10)], 10, 60),
    "a measure whose places do not add": (
        [people(n, place, measure="people_deployed") for n, place in ((30, "KEN"), (20, "GHA"))],
        30, 50,
    ),
    "things": ([people(10, measure="courses"), people(4, measure="courses")], 14, 14),
    "things, one at least": (
        [people(10, measure="courses", bound="at_least"), people(4, measure="courses")],
        14, math.inf,
    ),
    "countries are united, not added": (
        [people(100, measure="countries"), people(16, measure="countries")], 100, 116,
    ),
    "partners may be the same": (
        [people(16, "KEN", measure="partners_count"), people(8, "FJI", measure="partners_count")],
        16, 24,
    ),
    "a part does not count again": (
        [people(90, "KEN"), people(50, "KEN", part_of="F1")], 90, 90,
    ),
    "a part of a part": (
        [people(90), people(50, part_of="F1"), people(20, part_of="F2")], 90, 90,
    ),
    "a part whose whole is elsewhere counts": ([people(50, part_of="F9")], 50, 50),
}  # fmt: skip


@pytest.mark.parametrize("vector", VECTORS)
def test_vector(vector, cards):
    figures, low, high = VECTORS[vector]
    figures = rows(*figures)
    for shuffled in (figures, figures[::-1]):
        claim = claims.total(shuffled, cards, MEMBERS)
        assert (claim.low, claim.high) == (low, high)
    assert set(claim.figures) == set(figures["figure_id"])
    assert claim.activities == ("CAP-001",)


@pytest.mark.parametrize(
    ("figures", "bound"),
    [
        ([people(50, bound="about")], "about"),
        ([people(50, bound="at_most")], "at_most"),
        ([people(50, bound="at_least"), people(5)], "at_least"),
        ([people(50, "KEN"), people(5, "GHA")], "exact"),
        ([people(50), people(5)], "between"),
        ([people(50, measure="attendances")], "between"),
        ([people(50, measure="attendances", bound="at_least")], "at_least"),
    ],
)
def test_bounds_carry_over(figures, bound, cards):
    assert claims.total(rows(*figures), cards, MEMBERS).bound == bound


@pytest.mark.parametrize("measure", ["people_trained", "courses"])
def test_a_part_stays_out_although_the_step_to_its_whole_is_no_row(measure, cards):
    figures = rows(people(90, measure=measure), people(20, measure=measure, part_of="F9"))
    claim = claims.total(figures, cards, MEMBERS, wholes={"F9": "F1", "F1": None})
    assert (claim.low, claim.high) == (90, 90)


@pytest.mark.parametrize(
    ("value", "bound", "low", "high"),
    [
        (700, "about", 650, 750),
        (13_000, "about", 12_500, 13_500),
        (95, "about", 94.5, 95.5),
        (2.5, "about", 2.45, 2.55),
        (0, "about", -0.5, 0.5),
        (9_800, "at_least", 9_800, math.inf),
        (9_800, "at_most", 0, 9_800),
        (9_800, "exact", 9_800, 9_800),
    ],
)
def test_a_stated_number_leaves_open(value, bound, low, high):
    assert claims.interval(value, bound) == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("figures", "what"),
    [
        ([people(5), people(3, measure="courses")], "different things"),
        ([people(3, measure="courses"), people(3, measure="centres")], "different things"),
        ([people(5, cumulative=True), people(3)], "running total"),
        ([people(5, measure="women_share"), people(3, measure="women_share")], "shares"),
        ([people(5, measure="price")], "money"),
    ],
)
def test_what_does_not_add_is_refused_with_the_rows(figures, what, cards):
    price = cards[:1].assign(measure="price", kind="money")
    with pytest.raises(ValueError, match=what) as refusal:
        claims.total(rows(*figures), pd.concat([cards, price]), MEMBERS)
    assert "F1" in str(refusal.value)


def test_a_certificate_on_paper_is_no_person(cards):
    """People are added to people, certificates (things) to certificates."""
    paper = cards[cards["measure"] == "courses"].assign(measure="certificates")
    with pytest.raises(ValueError, match=r"F1 \(people_certified\), F2 \(certificates\)"):
        claims.total(
            rows(people(5, measure="people_certified"), people(3, measure="certificates")),
            pd.concat([cards, paper]), MEMBERS,
        )  # fmt: skip


def test_nothing_is_not_nought(cards):
    with pytest.raises(ValueError, match="no figures to add"):
        claims.total(rows(people(1))[:0], cards, MEMBERS)
    nothing = claims.not_stated("people_trained")
    assert nothing.bound == "not_stated"
    assert math.isnan(nothing.low)


def test_stated_names_the_row():
    claim = claims.stated(rows(people(40, bound="about")).iloc[0])
    assert claim == Claim("people_trained", 35, 45, "about", ("F1",), ("CAP-001",))


def test_count_counts_each_activity_once():
    claim = claims.count("activities", ["A", "B", "A"], whole=4)
    assert (claim.low, claim.high, claim.whole, claim.activities) == (2, 2, 4, ("A", "B"))


@pytest.mark.parametrize(
    ("claim", "english", "chinese"),
    [
        (Claim("m", 1600, 1600), "1 600", "1 600"),
        (Claim("m", 1600, math.inf, "at_least"), "at least 1 600", "至少1 600"),
        (Claim("m", 0, 30, "at_most"), "at most 30", "至多30"),
        (Claim("m", 650, 750, "about"), "about 700", "约700"),
        (Claim("m", 50, 90, "between"), "50 to 90", "50至90"),
        (Claim("m", 12, 12, whole=44), "12 of 44", "12/44"),
        (claims.not_stated("m"), "not stated", "未说明"),
    ],
)
def test_text(claim, english, chinese):
    texts = [claim.text(language(code)).replace("\u202f", " ") for code in ("en", "zh")]
    assert texts == [english, chinese]


@pytest.mark.parametrize("seed", range(25))
def test_the_interval_holds_the_truth(seed, cards):
    """Simulate people with homes, draw groups of them, add the groups, count who is in any."""
    random = np.random.default_rng(seed)
    homes = random.choice(["KEN", "GHA", "ZMB", "FJI", "TON", "ELSEWHERE"], random.integers(5, 60))
    reached, figures = set(), []
    for _ in range(random.integers(1, 7)):
        place = (("KEN",), ("GHA", "ZMB"), ("AFR",), ("ASP", "KEN"), ())[random.integers(5)]
        countries = {c for code in place for c in MEMBERS.get(code, [code])}
        pool = [n for n, home in enumerate(homes) if not place or home in countries]
        if not pool:
            continue
        events = int(random.integers(1, 4))
        groups = [
            random.choice(pool, random.integers(1, len(pool) + 1), replace=False)
            for _ in range(events)
        ]
        reached.update(*groups)
        size = sum(map(len, groups))
        if events == 1:
            bound = str(random.choice(["exact", "at_least", "at_most"]))
            slack = {"exact": 0, "at_least": -1, "at_most": 1}[bound]
            figures.append(people(size + slack, *place, bound=bound))
        else:
            figures.append(people(size, *place, measure="attendances", occasions=events))
    claim = claims.total(rows(*figures), cards, MEMBERS)
    assert claim.low <= len(reached) <= claim.high


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        ((80, "exact"), (200, "exact"), "40"),
        ((4000, "exact"), (13000, "about"), "about 30.8"),
        ((63, "exact"), (120, "at_least"), "at most 52.5"),
        ((50, "at_least"), (200, "exact"), "at least 25"),
        ((50, "at_most"), (200, "exact"), "at most 25"),
        ((50, "at_least"), (200, "at_least"), "not stated"),
    ],
)
def test_a_share_keeps_the_bounds_of_its_part_and_whole(part, whole, text):
    ends = [Claim("people", *claims.interval(*side), side[1]) for side in (part, whole)]
    assert claims.share(*ends, "women_share").text(language("en")) == text
