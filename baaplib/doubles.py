"""Which activities may be one thing told twice, ranked by evidence, and what that would change.

Each piece of evidence has a weight in bits: how much rarer it is by chance than between two
tellings of one thing (Fellegi and Sunter's record linkage, with weights from the tables' own
frequencies instead of training pairs, of which there are none). Words are compared by `rapidfuzz`
in both languages. What a curator has judged (`same_activities`) is not asked for again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process, utils

from baaplib import claims, measures, tables, verdicts
from baaplib.claims import Claim
from baaplib.measures import Edition

# Below this many bits a pair is no more alike than many others.
LEAST = 9.0
# Words alike by less than this share, in per cent, tell nothing.
ALIKE = 55.0
WORDS = 9.0  # bits for the same words
DAY, MONTH, APART = 5.0, 3.0, -4.0  # bits for dates that meet, by precision, or do not
NUMBER, SMALL = 3.0, 10  # bits for each number stated in both, from this one on


@dataclass(frozen=True)
class Pair:
    """Two activities that may be one.

    Attributes
    ----------
    activity, other : str
        Their keys.
    bits : float
        Weight of the evidence; 10 bits are odds of a thousand to one better than chance.
    why : tuple of str
        Each piece of evidence in words.
    figures : tuple of (str, str)
        Their figures that may count the same people, the larger group first.
    """

    activity: str
    other: str
    bits: float
    why: tuple[str, ...]
    figures: tuple[tuple[str, str], ...] = ()


def pairs(edition: str) -> list[Pair]:
    """Return the pairs of activities that may be one, the likeliest first.

    Parameters
    ----------
    edition : str
        Reporting edition, one of `tables.editions()`.

    Returns
    -------
    list of Pair
        Without those a curator has judged, those whose dates exclude each other, and those of one
        paragraph: a curator split it.

    Examples
    --------
    >>> all(pair.bits >= LEAST for pair in pairs("2022-12"))
    True
    """
    activities = tables.load("activities", edition)
    activities = activities[activities["status"] != "pending"].set_index("activity_id")
    links = {
        "partner": _links("activity_partners", "partner", edition, leave={"prospective"}),
        "country": _links("activity_countries", "iso3", edition, leave=set()),
    }
    figures = tables.load("figures", edition)
    stated = {str(name): own for name, own in figures.groupby("activity_id", observed=True)}
    nothing = figures.iloc[:0]
    alike = np.maximum(_likeness(activities, "en"), _likeness(activities, "zh"))
    judged = {
        frozenset(row[:2]) for row in verdicts.in_force(edition, "same_activities").to_numpy()
    }
    names = list(activities.index)
    told = [set(paragraphs) for paragraphs in activities["paragraphs"]]
    days = [_days(row) for _, row in activities.iterrows()]
    found = []
    for a, b in combinations(range(len(names)), 2):
        one, other = names[a], names[b]
        if told[a] & told[b] or frozenset((one, other)) in judged:
            continue
        evidence = [
            *_words(alike[a, b]),
            *(part for own in links.values() for part in own.shared(one, other, len(names))),
            *_dates(days[a], days[b]),
            *_numbers(stated.get(one, nothing), stated.get(other, nothing)),
        ]
        bits = sum(weight for weight, _ in evidence)
        if bits >= LEAST:
            groups = _same_people(stated.get(one, nothing), stated.get(other, nothing))
            words = tuple(why for _, why in evidence)
            found.append(Pair(one, other, round(bits, 1), words, groups))
    return sorted(found, key=lambda pair: (-pair.bits, pair.activity, pair.other))


@dataclass(frozen=True)
class _Links:
    """What activities are linked to, and how many activities each of it has."""

    what: str
    own: dict[str, set[str]]
    often: dict[str, int]

    def shared(self, one: str, other: str, activities: int) -> list[tuple[float, str]]:
        """Weigh what both are linked to by how rare it is; what only one has takes away."""
        a, b = self.own.get(one, set()), self.own.get(other, set())
        both = a & b
        if not both:
            return [(-2.0, f"no {self.what} in common")] if a and b else []
        rarity = max(np.log2(activities / self.often[name]) for name in both)
        bits = float(rarity * len(both) / len(a | b))
        return [(bits, f"{self.what}: {', '.join(sorted(both))}")]


def _links(table: str, column: str, edition: str, leave: set[str]) -> _Links:
    frame = tables.load(table, edition)
    frame = frame[~frame["role"].isin(leave)].drop_duplicates(["activity_id", column])
    grouped = frame.astype(str).groupby("activity_id")[column]
    often = {str(name): int(n) for name, n in frame[column].astype(str).value_counts().items()}
    what = {"iso3": "country"}.get(column, column)
    return _Links(what, {str(name): set(own) for name, own in grouped}, often)


def _likeness(activities: pd.DataFrame, code: str) -> np.ndarray:
    """Return how alike the words of each two activities are, in per cent."""
    texts = (activities[f"title_{code}"] + " " + activities[f"summary_{code}"]).tolist()
    titles = activities[f"title_{code}"].tolist()
    scorer = fuzz.token_set_ratio if code == "en" else fuzz.ratio
    either = [
        process.cdist(words, words, scorer=scorer, processor=utils.default_process)
        for words in (titles, texts)
    ]
    return np.asarray(np.mean(either, axis=0))


def _words(alike: float) -> list[tuple[float, str]]:
    if alike < ALIKE:
        return []
    return [(WORDS * (alike - ALIKE) / (100 - ALIKE), f"words alike by {alike:.0f} per cent")]


def _days(row: pd.Series) -> tuple[pd.Timestamp, pd.Timestamp, str] | None:
    """Return first day, last day and precision of an activity; a bare year tells too little."""
    start, end = (row[name] if isinstance(row[name], str) else "" for name in ("start", "end"))
    if not (start or end) or max(len(start), len(end)) == len("2022"):
        return None
    first, last = tables.first_and_last_day(start or end, end or start)
    return first, last, "day" if max(len(start), len(end)) == len("2022-10-18") else "month"


def _dates(
    one: tuple[pd.Timestamp, pd.Timestamp, str] | None,
    other: tuple[pd.Timestamp, pd.Timestamp, str] | None,
) -> list[tuple[float, str]]:
    if one is None or other is None:
        return []
    if one[0] > other[1] or other[0] > one[1]:
        return [(APART, "dates apart")]
    day = one[2] == other[2] == "day"
    return [(DAY if day else MONTH, "same days" if day else "dates meet")]


def _numbers(one: pd.DataFrame, other: pd.DataFrame) -> list[tuple[float, str]]:
    """Weigh numbers that both state; small ones meet by chance."""
    both = set(one["value"]) & set(other["value"])
    return [(NUMBER, f"number: {value:g}") for value in sorted(both) if value >= SMALL]


def _same_people(one: pd.DataFrame, other: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Pair the figures that count people in the same way."""
    same = ["measure", "cumulative"]
    pairs = one[one["unique_within"].notna()].merge(other, on=same, suffixes=("", "_other"))
    who = pairs[["population", "population_other"]].astype("object").fillna("")
    pairs = pairs[who["population"] == who["population_other"]]
    return tuple(zip(pairs["figure_id"], pairs["figure_id_other"], strict=True))


def effects(pair: Pair, data: Edition) -> list[tuple[Claim, Claim]]:
    """Return the headlines that would change if the two were one, each before and after.

    Parameters
    ----------
    pair : Pair
        From `pairs`.
    data : Edition
        The whole edition, from `measures.edition`.
    """
    links = pd.DataFrame(
        [(a, b, claims.SAME) for a, b in pair.figures], columns=["figure", "other", "verdict"]
    )
    rules = replace(data.rules, verdicts=pd.concat([data.rules.verdicts, links]))
    kept = data.activities["activity_id"] != pair.other
    one = replace(data, activities=data.activities[kept], rules=rules)
    # The people of both stay; only the rules know now who they are.
    people = replace(data, rules=rules)
    changed = [
        (measures.activity_count(data), measures.activity_count(one)),
        (measures.in_period(data), measures.in_period(one)),
        (measures.people_trained(data), measures.people_trained(people)),
    ]
    return [
        (before, after)
        for before, after in changed
        if (before.low, before.high, before.whole) != (after.low, after.high, after.whole)
    ]
