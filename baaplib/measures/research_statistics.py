"""Research and statistics: what was issued and when, what it covers, and who was helped or met.

Two themes stand in one section of the source and are asked together; a subject that both treat is
one topic, whichever of the two owns it. Products are for the whole world.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from baaplib import claims, measures
from baaplib.claims import Claim
from baaplib.measures import ALL, Edition, claimed, in_time, most_first, not_pending, of, titled

AREAS = ("RES", "STA")
PRODUCTS = ("publication", "platform")
TRAININGS = ("training", "workshop")
# Help with statistics, by topic, and what counts the countries that get it.
HELP = {"sta-national": "countries_ict_statistics", "env-statistics": "countries_ewaste_statistics"}
# How closely a date is stated, as terms for a reader.
CLOSELY, BY_YEAR, UNDATED = PRECISIONS = ("day or month", "year only", "no date")


def products(data: Edition) -> pd.DataFrame:
    """Return the publications, guides and data tools, with every number they state of themselves.

    The columns are activity_id, title_en, title_zh, type, start, end, status, in_period,
    paragraphs, topic (tuple: its subjects), measure and claim (both missing where no number is
    stated); in order of time, undated ones last.

    Examples
    --------
    >>> products(measures.restrict(measures.edition("2022-12"), area="STA"))["type"].tolist()
    ['platform', 'publication']
    """
    made = _of_types(data, *PRODUCTS)
    topics = _topics(data).groupby("activity_id")["topic"].agg(tuple)
    subjects = [topics.get(name, ()) for name in made["activity_id"]]
    figures = claimed(data.figures)[["activity_id", "measure", "claim"]]
    frame = made.assign(topic=pd.Series(subjects, made.index, dtype=object)).merge(
        figures.astype({"activity_id": "str", "measure": "str"}), on="activity_id", how="left"
    )
    return in_time(titled(frame, data))


def products_in_period(data: Edition) -> Claim:
    """Count the products dated wholly inside the reporting period, of all.

    Examples
    --------
    >>> products_in_period(measures.restrict(measures.edition("2022-12"), area=AREAS)).whole
    6
    """
    made = _of_types(data, *PRODUCTS)
    inside = made.loc[made["in_period"] == "yes", "activity_id"]
    return of(data, claims.coverage("products_in_period", inside, made["activity_id"]))


def products_stating(data: Edition, measure: str = "") -> Claim:
    """Count the products that state a number of a measure, or any number, of all.

    Examples
    --------
    >>> data = measures.restrict(measures.edition("2022-12"), area=AREAS)
    >>> products_stating(data, "indicators").activities
    ('STA-001', 'STA-002')
    """
    rows = products(data)
    stated = rows["measure"] == measure if measure else rows["measure"].notna()
    stating = rows.loc[stated, "activity_id"]
    claim = claims.coverage("products_stating", stating, rows["activity_id"])
    return of(data, claim, *([f"measure={measure}"] if measure else []))


def subjects(data: Edition) -> pd.DataFrame:
    """Count the products that treat each subject: topic, activities, claim; most first.

    Examples
    --------
    >>> subjects(measures.restrict(measures.edition("2022-12"), area=AREAS))["topic"].iloc[0]
    'res-connectivity'
    """
    pairs = _topics(data).merge(_of_types(data, *PRODUCTS)[["activity_id"]], on="activity_id")
    rows = [
        (topic, len(ids), of(data, claims.count("products_issued", ids), f"topic={topic}"))
        for topic, ids in pairs.groupby("topic")["activity_id"]
    ]
    return most_first(pd.DataFrame(rows, columns=["topic", "activities", "claim"]), "topic")


def loosely_dated(data: Edition) -> pd.DataFrame:
    """Return the activities that no timeline can hold: dated to the year only, or not at all.

    The columns are those of `products` without topic, measure and claim.

    Examples
    --------
    >>> loosely_dated(measures.restrict(measures.edition("2022-12"), area="RES")).empty
    True
    """
    return in_time(titled(_of_types(data)[_precision(data) != CLOSELY], data))


def undated(data: Edition) -> Claim:
    """Count the activities that state neither a beginning nor an end, of all.

    Examples
    --------
    >>> undated(measures.restrict(measures.edition("2022-12"), area=AREAS)).activities
    ('STA-003',)
    """
    told = _of_types(data)["activity_id"]
    return of(data, claims.coverage("activities_undated", told[_precision(data) == UNDATED], told))


def help_given(data: Edition) -> pd.DataFrame:
    """Return the help with statistics, one row for each activity and topic, in the order of HELP.

    The columns are those of `loosely_dated`, topic and iso3 (tuple: the countries helped, of the
    region).

    Examples
    --------
    >>> help_given(measures.restrict(measures.edition("2022-12"), area="STA"))["iso3"].tolist()
    [('AZE',)]
    """
    links = measures.reaching(data)[["activity_id", "iso3"]].astype(str)
    homes = data.reference["countries"].set_index("iso3")["region"]
    here = links["iso3"].map(homes) == data.region
    links = links[here | (data.region == ALL)].sort_values("iso3")
    codes = links.groupby("activity_id")["iso3"].unique().map(tuple).rename("iso3")
    rows = _of_types(data).merge(_topics(data), on="activity_id").merge(codes, on="activity_id")
    given = [rows[rows["topic"] == topic] for topic in HELP]
    return titled(pd.concat(given, ignore_index=True), data)


def helped(data: Edition) -> pd.DataFrame:
    """Return `help_given` with one row for each country (iso3) in place of each activity.

    Examples
    --------
    >>> helped(measures.restrict(measures.edition("2022-12"), area="STA"))["iso3"].tolist()
    ['AZE']
    """
    return help_given(data).explode("iso3").drop_duplicates(["iso3", "topic"], ignore_index=True)


def countries_helped(data: Edition, topic: str) -> Claim:
    """Count the countries named as helped with the statistics of a topic, of all of the region.

    Examples
    --------
    >>> data = measures.restrict(measures.edition("2022-12", "CIS"), area=AREAS)
    >>> countries_helped(data, "sta-national").place
    ('AZE',)
    """
    grid = measures.coverage(data)["iso3"].astype(str)
    rows = help_given(data).explode("iso3")
    rows = rows[(rows["topic"] == topic) & rows["iso3"].isin(grid)]
    codes = tuple(dict.fromkeys(rows["iso3"]))
    claim = claims.count(HELP[topic], rows["activity_id"], whole=len(grid))
    return of(data, replace(claim, low=len(codes), high=len(codes), place=codes))


def meetings(data: Edition) -> pd.DataFrame:
    """Return the meetings in order of time.

    The columns are those of `loosely_dated` and venue (a country; missing where none is named).

    Examples
    --------
    >>> meetings(measures.restrict(measures.edition("2022-12"), area=AREAS))["start"].tolist()
    ['2022-06', '2022-10']
    """
    venues = data.countries.loc[data.countries["role"] == "venue", ["activity_id", "iso3"]]
    venues = venues.rename(columns={"iso3": "venue"}).astype("str")
    return in_time(titled(_of_types(data, "meeting").merge(venues, how="left"), data))


def trainings(data: Edition) -> Claim:
    """Count the trainings and workshops.

    Examples
    --------
    >>> trainings(measures.restrict(measures.edition("2022-12"), area=AREAS)).high
    0
    """
    return of(
        data, claims.count("statistics_trainings", _of_types(data, *TRAININGS)["activity_id"])
    )


def publications(data: Edition) -> Edition:
    """Return the rows about publications alone; show no claims of them, their scope is wider.

    Examples
    --------
    >>> measures.by_type(publications(measures.edition("2022-12")))["type"].tolist()
    ['publication']
    """
    return replace(data, activities=data.activities[data.activities["type"] == "publication"])


def publications_dated(data: Edition) -> Claim:
    """Count the publications dated to the day or the month, of all.

    Examples
    --------
    >>> publications_dated(measures.restrict(measures.edition("2022-12"), area="STA")).activities
    ('STA-002',)
    """
    made = _of_types(data, "publication")["activity_id"]
    closely = made[_precision(publications(data)) == CLOSELY]
    return of(data, claims.coverage("publications_dated", closely, made))


def publications_by_date(data: Edition) -> pd.DataFrame:
    """Count the publications of each area by how closely they are dated, most first.

    The columns are area, precision (a category of PRECISIONS), activities and claim.

    Examples
    --------
    >>> rows = publications_by_date(measures.restrict(measures.edition("2022-12"), area="STA"))
    >>> rows[["precision", "activities"]].to_numpy().tolist()
    [['day or month', 1]]
    """
    made = not_pending(publications(data))
    made = made.assign(area=measures.area_of(made), precision=_precision(publications(data)))
    rows = []
    for (area, precision), ids in made.groupby(["area", "precision"], observed=True)["activity_id"]:
        own, scope = measures.restrict(data, area=str(area)), f"precision={precision}"
        claim = of(own, claims.count("activities", ids), "type=publication", scope)
        rows.append((area, precision, len(ids), claim))
    frame = pd.DataFrame(rows, columns=["area", "precision", "activities", "claim"])
    frame["precision"] = pd.Categorical(frame["precision"], PRECISIONS)
    most = frame.groupby("area")["activities"].transform("sum")
    return frame.loc[frame.assign(most=-most).sort_values(["most", "area", "precision"]).index]


def _precision(data: Edition) -> pd.Series:
    """Return how closely each activity is dated, in the order of `not_pending`."""
    told = not_pending(data)
    stated = pd.Series(BY_YEAR, told.index, dtype=object)
    stated[told["start"].isna() & told["end"].isna()] = UNDATED
    stated[told["activity_id"].isin(measures.timeline(data)["activity_id"])] = CLOSELY
    return stated.astype(pd.CategoricalDtype(list(PRECISIONS)))


def _of_types(data: Edition, *types: str) -> pd.DataFrame:
    """Return the activities of some types, or of all, without their titles."""
    told = not_pending(data)
    chosen = told[told["type"].isin(types)] if types else told
    columns = ["activity_id", "type", "start", "end", "status", "in_period", "paragraphs"]
    return chosen[columns].astype({"activity_id": "str", "type": "str"})


def _topics(data: Edition) -> pd.DataFrame:
    tags = data.tags[data.tags["vocabulary"] == "topic"].rename(columns={"tag": "topic"})
    return tags[["activity_id", "topic"]].astype(str)
