"""The fewest people that can explain groups of people: a covering program, solved exactly.

Each group has a size and the places its people can come from. One person of a place may stand in
every group that can come from there, but never in two that are known to be different people. The
fewest people that fill all groups is a linear program over places; of its value the next whole
number is the answer.

Of groups with the same places only the largest counts. Groups that are all different people fill up
exactly if each some of them together find as many people where any of them can come from (Hall's
theorem): each such union is one more group. The program is solved for few groups at
first; those that its solution leaves short are added until none is, so that a million groups cost
what the few that matter cost. The answer is not taken from the solver's floating point: its dual
weights, as fractions and scaled until no person counts more than once, prove a lower bound by
themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

# Where a group without a stated origin may come from, besides every place that is named.
ELSEWHERE = "elsewhere"
# So many groups are solved for at once, and so many of those left short are added at a time.
AT_ONCE = 1000
# So many kinds of people of one place are told apart: those who may stand in the same groups.
KINDS = 256
# Unions of so many groups that are all different people are written out.
CLIQUE = 8

Pair = tuple[int, int]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cover:
    """The fewest people that explain all groups.

    Attributes
    ----------
    fewest : float
        A number of people that is needed for sure.
    weights : sequence of float
        How much each group carries of that number.
    gap : float
        How much more may be needed at most; 0 where `fewest` is exact.
    """

    fewest: float
    weights: Sequence[float]
    gap: float = 0.0


def cover(
    sizes: Sequence[float], origins: Sequence[frozenset[str]], apart: Iterable[Pair] = ()
) -> Cover:
    """Return the fewest people that can explain groups.

    Parameters
    ----------
    sizes : sequence of float
        How many people each group has at least.
    origins : sequence of frozenset of str
        The places they can come from; empty is anywhere.
    apart : iterable of pairs of int
        Positions of two groups that are different people.

    Examples
    --------
    >>> pairs = [frozenset("AB"), frozenset("BC"), frozenset("AC")]
    >>> cover([100, 100, 100], pairs).fewest
    150.0
    >>> cover([50, 90], pairs[:1] * 2).fewest, cover([50, 90], pairs[:1] * 2, {(0, 1)}).fewest
    (90.0, 140.0)
    """
    cliques, tangled = _parts(apart)
    unions = [
        some for own in cliques for n in range(2, len(own) + 1) for some in combinations(own, n)
    ]
    members = [*((i,) for i in range(len(sizes))), *unions]
    every = [*sizes, *(sum(sizes[i] for i in some) for some in unions)]
    reached = [*origins, *(_union(origins[i] for i in some) for some in unions)]
    pairs = sorted(tangled, key=lambda pair: -min(sizes[pair[0]], sizes[pair[1]]))
    rows = _largest(every, reached, {group for pair in pairs for group in pair})
    program = _Program([every[i] for i in rows], [reached[i] for i in rows])
    at = {group: row for row, group in enumerate(rows)}
    left_out = program.split([(at[a], at[b]) for a, b in pairs])
    # Whoever is left out could be as many other people as the smaller of the two groups.
    gap = float(sum(min(every[rows[a]], every[rows[b]]) for a, b in left_out))
    value, found = program.solve()
    weights = [Fraction(0)] * len(sizes)
    for row, weight in zip(rows, found, strict=True):
        for group in members[row]:
            weights[group] += weight
    proven = sum(w * Fraction(n) for w, n in zip(weights, sizes, strict=True) if w)
    fewest = float(math.ceil(proven))
    gap += max(0.0, math.ceil(round(value, 6)) - fewest)
    return Cover(fewest, [float(weight) for weight in weights], gap)


def _parts(apart: Iterable[Pair]) -> tuple[list[list[int]], set[Pair]]:
    """Part pairs into sets of groups that are all apart, and pairs that make no such set."""
    pairs = {(min(pair), max(pair)) for pair in apart}
    part: dict[int, set[int]] = {}
    for a, b in pairs:
        joined = part.get(a, {a}) | part.get(b, {b})
        part.update(dict.fromkeys(joined, joined))
    cliques, tangled = [], set()
    for own in {min(own): own for own in part.values()}.values():
        inner = {pair for pair in combinations(sorted(own), 2) if pair in pairs}
        if len(inner) == math.comb(len(own), 2) and len(own) <= CLIQUE:
            cliques.append(sorted(own))
        else:
            tangled |= inner
    return cliques, tangled


def _union(places: Iterable[frozenset[str]]) -> frozenset[str]:
    """Return the places of several groups together; anywhere if one is from anywhere."""
    own = list(places)
    return frozenset().union(*own) if all(own) else frozenset()


def _largest(
    sizes: Sequence[float], origins: Sequence[frozenset[str]], judged: set[int]
) -> list[int]:
    """Keep the largest group of each set of places, and those of which more is known."""
    largest: dict[frozenset[str], int] = {}
    for i, (size, places) in enumerate(zip(sizes, origins, strict=True)):
        if i not in judged and (places not in largest or size > sizes[largest[places]]):
            largest[places] = i
    return sorted({*largest.values(), *judged})


class _Program:
    """A column is a kind of people: those of one place that may stand in the same groups."""

    def __init__(self, sizes: Sequence[float], origins: Sequence[frozenset[str]]) -> None:
        self.sizes = np.array(sizes, float)
        named = sorted(frozenset().union(*origins) | {ELSEWHERE})
        index = {place: i for i, place in enumerate(named)}
        reached = [range(len(named)) if not own else [index[p] for p in own] for own in origins]
        ends = np.cumsum([0, *map(len, reached)])
        cells = np.fromiter((i for own in reached for i in own), np.int64, ends[-1])
        shape = (len(origins), len(named))
        self.reach = csr_matrix((np.ones(len(cells)), cells, ends), shape)
        # For each column its place, and the groups of that place its people do not stand in.
        self.columns: list[tuple[int, frozenset[int]]] = [(i, frozenset()) for i in range(shape[1])]

    def split(self, pairs: Sequence[Pair]) -> set[Pair]:
        """Part the people of each place that two groups share; return the pairs left out."""
        left_out: set[Pair] = set()
        columns = []
        judged = sorted({group for pair in pairs for group in pair})
        reached = self.reach[judged].tocsc() if judged else self.reach[:0].tocsc()
        for place, _ in self.columns:
            there = reached.indices[reached.indptr[place] : reached.indptr[place + 1]]
            here = {judged[i] for i in there}
            kinds = [frozenset[int]()]
            for pair in pairs:
                if not here.issuperset(pair):
                    continue
                if len(kinds) >= KINDS:
                    left_out.add(pair)
                    continue
                both = [kind for kind in kinds if kind.isdisjoint(pair)]
                one_less = [kind | {group} for kind in both for group in pair]
                kinds = list(dict.fromkeys([k for k in kinds if k not in both] + one_less))
            columns += [(place, kind) for kind in kinds]
        self.columns = columns
        return left_out

    def solve(self) -> tuple[float, list[Fraction]]:
        """Return the value, and the weight of each group, as exact fractions."""
        order = np.argsort(-self.sizes, kind="stable")
        active = np.sort(order[:AT_ONCE])
        while True:
            matrix = self._matrix(active)
            answer = linprog(
                np.ones(len(self.columns)), A_ub=-matrix, b_ub=-self.sizes[active], method="highs"
            )
            short = self.sizes - self._filled(answer.x)
            short[active] = 0
            worst = np.argsort(-short, kind="stable")[:AT_ONCE]
            worst = worst[short[worst] > 1e-6]
            if not len(worst):
                return float(answer.fun), self._proof(active, matrix, answer)
            active = np.union1d(active, worst)

    def _matrix(self, rows: npt.NDArray[np.int64]) -> Any:
        """Say of which of these groups the people of each column are."""
        matrix = self.reach[rows][:, [place for place, _ in self.columns]].tolil()
        at = {int(row): i for i, row in enumerate(rows)}
        for column, (_, without) in enumerate(self.columns):
            for group in without & at.keys():
                matrix[at[group], column] = 0
        return matrix.tocsr()

    def _filled(self, people: Numbers) -> Numbers:
        """Return how many people each group can have of those that are there."""
        places = np.bincount([place for place, _ in self.columns], people, self.reach.shape[1])
        filled: Numbers = self.reach @ places
        for number, (place, without) in zip(people, self.columns, strict=True):
            for group in without if number else ():
                filled[group] -= number * self.reach[group, place]
        return filled

    def _proof(self, active: npt.NDArray[np.int64], matrix: Any, answer: Any) -> list[Fraction]:
        """Turn the dual weights into fractions of which no person counts for more than one."""
        weights = [Fraction(0)] * len(self.sizes)
        for row, weight in zip(active, -answer.ineqlin.marginals, strict=True):
            weights[row] = max(Fraction(0), Fraction(float(weight)).limit_denominator(10_000))
        counted = np.flatnonzero([weights[row] > 0 for row in active])
        columns = matrix[counted].tocsc()
        most = Fraction(1)
        for column in range(columns.shape[1]):
            own = columns.indices[columns.indptr[column] : columns.indptr[column + 1]]
            most = max(most, sum((weights[active[counted[i]]] for i in own), Fraction(0)))
        return [weight / most for weight in weights]
