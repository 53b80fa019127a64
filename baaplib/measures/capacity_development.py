"""Questions about capacity development: who began, who finished, and which count lies in which."""

from __future__ import annotations

import pandas as pd

from baaplib import claims
from baaplib.claims import Claim
from baaplib.measures import (
    ALL,
    SPANS,
    TRAINED,
    WOMEN,
    Edition,
    activities_with_people,
    claimed,
    counted,
    counts_people,
    ladder,
    not_pending,
    of,
    people_trained,
    restrict,
    shares_of,
    titled,
    topics_of,
    total_of,
)

AREA = "CAP"
# What no one counted: promises, and estimates of the source.
UNCOUNTED = ("people_pledged", "people_estimated")


def by_topic(data: Edition) -> pd.DataFrame:
    """Count the activities of each topic; one may have several: topic, activities, claim.

    Examples
    --------
    >>> from baaplib import measures
    >>> data = measures.restrict(measures.edition("2022-12"), area="CAP")
    >>> by_topic(data)["topic"].iloc[0]
    'cap-professionals'
    """
    return counted(data, topics_of(data, AREA), "topic")


def funnel(data: Edition) -> pd.DataFrame:
    """Return the steps from registration to certificate, with the share that remains at each.

    Returns
    -------
    DataFrame
        The columns of `measures.ladder`, its steps an ordered category, and share (a claim, in per
        cent of the first step stated; missing at that step); the training that keeps most of its
        people first.

    Examples
    --------
    >>> from baaplib import measures
    >>> data = measures.restrict(measures.edition("2022-12"), area="CAP")
    >>> list(dict.fromkeys(funnel(data)["activity_id"]))
    ['CAP-003', 'CAP-002', 'CAP-042']
    """
    steps = ladder(data)
    groups = steps.groupby("activity_id", sort=False)
    first = steps["activity_id"].map(groups["claim"].first())
    kept = steps["activity_id"].map(groups["value"].last() / groups["value"].first())
    later = steps["activity_id"].duplicated()
    shares = shares_of(steps["claim"], first, "remaining_share").where(later)
    steps["step"] = steps["step"].cat.as_ordered()
    ordered = steps.assign(share=shares, kept=-kept.astype(float))
    ordered = ordered.sort_values(["kept", "activity_id", "step"], ignore_index=True)
    return ordered.drop(columns="kept")


def activities_finishing(data: Edition) -> Claim:
    """Count the activities that state two steps from registration to certificate, of all.

    Examples
    --------
    >>> from baaplib import measures
    >>> data = measures.restrict(measures.edition("2022-12"), area="CAP")
    >>> activities_finishing(data).low
    3
    """
    stating = ladder(data)["activity_id"].astype(str)
    return of(
        data, claims.coverage("activities_finishing", stating, not_pending(data)["activity_id"])
    )


def trainings(data: Edition) -> pd.DataFrame:
    """Return each count of people taught, as stated; a part of another such count is left out.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, value, claim, measure (people trained or attendances),
        window_start, window_end; largest first. No running totals.

    Examples
    --------
    >>> from baaplib import measures
    >>> data = measures.restrict(measures.edition("2022-12", "CIS"), area="CAP")
    >>> trainings(data)["value"].tolist()
    [350.0]
    """
    figures = data.figures[data.figures["measure"].isin(TRAINED)]
    figures = figures[~figures["cumulative"].astype(bool)]
    figures = figures[~figures["part_of"].isin(figures["figure_id"])]
    columns = ["activity_id", "value", "claim", "measure", "window_start", "window_end"]
    ordered = claimed(figures).sort_values(["value", "figure_id"], ascending=[False, True])
    return titled(ordered[columns], data)


def by_region(data: Edition) -> pd.DataFrame:
    """Return for each region what it states of people on each step; one row for a single region.

    Returns
    -------
    DataFrame
        region, counting (trainings that state a number, of all), registered, trained, certified
        (claims; running totals are left out).

    Examples
    --------
    >>> from baaplib import measures
    >>> data = measures.restrict(measures.edition("2022-12", "EUR"), area="CAP")
    >>> by_region(data)["region"].tolist()
    ['EUR']
    """
    rows = []
    for region in sorted(data.members) if data.region == ALL else [data.region]:
        own = restrict(data, region)
        ends = [_single(own, step) for step in ("people_registered", "people_certified")]
        rows.append((region, activities_with_people(own), ends[0], people_trained(own), ends[1]))
    return pd.DataFrame(rows, columns=["region", "counting", "registered", "trained", "certified"])


def uncounted(data: Edition) -> pd.DataFrame:
    """Return the people promised training by pledges or estimated to have benefited.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, claim, measure, population, window_start, window_end.

    Examples
    --------
    >>> from baaplib import measures
    >>> data = measures.restrict(measures.edition("2022-12", "CIS"), area="CAP")
    >>> uncounted(data)["measure"].tolist()
    ['people_estimated']
    """
    figures = data.figures[data.figures["measure"].isin(UNCOUNTED)]
    columns = ["activity_id", "claim", "measure", "population", "window_start", "window_end"]
    return titled(claimed(figures)[columns], data)


def year_against_total(data: Edition) -> pd.DataFrame:
    """Return this year's counts of people beside the running totals of the same activity.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, value, claim, span (single count or running total),
        measure, window_start, window_end, figure_id; only activities that state both, of one
        measure.

    Examples
    --------
    >>> from baaplib import measures
    >>> data = measures.restrict(measures.edition("2022-12", "AFR"), area="CAP")
    >>> year_against_total(data)["value"].tolist()
    [6268.0, 10446.0]
    """
    counts = counts_people(data.figures, data)
    people = data.figures[counts & ~data.figures["population"].isin(WOMEN)]
    same = people.groupby(["activity_id", "measure"], observed=True)["cumulative"]
    chosen = people[same.transform("nunique") > 1].sort_values(["activity_id", "cumulative"])
    columns = ["activity_id", "value", "claim", "span", "measure", "window_start", "window_end",
               "figure_id"]  # fmt: skip
    return titled(claimed(chosen.assign(span=chosen["cumulative"].map(SPANS)))[columns], data)


def nested(data: Edition) -> pd.DataFrame:
    """Return the counts of people that lie in a larger one, to which they must not be added.

    Parameters
    ----------
    data : Edition
        Activities of all areas: parts of a network's count are told in others, too.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, claim, window_start, window_end, within_en, within_zh
        (titles of the larger count's activity), whole (its claim), share (a claim, in per cent);
        by larger count, largest part first. Women of a count and those who finish are no rows.

    Examples
    --------
    >>> from baaplib import measures
    >>> data = measures.edition("2022-12", "ASP")
    >>> nested(data)["activity_id"].tolist()
    ['CAP-037', 'INC-041', 'CAP-036', 'CAP-036']
    """
    parts = data.figures[counts_people(data.figures, data) & data.figures["part_of"].notna()]
    wholes = data.rules.figures.set_index("figure_id", drop=False).reindex(parts["part_of"])
    areas = data.every.set_index("activity_id")["theme"]
    own = wholes["activity_id"].map(areas).eq(AREA).to_numpy()
    here, same = (
        wholes[column].astype(str).to_numpy() == parts[column].astype(str).to_numpy()
        for column in ("activity_id", "measure")
    )
    chosen = own & same & ~(here & parts["population"].isin(WOMEN).to_numpy())
    parts, wholes = parts[chosen], wholes[chosen]
    frame = claimed(parts)[["activity_id", "value", "claim", "window_start", "window_end"]]
    titles = data.every.set_index("activity_id")
    for column in ("title_en", "title_zh"):
        own = wholes["activity_id"].map(titles[column])
        frame[column.replace("title", "within")] = own.tolist()
    frame["whole"] = claimed(wholes)["claim"].tolist()
    frame["share"] = shares_of(frame["claim"], frame["whole"], "share")
    frame["size"] = wholes["value"].tolist()
    ordered = frame.sort_values(["size", "value"], ascending=False, kind="stable")
    return titled(ordered, data).drop(columns=["size", "value"])


def _single(data: Edition, measure: str) -> Claim:
    """Return the total of a measure, from figures that are no running total."""
    figures = data.figures[data.figures["measure"] == measure]
    return total_of(data, figures[~figures["cumulative"].astype(bool)], measure)
