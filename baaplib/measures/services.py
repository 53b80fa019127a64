"""Which country got which service: the activities of a theme by topic and country they reach.

The theme is the one that the edition is restricted to.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from baaplib.claims import Claim
from baaplib.measures import Edition, not_pending, of, reaching_here, topics_of

# The furthest stage comes first; what has none of these comes last.
STAGES = {"completed": 0, "ongoing": 1, "planned": 2}


def by_country(data: Edition, without: Sequence[str] = ()) -> pd.DataFrame:
    """Return which country got which service, one row for each pair.

    Parameters
    ----------
    data : Edition
        What to choose from, restricted to the theme whose topics are the services.
    without : sequence of str, optional
        Topics that are no service.

    Returns
    -------
    DataFrame
        iso3, region, topic (ordered as the topics are), status (the furthest of its activities),
        activity_id (of that one), paragraphs, behind (keys of all its activities); by topic, region
        and country.

    Examples
    --------
    >>> from baaplib import measures
    >>> data = measures.restrict(measures.edition("2022-12", "EUR"), area="NDI")
    >>> by_country(data)[["iso3", "topic", "status"]].to_numpy().tolist()
    [['BIH', 'ndi-mapping', 'completed'], ['MDA', 'ndi-mapping', 'completed']]
    """
    order = [name for name in topics(data) if name not in without]
    told = topics_of(data, theme_of(data))[["activity_id", "topic"]]
    rows = reaching_here(data).merge(told[told["topic"].isin(order)], on="activity_id")
    more = not_pending(data)[["activity_id", "status", "paragraphs"]]
    rows = rows.merge(more.astype({"activity_id": "str", "status": "str"}), on="activity_id")
    rows["stage"] = rows["status"].map(STAGES).fillna(len(STAGES))
    rows["topic"] = pd.Categorical(rows["topic"], order, ordered=True)
    rows = rows.sort_values(["topic", "region", "iso3", "stage", "activity_id"])
    pairs = rows.groupby(["topic", "iso3"], sort=False, observed=True)["activity_id"].agg(tuple)
    first = rows.drop_duplicates(["topic", "iso3"]).reset_index(drop=True)
    keys = zip(first["topic"], first["iso3"], strict=True)
    behind = pd.Series([pairs[pair] for pair in keys], first.index, dtype=object)
    columns = ["iso3", "region", "topic", "status", "activity_id", "paragraphs"]
    return first[columns].assign(behind=behind)


def countries_served(data: Edition) -> Claim:
    """Count the countries, with territories, for which at least one service is told.

    Examples
    --------
    >>> from baaplib.measures import edition, restrict
    >>> data = restrict(edition("2022-12"), area="CYB")
    >>> countries_served(data).measure
    'countries_served'
    """
    return of(data, countries("countries_served", by_country(data)))


def several_services(data: Edition) -> Claim:
    """Count the countries for which more than one service is told, of those with any.

    Examples
    --------
    >>> from baaplib.measures import edition, restrict
    >>> data = restrict(edition("2022-12"), area="CYB")
    >>> several_services(data).measure
    'countries_several_services'
    """
    rows = by_country(data)
    more = rows[rows.duplicated("iso3", keep=False)]
    return of(data, countries("countries_several_services", more, rows["iso3"].nunique()))


def countries(measure: str, rows: pd.DataFrame, whole: float | None = None) -> Claim:
    """Return the claim that counts the countries of some rows of `by_country`.

    Examples
    --------
    >>> from baaplib.measures import edition, restrict
    >>> data = restrict(edition("2022-12"), area="CYB")
    >>> countries("countries", by_country(data)).measure
    'countries'
    """
    codes = tuple(sorted(set(rows["iso3"])))
    behind = tuple(dict.fromkeys(name for own in rows["behind"] for name in own))
    return Claim(measure, len(codes), len(codes), activities=behind, whole=whole, place=codes)


def topics(data: Edition) -> list[str]:
    """Return the topics of the theme in their order.

    Examples
    --------
    >>> from baaplib.measures import edition, restrict
    >>> data = restrict(edition("2022-12"), area="CYB")
    >>> topics(data)[0]
    'cyb-readiness'
    """
    reference = data.reference["topics"]
    return reference.loc[reference["theme"] == theme_of(data), "topic"].astype(str).tolist()


def theme_of(data: Edition) -> str:
    """Return the one theme of an edition.

    Raises
    ------
    ValueError
        If the edition is not restricted to one area.

    Examples
    --------
    >>> from baaplib.measures import edition, restrict
    >>> data = restrict(edition("2022-12"), area="CYB")
    >>> theme_of(data)
    'CYB'
    """
    if len(data.areas) != 1:
        areas = ", ".join(data.areas) or "all areas"
        message = f"services are told of one theme, not of {areas}; use measures.restrict(area=...)"
        raise ValueError(message)
    return data.areas[0]
