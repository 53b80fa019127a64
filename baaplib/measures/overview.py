"""The whole plan at a glance: themes by region, people, coverage, groups of countries, time."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from baaplib import claims, measures
from baaplib.claims import Claim
from baaplib.measures import Edition, not_pending, of


def by_theme_and_region(data: Edition) -> pd.DataFrame:
    """Count the activities of each thematic area that concern each region.

    An activity that concerns two regions is counted in both, one that concerns none in none: rows
    do not add up to the area's activities.

    Returns
    -------
    DataFrame
        area (themes, then components), region, activities, claim.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> by_theme_and_region(edition("2022-12")).columns.tolist()
    ['area', 'region', 'activities', 'claim']
    """
    whole = not_pending(data)
    place = {code: measures.activities_of(code, data) for code in _regions(data)}
    area = measures.area_of(whole)
    rows = []
    present = set(area)
    for name in (code for code in measures.every_area(data) if code in present):
        for code, here in place.items():
            chosen = whole[(area == name) & here.reindex(whole.index)]
            claim = claims.count("activities", chosen["activity_id"].astype(str))
            scope = (f"region={code}", measures.scope_of(data, name))
            rows.append((name, code, len(chosen), replace(claim, scope=scope)))
    return pd.DataFrame(rows, columns=["area", "region", "activities", "claim"])


def regions(data: Edition) -> pd.DataFrame:
    """Return the headlines of every region side by side, whatever region the rows are about.

    Returns
    -------
    DataFrame
        region, activities, reached, trained (claims).

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> regions(edition("2022-12")).columns.tolist()
    ['region', 'activities', 'reached', 'trained']
    """
    whole = measures.edition(data.name)
    rows = []
    for code in whole.members:
        own = measures.restrict(whole, code)
        rows.append({
            "region": code, "activities": measures.activity_count(own),
            "reached": measures.countries_reached(own), "trained": measures.people_trained(own),
        })  # fmt: skip
    return pd.DataFrame(rows)


def initiatives(data: Edition) -> pd.DataFrame:
    """Count the activities a curator put to each regional initiative, also those with none.

    Returns
    -------
    DataFrame
        initiative (code), initiative_en, initiative_zh, status (how sure the title is), activities
        (claim); in the order of the codes, those of the region or of all regions.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> initiatives(edition("2022-12")).columns.tolist()
    ['initiative', 'initiative_en', 'initiative_zh', 'status', 'activities']
    """
    table = data.reference["initiatives"]
    cycle = data.reference["editions"].set_index("edition")["cycle"].astype("object")[data.name]
    own = table[table["cycle"].astype("object") == cycle]
    if data.region != measures.ALL:
        own = own[own["region"] == data.region]
    tags = data.tags[data.tags["vocabulary"] == "initiative"].astype(str)
    told = set(not_pending(data)["activity_id"])
    tags = tags[tags["activity_id"].isin(told)]
    behind = {code: tuple(ids) for code, ids in tags.groupby("tag")["activity_id"]}
    frame = pd.DataFrame({
        "initiative": own["code"].astype(str),
        "initiative_en": own["title_en"],
        "initiative_zh": own["title_zh"],
        "status": own["status"],
    })  # fmt: skip
    found = [
        of(data, claims.count("activities", behind.get(code, ())), f"initiative={code}")
        for code in frame["initiative"]
    ]
    frame["activities"] = pd.Series(found, frame.index, dtype=object)
    return frame.sort_values("initiative", ignore_index=True)


def put_to_initiatives(data: Edition) -> Claim:
    """Count the activities that a curator put to any regional initiative of these, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> put_to_initiatives(edition("2022-12")).measure
    'activities_with_initiative'
    """
    told = not_pending(data)["activity_id"]
    behind = {key for claim in initiatives(data)["activities"] for key in claim.activities}
    return of(data, claims.coverage("activities_with_initiative", told[told.isin(behind)], told))


def in_several_regions(data: Edition) -> Claim:
    """Count the activities that concern more than one region, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> in_several_regions(edition("2022-12")).measure
    'activities_in_several_regions'
    """
    return _concerning(data, "activities_in_several_regions", several=True)


def worldwide(data: Edition) -> Claim:
    """Count the activities that concern no region by itself, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> worldwide(edition("2022-12")).measure
    'activities_worldwide'
    """
    return _concerning(data, "activities_worldwide", several=False)


def _concerning(data: Edition, measure: str, *, several: bool) -> Claim:
    whole = not_pending(data)
    place = pd.DataFrame({code: measures.activities_of(code, data) for code in data.members})
    regions = place.sum(axis=1).reindex(whole.index)
    chosen = whole[(regions > 1) if several else (regions == 0)]
    return of(data, claims.coverage(measure, chosen["activity_id"], whole["activity_id"]))


def people_by_region(data: Edition) -> pd.DataFrame:
    """Return how many people were trained in each region, most first.

    Returns
    -------
    DataFrame
        region, value (the least number; regions that state none are left out), claim.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> people_by_region(edition("2022-12")).columns.tolist()
    ['region', 'value', 'claim']
    """
    every = [
        (code, measures.people_trained(measures.restrict(data, code))) for code in _regions(data)
    ]
    stated = [(code, claim.low, claim) for code, claim in every if claim.bound != "not_stated"]
    frame = pd.DataFrame(stated, columns=["region", "value", "claim"])
    return frame.sort_values("value", ascending=False, ignore_index=True)


def reached_by_region(data: Edition) -> pd.DataFrame:
    """Return what share of the countries of each region is reached, largest first.

    Regions have very different numbers of countries: counts of them do not compare.

    Returns
    -------
    DataFrame
        region, value (the share as a number), share (claim, per cent), reached (claim, of all
        countries of the region).

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> reached_by_region(edition("2022-12")).columns.tolist()
    ['region', 'value', 'share', 'reached']
    """
    every = [
        (code, measures.countries_reached(measures.restrict(data, code))) for code in _regions(data)
    ]
    rows = [(code, share.low, share, count) for code, count in every for share in [_share(count)]]
    frame = pd.DataFrame(rows, columns=["region", "value", "share", "reached"])
    return frame.sort_values("value", ascending=False, ignore_index=True)


def groups(data: Edition) -> pd.DataFrame:
    """Return how many countries of each vulnerable group are reached, and all others.

    Groups are those of the end of the reporting period.

    Returns
    -------
    DataFrame
        group (LDC, LLDC, SIDS), reached (claim, of the members of the group), share (claim, per
        cent), value (the share as a number), activities (claim: those that reach a member).

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> groups(edition("2022-12")).columns.tolist()
    ['group', 'reached', 'value', 'share', 'activities']
    """
    grid = measures.coverage(data).set_index("iso3")
    rows = []
    for name, own in measures.memberships(data).groupby("group")["iso3"]:
        members = grid[grid.index.isin(own)]
        reached = members[members["activities"] > 0]
        behind = tuple(dict.fromkeys(key for keys in members["behind"] for key in keys))
        scope = f"group={name}"
        count = of(data, Claim(
            "countries_reached", len(reached), len(reached), "exact", (), behind, len(members)
        ), scope)  # fmt: skip
        share = _share(count)
        rows.append({
            "group": str(name), "reached": count, "value": share.low, "share": share,
            "activities": of(data, claims.count("activities", behind), scope),
        })  # fmt: skip
    return pd.DataFrame(rows, columns=["group", "reached", "value", "share", "activities"])


def _share(reached: Claim) -> Claim:
    """Return how many countries are reached as a share, in per cent, of all that are counted."""
    number = 100 * reached.low / reached.whole if reached.whole else 0.0
    return replace(reached, measure="reached_share", low=number, high=number, whole=None)


def by_period(data: Edition) -> pd.DataFrame:
    """Count activities by how their dates lie to the reporting period.

    Returns
    -------
    DataFrame
        in_period (yes, partly, no, unknown, in this order), activities, claim.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> by_period(edition("2022-12")).columns.tolist()
    ['in_period', 'activities', 'claim']
    """
    frame = measures.counted(data, not_pending(data), "in_period")
    order = ["yes", "partly", "no", "unknown"]
    present = [name for name in order if name in set(frame["in_period"])]
    return frame.set_index("in_period").loc[present].reset_index()


def not_inside(data: Edition) -> dict[str, Claim]:
    """Return the counts of `by_period` but for those wholly inside: partly, outside, unknown.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> list(not_inside(edition("2022-12")))
    ['partly', 'outside', 'unknown']
    """
    found = by_period(data).set_index("in_period")["claim"]
    none = claims.count("activities", ())
    return {
        name: found.get(code, of(data, none, f"in_period={code}"))
        for name, code in (("partly", "partly"), ("outside", "no"), ("unknown", "unknown"))
    }


def partner_kinds(data: Edition) -> pd.DataFrame:
    """Count the organizations named as partners by kind: kind, partners, claim; most first.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> partner_kinds(edition("2022-12")).columns.tolist()
    ['kind', 'partners', 'claim']
    """
    links = data.partners[data.partners["role"] != "prospective"]
    kinds = data.reference["partners"].set_index("partner")["kind"].astype("object")
    named = links.assign(kind=[kinds[name] for name in links["partner"].astype(str)])
    rows = []
    for kind, own in named.groupby("kind"):
        number = own["partner"].nunique()
        behind = tuple(dict.fromkeys(own["activity_id"].astype(str)))
        claim = Claim("partners_named", number, number, "exact", (), behind)
        rows.append((kind, number, of(data, claim, f"kind={kind}")))
    frame = pd.DataFrame(rows, columns=["kind", "partners", "claim"])
    return frame.sort_values(["partners", "kind"], ascending=[False, True], ignore_index=True)


def _regions(data: Edition) -> list[str]:
    """Return the regions of an edition: what it holds of others is not all of them."""
    return list(data.members) if data.region == measures.ALL else [data.region]
