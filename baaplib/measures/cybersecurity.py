"""Questions of the notebook on cybersecurity: who got which service, drills, women and children."""

from __future__ import annotations

import pandas as pd

from baaplib import claims
from baaplib.claims import Claim
from baaplib.measures import (
    ALL,
    SPANS,
    WOMEN,
    Edition,
    claimed,
    not_pending,
    of,
    reaching,
    restrict,
    services,
    titled,
    topics_of,
    total_of,
)
from baaplib.measures.services import by_country

THEME = "CYB"
READINESS, RESPONSE_TEAM = "cyb-readiness", "cyb-response-team"
FOR_WOMEN, FOR_CHILDREN = "cyb-women", "cyb-child-protection"
# Populations that are children; girls are told among women and girls.
CHILDREN = ("children", "school_students")
# Measures that count people who learnt or took part.
REACHED = ("attendances", "people_participating", "people_trained")


def offered(data: Edition) -> pd.DataFrame:
    """Count the activities of each service and the countries it is told for.

    A country that only lends the venue, pays or sends people elsewhere has not got the service.

    Returns
    -------
    DataFrame
        topic, activities, countries (claims; the countries include territories), in the order of
        the topics.

    Examples
    --------
    >>> from baaplib.measures import edition, restrict
    >>> data = restrict(edition("2022-12"), area="CYB")
    >>> offered(data).columns.tolist()
    ['topic', 'activities', 'countries']
    """
    topics, got = topics_of(data, THEME), by_country(data)
    names = [name for name in services.topics(data) if name in set(topics["topic"])]
    rows = []
    for name in names:
        done = claims.count("activities", topics.loc[topics["topic"] == name, "activity_id"])
        served = services.countries("countries", got[got["topic"] == name])
        rows.append((name, *(of(data, claim, f"topic={name}") for claim in (done, served))))
    return pd.DataFrame(rows, columns=["topic", "activities", "countries"])


def response_teams(data: Edition) -> pd.DataFrame:
    """Return the rows of `by_country` on response teams: assessed, set up or strengthened.

    Examples
    --------
    >>> from baaplib.measures import edition, restrict
    >>> data = restrict(edition("2022-12"), area="CYB")
    >>> response_teams(data).columns.tolist()
    ['iso3', 'region', 'topic', 'status', 'activity_id', 'paragraphs', 'behind']
    """
    rows = by_country(data)
    chosen = rows[rows["topic"].isin([READINESS, RESPONSE_TEAM])]
    return chosen.sort_values(["region", "iso3"], kind="stable", ignore_index=True)


def countries_unnamed(data: Edition) -> pd.DataFrame:
    """Return the numbers of countries that the source states without naming them.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, value, claim, measure, span (single count or running
        total), window_start (only where an end is stated), window_end, paragraph.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> countries_unnamed(edition("2022-12")).columns[:7].tolist()
    ['activity_id', 'title_en', 'title_zh', 'value', 'claim', 'measure', 'span']
    """
    return _stated(data.figures[data.figures["measure"] == "countries"], data)


def drills(data: Edition) -> pd.DataFrame:
    """Return the drills the source names, by region and country.

    Returns
    -------
    DataFrame
        region, iso3 (missing where no country is named but as the venue), activity_id, title_en,
        title_zh, start, end, status, paragraphs; one row for each country of a drill, and one for
        each further region it was held for.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> drills(edition("2022-12")).columns[:8].tolist()
    ['activity_id', 'title_en', 'title_zh', 'iso3', 'region', 'start', 'end', 'status']
    """
    homes = data.reference["countries"].set_index("iso3")["region"]
    links = reaching(data)[["activity_id", "iso3"]].astype(str).drop_duplicates()
    named = links.assign(region=links["iso3"].map(homes).astype(str))
    chosen = _drills(data)
    own = [[region] if isinstance(region, str) else [] for region in chosen["region"]]
    pairs = zip(own, chosen["also_regions"], strict=True)
    whole = chosen[["activity_id"]].astype(str).assign(
        region=pd.Series([[*one, *more] for one, more in pairs], chosen.index, dtype=object)
    )  # fmt: skip
    places = pd.concat([named, whole.explode("region").dropna(subset="region")])
    # A region stands for itself only where none of its countries is named.
    told = places.groupby(["activity_id", "region"])["iso3"].transform("count")
    places = places[places["iso3"].notna() | (told == 0)]
    if data.region != ALL:
        places = places[places["region"] == data.region]
    columns = ["activity_id", "start", "end", "status", "paragraphs"]
    frame = places.merge(chosen[columns].astype({"activity_id": "str"}), on="activity_id")
    return titled(frame.sort_values(["region", "activity_id", "iso3"], ignore_index=True), data)


def drill_count(data: Edition) -> Claim:
    """Count the drills the source names; what one sentence tells of two countries is one.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> drill_count(edition("2022-12")).measure
    'drills_named'
    """
    return of(data, claims.count("drills_named", _drills(data)["activity_id"].astype(str)))


def drills_by_region(data: Edition) -> pd.DataFrame:
    """Count the drills that concern each region: region, drills, claim; nothing if there is none.

    A drill of two regions, or of a country in each of them, stands under both.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> drills_by_region(edition("2022-12")).columns.tolist()
    ['region', 'drills', 'claim']
    """
    codes = data.reference["regions"]["region"].astype(str).tolist()
    chosen = [code for code in codes if data.region in (ALL, code)]
    found = [drill_count(restrict(data, code)) for code in chosen]
    frame = pd.DataFrame({
        "region": pd.Series(chosen, dtype="str"),
        "drills": pd.Series([claim.low for claim in found], dtype="int64"),
        "claim": pd.Series(found, dtype="object"),
    })  # fmt: skip
    if not frame["drills"].any():
        return frame.head(0)
    return frame.sort_values(["drills", "region"], ascending=[False, True], ignore_index=True)


def drills_to_date(data: Edition) -> Claim:
    """Return how many drills the source counts since they began.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> drills_to_date(edition("2022-12")).measure
    'drills'
    """
    figures = _drill_figures(data)
    return total_of(data, figures[_running(figures)], "drills")


def drills_counted(data: Edition) -> Claim:
    """Return how many drills the source counts besides its running total.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> drills_counted(edition("2022-12")).measure
    'drills'
    """
    figures = _drill_figures(data)
    return total_of(data, figures[~_running(figures)], "drills")


def drills_listed(data: Edition) -> Claim:
    """Count the drills named in the paragraphs that state a number of drills.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> drills_listed(edition("2022-12")).measure
    'drills_listed'
    """
    told = set(_drill_figures(data)["paragraph"].astype(int))
    if not told:
        return of(data, claims.not_stated("drills_listed"))
    chosen = _drills(data)
    named = [bool(told & set(paragraphs)) for paragraphs in chosen["paragraphs"]]
    return of(data, claims.count("drills_listed", chosen.loc[named, "activity_id"].astype(str)))


def women_reached(data: Edition) -> pd.DataFrame:
    """Return each stated number of women or girls: the columns of `countries_unnamed`.

    The numbers are not to be added; the largest comes first.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> women_reached(edition("2022-12")).columns[:7].tolist()
    ['activity_id', 'title_en', 'title_zh', 'value', 'claim', 'measure', 'span']
    """
    return _reached(data, WOMEN)


def children_reached(data: Edition) -> pd.DataFrame:
    """Return each stated number of children, as `women_reached` does.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> children_reached(edition("2022-12")).columns[:7].tolist()
    ['activity_id', 'title_en', 'title_zh', 'value', 'claim', 'measure', 'span']
    """
    return _reached(data, CHILDREN)


def women_and_children(data: Edition) -> pd.DataFrame:
    """Return the rows of `women_reached`, then those of `children_reached`.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> women_and_children(edition("2022-12")).columns[:7].tolist()
    ['activity_id', 'title_en', 'title_zh', 'value', 'claim', 'measure', 'span']
    """
    parts = [women_reached(data), children_reached(data)]
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def children_trained(data: Edition) -> Claim:
    """Return how many children were trained, from figures that are no running total.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> children_trained(edition("2022-12")).measure
    'children_trained'
    """
    figures = data.figures[data.figures["population"].isin(CHILDREN) & ~_running(data.figures)]
    return total_of(data, figures[figures["measure"] == "people_trained"], "children_trained")


def stating_women(data: Edition) -> Claim:
    """Count the activities for women and girls that state how many people took part, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> stating_women(edition("2022-12")).measure
    'activities_stating_people'
    """
    return _stating(data, FOR_WOMEN)


def stating_children(data: Edition) -> Claim:
    """Count the activities of child online protection that state a number of people, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> stating_children(edition("2022-12")).measure
    'activities_stating_people'
    """
    return _stating(data, FOR_CHILDREN)


def _stating(data: Edition, topic: str) -> Claim:
    topics = topics_of(data, THEME)
    every = topics.loc[topics["topic"] == topic, "activity_id"]
    people = data.figures.loc[data.figures["measure"].isin(REACHED), "activity_id"].astype(str)
    claim = claims.coverage("activities_stating_people", every[every.isin(people)], every)
    return of(data, claim, f"topic={topic}")


def _drills(data: Edition) -> pd.DataFrame:
    told = not_pending(data)
    return told[told["type"] == "drill"]


def _drill_figures(data: Edition) -> pd.DataFrame:
    return data.figures[data.figures["measure"] == "drills"]


def _running(figures: pd.DataFrame) -> pd.Series[bool]:
    return figures["cumulative"].astype(bool)


def _stated(figures: pd.DataFrame, data: Edition) -> pd.DataFrame:
    columns = ["activity_id", "value", "claim", "measure", "span", "window_start", "window_end",
               "paragraph"]  # fmt: skip
    spans = figures["cumulative"].map(SPANS)
    # A year since which something runs would read as the year in which it was.
    starts = figures["window_start"].where(figures["window_end"].notna())
    return titled(claimed(figures.assign(span=spans, window_start=starts))[columns], data)


def _reached(data: Edition, populations: tuple[str, ...]) -> pd.DataFrame:
    chosen = data.figures["population"].isin(populations) & data.figures["measure"].isin(REACHED)
    figures = data.figures[chosen].sort_values(["value", "figure_id"], ascending=[False, True])
    return _stated(figures, data)
