"""The network of partners: which kinds work in which region, who works in several, who in one area.

The network is that of the whole plan: a `plan` is the edition of all regions and areas, `data` what
a report is about.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from baaplib import claims, measures
from baaplib.claims import Claim
from baaplib.measures import Edition, of, overview, restrict

# So many activities make a partner one that is often named.
OFTEN = 4


def links(data: Edition) -> pd.DataFrame:
    """Return which activity names which partner, once each; who is only talked to is none.

    Returns
    -------
    DataFrame
        activity_id, partner, kind.

    Examples
    --------
    >>> links(measures.edition("2022-12")).duplicated().any()
    np.False_
    """
    named = data.partners[data.partners["role"] != "prospective"]
    named = named[["activity_id", "partner"]].astype(str).drop_duplicates()
    kinds = data.reference["partners"].set_index("partner")["kind"].astype("object")
    return named.assign(kind=named["partner"].map(kinds))


def kinds_by_region(plan: Edition) -> pd.DataFrame:
    """Count the partners of each kind in each region; one may work in several.

    Returns
    -------
    DataFrame
        kind (a category, that with most partners first), region, partners, claim.

    Examples
    --------
    >>> kinds_by_region(measures.edition("2022-12"))["region"].iloc[0]
    'AFR'
    """
    parts = [overview.partner_kinds(restrict(plan, code)).assign(region=code)
             for code in plan.members]  # fmt: skip
    frame = pd.concat(parts, ignore_index=True)[["kind", "region", "partners", "claim"]]
    order = overview.partner_kinds(plan)["kind"].tolist()
    return frame.assign(kind=pd.Categorical(frame["kind"], order))


def often_by_region(plan: Edition, data: Edition) -> pd.DataFrame:
    """Count, in each region, the activities of the partners of `data` that are often named.

    Returns
    -------
    DataFrame
        partner, region, activities, claim; by region, then most first. Partners that work in no
        region by itself are left out.

    Examples
    --------
    >>> whole = measures.edition("2022-12")
    >>> set(often_by_region(whole, restrict(whole, "AMS"))["region"]) > {"AMS"}
    True
    """
    frame = _spread(plan, data)
    often = frame.loc[frame["behind"].map(len) >= OFTEN, "partner"]
    parts = [_named(restrict(plan, code), often).assign(region=code) for code in plan.members]
    return pd.concat(parts, ignore_index=True)[["partner", "region", "activities", "claim"]]


def several(plan: Edition, data: Edition) -> pd.DataFrame:
    """Return the partners of `data` that work in several regions or areas of the whole plan.

    Returns
    -------
    DataFrame
        partner, kind, region, area (tuples of codes), claim (activities of the whole plan); those
        with most regions first, then with most areas and activities.

    Examples
    --------
    >>> whole = measures.edition("2022-12")
    >>> several(whole, restrict(whole, "AMS"))["region"].map(len).min() >= 1
    np.True_
    """
    frame = _spread(plan, data)
    widths = -frame[["region", "area", "behind"]].map(len)
    order = widths.assign(partner=frame["partner"]).sort_values([*widths, "partner"]).index
    wide = (widths[["region", "area"]] < -1).any(axis=1)
    frame = frame.loc[order[wide[order]]]
    counts = _named(plan, frame["partner"])[["partner", "claim"]]
    return frame.drop(columns="behind").merge(counts, on="partner")


def one_area(plan: Edition, data: Edition) -> pd.DataFrame:
    """Return, for each area, the partners of `data` that no other area of the whole plan names.

    Returns
    -------
    DataFrame
        area, partners, claim (both their number), alone (tuple of keys); most first.

    Examples
    --------
    >>> whole = measures.edition("2022-12")
    >>> one_area(whole, whole)["partners"].is_monotonic_decreasing
    True
    """
    frame = _spread(plan, data)
    frame = frame[frame["area"].map(len) == 1]
    rows = []
    for area, own in frame.groupby(frame["area"].str[0])["partner"]:
        claim = _partners(data, "partners_one_area", own, f"area={area}")
        rows.append((area, len(own), claim, tuple(own)))
    found = pd.DataFrame(rows, columns=["area", "partners", "claim", "alone"])
    return found.sort_values(["partners", "area"], ascending=[False, True], ignore_index=True)


def spread(plan: Edition, data: Edition) -> dict[str, Claim]:
    """Count the partners of `data` by where the whole plan names them, of all of `data`.

    Returns
    -------
    dict
        several (in several regions), once (those of them that one activity alone puts there), none
        (in no region by itself), alone (in one area), together (in one activity, at most).

    Examples
    --------
    >>> whole = measures.edition("2022-12")
    >>> found = spread(whole, whole)
    >>> found["once"].whole == found["several"].high
    True
    """
    frame = _spread(plan, data)
    regions, areas, numbers = (frame[name].map(len) for name in ("region", "area", "behind"))
    own = links(data).groupby("activity_id")["partner"].agg(list)
    largest = own[own.index == own.map(len).idxmax()].explode() if len(own) else own
    wide, every = frame.loc[regions > 1, "partner"], len(frame)
    once = frame.loc[(regions > 1) & (numbers == 1), "partner"]
    none, alone = frame.loc[regions == 0, "partner"], frame.loc[areas == 1, "partner"]
    most = claims.count("partners_together", largest.index.astype(str), every)
    return {
        "several": _partners(data, "partners_several_regions", wide, whole=every),
        "once": _partners(data, "partners_by_one_activity", once, whole=len(wide)),
        "none": _partners(data, "partners_worldwide", none, whole=every),
        "alone": _partners(data, "partners_one_area", alone, whole=every),
        "together": of(data, replace(most, low=len(largest), high=len(largest))),
    }


def _named(data: Edition, partners: pd.Series) -> pd.DataFrame:
    own = links(data)
    return measures.counted(data, own[own["partner"].isin(partners)], "partner")


def _spread(plan: Edition, data: Edition) -> pd.DataFrame:
    """Return the partners of `data`, with the regions, areas and activities of the whole plan."""
    ids = plan.activities["activity_id"].astype(str)
    places = {code: set(ids[measures.activities_of(code, plan)]) for code in plan.members}
    home = dict(zip(ids, measures.area_of(plan.activities), strict=True))
    named = links(plan)
    named = named[named["partner"].isin(links(data)["partner"])]
    rows = []
    for (partner, kind), group in named.groupby(["partner", "kind"])["activity_id"]:
        own = tuple(group)
        where = tuple(code for code, here in places.items() if here & set(own))
        areas = tuple(sorted({home[name] for name in own}))
        rows.append((partner, kind, where, areas, own))
    return pd.DataFrame(rows, columns=["partner", "kind", "region", "area", "behind"])


def _partners(
    data: Edition, measure: str, names: pd.Series, *more: str, whole: int | None = None
) -> Claim:
    """Count partners, with the activities of `data` that name them."""
    own = links(data)
    behind = own.loc[own["partner"].isin(names), "activity_id"]
    claim = claims.count(measure, behind, whole)
    return of(data, replace(claim, low=len(names), high=len(names)), *more)
