"""Study groups, forums and the United Nations: who came to meet, and where its bodies take part.

Who of all partners works where is asked in `partner_network`.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from baaplib import claims, measures
from baaplib.claims import Claim
from baaplib.measures import Edition, claimed, not_pending, of, restrict, titled
from baaplib.measures.partner_network import links

MEETINGS = ("study_groups", "regional_forum")
# Who comes to a meeting: people, of countries. A chart compares one kind of thing.
CAME = ("people_participating", "countries")
# One entry each for the teams and the coordinators of many countries.
COLLECTIVE = ("un_country_teams", "un_resident_coordinators")
# What may be counted of teams without naming their countries.
TEAM_COUNTS = ("country_teams", "agreements")


def meetings(data: Edition, measure: str) -> pd.DataFrame:
    """Return how many came to each meeting of study groups and forums; no two rows add.

    Parameters
    ----------
    data : Edition
    measure : str
        One of `CAME`.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, value, claim, window_start, window_end; in the order of
        the source.

    Examples
    --------
    >>> list(meetings(measures.edition("2022-12"), "countries")["value"])
    [63.0, 64.0, 10.0]
    """
    figures = restrict(data, area=MEETINGS).stated
    figures = figures[(figures["measure"] == measure) & figures["part_of"].isna()]
    figures = claimed(figures.sort_values("paragraph"))
    columns = ["activity_id", "value", "claim", "window_start", "window_end"]
    return titled(figures[columns], data)


def documents(data: Edition) -> pd.DataFrame:
    """Return what else study groups and forums state; a part says of how many.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, measure, claim, window_start, window_end, paragraph.

    Examples
    --------
    >>> documents(measures.edition("2022-12"))["measure"].iloc[0]
    'study_questions'
    """
    figures = claimed(restrict(data, area=MEETINGS).stated)
    wholes = figures.set_index("figure_id")["value"]
    figures = figures[~figures["measure"].isin(CAME) | figures["part_of"].isin(wholes.index)]
    pairs = zip(figures["claim"], figures["part_of"].map(wholes), strict=True)
    parts = [claim if pd.isna(whole) else replace(claim, whole=whole) for claim, whole in pairs]
    figures = figures.assign(claim=pd.Series(parts, figures.index, dtype=object))
    columns = ["activity_id", "measure", "claim", "window_start", "window_end", "paragraph"]
    return titled(figures[columns], data)


def meetings_told(data: Edition) -> dict[str, Claim]:
    """Count the meetings that say where people met or came from, and those in the period, of all.

    Returns
    -------
    dict
        placed, named (countries people came from), inside (the reporting period).

    Examples
    --------
    >>> list(meetings_told(measures.edition("2022-12")))
    ['placed', 'named', 'inside']
    """
    own = restrict(data, area=MEETINGS)
    told = not_pending(own)[not_pending(own)["type"] == "meeting"]
    every = told["activity_id"].astype(str)
    venues = own.countries.loc[own.countries["role"] == "venue", "activity_id"]
    stating = {
        "placed": ("meetings_placed", venues),
        "named": ("meetings_naming_countries", measures.reaching(own)["activity_id"]),
        "inside": ("activities_in_period", every[told["in_period"] == "yes"]),
    }
    return {
        name: of(own, claims.coverage(measure, every[every.isin(ids)], every), "type=meeting")
        for name, (measure, ids) in stating.items()
    }


def with_un(data: Edition) -> Edition:
    """Keep the activities and their countries where a body of the United Nations takes part.

    Examples
    --------
    >>> whole = measures.edition("2022-12")
    >>> len(with_un(whole).activities) < len(whole.activities)
    True
    """
    named = links(data)
    ids = named.loc[named["kind"] == "un_body", "activity_id"]
    kept = [frame[frame["activity_id"].isin(ids)] for frame in (data.activities, data.countries)]
    return replace(data, activities=kept[0], countries=kept[1])


def reached_with_un(data: Edition) -> pd.DataFrame:
    """Count for every country the activities with a United Nations body that reach it.

    Returns
    -------
    DataFrame
        As `measures.coverage`.

    Examples
    --------
    >>> reached_with_un(measures.edition("2022-12", "AFR"))["scope"].iloc[0]
    ('country=AGO', 'kind=un_body')
    """
    frame = measures.coverage(with_un(data))
    scopes = [(*scope, "kind=un_body") for scope in frame["scope"]]
    return frame.assign(scope=pd.Series(scopes, frame.index, dtype=object))


def countries_with_un(data: Edition) -> Claim:
    """Count the countries reached by an activity with a United Nations body, of all.

    Examples
    --------
    >>> countries_with_un(measures.edition("2022-12", "AMS")).measure
    'countries_with_un'
    """
    return replace(measures.countries_reached(with_un(data)), measure="countries_with_un")


def teams(data: Edition) -> pd.DataFrame:
    """Return the work with United Nations teams, coordinators and bodies of one country.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, iso3 (tuple; empty where no country is named), partner
        (tuple of keys), region (tuple), status, paragraphs, claim (a number of teams or
        agreements, where one is stated); by region.

    Examples
    --------
    >>> set(teams(measures.edition("2022-12", "CIS"))["region"])
    {('CIS',)}
    """
    named = links(data)
    own = named["partner"].map(data.reference["partners"].set_index("partner")["iso3"])
    named = named.assign(own=own.astype("object"))
    bodies = named["partner"].isin(COLLECTIVE) | (own.notna() & (named["kind"] == "un_body"))
    reached = measures.reaching(data)[["activity_id", "iso3"]].astype(str)
    rows = named[bodies].merge(reached, on="activity_id", how="left")
    # A body of one country works there, whatever countries the activity reaches.
    rows["iso3"] = rows["own"].fillna(rows["iso3"])
    told = data.activities[["activity_id", "region", "status", "paragraphs"]]
    told = told.astype({"activity_id": "str", "region": "object"})
    rows = rows.merge(told[["activity_id", "region"]], on="activity_id")
    regions = data.reference["countries"].set_index("iso3")["region"].astype("object")
    rows["region"] = rows["iso3"].map(regions).fillna(rows["region"])
    if data.region != measures.ALL:
        rows = rows[rows["region"] == data.region]
    columns = ["iso3", "partner", "region"]
    frame = rows.groupby("activity_id")[columns].agg(_each).reset_index()
    frame = frame.merge(told.drop(columns="region"), on="activity_id")
    figures = claimed(data.stated[data.stated["measure"].isin(TEAM_COUNTS)])
    stated = dict(zip(figures["activity_id"].astype(str), figures["claim"], strict=True))
    found = [stated.get(name) for name in frame["activity_id"]]
    frame = frame.assign(claim=pd.Series(found, frame.index, dtype=object))
    return titled(frame.sort_values(["region", "activity_id"]), data)


def _each(values: pd.Series) -> tuple[str, ...]:
    return tuple(sorted(set(values.dropna())))
