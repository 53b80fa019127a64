"""Claims: counts that know what they are.

A claim is an interval with what it counts and the rows behind it. Figures of things add; figures
of people do not, because one person may stand in several of them. `total` and `+` therefore give
people the interval from the fewest persons that can explain all groups to the sum without repeats,
and refuse what has no meaning as a sum in a sentence that names the two things.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from baaplib.cover import Cover, cover
from baaplib.i18n import Language

PEOPLE = ("people", "attendances")
# Kinds that are no counts.
NEVER_ADDED = ("share", "money")
# What a curator may say of two figures: other people, the same people, the first in the second.
DISJOINT, SAME, PART = "disjoint", "same_people", "part_of"

# A row of `figures`, and what is asked of it here.
COLUMNS = (
    "figure_id", "activity_id", "measure", "value", "bound", "population", "place", "place_role",
    "occasions", "window_start", "window_end", "cumulative",
)  # fmt: skip
Figure = pd.Series | Mapping[str, Any]


@dataclass(frozen=True)
class Group:
    """One figure as the arithmetic sees it.

    Attributes
    ----------
    figure, measure, kind : str
        Its key, its measure and the measure's kind.
    low, high : float
        What the stated number leaves open.
    fewest : float
        Fewest persons behind it: attendances may all be the same few people.
    origins : frozenset of str
        Places its people can come from; empty is anywhere.
    within : tuple of str
        The figures it is part of, the nearest first.
    cumulative : bool
        It runs since before the reporting period.
    adds : bool
        The measure adds over places and periods.

    Examples
    --------
    >>> Claim("courses", 3, 3).groups  # claims of things have none
    ()
    """

    figure: str
    measure: str
    kind: str
    low: float
    high: float
    fewest: float
    origins: frozenset[str]
    within: tuple[str, ...]
    cumulative: bool
    adds: bool


@dataclass(frozen=True)
class Claim:
    """A number, or the interval it lies in, with what it counts and the rows behind it.

    Claims add, subtract and divide as far as that means something; see `__add__`, `difference`
    and `share`.

    Attributes
    ----------
    measure : str
        Key of the measure, a row of `measures`.
    low, high : float
        Ends of the interval in units of the measure; equal if exact, `inf` if open.
    bound : str
        `exact`, `at_least`, `at_most`, `about`, `between`, or `not_stated`: silence, not nought.
    figures, activities : tuple of str
        Keys of the rows behind it.
    whole : float, optional
        For a share: what it is a share of.
    scope : tuple of str
        Of which activities it speaks, as `column=value`: ("region=AFR", "theme=CAP"). Two claims
        of one measure and scope say the same, in whatever report they stand.
    population, place, window : optional
        Which people, where (codes of countries or regions) and when (first and last date, as
        stated), where all figures behind it agree.
    cumulative : bool
        A running total since before the reporting period.
    findings : tuple of str
        Keys of the findings that it counts, or that it was worked out for.
    gap : float
        How much higher the lower end might be at most; 0 unless verdicts are too many to weigh all.
    groups : tuple of Group
        The figures as the arithmetic sees them.
    rules : Rules, optional
        What else is known about figures, for sums.

    Examples
    --------
    >>> Claim("courses", 3, 3) + Claim("courses", 4, 4) == Claim("courses", 7, 7)
    False
    """

    measure: str
    low: float
    high: float
    bound: str = "exact"
    figures: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    whole: float | None = None
    scope: tuple[str, ...] = ()
    population: str = ""
    place: tuple[str, ...] = ()
    window: tuple[str, str] = ("", "")
    cumulative: bool = False
    findings: tuple[str, ...] = ()
    gap: float = 0.0
    groups: tuple[Group, ...] = field(default=(), compare=False, repr=False)
    rules: Rules | None = field(default=None, compare=False, repr=False)

    def __add__(self, other: object) -> Claim:
        """Add two claims: things sum, people unite, and what does not add is refused.

        Raises
        ------
        ValueError
            Says which two things do not add, why, and what to do.
        TypeError
            If `other` is no claim.
        """
        if other == 0 and isinstance(other, int):
            return self  # the start of sum()
        if not isinstance(other, Claim):
            message = f"{other!r} is no claim; a number without a source is not added to one"
            raise TypeError(message)
        _refuse_sum(self, other)
        if "not_stated" in (self.bound, other.bound):
            known = self if other.bound == "not_stated" else other
            return replace(known, high=math.inf, bound="at_least")
        if not (self.groups or other.groups):
            ids = dict.fromkeys(self.activities + other.activities)
            return replace(count(self.measure, ids), rules=self.rules)
        own = {group.figure: group for group in self.groups + other.groups}
        return _united(
            tuple(own.values()), self.rules or Rules(), self.measure,
            tuple(dict.fromkeys(self.activities + other.activities)), (self, other),
        )  # fmt: skip

    __radd__ = __add__

    def __sub__(self, other: Claim) -> Claim:
        """Subtract a part from its whole, or hold two numbers of one thing against each other."""
        return difference(self, other)

    def __truediv__(self, whole: Claim) -> Claim:
        """Return the share, in per cent, that a part is of its whole."""
        return share(self, whole, "share")

    def text(self, lang: Language) -> str:
        """Write the number as a reader of the language expects it.

        Examples
        --------
        >>> from baaplib.i18n import language
        >>> Claim("people_trained", 50, 90, "between").text(language("en"))
        '50 to 90'
        >>> Claim("countries", 12, 12, whole=44).text(language("en"))
        '12 of 44'
        """
        words = self._ends(lang)
        if not self.gap:
            return words
        return lang.gettext("{number} (its lower end may be up to {gap} too low)").format(
            number=words, gap=lang.number(self.gap)
        )

    def _ends(self, lang: Language) -> str:
        _ = lang.gettext
        if self.whole == 0:
            return _("none reported")
        if self.bound == "not_stated":
            return _("not stated")
        if self.whole is not None:
            return _("{part} of {whole}").format(
                part=lang.number(self.low), whole=lang.number(self.whole)
            )
        if self.bound == "at_least" or math.isinf(self.high):
            return _("at least {number}").format(number=lang.number(self.low))
        if self.bound == "at_most":
            return _("at most {number}").format(number=lang.number(self.high))
        if self.bound == "about":
            return _("about {number}").format(number=lang.number((self.low + self.high) / 2))
        if self.low == self.high:
            return lang.number(self.low)
        return _("{low} to {high}").format(low=lang.number(self.low), high=lang.number(self.high))


@dataclass(frozen=True)
class Card:
    """What a measure counts and what it adds over.

    Examples
    --------
    >>> from baaplib.tables import load
    >>> Rules(load("measures")).card("people_trained").kind
    'people'
    """

    kind: str
    add_places: bool
    add_periods: bool


@dataclass(frozen=True)
class Rules:
    """What is known about figures besides their own rows.

    Attributes
    ----------
    measures : DataFrame
        Cards of the measures.
    members : mapping
        Region to the codes of its countries.
    figures : DataFrame
        All figures of the edition: wholes need not be among those that are added.
    verdicts : DataFrame
        Rows of `overlaps` that are in force: figure, other, verdict.
    populations : mapping
        Place to the number of people there are; no group from there can be larger.

    Examples
    --------
    >>> from baaplib.tables import load
    >>> Rules(load("measures")).card("courses").add_places
    True
    """

    measures: pd.DataFrame = field(default_factory=pd.DataFrame)
    members: Mapping[str, Sequence[str]] = field(default_factory=dict)
    figures: pd.DataFrame = field(default_factory=pd.DataFrame)
    verdicts: pd.DataFrame = field(default_factory=pd.DataFrame)
    populations: Mapping[str, float] = field(default_factory=dict)

    def pairs(self, verdict: str) -> set[tuple[str, str]]:
        """Return the pairs of figures of which a curator said so.

        Examples
        --------
        >>> Rules().pairs("same")
        set()
        """
        if self.verdicts.empty:
            return set()
        rows = self.verdicts[self.verdicts["verdict"] == verdict]
        return set(zip(rows["figure"].astype(str), rows["other"].astype(str), strict=True))

    @cached_property
    def cards(self) -> pd.DataFrame:
        """The cards of the measures by their key.

        Examples
        --------
        >>> from baaplib.tables import load
        >>> Rules(load("measures")).cards.index.name
        'measure'
        """
        return self.measures.set_index("measure")

    def card(self, measure: str) -> Card:
        """Return what may be done with a measure.

        Examples
        --------
        >>> from baaplib.tables import load
        >>> Rules(load("measures")).card("courses").kind
        'things'
        """
        if measure not in self._cards:
            row = self.cards.loc[measure]
            self._cards[measure] = Card(
                str(row["kind"]), bool(row["add_places"]), bool(row["add_periods"])
            )
        return self._cards[measure]

    @cached_property
    def _cards(self) -> dict[str, Card]:
        return {}

    def origins(self, places: tuple[str, ...]) -> frozenset[str]:
        """Return the places that people of some places can come from.

        A region holds its countries, and people of it whose country nobody names.

        Examples
        --------
        >>> sorted(Rules(members={"ASP": ["FJI", "TON"]}).origins(("ASP",)))
        ['ASP', 'FJI', 'TON']
        """
        if places not in self._origins:
            inner = {code for place in places for code in self.members.get(place, ())}
            self._origins[places] = frozenset({*places, *inner})
        return self._origins[places]

    @cached_property
    def _origins(self) -> dict[tuple[str, ...], frozenset[str]]:
        return {}

    @cached_property
    def _above(self) -> dict[str, list[str]]:
        above: dict[str, list[str]] = {}
        if not self.figures.empty:
            own = self.figures.dropna(subset="part_of")
            names = zip(own["figure_id"].tolist(), own["part_of"].tolist(), strict=True)
            for part, whole in names:
                above.setdefault(str(part), []).append(str(whole))
        for part, whole in sorted(self.pairs(PART)):
            above.setdefault(part, []).append(whole)
        return above

    def within(self, figure: str) -> tuple[str, ...]:
        """Return the figures a figure is part of, by its row or a verdict, the nearest first.

        Examples
        --------
        >>> Rules().within("F001-1")
        ()
        """
        if figure not in self._above:
            return ()
        chain: list[str] = []
        todo = list(self._above.get(figure, ()))
        while todo:
            whole = todo.pop(0)
            if whole not in chain and whole != figure:
                chain.append(whole)
                todo += self._above.get(whole, ())
        return tuple(chain)


def interval(value: float, bound: str) -> tuple[float, float]:
    """Return the interval that a stated value and its bound leave open.

    "About n" spans half a unit of its last significant digit.

    Examples
    --------
    >>> interval(700, "about"), interval(9800, "at_least")
    ((650.0, 750.0), (9800.0, inf))
    """
    if bound == "about":
        half = _last_significant_unit(value) / 2
        return value - half, value + half
    ends = {"exact": (value, value), "at_least": (value, math.inf), "at_most": (0.0, value)}
    low, high = ends[bound]
    return float(low), float(high)


def stated(figure: Figure, rules: Rules | None = None) -> Claim:
    """Return the claim that one row of `figures` makes.

    Examples
    --------
    >>> figure = {"figure_id": "F001-1", "activity_id": "CAP-001", "measure": "courses"}
    >>> claim = stated({**figure, "value": 40, "bound": "at_least"})
    >>> claim.low, claim.high
    (40.0, inf)
    """
    low, high = interval(float(figure["value"]), str(figure["bound"]))
    return Claim(
        str(figure["measure"]), low, high, str(figure["bound"]),
        (str(figure["figure_id"]),), (str(figure["activity_id"]),),
        population=_word(figure, "population"),
        place=tuple(figure.get("place") or ()),
        window=(_word(figure, "window_start"), _word(figure, "window_end")),
        cumulative=bool(figure.get("cumulative", False)),
        groups=() if rules is None or not len(rules.measures) else (_group(figure, rules),),
        rules=rules,
    )  # fmt: skip


def every_stated(figures: pd.DataFrame, rules: Rules | None = None) -> list[Claim]:
    """Return the claim that each row of `figures` makes, in their order.

    Examples
    --------
    >>> from baaplib.tables import load
    >>> claims = every_stated(load("figures", "2022-12").head(3))
    >>> len(claims)
    3
    """
    return [stated(row, rules) for row in _rows(figures)]


def not_stated(measure: str) -> Claim:
    """Return the claim that the source states no number.

    Examples
    --------
    >>> not_stated("courses").bound
    'not_stated'
    """
    return Claim(measure, math.nan, math.nan, "not_stated")


def count(measure: str, ids: Iterable[str], whole: float | None = None) -> Claim:
    """Return the claim that counts activities, or what is told of them.

    Parameters
    ----------
    measure : str
        What is counted.
    ids : iterable of str
        The activities that are counted, or that name what is counted.
    whole : float, optional
        What the count is a share of.

    Examples
    --------
    >>> count("activities", ["CAP-001", "CAP-002"], whole=10).low
    2
    """
    unique = tuple(dict.fromkeys(ids))
    return Claim(measure, len(unique), len(unique), "exact", (), unique, whole)


def coverage(measure: str, stating: Iterable[str], ids: Iterable[str]) -> Claim:
    """Return how many of the activities state something: "41 of 63 state a figure".

    Raises
    ------
    ValueError
        If one that states it is not among them.

    Examples
    --------
    >>> claim = coverage("activities", ["CAP-001"], ["CAP-001", "CAP-002"])
    >>> claim.low, claim.whole
    (1, 2)
    """
    every = set(ids)
    unique = tuple(dict.fromkeys(stating))
    if strangers := [name for name in unique if name not in every]:
        message = f"{', '.join(strangers)} state it but are not among those that are counted"
        raise ValueError(message)
    return count(measure, unique, whole=len(every))


def share(part: Claim, whole: Claim, measure: str) -> Claim:
    """Return the share, in per cent, that a part is of its whole.

    A whole of which only a lower bound is known gives an upper bound of the share, and so on.

    Parameters
    ----------
    part, whole : Claim
        The part lies in the whole.
    measure : str
        Key of the share's measure.

    Raises
    ------
    ValueError
        If the two count different kinds of thing, or the part cannot lie in the whole.

    Examples
    --------
    >>> women, all_ = Claim("people_trained", 63, 63), Claim("people_trained", 120, math.inf)
    >>> claim = share(women, all_, "women_share")
    >>> claim.bound, claim.high
    ('at_most', 52.5)
    """
    _refuse_share(part, whole)
    if "not_stated" in (part.bound, whole.bound) or not whole.high:
        return not_stated(measure)
    least = whole.low or math.nan
    low = 100 * part.low / whole.high
    high = 100.0 if math.isnan(least) else min(100.0, 100 * part.high / least)
    if (low, high) == (0, 100):
        return not_stated(measure)  # any share would fit
    if low == high:
        bound = "exact"
    elif low == 0:
        bound = "at_most"
    elif math.isinf(part.high):
        bound = "at_least"
    else:
        bound = "about" if "about" in (part.bound, whole.bound) else "between"
    return Claim(
        measure, low, high, bound, tuple(dict.fromkeys(part.figures + whole.figures)),
        tuple(dict.fromkeys(part.activities + whole.activities)),
        population=part.population, place=whole.place, window=whole.window,
        cumulative=whole.cumulative,
    )  # fmt: skip


def difference(larger: Claim, smaller: Claim) -> Claim:
    """Return what is left of a whole without its part, or how far two numbers lie apart.

    Raises
    ------
    ValueError
        If the two count different things, or one runs since before the period and the other,
        which is not its part, does not.

    Examples
    --------
    >>> claim = difference(Claim("courses", 324, 324), Claim("courses", 17, 17))
    >>> claim.low, claim.high, claim.bound
    (307, 307, 'exact')
    """
    inside = _lies_in(smaller, larger)
    if larger.measure != smaller.measure:
        message = f"{_name(larger)} and {_name(smaller)} do not compare: they count other things"
        raise ValueError(message)
    if larger.cumulative != smaller.cumulative and not inside:
        message = (
            f"{_name(larger)} and {_name(smaller)} do not compare: "
            "one is a running total, the other is of one period and not declared its part"
        )
        raise ValueError(message)
    if "not_stated" in (larger.bound, smaller.bound):
        return not_stated(larger.measure)
    low, high = larger.low - smaller.high, larger.high - smaller.low
    if inside:
        low = max(low, 0.0)  # a part is no larger than its whole
    bound = "at_least" if math.isinf(high) and low > -math.inf else _bound(low, high)
    return replace(
        larger, low=low, high=high, bound=bound, groups=(),
        figures=tuple(dict.fromkeys(larger.figures + smaller.figures)),
        activities=tuple(dict.fromkeys(larger.activities + smaller.activities)),
    )  # fmt: skip


def total(figures: pd.DataFrame, rules: Rules) -> Claim:
    """Add figures as far as they may be added; parts of other rows do not count again.

    Things sum, and bounds carry over. People get an interval: its lower end is the fewest persons
    that can explain all groups, a covering linear program over the places each group can come
    from (the largest group per place, then added, is its simplest case: OCHA, CARE); its upper end
    is the sum of the groups that are not part of another, as far as no declared whole or
    population is smaller. So do countries, and things whose card says that the same one may stand
    in several counts.

    Parameters
    ----------
    figures : DataFrame
        Rows of `figures`.
    rules : Rules
        The cards of their measures, and what else is known about figures.

    Raises
    ------
    ValueError
        If the rows do not add: nothing to add, shares, money, different kinds, different things,
        or a running total and one period's count; or if they count more people than there are.

    Examples
    --------
    >>> from baaplib.tables import load
    >>> rows = pd.DataFrame({
    ...     "figure_id": ["F001-1", "F002-1"], "activity_id": ["CAP-001", "CAP-002"],
    ...     "measure": "people_trained", "value": [50.0, 90.0], "bound": "exact",
    ...     "place": [("KEN",), ("KEN",)], "place_role": "origin", "cumulative": False,
    ...     "part_of": None, "occasions": pd.NA})
    >>> claim = total(rows, Rules(load("measures")))
    >>> claim.low, claim.high
    (90.0, 140.0)
    """
    if figures.empty:
        raise ValueError("there are no figures to add; say that none is stated")
    if rules.figures.empty:
        rules = replace(rules, figures=figures)
    claims = every_stated(figures, rules)
    _refuse_any(claims)
    return _united(
        tuple(claim.groups[0] for claim in claims), rules, str(figures["measure"].iloc[0]),
        tuple(dict.fromkeys(figures["activity_id"].astype(str))), claims,
    )  # fmt: skip


def _rows(figures: pd.DataFrame) -> Iterator[Mapping[str, Any]]:
    """Yield rows as mappings: a Series for each would take most of the time of a sum."""
    columns = [name for name in COLUMNS if name in figures]
    for cells in zip(*(figures[name].tolist() for name in columns), strict=True):
        yield dict(zip(columns, cells, strict=True))


def _refuse_any(claims: Sequence[Claim]) -> None:
    """Refuse the first two neighbours that do not add; look for them only if there are some."""
    kinds = {group.kind for claim in claims for group in claim.groups}
    measures, spans = ({getattr(c, name) for c in claims} for name in ("measure", "cumulative"))
    alike = (len(measures) == 1 or kinds <= set(PEOPLE)) and len(spans) == 1
    if alike and not kinds & set(NEVER_ADDED):
        return
    for one, other in pairwise(claims):
        _refuse_sum(one, other, nested=True)
    _refuse_sum(claims[0], claims[0], nested=True)


def _group(figure: Figure, rules: Rules) -> Group:
    card = rules.card(str(figure["measure"]))
    low, high = interval(float(figure["value"]), str(figure["bound"]))
    origins: frozenset[str] = frozenset()
    if figure["place_role"] == "origin" and card.add_places:
        origins = rules.origins(tuple(figure["place"]))
    fewest = max(low, 0.0)
    if card.kind == "attendances":
        occasions = figure["occasions"]
        fewest = min(fewest, 1) if pd.isna(occasions) else math.ceil(fewest / occasions)
    name = str(figure["figure_id"])
    return Group(
        name, str(figure["measure"]), card.kind, low, high, float(fewest), origins,
        rules.within(name), bool(figure["cumulative"]), card.add_places and card.add_periods,
    )  # fmt: skip


def _united(
    groups: tuple[Group, ...], rules: Rules, measure: str,
    activities: tuple[str, ...], claims: Sequence[Claim],
) -> Claim:  # fmt: skip
    """Unite groups into one claim; those inside another, or the same people, count once."""
    counted = _counted(groups, rules)
    people = all(group.kind in PEOPLE for group in groups)
    gap = 0.0
    if len(counted) == 1:
        low = max(counted[0].fewest, 0.0)  # as stated: nothing to unite, nothing to round
    elif people or not all(group.adds for group in groups):
        found = _cover(counted, rules)
        low, gap = found.fewest, found.gap
    else:
        low = float(sum(group.low for group in counted))
    high = _most(counted, rules)
    if low > high:
        message = (
            f"{_name(claims[0])} and {_name(claims[-1])} count at least {low:g}, but only "
            f"{high:g} there can be; look at the whole or the population that says so"
        )
        raise ValueError(message)
    one = len(counted) == 1 and counted[0].kind != "attendances"
    own = {claim.figures: claim for claim in claims}
    bound = own[(counted[0].figure,)].bound if one and (counted[0].figure,) in own else ""
    shared = {
        name: getattr(claims[0], name)
        for name in ("population", "place", "window", "cumulative")
        if len({getattr(claim, name) for claim in claims}) == 1
    }
    return Claim(
        measure, low, high, bound or _bound(low, high), tuple(group.figure for group in groups),
        activities, gap=gap, groups=groups, rules=rules, **shared,
    )  # fmt: skip


def _repeats(groups: Sequence[Group], rules: Rules) -> set[str]:
    """Return the figures of which a larger one is said to count the same people."""
    by_name = {group.figure: group for group in groups}
    repeats = set()
    for pair in rules.pairs(SAME):
        if all(name in by_name for name in pair):
            repeats.add(min(pair, key=lambda name: (by_name[name].low, name)))
    return repeats


def carrying(claim: Claim) -> tuple[str, ...]:
    """Return the figures that make up the lower end of a claim; the others may lie in them.

    Of people these are the groups that no smaller one could replace: those with a weight in the
    dual of the covering program (`total`).

    Examples
    --------
    >>> from baaplib.tables import load
    >>> rows = pd.DataFrame({
    ...     "figure_id": ["F001-1", "F002-1"], "activity_id": ["CAP-001", "CAP-002"],
    ...     "measure": "people_trained", "value": [50.0, 90.0], "bound": "exact",
    ...     "place": [("KEN",), ("KEN",)], "place_role": "origin", "cumulative": False,
    ...     "part_of": None, "occasions": pd.NA})
    >>> carrying(total(rows, Rules(load("measures"))))
    ('F002-1',)
    """
    if claim.rules is None or len(claim.groups) < 2:
        return claim.figures
    counted = _counted(claim.groups, claim.rules)
    if all(group.adds and group.kind not in PEOPLE for group in counted):
        return tuple(group.figure for group in counted)
    weights = _cover(counted, claim.rules).weights
    return tuple(g.figure for g, weight in zip(counted, weights, strict=True) if weight > 1e-9)


def _counted(groups: Sequence[Group], rules: Rules) -> list[Group]:
    """Return the groups that are neither inside another nor the same people as a larger one."""
    names, same = {group.figure for group in groups}, _repeats(groups, rules)
    return [g for g in groups if names.isdisjoint(g.within) and g.figure not in same]


def _cover(groups: Sequence[Group], rules: Rules) -> Cover:
    """Return the fewest people that explain groups, some of which are known to be different."""
    at = {group.figure: i for i, group in enumerate(groups)}
    pairs = {(at[a], at[b]) for a, b in rules.pairs(DISJOINT) if a in at and b in at}
    return cover([g.fewest for g in groups], [g.origins for g in groups], pairs)


def _most(groups: Sequence[Group], rules: Rules) -> float:
    """Solve: the most there can be, if nobody repeats and no whole or population is exceeded."""
    caps = [*_whole_caps(groups, rules), *_population_caps(groups, rules)]
    under = {i for inside, _ in caps for i in inside}
    capped, free = sorted(under), float(sum(g.high for i, g in enumerate(groups) if i not in under))
    if sum(len(inside) for inside, _ in caps) == len(capped):  # no group under two caps
        return free + sum(min(cap, sum(groups[i].high for i in inside)) for inside, cap in caps)
    limits = [(0.0, None if math.isinf(groups[i].high) else groups[i].high) for i in capped]
    at = {i: column for column, i in enumerate(capped)}
    cells = [(row, at[i]) for row, (inside, _) in enumerate(caps) for i in inside]
    rows = csr_matrix((np.ones(len(cells)), tuple(zip(*cells, strict=True))))
    solution = linprog(
        -np.ones(len(capped)), A_ub=rows, b_ub=[cap for _, cap in caps], bounds=limits
    )
    return math.inf if solution.status == 3 else free - float(solution.fun)


def _whole_caps(groups: Sequence[Group], rules: Rules) -> list[tuple[set[int], float]]:
    parts: dict[str, set[int]] = {}
    for i, group in enumerate(groups):
        for whole in group.within:
            parts.setdefault(whole, set()).add(i)
    if not parts or rules.figures.empty:
        return []
    known = rules.figures[rules.figures["figure_id"].isin(list(parts))]
    caps = []
    for row in _rows(known):
        _, high = interval(float(row["value"]), str(row["bound"]))
        inside = parts[str(row["figure_id"])]
        kind = rules.card(str(row["measure"])).kind
        like = {groups[i].kind in PEOPLE for i in inside} == {kind in PEOPLE}
        if like and not math.isinf(high):
            caps.append((inside, high))
    return caps


def _population_caps(groups: Sequence[Group], rules: Rules) -> list[tuple[set[int], float]]:
    caps = []
    for place, people in rules.populations.items():
        here = {place, *rules.members.get(place, ())}
        inside = {i for i, g in enumerate(groups) if g.origins and g.origins <= here}
        if inside and all(groups[i].kind in PEOPLE for i in inside):
            caps.append((inside, float(people)))
    return caps


def _refuse_sum(one: Claim, other: Claim, *, nested: bool = False) -> None:
    """Refuse what has no meaning as a sum, naming the two things and why."""
    kinds = {group.kind for group in one.groups + other.groups}
    people = bool(kinds) and kinds <= set(PEOPLE)
    why = ""
    if kinds & set(NEVER_ADDED) or one.whole is not None or other.whole is not None:
        why = "shares and amounts of money are no counts; show them one by one"
    elif one.measure != other.measure and not people:
        why = "they count different things; add one measure at a time"
    elif one.cumulative != other.cumulative:
        why = "one is a running total, the other a count of one period; choose one"
    elif not nested and one is not other and (_lies_in(one, other) or _lies_in(other, one)):
        why = "one is part of the other, which counts it already; show the whole"
    if why:
        raise ValueError(f"{_name(one)} and {_name(other)} do not add: {why}")


def _refuse_share(part: Claim, whole: Claim) -> None:
    kinds = [{group.kind in PEOPLE for group in claim.groups} for claim in (part, whole)]
    why = ""
    if all(kinds) and kinds[0] != kinds[1]:
        why = "people and things have no share in each other"
    elif part.cumulative != whole.cumulative and part.groups and whole.groups:
        why = "one is a running total, the other a count of one period"
    elif part.low > whole.high:
        why = "the part is larger than the whole"
    if why:
        raise ValueError(f"{_name(part)} is no share of {_name(whole)}: {why}")


def _lies_in(part: Claim, whole: Claim) -> bool:
    inside = [set(group.within) & set(whole.figures) for group in part.groups]
    return bool(inside) and all(inside)


def _name(claim: Claim) -> str:
    """Name a claim in a refusal: its measure and the rows behind it."""
    rows = claim.figures or claim.activities
    shown = ", ".join(rows[:3]) + (f" and {len(rows) - 3} more" if len(rows) > 3 else "")
    return f"{claim.measure} ({shown or 'no rows'})"


def _word(figure: Figure, column: str) -> str:
    value = figure.get(column)
    return value if isinstance(value, str) else ""


def _bound(low: float, high: float) -> str:
    if math.isinf(high):
        return "at_least"
    return "exact" if low == high else "between"


def _last_significant_unit(value: float) -> float:
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return 10.0 ** int(exponent)
