"""Claims: what adds, how far, and what is refused. The vectors are the design's."""

import math
import re
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baaplib import claims, tables
from baaplib.claims import Claim, Rules
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
        claim = claims.total(shuffled, Rules(cards, MEMBERS))
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
    assert claims.total(rows(*figures), Rules(cards, MEMBERS)).bound == bound


@pytest.mark.parametrize("measure", ["people_trained", "courses"])
def test_a_part_stays_out_although_the_step_to_its_whole_is_no_row(measure, cards):
    figures = rows(people(90, measure=measure), people(20, measure=measure, part_of="F9"))
    middle = rows(people(50, measure=measure, part_of="F1")).assign(figure_id="F9")
    claim = claims.total(figures, Rules(cards, MEMBERS, pd.concat([figures, middle])))
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
        claims.total(rows(*figures), Rules(pd.concat([cards, price]), MEMBERS))
    assert "F1" in str(refusal.value)


def test_a_certificate_on_paper_is_no_person(cards):
    """People are added to people, certificates (things) to certificates."""
    paper = cards[cards["measure"] == "courses"].assign(measure="certificates")
    with pytest.raises(
        ValueError, match=r"people_certified \(F1\) and certificates \(F2\) do not add"
    ):
        claims.total(
            rows(people(5, measure="people_certified"), people(3, measure="certificates")),
            Rules(pd.concat([cards, paper]), MEMBERS),
        )


def test_nothing_is_not_nought(cards):
    with pytest.raises(ValueError, match="no figures to add"):
        claims.total(rows(people(1))[:0], Rules(cards, MEMBERS))
    nothing = claims.not_stated("people_trained")
    assert nothing.bound == "not_stated"
    assert math.isnan(nothing.low)


def test_stated_names_the_row():
    claim = claims.stated(rows(people(40, bound="about")).iloc[0])
    assert claim == Claim("people_trained", 35, 45, "about", ("F1",), ("CAP-001",))


def test_stated_says_whom_where_and_when():
    row = people(40, "KEN", population="women", window_start="2022", window_end="2022-06")
    claim = claims.stated(rows(row).iloc[0])
    assert (claim.population, claim.place, claim.window) == ("women", ("KEN",), ("2022", "2022-06"))


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
        (Claim("m", 12, 12, whole=44), "12 of 44", "12（共44）"),
        (claims.not_stated("m"), "not stated", "未说明"),
    ],
)
def test_text(claim, english, chinese):
    texts = [claim.text(language(code)).replace("\u202f", " ") for code in ("en", "zh")]
    assert texts == [english, chinese]


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


# What else is known: populations, wholes, verdicts


def test_a_district_of_fifteen_thousand(cards):
    """15 000, 10 000 and 5 000 people of a district of 15 000 are 15 000."""
    groups = rows(people(15_000, "KEN"), people(10_000, "KEN"), people(5_000, "KEN"))
    claim = claims.total(groups, Rules(cards, MEMBERS, populations={"KEN": 15_000}))
    assert (claim.low, claim.high, claim.bound) == (15_000, 15_000, "exact")


def test_a_population_closes_an_open_end_and_no_other_places(cards):
    groups = rows(people(50, "KEN", bound="at_least"), people(20, "FJI"))
    rules = Rules(cards, MEMBERS, populations={"AFR": 900})
    assert claims.total(groups, rules).high == 920


def test_more_people_than_there_are_is_refused(cards):
    with pytest.raises(ValueError, match="at least 20, but only 10 there can be"):
        claims.total(rows(people(20, "KEN")), Rules(cards, MEMBERS, populations={"KEN": 10}))


def test_a_declared_whole_closes_the_end_of_its_parts(cards):
    every = rows(
        people(324, measure="courses"),
        people(12, measure="courses", bound="at_least", part_of="F1"),
        people(17, measure="courses", part_of="F1"),
    )
    claim = claims.total(every[1:], Rules(cards, MEMBERS, every))
    assert (claim.low, claim.high) == (29, 324)


def test_a_whole_of_things_caps_no_people(cards):
    every = rows(people(3, measure="courses"), people(50, part_of="F1"), people(5, part_of="F1"))
    assert claims.total(every[1:], Rules(cards, MEMBERS, every)).high == 55


def verdicts(*rows_):
    return pd.DataFrame(rows_, columns=["figure", "other", "verdict"])


JUDGED = {
    "two years of new people": (
        [people(15, "KEN"), people(40, "KEN")], [("F1", "F2", "disjoint")], 55, 55,
    ),
    "the same people told twice": (
        [people(15, "KEN"), people(40, "KEN")], [("F1", "F2", "same_people")], 40, 40,
    ),
    "one lies in the other": (
        [people(15, "KEN"), people(40, "KEN")], [("F1", "F2", "part_of")], 40, 40,
    ),
    "two of three are apart": (
        [people(15, "KEN"), people(40, "KEN"), people(30, "KEN")], [("F1", "F2", "disjoint")],
        55, 85,
    ),
    "three apart, one that may be any": (
        [people(10, "KEN"), people(20, "KEN"), people(30, "KEN"), people(50)],
        [("F1", "F2", "disjoint"), ("F3", "F2", "disjoint"), ("F1", "F3", "disjoint")], 60, 110,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", JUDGED)
def test_a_verdict_counts(name, cards):
    figures, judged, low, high = JUDGED[name]
    claim = claims.total(rows(*figures), Rules(cards, MEMBERS, verdicts=verdicts(*judged)))
    assert (claim.low, claim.high) == (low, high)
    assert len(claim.figures) == len(figures)


# Operators


@pytest.fixture
def claim(cards):
    """Return the claims of figures, with what is known about all of them."""

    def made(*figures):
        frame = rows(*figures)
        rules = Rules(cards, MEMBERS, frame)
        return [claims.stated(row, rules) for _, row in frame.iterrows()]

    return made


def test_plus_is_total(claim, cards):
    figures = [people(50, "KEN"), people(90, "KEN"), people(7, "FJI")]
    added = sum(claim(*figures))
    assert added == claims.total(rows(*figures), Rules(cards, MEMBERS))
    assert (added.low, added.high) == (97, 147)


def test_a_sum_knows_what_it_counted(claim):
    one, two, three = claim(people(50, "KEN"), people(90, "KEN"), people(7, "KEN"))
    assert (one + two) + three == one + (two + three)
    twice = (one + two) + (two + three)
    assert (twice.low, twice.high, twice.figures) == (90, 147, ("F1", "F2", "F3"))


def test_counts_of_activities_unite():
    one, two = claims.count("activities", ["A", "B"]), claims.count("activities", ["B", "C"])
    assert (one + two).activities == ("A", "B", "C")
    assert (one + two).low == 3


def test_silence_opens_the_end(claim):
    (one,) = claim(people(50, "KEN"))
    both = one + claims.not_stated("people_trained")
    assert (both.low, both.high, both.bound) == (50, math.inf, "at_least")


REFUSED = {
    "people and courses": (
        [people(5), people(3, measure="courses")],
        "people_trained (F1) and courses (F2) do not add: they count different things",
    ),
    "a running total and a period": (
        [people(5, cumulative=True), people(3)], "one is a running total, the other a count of one",
    ),
    "a part and its whole": (
        [people(90), people(50, part_of="F1")], "one is part of the other, which counts it already",
    ),
    "shares": (
        [people(5, measure="women_share"), people(3, measure="women_share")], "shares and amounts",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_plus_refuses(name, claim):
    figures, message = REFUSED[name]
    one, other = claim(*figures)
    with pytest.raises(ValueError, match=re.escape(message)):
        one + other


def test_a_bare_number_is_not_added(claim):
    (one,) = claim(people(5))
    for wrong in (3, 2.5, "3"):
        with pytest.raises(TypeError, match="is no claim"):
            one + wrong


def test_minus_leaves_the_rest_of_a_whole(claim):
    whole, part = claim(people(90, bound="about", cumulative=True), people(50, part_of="F1"))
    rest = whole - part
    assert (rest.low, rest.high, rest.figures) == (35, 45, ("F1", "F2"))


def test_minus_holds_two_numbers_of_one_thing_against_each_other(claim):
    printed, counted = claim(people(160, measure="courses"), people(198, measure="courses"))
    assert (printed - counted).low == -38


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ([people(5), people(3, measure="courses")], "they count other things"),
        ([people(5, cumulative=True), people(3)], "not declared its part"),
    ],
)
def test_minus_refuses(figures, message, claim):
    one, other = claim(*figures)
    with pytest.raises(ValueError, match=message):
        one - other


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ([people(5), people(9, measure="courses")], "people and things have no share"),
        ([people(5), people(9, cumulative=True)], "one is a running total"),
        ([people(9), people(5)], "the part is larger than the whole"),
    ],
)
def test_a_share_without_sense_is_refused(figures, message, claim):
    part, whole = claim(*figures)
    with pytest.raises(ValueError, match=message):
        part / whole


def test_coverage_says_how_many_state_it():
    assert claims.coverage("activities", ["A"], ["A", "B"]).text(language("en")) == "1 of 2"
    with pytest.raises(ValueError, match="C state it but are not among"):
        claims.coverage("activities", ["C"], ["A", "B"])


# Simulated people and reports of them: the interval always holds the truth

TREE = {"R1": ["A", "B", "C"], "R2": ["D", "E"]}
PLACES = {
    "tree": [("A",), ("B",), ("C",), ("D",), ("E",), ("R1",), ("R2",), ("R1", "R2"), ()],
    "crossing": [("A", "B"), ("B", "C"), ("A", "C"), ("C", "D"), ("A", "D", "E"), ("E",), ()],
}
BOUNDS = {"exact": 0, "at_least": -1, "at_most": 1}


@st.composite
def reports(draw, places):
    """People with a home, and reports that each count some of them; the true number of people."""
    homes = draw(st.lists(st.sampled_from([*"ABCDE", "far"]), min_size=1, max_size=25))
    reached, figures, groups = set(), [], []
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.sampled_from(places))
        inside = {code for name in place for code in (name, *TREE.get(name, ()))}
        pool = [n for n, home in enumerate(homes) if not place or home in inside]
        events = draw(
            st.lists(st.sets(st.sampled_from(pool), min_size=1), min_size=1, max_size=3)
            if pool else st.just([])
        )  # fmt: skip
        if not events:
            continue
        people_here = set().union(*events)
        reached |= people_here
        if len(events) > 1:
            size = sum(map(len, events))
            figures.append(people(size, *place, measure="attendances", occasions=len(events)))
            groups.append(people_here)
            continue
        bound = draw(st.sampled_from([*BOUNDS]))
        wholes = [i for i, group in enumerate(groups) if people_here <= group]
        whole = draw(st.sampled_from([None, *wholes]))
        part_of = None if whole is None else f"F{whole + 1}"
        figures.append(
            people(len(people_here) + BOUNDS[bound], *place, bound=bound, part_of=part_of)
        )
        groups.append(people_here)
    return homes, figures, groups, reached


@pytest.mark.parametrize("shape", PLACES)
def test_the_interval_holds_the_truth(shape, cards):
    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(reports(PLACES[shape]))
    def holds(simulated):
        homes, figures, groups, reached = simulated
        if not figures:
            return
        populations = {place: homes.count(place) for place in "ABCDE"}
        pairs = combinations(range(len(groups)), 2)
        apart = [(a, b) for a, b in pairs if not groups[a] & groups[b]]
        judged = verdicts(*((f"F{a + 1}", f"F{b + 1}", "disjoint") for a, b in apart[:4]))
        for rules in (
            Rules(cards, TREE),
            Rules(cards, TREE, verdicts=judged, populations=populations),
        ):
            claim = claims.total(rows(*figures), rules)
            assert claim.low <= len(reached) <= claim.high
            # What makes up the lower end makes it up alone.
            every = rows(*figures)
            carried = every[every["figure_id"].isin(claims.carrying(claim))]
            assert claims.total(carried, replace(rules, figures=every)).low == claim.low

    holds()


def test_the_lower_end_is_made_up_of_the_largest_of_each_place(cards):
    groups = [people(50, "A"), people(90, "A"), people(20, "B"), people(60)]
    rules = Rules(cards, TREE)
    assert claims.carrying(claims.total(rows(*groups), rules)) == ("F2", "F3")
    assert claims.carrying(claims.total(rows(*groups[:1]), rules)) == ("F1",)
    courses = [people(5, measure="courses"), people(7, measure="courses")]
    assert claims.carrying(claims.total(rows(*courses), rules)) == ("F1", "F2")


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=5))
def test_the_interval_is_tight_for_separate_and_for_nested_groups(sizes):
    rules = Rules(tables.load("measures"), TREE)
    separate = rows(*(people(n, place) for n, place in zip(sizes, "ABCDE", strict=False)))
    claim = claims.total(separate, rules)
    assert (claim.low, claim.high) == (sum(sizes), sum(sizes))
    nested = [
        people(n, "A", part_of=f"F{i}" if i else None)
        for i, n in enumerate(sorted(sizes, reverse=True))
    ]
    claim = claims.total(rows(*nested), rules)
    assert (claim.low, claim.high) == (max(sizes), max(sizes))
