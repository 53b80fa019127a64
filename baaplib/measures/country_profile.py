"""One country: what reaches it, what similar countries got, and how else it is named.

Functions that compare take the whole edition and a country's code; the others the country's own
edition, from `measures.edition(name, country=code)`.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from baaplib import claims
from baaplib.claims import Claim
from baaplib.measures import (
    REACHING,
    Edition,
    area_of,
    claimed,
    every_area,
    memberships,
    not_pending,
    of,
    reachable,
    reaching,
    region_of,
    restrict,
    scope_of,
    silent_areas,
    titled,
)
from baaplib.measures.digital_inclusion import is_property

# With fewer countries than these nobody can be compared.
FEWEST = 3
# How a country is named for a partner that is at home there; the other words are roles of links.
HOME = "home of a partner"
# What is said of a topic that is told of the country.
HERE = "reported"
# So many problems of the source are shown in a profile.
PROBLEMS = 4


def similar(whole: Edition, country: str) -> list[str]:
    """Return the countries to compare with: those of the same region and exactly the same groups.

    Where they are fewer than `FEWEST`, those of the region that share a group; then all of it.

    Examples
    --------
    >>> from baaplib import measures
    >>> similar(measures.edition("2022-12"), "KAZ")
    ['ARM', 'AZE', 'KGZ', 'TJK', 'TKM', 'UZB']
    """
    region = region_of(country, whole)
    countries = reachable(whole)
    here = (countries["region"] == region) & (countries["iso3"] != country)
    others = countries.loc[here, "iso3"].astype(str)
    groups: dict[str, set[str]] = {}
    for group, code in memberships(whole).itertuples(index=False):
        groups.setdefault(code, set()).add(group)
    own = groups.get(country, set())
    same = [code for code in others if groups.get(code, set()) == own]
    if len(same) < FEWEST:
        same = [code for code in others if groups.get(code, set()) & own]
    return sorted(same if len(same) >= FEWEST else others)


def similar_count(whole: Edition, country: str) -> Claim:
    """Count the similar countries.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> similar_count(edition("2022-12"), "KEN").measure
    'countries_similar'
    """
    codes = tuple(similar(whole, country))
    return _own(whole, country, Claim("countries_similar", len(codes), len(codes), place=codes))


def areas_reported(data: Edition) -> Claim:
    """Count the thematic areas of which at least one activity reaches the country, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> areas_reported(edition("2022-12", country="KEN")).measure
    'areas_reported'
    """
    every = data.reference["themes"]["theme"]
    behind = not_pending(data).dropna(subset="theme")["activity_id"].astype(str)
    number = len(every) - len(silent_areas(data))
    claim = Claim("areas_reported", number, number, "exact", (), tuple(behind), len(every))
    return of(data, claim)


def by_area(whole: Edition, country: str) -> pd.DataFrame:
    """Count activities by area, for the country and among similar ones.

    Returns
    -------
    DataFrame
        area (themes in order, then components; those with nothing here nor in a similar country
        left out), value (number here), fewest, middle, top (numbers: least, median and most of a
        similar country), here, median, most (the same as claims; none where the number is 0).

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> by_area(edition("2022-12"), "KEN").columns.tolist()
    ['area', 'value', 'fewest', 'middle', 'top', 'here', 'median', 'most']
    """
    codes = similar(whole, country)
    links = _links(whole)
    counts = pd.crosstab(links["area"], links["iso3"]).reindex(columns=[country, *codes])
    numbers = counts.fillna(0).astype(int).to_numpy().tolist()
    spread = dict(zip(counts.index.astype(str), numbers, strict=True))
    rows = []
    for area in [name for name in every_area(whole) if name in spread]:
        number, *others = spread[area]
        low, top = min(others, default=0), max(others, default=0)
        middle = statistics.median(others or [0])
        if not number and not top:
            continue
        own = links[(links["area"] == area)]
        here = own.loc[own["iso3"] == country, "activity_id"]
        behind = tuple(dict.fromkeys(own.loc[own["iso3"].isin(codes), "activity_id"]))
        scope = scope_of(whole, area)
        rows.append({
            "area": area, "value": number, "fewest": low, "middle": middle, "top": top,
            "here": _own(whole, country, claims.count("activities", here), scope),
            "median": _own(whole, country, Claim(
                "activities_similar_median", middle, middle, activities=behind), scope),
            "most": _own(whole, country, Claim(
                "activities_similar_most", top, top, activities=behind), scope),
        })  # fmt: skip
    columns = ["area", "value", "fewest", "middle", "top", "here", "median", "most"]
    return _unless_nought(pd.DataFrame(rows, columns=columns), ["here", "median", "most"])


def topics(whole: Edition, country: str) -> pd.DataFrame:
    """Return the topics told of the country or of a similar one; first those not told of it.

    Languages and kinds of product are no topics of a country.

    Returns
    -------
    DataFrame
        topic, area, reported (`HERE`, or nothing where nothing is told of the country), iso3 (tuple
        of the similar countries it is told of), behind (keys of the activities that reach any of
        these countries); the topics of most similar countries first.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> topics(edition("2022-12"), "KEN").columns.tolist()
    ['topic', 'area', 'reported', 'iso3', 'behind']
    """
    codes = similar(whole, country)
    tags = whole.tags.loc[whole.tags["vocabulary"] == "topic", ["activity_id", "tag"]].astype(str)
    links = _links(whole).merge(tags[~is_property(tags["tag"])], on="activity_id")
    links = links[links["iso3"].isin([country, *codes])]
    rows = []
    reference = whole.reference["topics"].astype(str)
    for topic, theme in zip(reference["topic"], reference["theme"], strict=True):
        told = links[links["tag"] == topic]
        if told.empty:
            continue
        reached = set(told["iso3"])
        rows.append({
            "topic": topic, "area": theme, "reported": HERE if country in reached else None,
            "iso3": tuple(sorted(reached - {country})),
            "behind": tuple(sorted(set(told["activity_id"]))),
        })  # fmt: skip
    rows.sort(key=lambda row: (row["reported"] is not None, -len(row["iso3"])))
    return pd.DataFrame(rows, columns=["topic", "area", "reported", "iso3", "behind"])


def topics_missing(whole: Edition, country: str) -> Claim:
    """Count the topics told of a similar country and not of this one, of all told of those.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> topics_missing(edition("2022-12"), "KEN").measure
    'topics_missing'
    """
    told = topics(whole, country)
    told = told[told["iso3"].map(len) > 0]
    missing = told[told["reported"].isna()]
    behind = tuple(dict.fromkeys(key for keys in missing["behind"] for key in keys))
    claim = Claim("topics_missing", len(missing), len(missing), activities=behind, whole=len(told))
    return _own(whole, country, claim)


def partners(data: Edition) -> pd.DataFrame:
    """Return which organizations are named in each activity; possible future partners are left out.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, partner (tuple); activities that name none are left out.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> partners(edition("2022-12", country="KEN")).columns.tolist()
    ['activity_id', 'title_en', 'title_zh', 'partner']
    """
    told = not_pending(data)["activity_id"].astype(str)
    links = data.partners[data.partners["role"] != "prospective"].astype(str)
    links = links[links["activity_id"].isin(told)]
    rows = [
        (name, tuple(sorted(set(own)))) for name, own in links.groupby("activity_id")["partner"]
    ]
    return titled(pd.DataFrame(rows, columns=["activity_id", "partner"]), data)


def stated(data: Edition) -> pd.DataFrame:
    """Return every number the source states of the country alone.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, claim, measure, population, window_start, window_end,
        paragraph.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> stated(edition("2022-12", country="KEN")).columns[:6].tolist()
    ['activity_id', 'title_en', 'title_zh', 'claim', 'measure', 'population']
    """
    columns = ["activity_id", "claim", "measure", "population", "window_start", "window_end",
               "paragraph"]  # fmt: skip
    return titled(claimed(data.figures)[columns], data)


def named(whole: Edition, country: str) -> pd.DataFrame:
    """Return the activities that name the country without reaching it, and as what.

    Returns
    -------
    DataFrame
        role (venue, donor, origin or `HOME`), partner (missing but for the last), activity_id,
        title_en, title_zh, start, end, status, paragraphs.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> named(edition("2022-12"), "KEN").columns[:8].tolist()
    ['activity_id', 'title_en', 'title_zh', 'partner', 'role', 'start', 'end', 'status']
    """
    told = not_pending(whole)
    reached = set(restrict(whole, country=country).activities["activity_id"].astype(str))
    links = whole.countries[whole.countries["iso3"] == country].astype(str)
    links = links[~links["role"].isin(REACHING)][["activity_id", "role"]].assign(partner=None)
    reference = whole.reference["partners"]
    at_home = reference.loc[reference["iso3"] == country, "partner"].astype(str)
    theirs = whole.partners[whole.partners["role"] != "prospective"]
    theirs = theirs[["activity_id", "partner"]].astype(str).drop_duplicates()
    theirs = theirs[theirs["partner"].isin(at_home)].assign(role=HOME)
    rows = pd.concat([frame for frame in (links, theirs) if len(frame)] or [links])
    rows = rows[~rows["activity_id"].isin(reached)]
    columns = ["activity_id", "start", "end", "status", "paragraphs"]
    frame = rows.merge(told[columns].astype({"activity_id": "str"}), on="activity_id")
    order = frame["role"].map({"venue": 0, "donor": 1, "origin": 2, HOME: 3})
    frame = frame.assign(order=order).sort_values(["order", "partner", "activity_id"])
    return titled(frame.drop(columns="order").reset_index(drop=True), whole)


def named_count(whole: Edition, country: str) -> Claim:
    """Count the activities that name the country without reaching it.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> named_count(edition("2022-12"), "KEN").measure
    'activities_naming'
    """
    ids = named(whole, country)["activity_id"]
    return _own(whole, country, claims.count("activities_naming", ids))


def for_the_region(whole: Edition, country: str) -> pd.DataFrame:
    """Return by area the activities for the country's region as a whole that do not reach it.

    They name the region besides their own, or stand under it and reach none of its countries.

    Returns
    -------
    DataFrame
        area, title_en, title_zh (their titles, one after the other), behind (tuple of their keys).

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> for_the_region(edition("2022-12"), "KEN").columns.tolist()
    ['area', 'title_en', 'title_zh', 'behind']
    """
    region = region_of(country, whole)
    if not region:
        return pd.DataFrame(columns=["area", "title_en", "title_zh", "behind"])
    told = not_pending(whole)
    links = reaching(whole)
    named = links[links["iso3"].isin(whole.members[region])]["activity_id"]
    own = links[links["iso3"] == country]["activity_id"]
    also = told["also_regions"].map(lambda regions: region in regions).astype(bool)
    under = (told["region"] == region) & ~told["activity_id"].isin(named)
    told = told[(also | under) & ~told["activity_id"].isin(own)]
    areas = area_of(told)
    rows = [
        {
            "area": area, "title_en": "; ".join(chosen["title_en"]),
            "title_zh": "；".join(chosen["title_zh"]), "behind": tuple(chosen["activity_id"]),
        }
        for area in every_area(whole) if len(chosen := told[areas == area])
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["area", "title_en", "title_zh", "behind"])


def for_the_region_count(whole: Edition, country: str) -> Claim:
    """Count the activities for the country's region as a whole that do not reach it.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> for_the_region_count(edition("2022-12"), "KEN").measure
    'activities_region_whole'
    """
    keys = [str(key) for own in for_the_region(whole, country)["behind"] for key in own]
    return _own(whole, country, claims.count("activities_region_whole", keys))


def _links(whole: Edition) -> pd.DataFrame:
    """Return each activity once for each country it reaches: activity_id, iso3, area."""
    pairs = reaching(whole)[["activity_id", "iso3"]].astype(str).drop_duplicates()
    told = not_pending(whole)
    areas = dict(zip(told["activity_id"].astype(str), area_of(told), strict=True))
    return pairs.assign(area=pairs["activity_id"].map(areas))


def _own(whole: Edition, country: str, claim: Claim, *more: str) -> Claim:
    """Say of which country a claim speaks."""
    return of(replace(whole, country=country), claim, *more)


def _unless_nought(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Leave out the claims of nothing: a table shows a dash there."""
    kept = {
        column: pd.Series(
            [claim if claim.low else None for claim in frame[column]], frame.index, dtype=object
        )
        for column in columns
    }
    return frame.assign(**kept)
