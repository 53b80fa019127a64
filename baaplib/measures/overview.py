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
    """Return how many countries of each region are reached, of all of them, most first.

    Returns
    -------
    DataFrame
        region, value, claim.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> reached_by_region(edition("2022-12")).columns.tolist()
    ['region', 'value', 'claim']
    """
    every = [
        (code, measures.countries_reached(measures.restrict(data, code))) for code in _regions(data)
    ]
    rows = [(code, claim.low, claim) for code, claim in every]
    frame = pd.DataFrame(rows, columns=["region", "value", "claim"])
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
        count = Claim(
            "countries_reached", len(reached), len(reached), "exact", (), behind, len(members)
        )
        number = 100 * len(reached) / len(members) if len(members) else 0.0
        share = Claim("reached_share", number, number, "exact", (), behind)
        rows.append({
            "group": str(name), "reached": of(data, count, scope), "value": number,
            "share": of(data, share, scope),
            "activities": of(data, claims.count("activities", behind), scope),
        })  # fmt: skip
    return pd.DataFrame(rows, columns=["group", "reached", "value", "share", "activities"])


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
    >>> not_inside(edition("2022-12"))
    {'partly': Claim(measure='activities', low=95, high=95, bound='exact', figures=(), activities=('CAP-002', 'CAP-003', 'CAP-005', 'CAP-006', 'CAP-007', 'CAP-009', 'CAP-010', 'CAP-014', 'CAP-021', 'CAP-039', 'CAP-040', 'CAP-041', 'CAP-043', 'CAP-046', 'CAP-048', 'CYB-005', 'CYB-008', 'CYB-011', 'CYB-012', 'CYB-013', 'CYB-014', 'CYB-015', 'CYB-016', 'CYB-017', 'CYB-018', 'CYB-022', 'CYB-023', 'CYB-024', 'CYB-025', 'CYB-031', 'CYB-032', 'CYB-033', 'CYB-034', 'CYB-035', 'CYB-036', 'CYB-037', 'CYB-038', 'CYB-039', 'CYB-044', 'CYB-045', 'CYB-047', 'CYB-049', 'CYB-053', 'CYB-060', 'INC-016', 'INC-017', 'INC-018', 'INC-019', 'INC-020', 'INC-024', 'INC-045', 'INC-049', 'INN-001', 'INN-006', 'INN-007', 'INN-009', 'INN-010', 'INN-011', 'INN-013', 'INN-014', 'INN-030', 'INN-032', 'SRV-004', 'SRV-005', 'SRV-006', 'SRV-008', 'SRV-009', 'SRV-011', 'SRV-038', 'SRV-039', 'SRV-047', 'EMT-005', 'EMT-007', 'EMT-014', 'EMT-016', 'ENV-026', 'ENV-027', 'NDI-008', 'NDI-019', 'NDI-020', 'NDI-022', 'NDI-025', 'NDI-028', 'NDI-035', 'NDI-036', 'NDI-037', 'NDI-046', 'POL-009', 'STA-001', 'STA-006', 'STG-001', 'STG-002', 'UNC-001', 'UNC-027', 'UNC-034'), whole=None, scope=('region=ALL', 'in_period=partly'), population='', place=(), window=('', ''), cumulative=False, findings=(), gap=0.0), 'outside': Claim(measure='activities', low=22, high=22, bound='exact', figures=(), activities=('CAP-008', 'INC-015', 'INC-048', 'INC-050', 'INC-053', 'INC-055', 'INN-008', 'INN-027', 'INN-031', 'INN-035', 'SRV-007', 'SRV-056', 'EMT-006', 'EMT-009', 'EMT-010', 'NDI-007', 'NDI-016', 'NDI-017', 'RES-003', 'RES-004', 'RES-005', 'RDF-001'), whole=None, scope=('region=ALL', 'in_period=no'), population='', place=(), window=('', ''), cumulative=False, findings=(), gap=0.0), 'unknown': Claim(measure='activities', low=267, high=267, bound='exact', figures=(), activities=('CAP-001', 'CAP-004', 'CAP-011', 'CAP-012', 'CAP-013', 'CAP-016', 'CAP-017', 'CAP-018', 'CAP-019', 'CAP-020', 'CAP-022', 'CAP-023', 'CAP-025', 'CAP-027', 'CAP-028', 'CAP-029', 'CAP-030', 'CAP-031', 'CAP-032', 'CAP-033', 'CAP-036', 'CAP-037', 'CAP-042', 'CAP-044', 'CAP-045', 'CAP-047', 'CAP-049', 'CAP-050', 'CYB-001', 'CYB-002', 'CYB-003', 'CYB-004', 'CYB-006', 'CYB-007', 'CYB-009', 'CYB-010', 'CYB-020', 'CYB-021', 'CYB-026', 'CYB-027', 'CYB-028', 'CYB-029', 'CYB-030', 'CYB-040', 'CYB-041', 'CYB-042', 'CYB-043', 'CYB-046', 'CYB-048', 'CYB-050', 'CYB-051', 'CYB-052', 'CYB-054', 'CYB-055', 'CYB-056', 'CYB-057', 'CYB-058', 'CYB-059', 'CYB-061', 'CYB-062', 'CYB-063', 'INC-001', 'INC-002', 'INC-003', 'INC-004', 'INC-005', 'INC-006', 'INC-007', 'INC-008', 'INC-009', 'INC-010', 'INC-011', 'INC-012', 'INC-013', 'INC-014', 'INC-021', 'INC-025', 'INC-026', 'INC-027', 'INC-028', 'INC-029', 'INC-030', 'INC-031', 'INC-032', 'INC-033', 'INC-034', 'INC-035', 'INC-036', 'INC-037', 'INC-038', 'INC-039', 'INC-040', 'INC-041', 'INC-042', 'INC-043', 'INC-044', 'INC-046', 'INC-047', 'INC-051', 'INC-052', 'INC-059', 'INC-060', 'INN-002', 'INN-003', 'INN-004', 'INN-005', 'INN-012', 'INN-015', 'INN-016', 'INN-017', 'INN-018', 'INN-019', 'INN-020', 'INN-021', 'INN-022', 'INN-023', 'INN-024', 'INN-025', 'INN-026', 'INN-028', 'INN-029', 'INN-033', 'INN-034', 'INN-038', 'INN-039', 'SRV-001', 'SRV-002', 'SRV-012', 'SRV-013', 'SRV-014', 'SRV-015', 'SRV-016', 'SRV-027', 'SRV-028', 'SRV-029', 'SRV-030', 'SRV-031', 'SRV-032', 'SRV-033', 'SRV-034', 'SRV-035', 'SRV-036', 'SRV-037', 'SRV-040', 'SRV-041', 'SRV-042', 'SRV-043', 'SRV-044', 'SRV-045', 'SRV-046', 'SRV-048', 'SRV-049', 'SRV-050', 'SRV-051', 'SRV-052', 'SRV-053', 'SRV-054', 'SRV-055', 'EMT-001', 'EMT-002', 'EMT-003', 'EMT-004', 'EMT-008', 'EMT-013', 'EMT-015', 'EMT-017', 'EMT-018', 'EMT-019', 'EMT-020', 'ENV-001', 'ENV-002', 'ENV-003', 'ENV-004', 'ENV-005', 'ENV-006', 'ENV-007', 'ENV-008', 'ENV-009', 'ENV-010', 'ENV-011', 'ENV-012', 'ENV-013', 'ENV-014', 'ENV-015', 'ENV-019', 'ENV-020', 'ENV-021', 'ENV-022', 'ENV-023', 'ENV-024', 'ENV-025', 'NDI-001', 'NDI-002', 'NDI-003', 'NDI-004', 'NDI-009', 'NDI-010', 'NDI-011', 'NDI-012', 'NDI-013', 'NDI-015', 'NDI-018', 'NDI-021', 'NDI-023', 'NDI-026', 'NDI-027', 'NDI-029', 'NDI-030', 'NDI-031', 'NDI-032', 'NDI-033', 'NDI-034', 'NDI-038', 'NDI-040', 'NDI-041', 'NDI-042', 'NDI-044', 'NDI-045', 'POL-001', 'POL-002', 'POL-003', 'POL-004', 'POL-006', 'POL-008', 'POL-015', 'POL-016', 'POL-017', 'POL-018', 'POL-019', 'POL-021', 'POL-022', 'POL-023', 'STA-003', 'RDF-002', 'UNC-002', 'UNC-003', 'UNC-004', 'UNC-005', 'UNC-006', 'UNC-007', 'UNC-008', 'UNC-009', 'UNC-010', 'UNC-011', 'UNC-013', 'UNC-014', 'UNC-015', 'UNC-016', 'UNC-017', 'UNC-018', 'UNC-019', 'UNC-020', 'UNC-021', 'UNC-022', 'UNC-023', 'UNC-024', 'UNC-025', 'UNC-026', 'UNC-028', 'UNC-029', 'UNC-030', 'UNC-031', 'UNC-032', 'UNC-033', 'UNC-035', 'UNC-036', 'UNC-037'), whole=None, scope=('region=ALL', 'in_period=unknown'), population='', place=(), window=('', ''), cumulative=False, findings=(), gap=0.0)}
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
