"""Claims: counts that know what they are.

A claim is an interval with the rows behind it. One figure gives a claim; figures of things add;
figures of people do not, because one person may stand in several of them. `total` therefore gives
people the interval from the fewest persons that can explain all groups to the sum without repeats.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from baaplib.i18n import Language

PEOPLE = ("people", "attendances")
# Where a group without a stated origin may come from, besides every place that is named.
ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Claim:
    """A number, or the interval it lies in, with what it counts and the rows behind it.

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
    """

    measure: str
    low: float
    high: float
    bound: str = "exact"
    figures: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    whole: float | None = None

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


def stated(figure: pd.Series) -> Claim:
    """Return the claim that one row of `figures` makes."""
    low, high = interval(float(figure["value"]), str(figure["bound"]))
    return Claim(
        str(figure["measure"]), low, high, str(figure["bound"]),
        (str(figure["figure_id"]),), (str(figure["activity_id"]),),
    )  # fmt: skip


def not_stated(measure: str) -> Claim:
    """Return the claim that the source states no number."""
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
    """
    unique = tuple(dict.fromkeys(ids))
    return Claim(measure, len(unique), len(unique), "exact", (), unique, whole)


def share(part: Claim, whole: Claim, measure: str) -> Claim:
    """Return the share, in per cent, that a part is of its whole.

    A whole of which only a lower bound is known gives an upper bound of the share, and so on.

    Parameters
    ----------
    part, whole : Claim
        The part lies in the whole.
    measure : str
        Key of the share's measure.

    Examples
    --------
    >>> women, all_ = Claim("people_trained", 63, 63), Claim("people_trained", 120, math.inf)
    >>> claim = share(women, all_, "women_share")
    >>> claim.bound, claim.high
    ('at_most', 52.5)
    """
    low, high = 100 * part.low / whole.high, min(100.0, 100 * part.high / whole.low)
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
        measure, low, high, bound, part.figures + whole.figures,
        tuple(dict.fromkeys(part.activities + whole.activities)),
    )  # fmt: skip


def total(
    figures: pd.DataFrame,
    measures: pd.DataFrame,
    members: Mapping[str, Sequence[str]],
    wholes: Mapping[str, object] | None = None,
) -> Claim:
    """Add figures as far as they may be added.

    Things sum, and bounds carry over. People get an interval: its lower end is the fewest persons
    that can explain all groups, a covering linear program over the places each group can come
    from (the largest group per place, then added, is its simplest case: OCHA, CARE); its upper end
    is the sum of the groups that are not part of another. So do countries, and things whose card
    says that the same one may stand in several counts.

    Parameters
    ----------
    figures : DataFrame
        Rows of `figures`.
    measures : DataFrame
        The cards of their measures.
    members : mapping
        Region to the codes of its countries.
    wholes : mapping, optional
        Figure to the one it is part of, for figures that are not among the rows but link those
        that are.

    Raises
    ------
    ValueError
        If the rows do not add: nothing to add, shares, money, different kinds, different things,
        or a running total and one period's count.

    Examples
    --------
    >>> from baaplib.tables import load
    >>> rows = pd.DataFrame({
    ...     "figure_id": ["F001-1", "F002-1"], "activity_id": ["CAP-001", "CAP-002"],
    ...     "measure": "people_trained", "value": [50.0, 90.0], "bound": "exact",
    ...     "place": [("KEN",), ("KEN",)], "place_role": "origin", "cumulative": False,
    ...     "part_of": None, "occasions": pd.NA})
    >>> claim = total(rows, load("measures"), {})
    >>> claim.low, claim.high
    (90.0, 140.0)
    """
    cards, names = measures.set_index("measure"), figures["measure"].astype(str)
    kinds = names.map(cards["kind"]).astype(str)
    _refuse(figures, kinds)
    by_place = names.map(cards["add_places"]).astype(bool)
    by_period = names.map(cards["add_periods"]).astype(bool)
    groups = figures[~_inside(figures, wholes or {})]
    ends = [interval(v, b) for v, b in zip(groups["value"], groups["bound"], strict=True)]
    high = float(sum(end for _, end in ends))
    if kinds.isin(PEOPLE).all() or not (by_place & by_period).all():
        groups = groups.assign(least=[low for low, _ in ends], kind=kinds, by_place=by_place)
        fewest = [_persons(row) for _, row in groups.iterrows()]
        low = _cover(fewest, [_origins(row, members) for _, row in groups.iterrows()])
    else:
        low = float(sum(end for end, _ in ends))
    one = len(groups) == 1 and not (kinds[groups.index] == "attendances").any()
    bound = str(groups["bound"].iloc[0]) if one else _bound(low, high)
    measure = str(groups["measure"].iloc[0])
    return Claim(
        measure, low, high, bound,
        tuple(figures["figure_id"]), tuple(dict.fromkeys(figures["activity_id"])),
    )  # fmt: skip


def _refuse(figures: pd.DataFrame, kinds: pd.Series) -> None:
    rows = zip(figures["figure_id"], figures["measure"], strict=True)
    names = ", ".join(f"{figure} ({measure})" for figure, measure in rows)
    message = ""
    if figures.empty:
        message = "there are no figures to add; say that none is stated"
    elif kinds.isin(["share", "money"]).any():
        message = f"shares and amounts of money do not add: {names}; show them one by one"
    elif not (kinds.isin(PEOPLE).all() or figures["measure"].nunique() == 1):
        message = f"different things do not add: {names}; add one measure at a time"
    elif figures["cumulative"].nunique() > 1:
        running = ", ".join(figures.loc[figures["cumulative"].astype(bool), "figure_id"])
        message = f"a running total ({running}) and a count of one period do not add; choose one"
    if message:
        raise ValueError(message)


def _inside(figures: pd.DataFrame, wholes: Mapping[str, object]) -> np.ndarray:
    """Tell for each row whether it is part of another one, however many steps away."""
    above = {**wholes, **dict(zip(figures["figure_id"], figures["part_of"], strict=True))}
    inside = []
    for figure in figures["figure_id"]:
        chain = [figure]
        while isinstance(above.get(chain[-1]), str) and above[chain[-1]] not in chain:
            chain.append(above[chain[-1]])
        inside.append(figures["figure_id"].isin(chain[1:]).any())
    return np.array(inside, dtype=bool)


def _bound(low: float, high: float) -> str:
    if math.isinf(high):
        return "at_least"
    return "exact" if low == high else "between"


def _persons(group: pd.Series) -> float:
    """Return the fewest persons behind a group: attendances may all be the same few people."""
    if group["kind"] != "attendances":
        return float(group["least"])
    if pd.isna(group["occasions"]):
        return float(min(group["least"], 1))
    return float(math.ceil(group["least"] / group["occasions"]))


def _origins(figure: pd.Series, members: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Return the places a group's people can come from; empty means anywhere."""
    if figure["place_role"] != "origin" or not figure["by_place"]:
        return frozenset()
    places = set(figure["place"])
    # A region holds its countries, and people of it whose country nobody names.
    return frozenset(places | {code for place in places for code in members.get(place, ())})


def _cover(fewest: Sequence[float], origins: Sequence[frozenset[str]]) -> float:
    """Solve: the fewest people, spread over places, such that each group finds its members."""
    places = sorted(frozenset().union(*origins) | {ELSEWHERE})
    reach = [[float(not origin or place in origin) for place in places] for origin in origins]
    solution = linprog(np.ones(len(places)), A_ub=-np.array(reach), b_ub=-np.array(fewest))
    return float(math.ceil(round(solution.fun, 6)))


def _last_significant_unit(value: float) -> float:
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return 10.0 ** int(exponent)
