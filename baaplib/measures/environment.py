"""Questions about the environment: who is helped with e-waste, how, and what is known of companies.

The topics of the theme tell the services apart: a policy, a statistic, a report, a training.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from baaplib import claims
from baaplib.claims import Claim
from baaplib.measures import (
    Edition,
    claimed,
    coverage,
    of,
    reaching,
    reaching_here,
    titled,
    topics_of,
    total_of,
)
from baaplib.measures.services import by_country, topics

RULES = ("env-policy", "env-regulation")
MONITORS = ("env-national-monitors", "env-regional-monitors")
# What a country can get on e-waste, from the policy to the skill.
SERVICES = (*RULES, "env-statistics", *MONITORS, "env-training")


def topics_by_status(data: Edition) -> pd.DataFrame:
    """Count the activities of each topic by how far they are.

    Returns
    -------
    DataFrame
        topic, status, activities, claim; the topic with most activities first. An activity with
        two topics stands in both.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> topics_by_status(edition("2022-12")).columns.tolist()
    ['topic', 'status', 'activities', 'claim']
    """
    frame = _told(data)
    groups = frame.groupby(["topic", "status"], observed=True)["activity_id"]
    rows = [
        (topic, status, len(ids), claims.count("activities", ids.astype(str)))
        for (topic, status), ids in groups
    ]
    counted = pd.DataFrame(rows, columns=["topic", "status", "activities", "claim"])
    counted["claim"] = pd.Series(
        [of(data, claim, f"topic={topic}", f"status={status}") for topic, status, _, claim in rows],
        dtype=object,
    )
    counted["most"] = -counted.groupby("topic")["activities"].transform("sum")
    ordered = counted.sort_values(["most", "topic", "status"], ignore_index=True)
    return ordered.drop(columns="most")


def services(data: Edition) -> pd.DataFrame:
    """Return which country gets which service on e-waste: the columns of `services.by_country`.

    Examples
    --------
    >>> from baaplib.measures import edition, restrict
    >>> data = restrict(edition("2022-12"), area="ENV")
    >>> services(data).columns.tolist()
    ['iso3', 'region', 'topic', 'status', 'activity_id', 'paragraphs', 'behind']
    """
    return by_country(data, [name for name in topics(data) if name not in SERVICES])


def ewaste_countries(data: Edition) -> Claim:
    """Count the countries that get at least one service on e-waste, of all of the region.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> ewaste_countries(edition("2022-12")).measure
    'ewaste_countries'
    """
    return _countries(data, SERVICES, "ewaste_countries")


def rules_countries(data: Edition) -> Claim:
    """Count the countries helped with e-waste policy or regulation, of all of the region.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> rules_countries(edition("2022-12")).measure
    'ewaste_rules_countries'
    """
    return _countries(data, RULES, "ewaste_rules_countries")


def rules(data: Edition) -> pd.DataFrame:
    """Return the work on e-waste policy and regulation.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, topic, countries (claim: those the activity reaches, or
        the number the source states where it names none), status, paragraphs.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> rules(edition("2022-12")).columns.tolist()
    ['activity_id', 'title_en', 'title_zh', 'topic', 'countries', 'status', 'paragraphs']
    """
    told = _told(data, RULES).sort_values(["topic", "activity_id"])
    reached = reaching(data).astype({"activity_id": "str", "iso3": "str"})
    named = {
        name: Claim(
            "countries", len(codes), len(codes), "exact", (), (str(name),), place=tuple(codes)
        )
        for name, codes in reached.groupby("activity_id")["iso3"].unique().items()
    }
    stated = claimed(data.figures[data.figures["measure"] == "countries"])
    counted = dict(zip(stated["activity_id"].astype(str), stated["claim"], strict=True))
    own = [named.get(name, counted.get(name)) for name in told["activity_id"]]
    frame = told.assign(countries=pd.Series(own, told.index, dtype=object))
    return titled(frame[["activity_id", "topic", "countries", "status", "paragraphs"]], data)


def countries_unnamed(data: Edition) -> Claim:
    """Return how many countries get help on e-waste that the source counts and does not name.

    They may be among those that other paragraphs name.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> countries_unnamed(edition("2022-12")).measure
    'countries_unnamed'
    """
    told = _told(data, SERVICES)
    unnamed = told[~told["activity_id"].isin(reaching(data)["activity_id"])]
    figures = data.figures[data.figures["measure"] == "countries"]
    figures = figures[figures["activity_id"].isin(unnamed["activity_id"])]
    if figures.empty:
        return of(data, Claim("countries_unnamed", 0, 0))
    return total_of(data, figures, "countries_unnamed")


def monitors(data: Edition) -> pd.DataFrame:
    """Return the e-waste monitors: one row for each regional report, and each country's own.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, topic (regional or national), iso3 (of a national one),
        region, status, start, end, paragraphs.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> monitors(edition("2022-12")).columns[:8].tolist()
    ['activity_id', 'title_en', 'title_zh', 'topic', 'iso3', 'region', 'status', 'start']
    """
    regional = _told(data, MONITORS[1:]).assign(iso3=None)
    own = [
        also[0] if pd.isna(region) and len(also) == 1 else region
        for region, also in zip(regional["region"], regional["also_regions"], strict=True)
    ]
    national = _in_countries(data, MONITORS[:1])
    columns = ["activity_id", "topic", "iso3", "region", "status", "start", "end", "paragraphs"]
    regional = regional.assign(region=pd.Series(own, regional.index, dtype=object))
    both = pd.concat([regional[columns], national[columns]], ignore_index=True)
    return titled(both.sort_values(["topic", "activity_id", "iso3"], ascending=[False, True, True],
                                   ignore_index=True), data)  # fmt: skip


def monitors_completed(data: Edition) -> Claim:
    """Count the e-waste monitors that are told as completed, of all that are told.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> monitors_completed(edition("2022-12")).measure
    'ewaste_monitors'
    """
    told = monitors(data)
    done = told[told["status"] == "completed"]
    claim = claims.count("ewaste_monitors", done["activity_id"].astype(str), whole=len(told))
    return of(data, replace(claim, low=len(done), high=len(done)))


def companies(data: Edition) -> Claim:
    """Return how many companies' emissions were looked at.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> companies(edition("2022-12")).measure
    'companies'
    """
    figures = data.figures[data.figures["measure"] == "companies"]
    ids = _told(data, ("env-companies",))["activity_id"]
    return total_of(data, figures[figures["activity_id"].isin(ids)], "companies")


def company_work(data: Edition) -> pd.DataFrame:
    """Return the work on emissions of companies, with what is counted of it.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, claim and measure (nothing where no number is stated),
        start, end, status, paragraphs; what is dated first.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> company_work(edition("2022-12")).columns[:8].tolist()
    ['activity_id', 'title_en', 'title_zh', 'start', 'end', 'status', 'paragraphs', 'claim']
    """
    told = _told(data, ("env-companies",)).sort_values(["start", "activity_id"])
    return _with_figures(data, told, data.figures)


def training(data: Edition) -> pd.DataFrame:
    """Return who was taught about e-waste, also where no number of people is stated.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, claim, measure and population (nothing where no number is
        stated), start, end, status, paragraphs.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> training(edition("2022-12")).columns[:8].tolist()
    ['activity_id', 'title_en', 'title_zh', 'start', 'end', 'status', 'paragraphs', 'claim']
    """
    kinds = data.reference["measures"].set_index("measure")["kind"]
    people = data.figures[data.figures["measure"].map(kinds).isin(claims.PEOPLE)]
    return _with_figures(data, _told(data, ("env-training",)), people)


def _told(data: Edition, topics: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return activities with their topics, a row for each topic; all topics if none is asked."""
    told = topics_of(data, "ENV")
    return told[told["topic"].isin(topics)] if topics else told


def _in_countries(data: Edition, topics: tuple[str, ...]) -> pd.DataFrame:
    """Return the told topics country by country, within the region."""
    return _told(data, topics).drop(columns="region").merge(reaching_here(data), on="activity_id")


def _countries(data: Edition, topics: tuple[str, ...], measure: str) -> Claim:
    links = _in_countries(data, topics)
    grid = coverage(data)
    links = links[links["iso3"].isin(grid["iso3"])]
    number = links["iso3"].nunique()
    claim = claims.count(measure, links["activity_id"], whole=len(grid))
    return of(data, replace(claim, low=number, high=number))


def _with_figures(data: Edition, told: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    stated = claimed(figures)[["activity_id", "claim", "measure", "population"]]
    columns = ["activity_id", "start", "end", "status", "paragraphs"]
    frame = told[columns].merge(stated.astype({"activity_id": "str"}), on="activity_id", how="left")
    return titled(frame, data)
