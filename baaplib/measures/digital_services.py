"""Digital services: building blocks, smart villages, health, agriculture, open source.

The document has no list of services; the topics of the area are ours (`topics`).
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from baaplib import claims
from baaplib.claims import Claim
from baaplib.measures import (
    Edition,
    claimed,
    counted,
    most_first,
    not_pending,
    of,
    reaching_here,
    titled,
    topics_of,
    total_of,
)

THEME = "SRV"
BLOCKS, VILLAGES = "srv-building-blocks", "srv-smart-villages"
# What building blocks come as, in the order of the chart.
PRODUCTS = (
    "specifications", "software_components", "reference_implementations", "learning_topics",
)  # fmt: skip
# Types of activity that carry something out; all others prepare it.
CARRYING = ("deployment", "platform", "programme", "project")
# How far work for a country has come.
STEPS = ("planned", "prepared", "under_way", "finished")
STATUSES = ("completed", "ongoing", "planned")


def by_topic(data: Edition) -> pd.DataFrame:
    """Count activities by topic and status; one may have several topics.

    Returns
    -------
    DataFrame
        topic, status, activities, claim; the topic with most activities first.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> by_topic(edition("2022-12")).columns.tolist()
    ['topic', 'status', 'activities', 'claim']
    """
    told = topics_of(data, THEME)
    groups = told.groupby(["topic", "status"])["activity_id"]
    pairs = [key for key, _ in groups]
    found = [
        of(data, claims.count("activities", ids), f"topic={topic}", f"status={status}")
        for (topic, status), ids in groups
    ]
    order = counted(data, told, "topic")["topic"].tolist()
    frame = pd.DataFrame({
        "topic": pd.Categorical([topic for topic, _ in pairs], order),
        "status": pd.Categorical([status for _, status in pairs], list(STATUSES)),
        "activities": pd.Series([claim.low for claim in found], dtype="int64"),
        "claim": pd.Series(found, dtype="object"),
    })  # fmt: skip
    frame = frame.sort_values(["topic", "status"], ignore_index=True)
    return frame.astype({"topic": "str"})


def services(data: Edition) -> pd.DataFrame:
    """Return which topics reach which country: iso3, topic; the topic with most countries first.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> services(edition("2022-12")).columns.tolist()
    ['iso3', 'topic']
    """
    links = reaching_here(data)[["activity_id", "iso3"]]
    frame = links.merge(topics_of(data, THEME)[["activity_id", "topic"]], on="activity_id")
    frame = frame[["iso3", "topic"]].drop_duplicates()
    frame["activities"] = frame.groupby("topic")["iso3"].transform("size")
    frame = frame.sort_values("iso3", kind="stable", ignore_index=True)
    return most_first(frame, "topic")[["iso3", "topic"]]


def products(data: Edition) -> pd.DataFrame:
    """Return what building blocks come as, as the source counts it.

    Returns
    -------
    DataFrame
        measure, status (of the activity that tells it), value, claim, activity_id; in the order
        of `PRODUCTS`.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> products(edition("2022-12")).columns.tolist()
    ['measure', 'status', 'value', 'claim', 'activity_id']
    """
    figures = claimed(_block_figures(data))
    order = pd.Categorical(figures["measure"].astype(str), list(PRODUCTS))
    frame = figures.assign(order=order).sort_values(["order", "status", "figure_id"])
    columns = ["measure", "status", "value", "claim", "activity_id"]
    return frame[columns].reset_index(drop=True)


def specifications_done(data: Edition) -> Claim:
    """Return how many specifications of building blocks the source reports as done.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> specifications_done(edition("2022-12")).measure
    'specifications_done'
    """
    return _specifications(data, "completed", "specifications_done")


def specifications_in_work(data: Edition) -> Claim:
    """Return how many specifications of building blocks were being written.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> specifications_in_work(edition("2022-12")).measure
    'specifications_in_work'
    """
    return _specifications(data, "ongoing", "specifications_in_work")


def steps(data: Edition, topic: str) -> pd.DataFrame:
    """Return how far the work of a topic has come in each country it reaches.

    Returns
    -------
    DataFrame
        iso3, region, step, activity_id, title_en, title_zh, type, status; by country, the
        furthest step last.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> steps(edition("2022-12"), "srv-building-blocks").columns.tolist()
    ['iso3', 'region', 'step', 'activity_id', 'title_en', 'title_zh', 'type', 'status']
    """
    own = topics_of(data, THEME)
    own = own[own["topic"] == topic]
    links = reaching_here(data)[["activity_id", "iso3"]]
    frame = links.merge(own[["activity_id", "type", "status"]], on="activity_id")
    frame["step"] = pd.Categorical(
        [_step(*pair) for pair in zip(frame["type"], frame["status"], strict=True)],
        list(STEPS), ordered=True,
    )  # fmt: skip
    regions = data.reference["countries"].set_index("iso3")["region"]
    frame["region"] = frame["iso3"].map(regions)
    frame = titled(frame, data).sort_values(["iso3", "step", "activity_id"], ignore_index=True)
    columns = ["iso3", "region", "step", "activity_id", "title_en", "title_zh", "type", "status"]
    return frame[columns]


def block_countries(data: Edition) -> Claim:
    """Count the countries where building blocks are planned, prepared, under way or finished.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> block_countries(edition("2022-12")).measure
    'block_countries'
    """
    return _countries(data, steps(data, BLOCKS), "block_countries")


def block_countries_finished(data: Edition) -> Claim:
    """Count the countries where a project with building blocks is finished.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> block_countries_finished(edition("2022-12")).measure
    'block_countries'
    """
    return _finished(data, steps(data, BLOCKS), "block_countries")


def village_countries(data: Edition) -> Claim:
    """Count the countries where a smart village or island is planned, prepared or under way.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> village_countries(edition("2022-12")).measure
    'village_countries'
    """
    return _countries(data, steps(data, VILLAGES), "village_countries")


def village_countries_finished(data: Edition) -> Claim:
    """Count the countries where a smart village or island project is finished.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> village_countries_finished(edition("2022-12")).measure
    'village_countries'
    """
    return _finished(data, steps(data, VILLAGES), "village_countries")


def village_interest(data: Edition) -> Claim:
    """Return how many countries the source says took an interest in smart villages.

    Counts of countries do not add: the largest stands for all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> village_interest(edition("2022-12")).measure
    'countries'
    """
    own = works(data, VILLAGES)["activity_id"]
    figures = data.figures[data.figures["activity_id"].isin(own)]
    counts = claimed(figures[figures["measure"] == "countries"])["claim"].tolist()
    largest = max(counts, key=lambda claim: claim.low, default=claims.not_stated("countries"))
    return of(data, largest, f"topic={VILLAGES}")


def works(data: Edition, topic: str) -> pd.DataFrame:
    """Return the activities of a topic: activity_id, titles, type, status, start, end.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> works(edition("2022-12"), "srv-building-blocks").columns.tolist()
    ['activity_id', 'title_en', 'title_zh', 'type', 'status', 'start', 'end']
    """
    told = topics_of(data, THEME)
    columns = ["activity_id", "type", "status", "start", "end"]
    return titled(told[told["topic"] == topic][columns].reset_index(drop=True), data)


def figures_stated(data: Edition) -> pd.DataFrame:
    """Return every number the source states of these activities.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, claim, measure, population, status, paragraph.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> figures_stated(edition("2022-12")).columns[:7].tolist()
    ['activity_id', 'title_en', 'title_zh', 'claim', 'measure', 'population', 'paragraph']
    """
    told = not_pending(data)[["activity_id", "status"]].astype(str)
    figures = claimed(data.figures)
    columns = ["activity_id", "claim", "measure", "population", "paragraph"]
    frame = titled(figures[columns], data)
    return frame.merge(told, on="activity_id", how="left")


def told_here(data: Edition, theme: str = THEME) -> pd.DataFrame:
    """Return what the source tells under an area's heading, but the tables count in another area.

    Parameters
    ----------
    data : Edition
        The rows of all areas.
    theme : str
        The area under whose heading they are told.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, theme, type, status, start, end; in order of the source.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> told_here(edition("2022-12")).columns.tolist()
    ['activity_id', 'title_en', 'title_zh', 'theme', 'type', 'status', 'start', 'end']
    """
    themes = data.reference["themes"].set_index("theme")["section"].astype(str)
    sections = data.paragraphs.set_index("paragraph")["section"].astype(str)
    told = not_pending(data)
    main = told["paragraphs"].map(lambda numbers: sections[numbers[0]])
    own = told[(main == themes[theme]) & (told["theme"] != theme)]
    columns = ["activity_id", "title_en", "title_zh", "theme", "type", "status", "start", "end"]
    return own[columns].reset_index(drop=True)


def told_here_count(data: Edition, theme: str = THEME) -> Claim:
    """Count what the source tells under an area's heading, but the tables count in another.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> told_here_count(edition("2022-12")).measure
    'activities_told_here'
    """
    ids = told_here(data, theme)["activity_id"]
    return of(data, claims.count("activities_told_here", ids), f"theme={theme}")


def _block_figures(data: Edition) -> pd.DataFrame:
    """Return the figures of what building blocks come as, with their activities' status."""
    own = topics_of(data, THEME)
    told = own[own["topic"] == BLOCKS].set_index("activity_id")["status"].to_dict()
    figures = data.figures[data.figures["measure"].isin(list(PRODUCTS))]
    figures = figures[figures["activity_id"].isin(list(told))]
    status = figures["activity_id"].astype(str).map(told)
    return figures.assign(status=pd.Categorical(status, list(STATUSES)))


def _specifications(data: Edition, status: str, measure: str) -> Claim:
    figures = _block_figures(data)
    chosen = (figures["measure"] == "specifications") & (figures["status"] == status)
    return total_of(data, figures[chosen].drop(columns="status"), measure)


def _step(kind: str, status: str) -> str:
    if status == "planned":
        return "planned"
    if kind not in CARRYING:
        return "prepared"
    return "finished" if status == "completed" else "under_way"


def _countries(data: Edition, rows: pd.DataFrame, measure: str, *more: str) -> Claim:
    number = rows["iso3"].nunique()
    claim = claims.count(measure, rows["activity_id"])
    return of(data, replace(claim, low=number, high=number), *more)


def _finished(data: Edition, rows: pd.DataFrame, measure: str) -> Claim:
    return _countries(data, rows[rows["step"] == "finished"], measure, "step=finished")
