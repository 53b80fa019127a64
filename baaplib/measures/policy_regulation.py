"""Questions about policy and regulation: who is helped how far, trained, met and given to read."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from baaplib import claims
from baaplib.claims import Claim
from baaplib.measures import (
    ALL,
    Edition,
    claimed,
    counted,
    in_time,
    of,
    reaching,
    titled,
    topics_of,
    total_of,
)

# Topics in which one country at a time is served, and what is told of its progress.
HELP = ("pol-assistance", "pol-reviews")
STAGES = ("planned", "ongoing", "completed")
HELPED = ("ongoing", "completed")


def by_topic(data: Edition) -> pd.DataFrame:
    """Count the activities of each topic; one may have several.

    Returns
    -------
    DataFrame
        topic, activities, claim; most first.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> by_topic(edition("2022-12")).columns.tolist()
    ['topic', 'activities', 'claim']
    """
    return counted(data, topics_of(data, "POL"), "topic")


def assisted(data: Edition) -> pd.DataFrame:
    """Return which country gets what help with law, policy and regulation, and how far it is.

    Returns
    -------
    DataFrame
        iso3, region, topic, status (a category in the order of the stages), activity_id,
        title_en, title_zh, paragraphs; by region and country.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> assisted(edition("2022-12")).columns[:7].tolist()
    ['iso3', 'region', 'topic', 'status', 'activity_id', 'title_en', 'title_zh']
    """
    help_ = topics_of(data, "POL")[["activity_id", "topic", "status", "paragraphs"]]
    help_ = help_[help_["topic"].isin(HELP) & help_["status"].isin(STAGES)]
    links = reaching(data)[["activity_id", "iso3"]].astype(str).drop_duplicates()
    regions = data.reference["countries"].set_index("iso3")["region"]
    frame = help_.merge(links, on="activity_id")
    frame = frame.assign(region=frame["iso3"].map(regions).astype("str"))
    if data.region != ALL:
        frame = frame[frame["region"] == data.region]
    frame["status"] = pd.Categorical(frame["status"].astype("str"), STAGES, ordered=True)
    ordered = titled(frame, data).sort_values(["region", "iso3", "status", "activity_id"])
    columns = ["iso3", "region", "topic", "status", "activity_id", "title_en", "title_zh",
               "paragraphs"]  # fmt: skip
    return ordered[columns].reset_index(drop=True)


def countries_helped(data: Edition) -> Claim:
    """Count the countries whose review or assistance is completed or under way.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> countries_helped(edition("2022-12")).measure
    'countries_helped'
    """
    frame = assisted(data)
    return _countries(data, "countries_helped", frame[frame["status"].isin(HELPED)])


def countries_discussing(data: Edition) -> Claim:
    """Count the countries for which help is planned or discussed, and none is under way.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> countries_discussing(edition("2022-12")).measure
    'countries_discussing'
    """
    frame = assisted(data)
    helped = frame.loc[frame["status"].isin(HELPED), "iso3"]
    return _countries(data, "countries_discussing", frame[~frame["iso3"].isin(helped)])


def trainings(data: Edition) -> pd.DataFrame:
    """Return every number that the trainings in regulation state, and those that state none.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, start, end, status, measure, claim (both missing where
        the source states no number of the region's).

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> trainings(edition("2022-12")).columns.tolist()
    ['activity_id', 'title_en', 'title_zh', 'start', 'end', 'status', 'measure', 'claim']
    """
    return _with_figures(data, _of_topic(data, "pol-training"))


def people_certified(data: Edition) -> Claim:
    """Return how many people were certified, from figures that are no running total.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> people_certified(edition("2022-12")).measure
    'people_certified'
    """
    figures = data.figures[data.figures["measure"] == "people_certified"]
    return total_of(data, figures[~figures["cumulative"].astype(bool)], "people_certified")


def forums(data: Edition) -> pd.DataFrame:
    """Return the forums with where they met and who came, in order of time.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, start, end, status, venue (code of a country), countries,
        people (claims; missing where the source states no number); one row for each forum and
        venue, undated ones last.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> forums(edition("2022-12")).columns[:8].tolist()
    ['activity_id', 'title_en', 'title_zh', 'start', 'end', 'status', 'venue', 'countries']
    """
    frame = _of_topic(data, "pol-forums")[["activity_id", "start", "end", "status"]]
    venues = data.countries[data.countries["role"] == "venue"][["activity_id", "iso3"]]
    venues = venues.rename(columns={"iso3": "venue"}).astype("str")
    frame = frame.merge(venues, on="activity_id", how="left")
    figures = claimed(data.stated)
    for column, measure in (("countries", "countries"), ("people", "people_participating")):
        own = figures[(figures["measure"] == measure) & figures["part_of"].isna()]
        stated = dict(zip(own["activity_id"].astype(str), own["claim"], strict=True))
        values = [stated.get(name) for name in frame["activity_id"]]
        frame[column] = pd.Series(values, frame.index, dtype=object)
    return in_time(titled(frame, data))


def forums_counted(data: Edition) -> Claim:
    """Count the forums that state how many people came, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> forums_counted(edition("2022-12")).measure
    'forums_counted'
    """
    frame = forums(data)
    stating = frame.loc[frame["people"].notna(), "activity_id"]
    return of(data, claims.coverage("forums_counted", stating, frame["activity_id"]))


def people_in_forums(data: Edition) -> Claim:
    """Return how many people took part in the forums, as far as a number is stated.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> people_in_forums(edition("2022-12")).measure
    'people_in_forums'
    """
    own = data.figures["activity_id"].isin(_of_topic(data, "pol-forums")["activity_id"])
    figures = data.figures[own & (data.figures["measure"] == "people_participating")]
    return total_of(data, figures[~figures["cumulative"].astype(bool)], "people_in_forums")


def economic_policy(data: Edition) -> pd.DataFrame:
    """Return what was done on economic policy, in order of time.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, type, start, end, status, paragraphs; undated ones last.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> economic_policy(edition("2022-12")).columns.tolist()
    ['activity_id', 'title_en', 'title_zh', 'type', 'start', 'end', 'status', 'paragraphs']
    """
    columns = ["activity_id", "type", "start", "end", "status", "paragraphs"]
    return in_time(titled(_of_topic(data, "pol-economic")[columns], data))


def products(data: Edition) -> pd.DataFrame:
    """Return the platforms and publications, with every number they state.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, start, end, status, measure, claim (both missing where
        no number is stated), type; platforms first.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> products(edition("2022-12")).columns[:8].tolist()
    ['activity_id', 'title_en', 'title_zh', 'start', 'end', 'status', 'measure', 'claim']
    """
    own = _of_topic(data, "pol-knowledge")
    types = own.set_index(own["activity_id"].astype(str))["type"].astype("str")
    frame = _with_figures(data, own)
    frame = frame.assign(type=frame["activity_id"].map(types).astype("str"))
    return frame.sort_values(["type", "activity_id"], kind="stable", ignore_index=True)


def products_of(data: Edition, kind: str) -> Claim:
    """Count the platforms, or the publications, of the topic.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> products_of(edition("2022-12"), "publication").measure
    'activities'
    """
    own = _of_topic(data, "pol-knowledge")
    chosen = own.loc[own["type"] == kind, "activity_id"]
    claim = claims.count("activities", chosen.astype(str))
    return of(data, claim, "topic=pol-knowledge", f"type={kind}")


def _of_topic(data: Edition, topic: str) -> pd.DataFrame:
    tagged = topics_of(data, "POL")
    return tagged[tagged["topic"] == topic]


def _with_figures(data: Edition, activities: pd.DataFrame) -> pd.DataFrame:
    """Return activities with each of their figures, in the order of the source."""
    figures = claimed(data.figures)[["activity_id", "measure", "claim"]]
    frame = activities[["activity_id", "start", "end", "status"]].merge(
        figures.astype({"activity_id": "str", "measure": "str"}), on="activity_id", how="left"
    )
    return titled(frame, data)


def _countries(data: Edition, measure: str, rows: pd.DataFrame) -> Claim:
    """Count countries, with the activities that name them."""
    number = rows["iso3"].nunique()
    claim = claims.count(measure, rows["activity_id"].astype(str))
    return of(data, replace(claim, low=number, high=number))
