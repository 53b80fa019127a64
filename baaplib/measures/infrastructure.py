"""Network infrastructure: who got which help, how far it is, and a table that does not add up."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from baaplib import claims, measures
from baaplib.claims import Claim
from baaplib.measures import Edition, digital_services, of, services, topics_of

THEME = "NDI"
# What has no kind of its own is left to the list of activities.
SPECTRUM, OTHER = "ndi-spectrum", "ndi-other"
# The measure of the total that the source prints below its table on spectrum assistance.
PRINTED = "activities_counted"


def by_topic(data: Edition) -> pd.DataFrame:
    """Count the activities of each topic, also those none is told of; one may have several.

    Returns
    -------
    DataFrame
        topic, activities, claim; most first, and nothing if there is no activity at all.

    Examples
    --------
    >>> data = measures.restrict(measures.edition("2022-12", "EUR"), area="NDI")
    >>> by_topic(data)["topic"].iloc[0]
    'ndi-mapping'
    """
    told = measures.counted(data, topics_of(data, THEME), "topic")
    if told.empty:
        return told
    silent = [name for name in services.topics(data) if name not in set(told["topic"])]
    none = [of(data, claims.count("activities", ()), f"topic={name}") for name in silent]
    more = pd.DataFrame({"topic": silent, "activities": 0, "claim": pd.Series(none, dtype=object)})
    return measures.most_first(pd.concat([told, more]), "topic") if silent else told


def countries_in_work(data: Edition) -> Claim:
    """Count the countries that have help of a kind under way, and none of that kind completed.

    Examples
    --------
    >>> data = measures.restrict(measures.edition("2022-12", "AFR"), area="NDI")
    >>> countries_in_work(data).place
    ('UGA',)
    """
    rows = services.by_country(data)
    work = rows[rows["status"] == "ongoing"]
    claim = services.countries("countries_served", work, rows["iso3"].nunique())
    return of(data, claim, "status=ongoing")


def naming_country(data: Edition) -> Claim:
    """Count the activities that name a country they reach, of all; a mere venue is not reached.

    Examples
    --------
    >>> data = measures.restrict(measures.edition("2022-12", "EUR"), area="NDI")
    >>> claim = naming_country(data)
    >>> claim.low, claim.whole
    (2, 3)
    """
    every = measures.not_pending(data)["activity_id"].astype(str)
    named = every[every.isin(measures.reaching(data)["activity_id"].astype(str))]
    return of(data, claims.coverage("activities_naming_country", named, every))


def works(data: Edition) -> pd.DataFrame:
    """Return the activities topic by topic, with the countries they reach and how far they are.

    Returns
    -------
    DataFrame
        topic, activity_id, title_en, title_zh, iso3 (tuple of the region's countries), start,
        end, status, paragraphs; topics in their order, spectrum last, OTHER left out.

    Examples
    --------
    >>> data = measures.restrict(measures.edition("2022-12", "CIS"), area="NDI")
    >>> rows = works(data)
    >>> rows.loc[rows["topic"] == "ndi-mobile", "iso3"].tolist()
    [('AZE', 'KAZ', 'KGZ', 'UZB')]
    """
    rows = topics_of(data, THEME)
    rows = rows[rows["topic"] != OTHER]
    links = measures.reaching_here(data)
    own = {name: tuple(sorted(set(codes))) for name, codes in links.groupby("activity_id")["iso3"]}
    codes = [own.get(name, ()) for name in rows["activity_id"]]
    # Spectrum is told at greater length elsewhere in the report: it comes last.
    order = [(name == SPECTRUM, services.topics(data).index(name)) for name in rows["topic"]]
    objects = {"iso3": codes, "order": order}
    frame = rows.assign(**{k: pd.Series(v, rows.index, dtype=object) for k, v in objects.items()})
    frame = frame.sort_values(["order", "activity_id"], ignore_index=True)
    columns = ["activity_id", "topic", "iso3", "start", "end", "status", "paragraphs"]
    return measures.titled(frame[columns], data)


def figures_stated(data: Edition) -> pd.DataFrame:
    """Return every number stated of these activities, also where it counts more than the region.

    Returns
    -------
    DataFrame
        The columns of `digital_services.figures_stated`.

    Examples
    --------
    >>> data = measures.restrict(measures.edition("2022-12", "AFR"), area="NDI")
    >>> [claim.place for claim in figures_stated(data)["claim"]]
    [('AFR', 'ARB')]
    """
    return digital_services.figures_stated(replace(data, figures=data.stated))


def assistance(data: Edition) -> pd.DataFrame:
    """Return the topics of the table on spectrum assistance, where its printed total is told.

    The table names no place: it is worldwide, and no region's.

    Returns
    -------
    DataFrame
        topic_en, topic_zh, activities, claim; most first, equal ones as printed.

    Examples
    --------
    >>> data = measures.restrict(measures.edition("2022-12"), area="NDI")
    >>> assistance(data)["activities"].head(3).tolist()
    [35, 25, 25]
    """
    behind = tuple(dict.fromkeys(_printed(data)["activity_id"].astype(str)))
    table = data.spectrum if behind else data.spectrum.head(0)
    numbers = table["activities"].astype(int)
    told = [
        of(data, Claim(PRINTED, number, number, activities=behind), f"paragraph={paragraph}")
        for number, paragraph in zip(numbers, table["activities_paragraph"], strict=True)
    ]
    frame = table[["topic_en", "topic_zh"]].assign(
        activities=numbers, claim=pd.Series(told, table.index, dtype=object)
    )
    return frame.sort_values("activities", ascending=False, kind="stable", ignore_index=True)


def assistance_printed(data: Edition) -> Claim:
    """Return the total that the source prints below its table on spectrum assistance.

    Examples
    --------
    >>> data = measures.restrict(measures.edition("2022-12", "EUR"), area="NDI")
    >>> assistance_printed(data).bound
    'not_stated'
    """
    return measures.total_of(data, _printed(data), PRINTED)


def assistance_sum(data: Edition) -> Claim:
    """Return what the topics of the table on spectrum assistance add up to.

    Examples
    --------
    >>> data = measures.restrict(measures.edition("2022-12"), area="NDI")
    >>> assistance_sum(data).low
    198.0
    """
    return replace(_added_up(data), measure="activities_counted_sum")


def assistance_gap(data: Edition) -> Claim:
    """Return by how much the topics of the table exceed the total printed below them.

    Examples
    --------
    >>> data = measures.restrict(measures.edition("2022-12"), area="NDI")
    >>> assistance_gap(data).low == assistance_sum(data).low - assistance_printed(data).low
    True
    """
    gap = claims.difference(_added_up(data), assistance_printed(data))
    return of(data, replace(gap, measure="activities_counted_gap"))


def _printed(data: Edition) -> pd.DataFrame:
    return data.figures[data.figures["measure"] == PRINTED]


def _added_up(data: Edition) -> Claim:
    """Add the topics up, with the findings that hold the printed total against them."""
    rows = assistance(data)
    if rows.empty:
        return of(data, claims.not_stated(PRINTED))
    printed = set(_printed(data)["figure_id"])
    found = data.findings[[bool(printed & set(own)) for own in data.findings["figures"]]]
    number = float(rows["activities"].sum())
    behind = rows["claim"].iloc[0].activities
    keys = tuple(found.loc[found["derived"].notna(), "finding_id"].astype(str))
    return of(data, Claim(PRINTED, number, number, activities=behind, findings=keys))
